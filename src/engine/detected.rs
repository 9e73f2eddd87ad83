//! Who is told of a malicious request, whatever comes of it? Webhooks that want to know of each.

use crate::clock::Timestamp;
use crate::engine::Engine;
use crate::engine::effect::{Counter, Effect};
use crate::engine::log_line::{self, Kind};
use crate::engine::shared::Shared;
use crate::engine::weigh::{Account, Finding, Party};
use crate::exchange::Head;
use crate::incident::audience::Audience;
use crate::incident::record::ActOutcome;
use crate::notify::detected::{Culprit, Detected, Match};
use crate::notify::outbox::requests::Collected;
use crate::state::Cells;
use crate::text::untrusted;

/// How much of a request's id is told, in UTF-16 units.
const REQUEST_ID: usize = 64;

impl<C: Cells> Engine<C> {
    /// Notes the request for the channels that are told of it. UserRef the operator ignores or has muted, nobody is told of.
    pub(super) fn note_detected(
        &self,
        head: &Head,
        account: &Account,
        party: &Party,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        let standing = party.standing.as_ref();
        if party.ignored.is_some()
            || standing.is_some_and(|standing| standing.is_muted)
            || !self.config.notify.iter().any(|entry| entry.route.takes_detections())
        {
            return;
        }
        let Ok(shared) = self.shared() else { return };
        let nobody = Audience::default();
        let audience = standing.map_or(&nobody, |standing| &standing.audience);
        let categories: Vec<_> = party.findings.iter().map(|finding| finding.category).collect();
        let detected = detected(head, account, party, now);
        for (channel_index, (entry, id)) in self.config.notify.iter().zip(&shared.channels).enumerate() {
            if !entry.route.takes_request(audience, &categories) {
                continue;
            }
            match shared.outbox.note(&self.cells, *id, &detected, now) {
                Ok(collected) => self.account_requests(channel_index, &collected, now, effects),
                Err(failure) => {
                    effects.push(Effect::Count(Counter::RequestsUnreported, 1));
                    let line = log_line::trouble("a malicious request could not be noted to be told of", &failure);
                    self.budget.spend(Kind::Service, now, log::Level::Error, line, effects);
                }
            }
        }
    }

    /// Queues what the channel at this channel_index is told of together, once it is old enough.
    pub(super) fn queue_detected(
        &self,
        shared: &Shared,
        channel_index: usize,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        let (Some(entry), Some(id)) = (self.config.notify.get(channel_index), shared.channels.get(channel_index))
        else {
            return;
        };
        if entry.route.takes_detections()
            && let Ok(collected) = shared.outbox.queue_batch(&self.cells, *id, now)
        {
            self.account_requests(channel_index, &collected, now, effects);
        }
    }

    fn account_requests(
        &self,
        channel_index: usize,
        Collected { unreported, departures }: &Collected,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        self.account(Some(channel_index), departures, None, now, effects);
        if *unreported == 0 {
            return;
        }
        effects.push(Effect::Count(Counter::RequestsUnreported, (*unreported).into()));
        let channel = self.label(channel_index);
        let line = log_line::notice(&format!(
            "{channel}: {unreported} malicious requests are not reported: more came than may wait; the next message says how many"
        ));
        self.budget.spend(Kind::Service, now, log::Level::Error, line, effects);
    }
}

fn detected(head: &Head, account: &Account, party: &Party, now: Timestamp) -> Detected {
    let matched = |finding: &Finding| Match {
        rule: finding.rule.clone(),
        category: finding.category,
        severity: finding.severity,
        points: finding.points(),
        counted_before: finding.outcome == Some(ActOutcome::CountedBefore),
    };
    let standing = party.standing.as_ref();
    let culprit = standing.map(|standing| {
        let user = &standing.user;
        Culprit { name: user.name.clone(), source: user.source.clone(), digest: user.id }
    });
    Detected {
        at: now,
        request_id: untrusted::clean_bytes(head.request_id(), REQUEST_ID),
        user: culprit,
        route: account.route.clone(),
        points: party.points(),
        increase: standing.map(|standing| standing.increase),
        rules: party.findings.iter().map(matched).collect(),
    }
}
