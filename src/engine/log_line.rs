//! What stands in the log? One JSON object a line, without a value that a client sent but the user's name.

use std::cell::Cell;
use std::fmt;

use crate::clock::Timestamp;
use crate::console::command::{Order, Reason};
use crate::detect::detection::Whose;
use crate::engine::effect::{Counter, Effect};
use crate::engine::weigh::{Account, Finding, Party};
use crate::exchange::head::Head;
use crate::incident::snapshot::{Ending, Snapshot};
use crate::incident::user::User;
use crate::incident::weighing::ActOutcome;
use crate::notify::privacy::Logged;
use crate::text::json::{Json, NOTHING};
use crate::text::untrusted;

/// How much of a host, a method or an id is written, in characters.
const LONGEST: usize = 128;

/// So many lines a second.
const LINES: u32 = 10;

/// A worker's budget of log lines: ten a second. Each kind has its share, so that a noisy attack hides neither its incident
/// nor that nobody could be told.
#[derive(Debug, Default)]
pub(super) struct Budget {
    second: Cell<u64>,
    written: Cell<[u32; 4]>,
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
    /// A message that nobody gets any more: what others leave of the second, which is one line at least.
    Loss,
}

impl Kind {
    const fn share(self) -> u32 {
        match self {
            Self::Request => 5,
            Self::Incident | Self::Service => 2,
            Self::Loss => LINES,
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
        let is_room = written.iter().sum::<u32>() < LINES;
        if let Some(lines) =
            written.get_mut(kind as usize).filter(|lines| self.is_unbounded || (is_room && **lines < kind.share()))
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
    let rule = |finding: &Finding| {
        Json::object(&[
            ("rule", Json::text(&finding.rule)),
            ("category", Json::text(finding.category.slug())),
            ("severity", Json::text(finding.severity.slug())),
            ("target", Json::text(&finding.target)),
            ("points", Json::number(&finding.points())),
            ("counted_before", Json::number(&(finding.outcome == Some(ActOutcome::CountedBefore)))),
        ])
    };
    let standing = party.standing.as_ref();
    let is_victim = party.whose == Whose::Exchange && head.is_cross_site();
    line(&[
        ("event", Json::text("malicious_request")),
        ("time", Json::text(&now.to_string())),
        ("request_id", id(head.request_id())),
        ("method", shaped(head.method(), |byte| byte.is_ascii_uppercase())),
        ("host", shaped(head.authority(), |byte| byte.is_ascii_alphanumeric() || b"-._:[]".contains(byte))),
        ("route", Json::text(&account.route)),
        // Null where the request got no answer.
        ("status", or_null(status.as_ref(), |status| Json::number(status))),
        ("user", or_null(called.as_ref(), |called| Json::text(&called.user))),
        ("notified_as", notified_as(called.as_ref())),
        ("source", or_null(party.user(), |user| Json::text(&user.source))),
        ("points", Json::number(&party.points())),
        ("increase", or_null(standing, |standing| Json::number(&standing.increase))),
        ("threshold", or_null(standing, |standing| Json::number(&standing.limits.threshold))),
        // The configuration says so: nobody's score.
        ("ignored", if_true(party.ignored.is_some())),
        // Another site made the browser send it.
        ("possible_victim", if_true(is_victim)),
        ("rules", Json::list(&party.findings.iter().map(rule).collect::<Vec<_>>())),
    ])
}

/// The line about what happened to an incident: `incident_opened`, `incident_updated`, `incident_resolved`; `cause` is the
/// request that did it, if one did.
pub(super) fn incident(snapshot: &Snapshot, called: &Logged<'_>, cause: Option<&Head>, now: Timestamp) -> String {
    let rules: Vec<_> = snapshot
        .events
        .iter()
        .map(|tally| {
            Json::object(&[
                ("rule", Json::text(&tally.rule)),
                ("count", Json::number(&tally.count)),
                ("points", Json::number(&tally.points)),
                ("route", Json::text(&tally.route)),
                ("common", Json::number(&tally.is_common)),
            ])
        })
        .collect();
    line(&[
        ("event", Json::text(&format!("incident_{}", snapshot.transition.slug()))),
        ("time", Json::text(&now.to_string())),
        ("id", Json::text(&snapshot.incident.to_string())),
        ("reason", Json::text_if_any(snapshot.ending.map_or("", Ending::slug))),
        ("user", Json::text(&called.user)),
        ("notified_as", notified_as(Some(called))),
        ("source", Json::text(&snapshot.source)),
        ("band", Json::text(snapshot.band.slug())),
        ("increase", Json::number(&snapshot.increase)),
        ("threshold", Json::number(&snapshot.threshold)),
        ("window_seconds", Json::number(&(snapshot.window_millis / 1000))),
        ("request_id", cause.map_or(NOTHING, |head| id(head.request_id()))),
        ("rules", Json::list(&rules)),
    ])
}

/// The line about what somebody ordered.
pub(super) fn order(
    order: Order,
    user: &User,
    called: &Logged<'_>,
    Reason { who, why }: &Reason,
    now: Timestamp,
) -> String {
    let span = if let Order::Mute(span) = order { Json::text(&span.to_string()) } else { NOTHING };
    line(&[
        ("event", Json::text("order")),
        ("time", Json::text(&now.to_string())),
        ("order", Json::text(order.slug())),
        ("for", span),
        ("user", Json::text(&called.user)),
        ("notified_as", notified_as(Some(called))),
        ("source", Json::text(&user.source)),
        ("who", Json::text(who)),
        ("why", Json::text(why)),
    ])
}

fn notified_as(called: Option<&Logged<'_>>) -> Json {
    called.and_then(|called| called.notified_as.as_deref()).map_or(NOTHING, Json::text)
}

fn or_null<T>(value: Option<&T>, write: impl FnOnce(&T) -> Json) -> Json {
    value.map_or_else(Json::null, write)
}

fn if_true(truth: bool) -> Json {
    if truth { Json::number(&truth) } else { NOTHING }
}

fn id(bytes: &[u8]) -> Json {
    Json::text(&untrusted::clean_bytes(bytes, LONGEST))
}

/// What a client sent, if it has the shape of what it should be; else it may be anything.
fn shaped(bytes: &[u8], is_fit: impl Fn(&u8) -> bool) -> Json {
    if bytes.len() <= LONGEST && bytes.iter().all(is_fit) { id(bytes) } else { Json::text("{}") }
}

/// The line about a try that failed.
pub(super) fn delivery(event: &'static str, channel: &str, message_id: &str, attempt: u32, what: &str) -> String {
    line(&[
        ("event", Json::text(event)),
        ("channel", Json::text(channel)),
        ("message_id", Json::text(message_id)),
        ("attempt", Json::number(&attempt)),
        ("what", Json::text(what)),
    ])
}

/// The line about an answer whose list of events can't be read: what its developers need to find it.
pub(super) fn misread(header: &str, what: &str, head: &Head, cluster: &[u8]) -> String {
    line(&[
        ("event", Json::text("application_event_error")),
        ("request_id", id(head.request_id())),
        ("cluster", id(cluster)),
        ("header", Json::text(header)),
        ("what", Json::text(what)),
    ])
}

/// The line about something that an operator should know.
pub(super) fn notice(what: &str) -> String {
    line(&[("event", Json::text("notice")), ("what", Json::text(what))])
}

/// The line about something that did not work, and why.
pub(super) fn trouble(what: &str, why: &dyn fmt::Display) -> String {
    notice(&format!("{what}: {why}"))
}

/// Anything as a line.
pub(super) fn line(members: &[(&str, Json)]) -> String {
    Json::object(members).into_text()
}
