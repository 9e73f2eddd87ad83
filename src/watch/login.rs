//! Does a client guess passwords? Counts failed logins by client and by name (as a hash), and knows the common names.
//!
//! Failures are attributed to the client, never to the user whose name was tried.

use std::time::Duration;

use crate::clock::{Span, Timestamp};
use crate::config::bounded::Bounded;
use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::options::options;
use crate::config::value::Value;
use crate::detect::exclude::Route;
use crate::detect::signal::Signal;
use crate::exchange::head::Head;
use crate::exchange::proxy::Proxy;
use crate::watch::history::{History, STEPS};

/// The option `login`.
#[derive(Clone, Debug, Default)]
pub struct Logins(Vec<Login>);

/// Where people log in, and how that looks.
#[derive(Clone, Debug)]
pub struct Login {
    route: On,
    method: String,
    pub(super) user_field: String,
    pub(super) password_field: Option<String>,
    /// The other fields of the form; if it is left out, any may be there.
    pub(super) fields: Option<Vec<String>>,
    failure: Look,
    success: Option<Look>,
    /// How many failures, and how many names, of one client within `window` give a signal.
    failures: Bounded<2, 64>,
    names: Bounded<2, 64>,
    window: Span,
    /// How many failures, with so many names, within `speed` no person makes.
    stuffing: Bounded<2, 64>,
    speed: Span,
    /// With how many clients one name may fail within `window`.
    clients: Bounded<2, 64>,
}

options! { Login {
    route,
    method = "POST".to_owned(),
    user_field,
    password_field,
    fields,
    failure = Look::default(),
    success,
    failures = Bounded::new(5),
    names = Bounded::new(4),
    window = Span::from_secs(300),
    stuffing = Bounded::new(10),
    speed = Span::from_secs(60),
    clients = Bounded::new(10),
} }

/// Which requests: below a path, or of a route by its name in Envoy's configuration.
#[derive(Clone, Debug)]
enum On {
    Path(Route),
    Named(String),
}

/// How an answer looks: all of it has to hold.
#[derive(Clone, Debug)]
struct Look {
    status: Option<Vec<Bounded<100, 599>>>,
    /// The text that a header's value holds.
    header: Headers,
    /// A text in the first 16 KiB of the body.
    body: Option<String>,
}

options! { Look { status, header = Headers(Vec::new()), body } }

/// Headers by their names, and a text that the value of each holds.
#[derive(Clone, Debug)]
struct Headers(Vec<(String, String)>);

/// How much of an answer's body is looked at, in bytes.
pub const BODY: usize = 16 * 1024;
/// The most logins: each is compared with each request.
const MOST: usize = 16;
/// So many failures within [`FLOOD_TIME`] are conclusive: nobody mistypes so often, and no threshold is needed.
const FLOOD: usize = 40;
const FLOOD_TIME: Duration = Duration::from_secs(10 * 60);
/// Names that everybody tries, because so many systems have them.
const COMMON: &[&str] = &[
    "admin",
    "administrator",
    "root",
    "test",
    "guest",
    "user",
    "demo",
    "info",
    "support",
    "backup",
    "oracle",
    "postgres",
    "mysql",
    "sa",
    "ftp",
    "www",
    "webmaster",
    "manager",
    "operator",
    "service",
    "sysadmin",
    "ubuntu",
    "pi",
    "tomcat",
    "jenkins",
];

impl Logins {
    /// The login that a request is, by its path.
    pub fn by_path(&self, head: &Head) -> Option<usize> {
        self.find(head, &|on| matches!(on, On::Path(route) if route.holds(head)))
    }

    /// The login that a request is, by its route's name.
    pub fn by_name(&self, head: &Head, proxy: &dyn Proxy) -> Option<usize> {
        let name = proxy.route();
        self.find(head, &|on| matches!(on, On::Named(own) if own.as_bytes() == name))
    }

    fn find(&self, head: &Head, fits: &dyn Fn(&On) -> bool) -> Option<usize> {
        self.0.iter().position(|login| login.method.as_bytes() == head.method() && fits(&login.route))
    }

    /// Does any go by its route's name, which only the proxy knows?
    pub fn has_names(&self) -> bool {
        self.0.iter().any(|login| matches!(login.route, On::Named(_)))
    }

    /// The login of this number.
    pub fn get(&self, number: usize) -> Option<&Login> {
        self.0.get(number)
    }
}

impl Login {
    /// How the answer looks but for its body: as a failure, as a success.
    pub fn judge(&self, status: u16, proxy: &dyn Proxy) -> (bool, bool) {
        let good = (200..400).contains(&status);
        (self.failure.holds(status, proxy), self.success.as_ref().map_or(good, |look| look.holds(status, proxy)))
    }

    /// Is the answer's body needed to decide?
    pub fn needs_body(&self) -> bool {
        self.failure.body.is_some() || self.success.as_ref().is_some_and(|look| look.body.is_some())
    }

    /// Did it fail? None where it neither failed nor succeeded: the application was down, for example.
    pub fn failed(&self, (failure, success): (bool, bool), body: &[u8]) -> Option<bool> {
        if failure && self.failure.is_in(body) {
            return Some(true);
        }
        (success && self.success.as_ref().is_none_or(|look| look.is_in(body))).then_some(false)
    }

    /// One more failure of a client. Returns at most one signal, the most severe; others that are due are returned with
    /// the next failure, as one signal would cover another of the same exchange. `step` is the name's hash.
    pub fn on_failure(&self, history: &mut History, step: u32, odd: &[Signal], now: Timestamp) -> Option<Signal> {
        let (window, speed) = (self.window.duration(), self.speed.duration());
        history.forget(now, window.max(speed).max(FLOOD_TIME));
        history.add(now, step);
        let (failures, names) = history.within(now, window);
        let (fast, fast_names) = history.within(now, speed);
        let many = |number: usize, limit: &Bounded<2, 64>| number >= limit.value() as usize;
        let has_names = many(fast_names, &self.names);
        let is_flood = history.within(now, FLOOD_TIME).0 >= FLOOD;
        let twice = fast >= 2 * self.stuffing.value() as usize;
        [
            (is_flood, Signal::LoginFlood, 0, FLOOD_TIME),
            (many(fast, &self.stuffing) && has_names, Signal::LoginStuffing, 0, speed),
            (twice && !has_names, Signal::LoginBruteForce, 1, speed),
            (many(fast, &self.stuffing) && !has_names, Signal::LoginBruteForce, 0, speed),
            (many(names, &self.names), Signal::LoginNames, 0, window),
            (many(failures, &self.failures), Signal::LoginFailures, 0, window),
        ]
        .into_iter()
        .chain(odd.iter().map(|signal| (true, *signal, 0, window)))
        .find_map(|(is_due, signal, step, period)| {
            (is_due && history.signal_step_once(signal, step, now, period)).then_some(signal)
        })
    }

    /// The failure as one with this name, by whichever client. `client` is the client's hash; `suppressed`: another
    /// signal was given already.
    pub fn on_name(&self, history: &mut History, client: u32, suppressed: bool, now: Timestamp) -> Option<Signal> {
        let window = self.window();
        history.forget(now, window);
        history.add(now, client);
        let (_, clients) = history.within(now, window);
        let is_due = !suppressed && clients >= self.clients.value() as usize;
        (is_due && history.signal_once(Signal::LoginClients, now, window)).then_some(Signal::LoginClients)
    }

    /// How far back failures count.
    pub fn window(&self) -> Duration {
        self.window.duration()
    }
}

/// Is it a name that everybody tries?
pub fn is_common(name: &[u8]) -> bool {
    COMMON.iter().any(|common| common.as_bytes() == name)
}

impl Look {
    fn holds(&self, status: u16, proxy: &dyn Proxy) -> bool {
        let has = |(name, text): &(String, String)| {
            proxy.answer_header(&name.to_ascii_lowercase()).is_some_and(|value| contains(value, text.as_bytes()))
        };
        let is_it = |own: &Bounded<100, 599>| own.value() == u32::from(status);
        self.status.as_ref().is_none_or(|statuses| statuses.iter().any(is_it)) && self.header.0.iter().all(has)
    }

    fn is_in(&self, body: &[u8]) -> bool {
        self.body.as_ref().is_none_or(|text| contains(body, text.as_bytes()))
    }
}

impl Default for Look {
    fn default() -> Self {
        Self { status: Some(vec![Bounded::new(401)]), header: Headers(Vec::new()), body: None }
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    needle.is_empty() || haystack.windows(needle.len()).any(|part| part == needle)
}

impl FromValue for On {
    fn read(value: &Value) -> Result<Self, Error> {
        value.parse()
    }
}

impl TryFrom<String> for On {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.is_empty() {
            return Err("is empty; write a path such as /login, or the name of a route".to_owned());
        }
        if text.starts_with('/') { Route::try_from(text).map(Self::Path) } else { Ok(Self::Named(text)) }
    }
}

impl FromValue for Headers {
    fn read(value: &Value) -> Result<Self, Error> {
        let header = |(name, text): &(String, Value)| match String::read(text) {
            Ok(text) => Ok((name.clone(), text)),
            Err(error) => Err(error.under(name)),
        };
        value.map("a mapping, for example {location: error}")?.iter().map(header).collect::<Result<_, _>>().map(Self)
    }
}

impl FromValue for Logins {
    fn read(value: &Value) -> Result<Self, Error> {
        let logins = Vec::<Login>::read(value)?;
        if logins.len() > MOST {
            return Err(format!("{} are too many; at most {MOST} are looked for", logins.len()).into());
        }
        let says_nothing = |look: &Look| look.status.is_none() && look.header.0.is_empty() && look.body.is_none();
        for Login { user_field, failure, success, .. } in &logins {
            if user_field.is_empty() {
                return Err("user_field is empty; write the field that holds the name".into());
            }
            if says_nothing(failure) || success.as_ref().is_some_and(says_nothing) {
                let mend = "name a status, a header or a text of the body, for example {status: [401]}";
                return Err(format!("any answer would look so; {mend}").into());
            }
        }
        Ok(Self(logins))
    }
}

// The history holds what these count.
const _: () = assert!(STEPS >= 64);

#[cfg(test)]
mod tests;
