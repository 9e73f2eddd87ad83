//! Which users have limits of their own? Groups, with a threshold and channels.

use crate::clock::{Day, Timestamp};
use crate::config::options::options;
use crate::exchange::proxy::Proxy;
use crate::identity::claim::Claims;
use crate::identity::pattern::Pattern;
use crate::identity::source::Named;
use crate::points::{Amount, Points};

/// An entry of `groups`. The first one that a user belongs to counts.
#[derive(Clone, Debug)]
pub struct Group {
    name: Option<String>,
    members: Members,
    threshold: Option<Amount>,
    /// The names of the channels that are notified of its members; every channel whose route matches, if left out.
    pub notify: Option<Vec<String>>,
    until: Option<Day>,
}

options! { Group { name, members as "match", threshold, notify, until } }

/// The options under `match`: all that is written has to hold.
#[derive(Clone, Debug, Default)]
struct Members {
    users: Vec<Pattern>,
    claim: Option<Claims>,
}

options! { Members { users, claim, ..Self::default() } }

/// What is wrong with a group: the option, and a message to follow it.
pub type OptionError = (&'static str, String);

impl Group {
    /// The first group to which the user belongs. `payload` is the one whose claims count; none where the exchange's
    /// token is not the user's.
    pub fn of<'a>(
        groups: &'a [Self],
        user: &Named,
        proxy: &dyn Proxy,
        payload: Option<&str>,
        now: Timestamp,
    ) -> Option<&'a Self> {
        groups.iter().find(|group| {
            !group.until.is_some_and(|until| until.is_over(now)) && group.members.hold(user, proxy, payload)
        })
    }

    /// Its name, if it has one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The threshold of its members, if it is another than everybody's.
    pub fn threshold(&self) -> Option<Points> {
        self.threshold.map(|threshold| threshold.0)
    }

    /// Checks what the types do not say; `channels` are the names that channels have.
    ///
    /// # Errors
    /// The option's name and what is wrong with it.
    pub fn check(&self, channels: &[&str]) -> Result<(), OptionError> {
        if self.members.users.is_empty() && self.members.claim.is_none() {
            return Err(("match", "matches nobody; write {users: [\"svc-*\"]} or {claim: {role: admin}}".to_owned()));
        }
        if self.threshold() == Some(Points::ZERO) {
            return Err(("threshold", "0 would alert on every act; write a number above 0".to_owned()));
        }
        if self.name.as_ref().is_some_and(String::is_empty) {
            return Err(("name", "is empty; write a word, or leave it out".to_owned()));
        }
        if self.name.is_none() && self.threshold.is_none() && self.notify.is_none() {
            return Err((
                "",
                "changes nothing; write a threshold, notify, or a name that a channel's groups can use".to_owned(),
            ));
        }
        if self.notify.as_ref().is_some_and(Vec::is_empty) {
            return Err(("notify", "names no channel; leave it out, or see user.ignore".to_owned()));
        }
        match self.notify.iter().flatten().find(|name| !channels.contains(&name.as_str())) {
            Some(name) if channels.is_empty() => Err((
                "notify",
                format!("`{name}` is no channel: none has a name; write {{name: {name}, slack: {{…}}}}"),
            )),
            Some(name) => Err(("notify", format!("`{name}` is no channel; the names are {}", channels.join(", ")))),
            None => Ok(()),
        }
    }
}

impl Members {
    fn hold(&self, user: &Named, proxy: &dyn Proxy, payload: Option<&str>) -> bool {
        let by_name = self.users.is_empty()
            || user.whole.as_ref().is_some_and(|name| self.users.iter().any(|pattern| pattern.is(name)));
        let by_claim = |claims: &Claims| payload.is_some_and(|payload| claims.hold(proxy, payload));
        by_name && self.claim.as_ref().is_none_or(by_claim)
    }
}
