//! What does each line of the log look like? One JSON object, without any other client's text than the user's name.

use std::fmt;

use crate::clock::Timestamp;
use crate::console::command::{Order, Reason};
use crate::exchange::head::Head;
use crate::incident::snapshot::{Ending, Snapshot};
use crate::incident::stance::Stance;
use crate::incident::user::User;
use crate::incident::weighing::Restricted;
use crate::notify::privacy::Logged;
use crate::risk::band::Band;
use crate::text::json::{Json, NOTHING};
use crate::text::untrusted;

/// The longest id, host or method in a line, in characters.
pub(crate) const LONGEST: usize = 128;

/// The line about what happened to an incident: `incident_opened`, `incident_updated`, `incident_resolved`; `cause` is the
/// request that did it, if one did.
pub(crate) fn incident(snapshot: &Snapshot, called: &Logged<'_>, cause: Option<&Head>, now: Timestamp) -> String {
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

/// The line about a block or a redirect that has begun: `restriction`.
pub(crate) fn restriction(
    one: &Restricted,
    stance: &Stance,
    user: &User,
    called: &Logged<'_>,
    now: Timestamp,
) -> String {
    line(&[
        ("event", Json::text("restriction")),
        ("time", Json::text(&now.to_string())),
        ("action", Json::text(one.kind.slug())),
        ("until", Json::text(&one.until.to_string())),
        ("dry_run", Json::number(&one.is_dry)),
        ("user", Json::text(&called.user)),
        ("notified_as", notified_as(Some(called))),
        ("source", Json::text(&user.source)),
        ("band", Json::text_if_any(stance.band(now).map_or("", Band::slug))),
        ("increase", Json::number(&stance.increase)),
    ])
}

/// The line about an order given at the console.
pub(crate) fn order(
    order: Order,
    user: &User,
    called: &Logged<'_>,
    Reason { who, why }: &Reason,
    now: Timestamp,
) -> String {
    let span = order.span().map_or(NOTHING, |span| Json::text(&span.to_string()));
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

/// How notices call the user, where that differs from the log.
pub(crate) fn notified_as(called: Option<&Logged<'_>>) -> Json {
    called.and_then(|called| called.notified_as.as_deref()).map_or(NOTHING, Json::text)
}

/// An id as a client or the proxy wrote it, cleaned and cut.
pub(crate) fn id(bytes: &[u8]) -> Json {
    Json::text(&untrusted::clean_bytes(bytes, LONGEST))
}

/// The line about an attempt to deliver a message.
pub(crate) fn delivery(event: &'static str, channel: &str, message_id: &str, attempt: u32, what: &str) -> String {
    line(&[
        ("event", Json::text(event)),
        ("channel", Json::text(channel)),
        ("message_id", Json::text(message_id)),
        ("attempt", Json::number(&attempt)),
        ("what", Json::text(what)),
    ])
}

/// The line about an answer whose list of application events can't be read: what its developers need to find it.
pub(crate) fn app_event_error(header: &str, what: &str, head: &Head, cluster: &[u8]) -> String {
    line(&[
        ("event", Json::text("application_event_error")),
        ("request_id", id(head.request_id())),
        ("cluster", id(cluster)),
        ("header", Json::text(header)),
        ("what", Json::text(what)),
    ])
}

/// The line about something that an operator should know.
pub(crate) fn notice(what: &str) -> String {
    line(&[("event", Json::text("notice")), ("what", Json::text(what))])
}

/// The line about something that did not work, and why.
pub(crate) fn trouble(what: &str, why: &dyn fmt::Display) -> String {
    notice(&format!("{what}: {why}"))
}

/// Anything as a line.
pub(crate) fn line(members: &[(&str, Json)]) -> String {
    Json::object(members).into_text()
}
