//! How is the filter? Its version and clock, what waits to be sent, how many users there are, and by which options it runs.

use crate::clock::Timestamp;
use crate::engine::console::answer::Answer;
use crate::incident::stance::Stance;
use crate::notify::subscription::Subscription;
use crate::plugin::config::{Config, Mode};
use crate::risk::crossing::Limits;
use crate::state::cells::Cells;
use crate::state::table::Failure;
use crate::text::json::{Json, NOTHING};
use crate::worker::tables::Tables;
use crate::worker::turn::Turn;

/// Any address: to find out what the log calls the source of one.
const ANY_ADDRESS: &[u8] = b"192.0.2.1";

impl<C: Cells> Turn<'_, C> {
    /// The filter's state. Of the configuration it has only what is named here: no secret, no URL of a channel.
    pub(super) fn status(&self, tables: &Tables) -> Result<Answer, Failure> {
        let (worker, now) = (self.worker, self.now);
        let listed = tables.concerned.list(&worker.cells)?;
        let number = |is: &dyn Fn(&Stance) -> bool| Json::number(&listed.iter().filter(|stance| is(stance)).count());
        let channels = worker.config.notify.iter().zip(&tables.channels).enumerate();
        let channels = channels.map(|(index, (entry, id))| {
            let standing = tables.outbox.standing(&worker.cells, *id)?;
            Ok(Json::object(&[
                ("name", Json::text(worker.channel_name(index))),
                ("kind", Json::text(entry.channel.kind())),
                ("waiting", Json::number(&standing.waiting)),
                ("oldest", standing.oldest.map_or(NOTHING, |oldest: Timestamp| Json::text(&oldest.to_string()))),
                ("failing", Json::number(&standing.is_failing)),
                ("stopped", Json::number(&standing.is_stopped)),
            ]))
        });
        let tallies = tables.journal.tallies(&worker.cells)?;
        let categories = tallies.by_category(now).into_iter().map(|(category, hours)| {
            let hours = hours.map(|events| Json::number(&events));
            Json::object(&[("category", Json::text(category.slug())), ("hours", Json::list(&hours))])
        });
        let users = Json::object(&[
            ("risky", number(&|stance| stance.band(now).is_some())),
            ("blocked", number(&|stance| stance.restrictions.are_on(now))),
            ("muted", number(&|stance| now < stance.muted_until)),
            ("records", tallies.records.map_or(NOTHING, |records| Json::number(&records))),
            ("room", Json::number(&worker.config.memory.users())),
            ("evicted", Json::number(&tallies.evicted)),
            ("unweighed", Json::number(&tallies.unweighed)),
        ]);
        let sources = worker.config.user.candidates(ANY_ADDRESS, &tables.key).into_iter().map(|user| user.source);
        let answer = Json::object(&[
            ("version", Json::text(env!("CARGO_PKG_VERSION"))),
            ("now", Json::text(&now.to_string())),
            ("started", Json::text(&worker.started.get().copied().unwrap_or(now).to_string())),
            ("rules", Json::number(&worker.rules.rules().count())),
            ("users", users),
            // The events of each of the last 24 hours, those of the running one last.
            ("categories", Json::list(&categories.collect::<Vec<_>>())),
            ("channels", Json::list(&channels.collect::<Result<Vec<_>, Failure>>()?)),
            // Where a name may come from: what `source` may be.
            ("sources", Json::texts(&sources.collect::<Vec<_>>())),
            // Where a request stands in the operator's log, `{request_id}` to be filled in.
            ("log_link", Json::text_if_any(&worker.config.links.log)),
            ("options", options(&worker.config)),
        ]);
        Ok((200, answer))
    }
}

/// The options that an operator asks about while looking at a user.
fn options(config: &Config) -> Json {
    let limits = |Limits { threshold, rearm, bands, .. }: Limits| {
        Json::object(&[
            ("threshold", Json::number(&threshold)),
            ("rearm", Json::number(&rearm)),
            ("error", Json::number(&bands.error)),
            ("critical", Json::number(&bands.critical)),
        ])
    };
    let channel = |entry: &Subscription| Json::text(entry.route.name().unwrap_or(entry.channel.kind()));
    let groups = config.groups.iter().filter_map(|group| group.name());
    let mode = match config.mode {
        Mode::Off => "off",
        Mode::Monitor => "monitor",
        Mode::Protect => "protect",
        Mode::Learn => "learn",
    };
    Json::object(&[
        ("mode", Json::text(mode)),
        ("service", Json::text_if_any(&config.service.name())),
        ("environment", Json::text_if_any(&config.service.environment())),
        ("window", Json::text(&config.risk.window().to_string())),
        ("user_limits", limits(config.risk.user_limits())),
        ("anonymous_limits", limits(config.risk.anonymous_limits())),
        ("responds", Json::number(&!config.respond.is_empty())),
        ("notify", Json::list(&config.notify.iter().map(channel).collect::<Vec<_>>())),
        ("groups", Json::texts(&groups.collect::<Vec<_>>())),
        ("body_limit", Json::number(&config.detect.body_limit())),
        ("max_users", Json::number(&config.memory.users())),
        ("max_messages", Json::number(&config.memory.messages())),
    ])
}
