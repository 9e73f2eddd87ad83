//! What does a log hold of its requests? What it lacks is said with its consequence.

use serde::Serialize;

use crate::log::entry::Entry;

/// Of how many requests the log has what.
#[derive(Clone, Debug, Default)]
pub(super) struct Coverage {
    requests: u64,
    bodies: u64,
    users: u64,
    addresses: u64,
    cookies: u64,
    agents: u64,
    /// Headers beyond the host, the user agent, the referrer and the ids that proxies add.
    headers: u64,
    statuses: u64,
    queries: u64,
    found: u64,
    /// Some of the addresses, to see whether it is always the same one.
    few: Vec<String>,
}

/// More addresses than that are many.
const FEW: usize = 3;

/// So many requests from few addresses don't come from clients.
const MANY: u64 = 200;

/// What is missing, and what follows.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Lack {
    pub(super) what: &'static str,
    pub(super) consequence: String,
}

/// Headers that say nothing about what else a log has.
const USUAL: &[&str] = &[":authority", "user-agent", "referer", "x-forwarded-for", "x-request-id", "content-type"];

impl Coverage {
    /// Counts a request. `user_header` is the header that names its user.
    pub(super) fn add(&mut self, entry: &Entry, user_header: &str) {
        let is = |truth: bool| u64::from(truth);
        self.requests += 1;
        self.bodies += is(entry.body.is_some());
        self.users += is(entry.user.is_some()
            || entry.header(user_header).is_some()
            || entry.found.iter().any(|f| f.user.is_some()));
        self.addresses += is(entry.address.is_some());
        self.cookies += is(entry.header("cookie").is_some());
        self.agents += is(entry.header("user-agent").is_some());
        self.headers +=
            is(entry.headers.iter().any(|(name, _)| !USUAL.contains(&name.as_str()) && name != user_header));
        self.statuses += is(entry.status.is_some());
        self.queries += is(entry.target.contains(&b'?'));
        self.found += is(!entry.found.is_empty());
        let address = entry.address.as_deref().map(host);
        self.few(address);
    }

    /// Adds what was counted elsewhere.
    pub(super) fn merge(&mut self, other: &Self) {
        let counts = [
            (&mut self.requests, other.requests),
            (&mut self.bodies, other.bodies),
            (&mut self.users, other.users),
            (&mut self.addresses, other.addresses),
            (&mut self.cookies, other.cookies),
            (&mut self.agents, other.agents),
            (&mut self.headers, other.headers),
            (&mut self.statuses, other.statuses),
            (&mut self.queries, other.queries),
            (&mut self.found, other.found),
        ];
        counts.into_iter().for_each(|(sum, more)| *sum += more);
        other.few.iter().for_each(|address| self.few(Some(address)));
    }

    fn few(&mut self, address: Option<&str>) {
        if let Some(address) = address
            && self.few.len() <= FEW
            && !self.few.iter().any(|known| known == address)
        {
            self.few.push(address.to_owned());
        }
    }

    /// How many requests were counted.
    pub(super) fn requests(&self) -> u64 {
        self.requests
    }

    /// What no request of the log has.
    pub(super) fn lacks(&self, thresholds: (&str, &str)) -> Vec<Lack> {
        let mut lacks = Vec::new();
        if self.requests == 0 {
            return lacks;
        }
        let mut lack = |count: u64, what: &'static str, consequence: String| {
            if count == 0 {
                lacks.push(Lack { what, consequence });
            }
        };
        let (user, address) = thresholds;
        if self.found == self.requests {
            lack(0, "harmless requests and values", "the filter logs only what it detected, and no values: detections are taken as they were made, with the rules of that day; each counts as a new act unless the line says that it was counted before".to_owned());
        } else {
            lack(self.bodies, "request bodies", "attacks in forms, JSON and uploads are not seen: the filter would find these too, so expect more, not less".to_owned());
            lack(
                self.cookies,
                "cookies",
                "attacks in cookies, odd sessions and users named by a cookie are not seen".to_owned(),
            );
            lack(
                self.headers,
                "other headers",
                "attacks in headers beyond those in the log are not seen (Log4Shell, Shellshock, forged hosts)"
                    .to_owned(),
            );
            lack(self.agents, "user agents", "scanners are not known by their name".to_owned());
            lack(
                self.queries,
                "query strings",
                "no request has a `?`: if the log leaves the query out, most attacks are not seen".to_owned(),
            );
        }
        lack(
            self.users,
            "users",
            format!(
                "all is scored by address, whose threshold is {address} instead of {user}: a user's incidents show only with the user in the log; --user-field names the column"
            ),
        );
        lack(
            self.addresses,
            "client addresses",
            "requests without a user are nobody's and score nothing; --address-field names the column".to_owned(),
        );
        lack(
            self.statuses,
            "statuses",
            "failed logins and probing, which only the answer shows, are not seen".to_owned(),
        );
        if self.addresses >= MANY && self.few.len() <= FEW && self.users == 0 {
            let few = self.few.join(", ");
            lack(
                0,
                "the clients' own addresses",
                format!(
                    "all requests come from {few}, which looks like a load balancer: name the column with the client, for example --address-field x_forwarded_for"
                ),
            );
        }
        lacks
    }
}

/// The address without its port.
fn host(address: &str) -> &str {
    match address.rsplit_once(':') {
        Some((host, _)) if !host.contains(':') || host.ends_with(']') => host,
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lacks(entry: Entry, number: usize) -> Vec<&'static str> {
        let mut coverage = Coverage::default();
        (0..number).for_each(|_| coverage.add(&entry, "x-user-id"));
        coverage.lacks(("10", "30")).into_iter().map(|lack| lack.what).collect()
    }

    #[test]
    fn what_no_request_has_is_said() {
        let bare = || Entry { target: b"/".to_vec(), ..Entry::default() };
        let mut whole = Entry {
            target: b"/?a".to_vec(),
            body: Some(Vec::new()),
            address: Some("192.0.2.7:1".into()),
            status: Some(200),
            ..bare()
        };
        for name in ["cookie", "accept", "user-agent", "x-user-id"] {
            whole.add_header(name, b"1");
        }
        assert_eq!(lacks(whole, 1), [""; 0]);
        let all = [
            "request bodies",
            "cookies",
            "other headers",
            "user agents",
            "query strings",
            "users",
            "client addresses",
            "statuses",
        ];
        assert_eq!(lacks(bare(), 1), all);
        let behind = Entry { address: Some("10.0.0.1:4711".into()), ..bare() };
        assert!(lacks(behind, 500).contains(&"the clients' own addresses"));
        assert_eq!(lacks(bare(), 0), [""; 0]);
    }
}
