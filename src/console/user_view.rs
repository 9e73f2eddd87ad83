//! What does the console show of a user? The record as JSON: a row of a list, or all of it.

use crate::clock::Timestamp;
use crate::console::journal::Delivery;
use crate::detect::rule_set::RuleSet;
use crate::incident::events::EventEntry;
use crate::incident::open::Open;
use crate::incident::record::Record;
use crate::incident::request::NamedRequest;
use crate::incident::restriction::Restriction;
use crate::incident::snapshot::Tally;
use crate::sort::sort;
use crate::text::json::{Json, NOTHING};

/// A record at `now`, which must have been expired to then.
pub struct UserView<'a> {
    /// The record.
    pub record: &'a Record,
    /// The user's name in messages, on the channels that hide most.
    pub notified_as: &'a str,
    /// When it is shown.
    pub now: Timestamp,
}

impl UserView<'_> {
    /// The row of a list: nothing of single events.
    pub fn row(&self) -> Json {
        Json::object(&self.members(NOTHING))
    }

    /// All of it. `rules` say why an event counts, `deliveries` what the channels were told.
    pub fn whole(&self, rules: &RuleSet, deliveries: &[Delivery]) -> Json {
        let tallies = self.record.tallies();
        let events: Vec<_> = self.record.events().iter().map(|event| event_json(event, &tallies, rules)).collect();
        let mut members = self.members(Json::list(&events));
        // The newest requests with an event.
        members.push(("requests", Json::list(&self.record.requests().map(NamedRequest::to_json).collect::<Vec<_>>())));
        members.push(("addresses", Json::texts(&self.record.addresses())));
        members.push(("messages", Json::list(&deliveries.iter().map(delivery_json).collect::<Vec<_>>())));
        let tallies = tallies.iter().map(|tally| tally_json(tally, rules));
        members.push(("rules", Json::list(&tallies.collect::<Vec<_>>())));
        Json::object(&members)
    }

    fn members(&self, events: Json) -> Vec<(&'static str, Json)> {
        let Self { record, notified_as, now } = *self;
        let user = record.user();
        let muted = Some(record.muted_until()).filter(|until| *until > now);
        let restrictions = record.restrictions();
        // What is on trial is refused to nobody.
        let until = |one: &Restriction| Some(one.until()).filter(|_| one.is_on(now));
        let blocked = until(&restrictions.block);
        let tallies = record.tallies();
        let mut categories: Vec<_> = tallies.iter().map(|tally| tally.category.slug()).collect();
        sort(&mut categories);
        categories.dedup();
        vec![
            ("id", Json::text(&user.id.to_string())),
            ("user", Json::text(&user.name)),
            ("notified_as", Json::text(notified_as)),
            ("source", Json::text(&user.source)),
            ("increase", Json::number(&record.increase())),
            ("categories", Json::texts(&categories)),
            ("first_seen", time(tallies.iter().map(|tally| tally.first).min())),
            ("last_seen", time(tallies.iter().map(|tally| tally.last).max())),
            ("incident", record.open().map_or(NOTHING, |open| incident_json(open, events))),
            // The points of each of the last 24 hours, those of the running one last.
            ("hours", Json::list(&record.hours(now).map(|points| Json::number(&points)))),
            ("muted_until", time(muted)),
            ("blocked_until", time(blocked)),
            ("blocked_by", Json::text_if_any(blocked.map_or("", |_| restrictions.block.reason().slug()))),
            ("redirected_until", time(until(&restrictions.redirect))),
        ]
    }
}

fn time(time: Option<Timestamp>) -> Json {
    time.map_or(NOTHING, |time| Json::text(&time.to_string()))
}

fn incident_json(open: &Open, events: Json) -> Json {
    Json::object(&[
        ("id", Json::text(&open.incident.to_string())),
        ("band", Json::text(open.band.slug())),
        ("threshold", Json::number(&open.threshold)),
        ("opened_at", Json::text(&open.opened_at.to_string())),
        // When it ends if nothing more happens.
        ("resolve_at", Json::text(&open.resolve_at.to_string())),
        // Was anybody told of it? Not while the user is muted.
        ("notified", Json::number(&open.is_known)),
        ("group", Json::text_if_any(open.audience.group.as_deref().unwrap_or_default())),
        // The newest events, the newest first.
        ("events", events),
    ])
}

/// An event; an application's own has no rule here, and says what it is by its name.
fn event_json(event: &EventEntry, tallies: &[Tally], rules: &RuleSet) -> Json {
    let tally = tallies.iter().find(|tally| tally.rule == event.rule);
    let rule = rules.by_id(&event.rule);
    let category = tally.map(|tally| tally.category).or(rule.map(|rule| rule.category));
    let severity = tally.map(|tally| tally.severity).or(rule.map(|rule| rule.severity));
    Json::object(&[
        ("at", Json::text(&event.time.to_string())),
        ("rule", Json::text(&event.rule)),
        ("category", Json::text_if_any(category.map_or("", |category| category.slug()))),
        ("severity", Json::text_if_any(severity.map_or("", |severity| severity.slug()))),
        ("why", Json::text_if_any(rule.map_or("", |rule| rule.summary))),
        ("target", Json::text(&event.target)),
        ("points", Json::number(&event.points)),
        ("request", event.request.to_json().if_any()),
    ])
}

fn delivery_json(delivery: &Delivery) -> Json {
    Json::object(&[
        ("at", Json::text(&delivery.at.to_string())),
        ("channel", Json::text(&delivery.channel)),
        ("transition", Json::text(delivery.transition.slug())),
        ("result", Json::text(delivery.result.slug())),
        ("answer", Json::text_if_any(&delivery.answer)),
    ])
}

fn tally_json(tally: &Tally, rules: &RuleSet) -> Json {
    Json::object(&[
        ("rule", Json::text(&tally.rule)),
        ("category", Json::text(tally.category.slug())),
        ("severity", Json::text(tally.severity.slug())),
        ("why", Json::text_if_any(rules.by_id(&tally.rule).map_or("", |rule| rule.summary))),
        ("confidence", Json::text(tally.confidence.slug())),
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
