//! What does the console show of a user? The record as JSON.

use crate::clock::Timestamp;
use crate::incident::events::{EventEntry, Events};
use crate::incident::open::Open;
use crate::incident::record::Record;
use crate::incident::restriction::Restriction;
use crate::incident::snapshot::Tally;
use crate::text::json::{Json, NOTHING};

/// The record at `now`, which must have been expired to then. `notified_as` is the user's name in messages, on the channels
/// that hide most.
pub fn user_json(record: &Record, notified_as: &str, now: Timestamp) -> Json {
    let user = record.user();
    let muted = Some(record.muted_until()).filter(|until| *until > now);
    // What is on trial is refused to nobody.
    let until = |one: &Restriction| Some(one.until()).filter(|_| one.is_on(now));
    let blocked = until(&record.restrictions().block);
    let redirected = until(&record.restrictions().redirect);
    let rules: Vec<_> = record.tallies().iter().map(rule).collect();
    Json::object(&[
        ("id", Json::text(&user.id.to_string())),
        ("user", Json::text(&user.name)),
        ("notified_as", Json::text(notified_as)),
        ("source", Json::text(&user.source)),
        ("increase", Json::number(&record.increase())),
        ("incident", record.open().map_or(NOTHING, |open| incident(open, record.events()))),
        // The points of each of the last 24 hours, those of the running one last.
        ("hours", Json::list(&record.hours(now).map(|points| Json::number(&points)))),
        ("muted_until", muted.map_or(NOTHING, |until| Json::text(&until.to_string()))),
        ("blocked_until", blocked.map_or(NOTHING, |until| Json::text(&until.to_string()))),
        ("blocked_by", Json::text_if_any(blocked.map_or("", |_| record.restrictions().block.reason().slug()))),
        ("redirected_until", redirected.map_or(NOTHING, |until| Json::text(&until.to_string()))),
        // The ids of the newest requests with an event.
        ("requests", Json::texts(&record.requests())),
        ("rules", Json::list(&rules)),
    ])
}

fn incident(open: &Open, events: &Events) -> Json {
    let events: Vec<_> = events.iter().map(event).collect();
    Json::object(&[
        ("id", Json::text(&open.incident.to_string())),
        ("band", Json::text(open.band.slug())),
        ("threshold", Json::number(&open.threshold)),
        // When it ends if nothing more happens.
        ("resolve_at", Json::text(&open.resolve_at.to_string())),
        // The newest events, the newest first.
        ("events", Json::list(&events)),
    ])
}

fn event(event: &EventEntry) -> Json {
    Json::object(&[
        ("at", Json::text(&event.time.to_string())),
        ("rule", Json::text(&event.rule)),
        ("target", Json::text(&event.target)),
        ("points", Json::number(&event.points)),
        ("request", Json::text(&event.request_id)),
    ])
}

fn rule(tally: &Tally) -> Json {
    Json::object(&[
        ("rule", Json::text(&tally.rule)),
        ("category", Json::text(tally.category.slug())),
        ("severity", Json::text(tally.severity.slug())),
        ("count", Json::number(&tally.count)),
        ("points", Json::number(&tally.points)),
        ("first", Json::text(&tally.first.to_string())),
        ("last", Json::text(&tally.last.to_string())),
        ("route", Json::text(&tally.route)),
        ("target", Json::text(&tally.target)),
        // Did it match at this target for several users? Then it looks like a false alarm.
        ("common", Json::number(&tally.is_common)),
    ])
}
