//! What stands in the log? One JSON object a line, without a value that a client sent but the user's name.

use std::cell::Cell;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::console::ask::{Order, Reason};
use crate::detect::detection::Whose;
use crate::engine::effect::{Counter, Effect};
use crate::engine::weigh::{Account, Finding, Party};
use crate::exchange::Head;
use crate::incident::record::{Outcome, User};
use crate::incident::snapshot::{Ending, Snapshot};
use crate::notify::privacy::Logged;
use crate::untrusted;

/// How much of a host, a method or an id is written, in characters.
const LONGEST: usize = 128;

/// A worker's budget of log lines: ten a second. Each kind has its share, so that a noisy attack hides neither its incident
/// nor that nobody could be told.
#[derive(Debug, Default)]
pub(super) struct Budget {
    second: Cell<u64>,
    written: Cell<[u32; 3]>,
    is_unbounded: bool,
}

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A malicious request.
    Request,
    /// An incident.
    Incident,
    /// A message, or the filter itself.
    Service,
}

impl Kind {
    const fn share(self) -> u32 {
        match self {
            Self::Request => 6,
            Self::Incident | Self::Service => 2,
        }
    }
}

impl Budget {
    /// A budget of as many lines as there are.
    pub(super) fn unbounded() -> Self {
        Self { is_unbounded: true, ..Self::default() }
    }

    /// Writes the line if the second has room for it, else counts it.
    pub(super) fn spend(&self, kind: Kind, now: Timestamp, level: log::Level, line: String, effects: &mut Vec<Effect>) {
        if self.second.replace(now.as_secs()) != now.as_secs() {
            self.written.take();
        }
        let mut written = self.written.get();
        if let Some(lines) = written.get_mut(kind as usize).filter(|lines| self.is_unbounded || **lines < kind.share())
        {
            *lines += 1;
            self.written.set(written);
            effects.push(Effect::Log(level, line));
        } else {
            effects.push(Effect::Count(Counter::Suppressed, 1));
        }
    }
}

/// The line about a malicious request.
pub(super) fn malicious_request(
    head: &Head,
    account: &Account,
    party: &Party,
    called: Option<Logged<'_>>,
    status: Option<u16>,
    now: Timestamp,
) -> String {
    #[derive(Serialize)]
    struct Line<'a> {
        event: &'static str,
        time: String,
        request_id: String,
        method: String,
        host: String,
        route: String,
        /// Null where the request got no answer.
        status: Option<u16>,
        user: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        told_as: Option<&'a str>,
        source: Option<&'a str>,
        points: Value,
        increase: Option<Value>,
        threshold: Option<Value>,
        /// The configuration says so: nobody's score.
        #[serde(skip_serializing_if = "is_false")]
        ignored: bool,
        /// Another site made the browser send it.
        #[serde(skip_serializing_if = "is_false")]
        possible_victim: bool,
        rules: Vec<Rule<'a>>,
    }
    #[derive(Serialize)]
    struct Rule<'a> {
        rule: &'a str,
        category: &'static str,
        severity: &'static str,
        #[serde(rename = "where")]
        place: &'a str,
        points: Value,
        counted_before: bool,
    }
    fn rule(finding: &Finding) -> Rule<'_> {
        let counted_before = finding.outcome == Some(Outcome::CountedBefore);
        let Finding { category, severity, .. } = finding;
        let (category, severity) = (category.slug(), severity.slug());
        Rule {
            rule: &finding.rule,
            category,
            severity,
            place: &finding.place,
            points: finding.points().to_json(),
            counted_before,
        }
    }
    let standing = party.standing.as_ref();
    line(&Line {
        event: "malicious_request",
        time: now.to_string(),
        request_id: untrusted::clean_bytes(head.request_id(), LONGEST),
        method: shaped(head.method(), |byte| byte.is_ascii_uppercase()),
        host: shaped(head.authority(), |byte| byte.is_ascii_alphanumeric() || b"-._:[]".contains(byte)),
        route: account.route.clone(),
        status,
        user: called.as_ref().map(|called| &*called.user),
        told_as: called.as_ref().and_then(|called| called.told_as.as_deref()),
        source: party.user().map(|user| user.source.as_str()),
        points: party.points().to_json(),
        increase: standing.map(|standing| standing.increase.to_json()),
        threshold: standing.map(|standing| standing.limits.threshold.to_json()),
        ignored: party.ignored.is_some(),
        possible_victim: party.whose == Whose::Exchange && head.is_cross_site(),
        rules: party.findings.iter().map(rule).collect(),
    })
}

/// The line about what happened to an incident: `incident_opened`, `incident_updated`, `incident_resolved`; `cause` is the
/// request that did it, if one did.
pub(super) fn incident(snapshot: &Snapshot, called: &Logged<'_>, cause: Option<&Head>, now: Timestamp) -> String {
    #[derive(Serialize)]
    struct Line<'a> {
        event: String,
        time: String,
        id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'static str>,
        user: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        told_as: Option<&'a str>,
        source: &'a str,
        band: &'static str,
        increase: Value,
        threshold: Value,
        window_seconds: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        request_id: Option<String>,
        rules: Vec<Rule<'a>>,
    }
    #[derive(Serialize)]
    struct Rule<'a> {
        rule: &'a str,
        count: u32,
        points: Value,
        route: &'a str,
        common: bool,
    }
    line(&Line {
        event: format!("incident_{}", snapshot.transition.slug()),
        time: now.to_string(),
        id: snapshot.incident.to_string(),
        reason: snapshot.ending.map(Ending::slug),
        user: &called.user,
        told_as: called.told_as.as_deref(),
        source: &snapshot.source,
        band: snapshot.band.slug(),
        increase: snapshot.increase.to_json(),
        threshold: snapshot.threshold.to_json(),
        window_seconds: snapshot.window_millis / 1000,
        request_id: cause.map(|head| untrusted::clean_bytes(head.request_id(), LONGEST)),
        rules: snapshot
            .events
            .iter()
            .map(|tally| Rule {
                rule: &tally.rule,
                count: tally.count,
                points: tally.points.to_json(),
                route: &tally.route,
                common: tally.is_common,
            })
            .collect(),
    })
}

/// The line about what somebody ordered.
pub(super) fn order(
    order: Order,
    user: &User,
    called: &Logged<'_>,
    Reason { who, why }: &Reason,
    now: Timestamp,
) -> String {
    #[derive(Serialize)]
    struct Line<'a> {
        event: &'static str,
        time: String,
        order: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        r#for: Option<String>,
        user: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        told_as: Option<&'a str>,
        source: &'a str,
        who: &'a str,
        why: &'a str,
    }
    let span = if let Order::Mute(span) = order { Some(span.to_string()) } else { None };
    line(&Line {
        event: "order",
        time: now.to_string(),
        order: order.slug(),
        r#for: span,
        user: &called.user,
        told_as: called.told_as.as_deref(),
        source: &user.source,
        who,
        why,
    })
}

fn is_false(truth: &bool) -> bool {
    !truth
}

/// What a client sent, if it has the shape of what it should be; else it may be anything.
fn shaped(bytes: &[u8], is_fit: impl Fn(&u8) -> bool) -> String {
    let fits = bytes.len() <= LONGEST && bytes.iter().all(is_fit);
    if fits { untrusted::clean_bytes(bytes, LONGEST) } else { "{}".to_owned() }
}

/// The line about a try that failed.
pub(super) fn delivery(event: &'static str, channel: &str, message_id: &str, attempt: u32, what: &str) -> String {
    #[derive(Serialize)]
    struct Line<'a> {
        event: &'static str,
        channel: &'a str,
        message_id: &'a str,
        attempt: u32,
        what: &'a str,
    }
    line(&Line { event, channel, message_id, attempt, what })
}

/// The line about an answer whose list of events can't be read: what its developers need to find it.
pub(super) fn misread(header: &str, what: &str, head: &Head, cluster: &[u8]) -> String {
    #[derive(Serialize)]
    struct Line<'a> {
        event: &'static str,
        request_id: String,
        cluster: String,
        header: &'a str,
        what: &'a str,
    }
    let clean = |bytes| untrusted::clean_bytes(bytes, LONGEST);
    let (request_id, cluster) = (clean(head.request_id()), clean(cluster));
    line(&Line { event: "application_mistake", request_id, cluster, header, what })
}

/// The line about something that an operator should know.
pub(super) fn notice(what: &str) -> String {
    #[derive(Serialize)]
    struct Line<'a> {
        event: &'static str,
        what: &'a str,
    }
    line(&Line { event: "notice", what })
}

/// The line about something that did not work, and why.
pub(super) fn trouble(what: &str, why: &dyn fmt::Display) -> String {
    notice(&format!("{what}: {why}"))
}

/// Anything as a line.
pub(super) fn line(line: &impl Serialize) -> String {
    // Strings and numbers under fixed names always serialise.
    serde_json::to_string(line).unwrap_or_default()
}
