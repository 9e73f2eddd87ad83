//! Which exchanges are not scored? Users, addresses and routes that are only logged and counted.

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::options::options;
use crate::config::value::Value;
use crate::detect::exclude;
use crate::exchange::head::Head;
use crate::exchange::proxy::Proxy;
use crate::identity::address::{self, Range};
use crate::identity::pattern::Pattern;

/// The options under `user.ignore`. An account that is ignored for ever hides a stolen account: a group with a threshold
/// of its own is nearly always better.
#[derive(Clone, Debug, Default)]
pub(super) struct Ignore {
    users: Vec<Pattern>,
    addresses: Vec<Range>,
    routes: Vec<Route>,
}

options! { Ignore { users, addresses, routes, ..Self::default() } }

/// A route by its name in the proxy's configuration, or the start of a path.
#[derive(Clone, Debug)]
enum Route {
    Name(String),
    Path(exclude::Route),
}

impl Ignore {
    /// Is the user of this name ignored?
    pub(super) fn holds_user(&self, name: Option<&str>) -> bool {
        name.is_some_and(|name| self.users.iter().any(|pattern| pattern.is(name)))
    }

    /// Is whatever comes from this address, or goes to this route, ignored?
    pub(super) fn holds(&self, head: &Head, proxy: &dyn Proxy, address: &[u8]) -> bool {
        // The proxy is asked only where a name has to be known.
        let name =
            if self.routes.iter().any(|route| matches!(route, Route::Name(_))) { proxy.route() } else { Vec::new() };
        self.routes.iter().any(|route| match route {
            Route::Name(own) => own.as_bytes() == name,
            Route::Path(path) => path.holds(head),
        }) || (!self.addresses.is_empty()
            && address::parse(address).is_some_and(|address| self.addresses.iter().any(|range| range.holds(address))))
    }
}

impl FromValue for Route {
    fn read(value: &Value) -> Result<Self, Error> {
        value.parse()
    }
}

impl TryFrom<String> for Route {
    type Error = String;

    fn try_from(route: String) -> Result<Self, String> {
        if route.is_empty() {
            return Err("is empty; write a route's name or the start of a path, for example /health".to_owned());
        }
        if route.starts_with('/') { exclude::Route::try_from(route).map(Self::Path) } else { Ok(Self::Name(route)) }
    }
}
