//! What does the console show of a user? The record as JSON.

use crate::clock::Timestamp;
use crate::incident::open::Open;
use crate::incident::record::Record;
use crate::incident::snapshot::Tally;
use crate::text::json::{Json, NOTHING};

/// The record at `now`, which must have been expired to then. `notified_as` is the user's name in messages, on the channels
/// that hide most.
pub fn user_json(record: &Record, notified_as: &str, now: Timestamp) -> Json {
    let user = record.user();
    let muted = Some(record.muted_until()).filter(|until| *until > now);
    let rules: Vec<_> = record.tallies().iter().map(rule).collect();
    Json::object(&[
        ("id", Json::text(&user.id.to_string())),
        ("user", Json::text(&user.name)),
        ("notified_as", Json::text(notified_as)),
        ("source", Json::text(&user.source)),
        ("increase", Json::number(&record.increase())),
        ("incident", record.open().map_or(NOTHING, incident)),
        ("muted_until", muted.map_or(NOTHING, |until| Json::text(&until.to_string()))),
        // The ids of the newest requests with an event.
        ("requests", Json::texts(record.requests())),
        ("rules", Json::list(&rules)),
    ])
}

fn incident(open: &Open) -> Json {
    Json::object(&[
        ("id", Json::text(&open.incident.to_string())),
        ("band", Json::text(open.band.slug())),
        ("threshold", Json::number(&open.threshold)),
        // When it ends if nothing more happens.
        ("resolve_at", Json::text(&open.resolve_at.to_string())),
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
