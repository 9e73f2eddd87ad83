//! What looks like a false alarm? A rule that matches at the same target for many, who do nothing else.
//!
//! The hint must not be a weapon: who wants a rule excluded could trip it under invented names. So it is given only for rules below
//! critical, for users who are apart (names that are not addresses, or addresses in three networks), over at least an hour.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::Serialize;
use user_risk_filter::clock::Timestamp;
use user_risk_filter::notify::notice::advice::exclusion;

/// So many users, or networks of addresses, make the shape of a false alarm.
const USERS: usize = 3;
/// For at least so many milliseconds.
const SPREAD: u64 = 60 * 60 * 1000;

/// So many kinds of attacks are tried by nobody who means no harm: one harmless text may look like two.
const MANY: usize = 3;

/// At most so many places, and users of each, are remembered.
const PLACES: usize = 8192;
const KEPT: usize = 64;
/// So many routes are named.
const ROUTES: usize = 5;

/// Where rules have matched, and for whom.
#[derive(Default)]
pub(super) struct Suspects {
    places: HashMap<(String, String), Place>,
    /// The kinds of attacks of each user: who tries many is no bystander. Bounded as the places are.
    kinds: HashMap<(String, String), HashSet<String>>,
}

#[derive(Default)]
struct Place {
    is_critical: bool,
    detections: u64,
    users: BTreeSet<(String, String)>,
    routes: BTreeSet<String>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

/// Something that looks like a false alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct FalseAlarm {
    pub(super) rule: String,
    pub(super) target: String,
    pub(super) detections: u64,
    /// At least so many users or addresses.
    pub(super) users: usize,
    /// How many of them tripped rules of at most two kinds.
    pub(super) only_this: usize,
    pub(super) routes: Vec<String>,
    /// What to write under `detect: exclude:`; none if none can be written for this target alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) exclude: Option<String>,
}

impl Suspects {
    /// Notes a detection.
    pub(super) fn add(
        &mut self,
        rule: &str,
        severity: &str,
        target: &str,
        route: &str,
        (source, user): (&str, &str),
        now: Timestamp,
    ) {
        if user.is_empty() {
            return;
        }
        let (who, key) = ((source.to_owned(), user.to_owned()), (rule.to_owned(), target.to_owned()));
        if self.kinds.len() < PLACES || self.kinds.contains_key(&who) {
            let kinds = self.kinds.entry(who.clone()).or_default();
            if kinds.len() < MANY {
                kinds.insert(rule.split('.').next().unwrap_or_default().to_owned());
            }
        }
        if self.places.len() >= PLACES && !self.places.contains_key(&key) {
            return;
        }
        let place = self.places.entry(key).or_default();
        place.is_critical |= severity == "critical";
        place.detections += 1;
        place.first.get_or_insert(now);
        place.last = place.last.max(Some(now));
        if place.users.len() < KEPT {
            place.users.insert(who);
        }
        if place.routes.len() < ROUTES {
            place.routes.insert(route.to_owned());
        }
    }

    /// What looks like false alarms, the most frequent first.
    pub(super) fn false_alarms(&self) -> Vec<FalseAlarm> {
        let mut found: Vec<_> = self.places.iter().filter_map(|(key, place)| self.judge(key, place)).collect();
        found.sort_by(|a, b| {
            b.detections.cmp(&a.detections).then_with(|| (&a.rule, &a.target).cmp(&(&b.rule, &b.target)))
        });
        found
    }

    fn judge(&self, (rule, target): &(String, String), place: &Place) -> Option<FalseAlarm> {
        let spread = place.last?.since(place.first?).as_millis();
        let apart: BTreeSet<&str> = place.users.iter().map(|(source, user)| apart(source, user)).collect();
        if place.is_critical || apart.len() < USERS || spread < u128::from(SPREAD) {
            return None;
        }
        let is_only = |who: &&(String, String)| self.kinds.get(*who).is_some_and(|kinds| kinds.len() < MANY);
        let only_this = place.users.iter().filter(is_only).count();
        (only_this * 2 > place.users.len()).then(|| FalseAlarm {
            rule: rule.clone(),
            target: target.clone(),
            detections: place.detections,
            users: place.users.len(),
            only_this,
            routes: place.routes.iter().cloned().collect(),
            exclude: exclusion(rule, target),
        })
    }
}

/// What tells users apart: the name, or the network of an address.
fn apart<'a>(source: &str, user: &'a str) -> &'a str {
    match source {
        "address" if user.contains(':') => user,
        "address" => user.rsplit_once('.').map_or(user, |(network, _)| network),
        _ => user,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Detections of a rule at query:q, each `(severity, source, user, minute)`.
    fn alarms(rows: &[(&str, &str, &str, u64)]) -> Vec<FalseAlarm> {
        let mut suspects = Suspects::default();
        for (severity, source, user, minute) in rows {
            let now = Timestamp::from_millis(minute * 60_000);
            suspects.add("xss.markup", severity, "query:q", "/search", (source, user), now);
        }
        suspects.false_alarms()
    }

    #[test]
    fn only_what_has_the_shape_of_a_false_alarm_is_named() {
        let named = "header:x-user-id";
        let rows: [(&str, &[_], bool); 6] = [
            ("three users", &[("high", named, "a", 0), ("high", named, "b", 30), ("high", named, "c", 60)], true),
            ("two users", &[("high", named, "a", 0), ("high", named, "b", 30), ("high", named, "b", 60)], false),
            ("within minutes", &[("high", named, "a", 0), ("high", named, "b", 1), ("high", named, "c", 2)], false),
            ("critical", &[("critical", named, "a", 0), ("high", named, "b", 30), ("high", named, "c", 60)], false),
            (
                "one network",
                &[
                    ("high", "address", "192.0.2.1", 0),
                    ("high", "address", "192.0.2.2", 30),
                    ("high", "address", "192.0.2.3", 60),
                ],
                false,
            ),
            (
                "three networks",
                &[
                    ("high", "address", "192.0.2.1", 0),
                    ("high", "address", "198.51.100.2", 30),
                    ("high", "address", "203.0.113.3", 60),
                ],
                true,
            ),
        ];
        for (name, detections, expected) in rows {
            assert_eq!(!alarms(detections).is_empty(), expected, "{name}");
        }
        let found = alarms(&[("low", named, "a", 0), ("low", named, "b", 30), ("low", named, "c", 60)]);
        assert_eq!(found[0].exclude.as_deref(), Some("{rule: xss.markup, parameter: q}"));
    }

    #[test]
    fn who_tries_many_kinds_of_attacks_is_no_bystander() {
        let mut suspects = Suspects::default();
        for (minute, user) in ["a", "b", "c"].into_iter().enumerate() {
            for rule in ["xss.markup", "sqli.comment", "rce.command"] {
                let now = Timestamp::from_millis(minute as u64 * 40 * 60_000);
                suspects.add(rule, "high", "query:q", "/", ("header:x-user-id", user), now);
            }
        }
        assert_eq!(suspects.false_alarms(), []);
    }
}
