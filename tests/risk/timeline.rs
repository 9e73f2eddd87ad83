//! A user's record with the time as an argument, and events to weigh in it.

use user_risk_filter::clock::Timestamp;
use user_risk_filter::config;
use user_risk_filter::detect::category::{Category, Severity};
use user_risk_filter::detect::confidence::Confidence;
use user_risk_filter::detect::values::Occurrence;
use user_risk_filter::incident::audience::Audience;
use user_risk_filter::incident::record::Record;
use user_risk_filter::incident::sharing::Deciding;
use user_risk_filter::incident::snapshot::{Snapshot, Transition};
use user_risk_filter::incident::strength::Strength;
use user_risk_filter::incident::user::User;
use user_risk_filter::incident::weighing::{ActOutcome, WeighContext, Weighed, Worths};
use user_risk_filter::keyed_hash::Key;
use user_risk_filter::points::Points;
use user_risk_filter::risk::acts::Event;
use user_risk_filter::risk::exchange::Charged;
use user_risk_filter::risk::fingerprint::Fingerprint;
use user_risk_filter::risk::policy::Policy;

pub(crate) const SECOND: u64 = 1000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;
/// Far enough from zero for a clock to step back.
pub(crate) const START: u64 = 1_000 * HOUR;

pub(crate) const LOW: Severity = Severity::Low;
pub(crate) const MEDIUM: Severity = Severity::Medium;
pub(crate) const HIGH: Severity = Severity::High;
pub(crate) const CRITICAL: Severity = Severity::Critical;

/// As it is by default.
pub(crate) const PERSISTENCE: Worths =
    Worths { rule: Some((HIGH, Points::whole(5))), spread: Some((HIGH, Points::whole(5))) };

/// The record of a user, and what it is weighed by.
pub(crate) struct Timeline {
    pub(crate) record: Record,
    pub(crate) policy: Policy,
    pub(crate) key: Key,
    pub(crate) proxy: u32,
    pub(crate) persistence: Worths,
}

impl Timeline {
    pub(crate) fn new(policy: &str) -> Self {
        let key = Key::from_passphrase("test");
        let id = key.digest("user", &[b"u"]);
        let user = User { id, name: "u".into(), source: "header:x-user-id".into(), strength: Strength::Vouched };
        Self {
            record: Record::new(user),
            policy: config::from_json(policy).unwrap(),
            key,
            proxy: 1,
            persistence: PERSISTENCE,
        }
    }

    pub(crate) fn weigh(&mut self, at: u64, events: &[Event<'_>]) -> (Vec<ActOutcome>, Points, Option<Snapshot>) {
        let weighed = self.weighed(at, events);
        let opened = weighed.transitions.into_iter().find(|one| one.transition == Transition::Opened);
        (weighed.outcomes, weighed.increase, opened)
    }

    pub(crate) fn transitions(&mut self, at: u64, events: &[Event<'_>]) -> Vec<Snapshot> {
        self.weighed(at, events).transitions
    }

    pub(crate) fn weighed(&mut self, at: u64, events: &[Event<'_>]) -> Weighed {
        let terms = WeighContext {
            policy: &self.policy,
            limits: self.policy.user_limits(),
            key: &self.key,
            notifies: true,
            proxy: self.proxy,
            request_id: "r",
            address: "",
            audience: &Audience::default(),
            persistence: self.persistence,
            restrictions: &[],
            deciding: Deciding::Alone,
        };
        let charged = Charged::new(self.policy.exchange_cap());
        self.record.weigh(events, &charged, Timestamp::from_millis(START + at), terms)
    }
}

pub(crate) fn event<'a>(rule: &'a str, severity: Severity, value: u64, target: u64) -> Event<'a> {
    let points = Points::whole(match severity {
        LOW => 1,
        MEDIUM => 3,
        HIGH => 5,
        CRITICAL => 8,
    });
    let category = rule.split_once('.').and_then(|(slug, _)| Category::from_slug(slug)).unwrap_or(Category::Sqli);
    Event {
        rule,
        category,
        severity,
        confidence: Confidence::High,
        points,
        fingerprint: fingerprint(&[(value, target)]),
        target: "query:q",
        is_common: false,
        route: "/",
        cross_site: false,
        is_conclusive: false,
    }
}

/// Of an act in which these values matched at these targets.
pub(crate) fn fingerprint(values: &[(u64, u64)]) -> Fingerprint {
    let bytes = |number: u64, more: u64| {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        bytes[8..].copy_from_slice(&more.to_le_bytes());
        bytes
    };
    let occurrence = |(value, target): &(u64, u64)| Occurrence {
        value: bytes(*value, u64::MAX),
        placed: bytes(*value, *target),
        has_route: false,
    };
    let values: Vec<_> = values.iter().map(occurrence).collect();
    Fingerprint::of(&Key::from_passphrase("test"), "rule", &values, "/")
}
