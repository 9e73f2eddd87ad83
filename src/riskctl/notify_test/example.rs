//! Which incident does a test show? A typical one, or one marked as a test.

use user_risk_filter::clock::Timestamp;
use user_risk_filter::detect::category::{Category, Severity};
use user_risk_filter::detect::confidence::Confidence;
use user_risk_filter::incident::audience::Audience;
use user_risk_filter::incident::request::NamedRequest;
use user_risk_filter::incident::restriction::Restrictions;
use user_risk_filter::incident::snapshot::{Ending, IncidentId, Snapshot, Tally, Transition};
use user_risk_filter::keyed_hash::Key;
use user_risk_filter::points::Points;
use user_risk_filter::risk::band::Band;
use user_risk_filter::risk::policy::Policy;

const SOURCE: &str = "header:x-user-id";

/// An incident in this state. One that is `to_send` contains nothing but the test string, so each channel marks it as a test
/// and says that there is nothing to do.
pub(super) fn incident(state: Transition, to_send: bool, policy: &Policy, key: &Key, now: Timestamp) -> Snapshot {
    let user = if to_send { "riskctl-notify-test" } else { "4711" };
    let user_digest = key.digest("user", &[SOURCE.as_bytes(), user.as_bytes()]);
    let tally = |rule: &str, category, count, points, minutes: u64, route: &str| Tally {
        rule: rule.to_owned(),
        category,
        severity: Severity::Critical,
        confidence: Confidence::High,
        count,
        points: Points::whole(points),
        first: Timestamp::from_millis(now.as_millis().saturating_sub(minutes * 60_000)),
        last: now,
        route: route.to_owned(),
        target: "query:q".to_owned(),
        is_common: false,
        cross_site: 0,
    };
    let events = match to_send {
        true => vec![tally("test.string", Category::Test, 2, 16, 1, "/")],
        false => vec![
            tally("sqli.union-select", Category::Sqli, 2, 16, 10, "/search"),
            tally("path-traversal.dots", Category::PathTraversal, 1, 5, 3, "/files/{}"),
        ],
    };
    let limits = policy.user_limits();
    Snapshot {
        incident: IncidentId(key.digest("incident", &[b"notify-test"])),
        transition: state,
        ending: (state == Transition::Resolved).then_some(Ending::Quiet),
        number: match state {
            Transition::Opened => 1,
            Transition::Updated => 2,
            Transition::Resolved => 3,
        },
        at: now,
        user: user.to_owned(),
        user_digest,
        source: SOURCE.to_owned(),
        increase: events.iter().map(|tally| tally.points).sum(),
        threshold: limits.threshold,
        window_millis: policy.window().as_millis(),
        band: if to_send { Band::Warning } else { Band::Error },
        events,
        requests: vec![
            NamedRequest { id: "b7b2c1a0-9d41-4a5e-8f0e-2d6c3e1f0a77".to_owned(), status: Some(200) },
            NamedRequest { id: "0f4f6a52-7c0e-4f9d-9a52-5b1d8e7c6a31".to_owned(), status: Some(403) },
        ],
        addresses: Vec::new(),
        audience: Audience::default(),
        restrictions: Restrictions::default(),
    }
}
