//! Queues each malicious request for the channels that asked for all of them (`states: [detected]`), even if it scores nothing.

use crate::clock::Timestamp;
use crate::engine::account::{Account, Finding, Party};
use crate::exchange::head::Head;
use crate::incident::audience::Audience;
use crate::incident::weighing::ActOutcome;
use crate::notify::detected::{Culprit, Detected, Match};
use crate::state::cells::Cells;
use crate::worker::metric::Counter;
use crate::worker::turn::Turn;

impl<C: Cells> Turn<'_, C> {
    /// Notes the request for the channels whose routes take it. Of users whom the operator ignores or has muted, none does.
    pub(super) fn note_detected(&mut self, head: &Head, account: &Account, party: &Party) {
        let worker = self.worker;
        let standing = party.standing.as_ref();
        if party.ignored.is_some()
            || standing.is_some_and(|standing| standing.is_muted)
            || !worker.config.notify.iter().any(|entry| entry.route.takes_detections())
        {
            return;
        }
        let Ok(tables) = worker.tables() else { return };
        let nobody = Audience::default();
        let audience = standing.map_or(&nobody, |standing| &standing.audience);
        let categories: Vec<_> = party.findings.iter().map(|finding| finding.category).collect();
        let detected = detected(head, account, party, self.now);
        for (channel_index, (entry, id)) in worker.config.notify.iter().zip(&tables.channels).enumerate() {
            if !entry.route.takes_request(audience, &categories) {
                continue;
            }
            match tables.outbox.note(&worker.cells, *id, &detected, self.now) {
                Ok(collected) => self.account_requests(channel_index, &collected),
                Err(failure) => {
                    self.count(Counter::RequestsUnreported, 1);
                    self.log_trouble("a malicious request could not be noted for its channel", &failure);
                }
            }
        }
    }
}

fn detected(head: &Head, account: &Account, party: &Party, now: Timestamp) -> Detected {
    let matched = |finding: &Finding| Match {
        rule: finding.rule.clone(),
        category: finding.category,
        severity: finding.severity,
        confidence: finding.confidence,
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
        request_id: head.kept_request_id(),
        user: culprit,
        route: account.route.clone(),
        points: party.points(),
        increase: standing.map(|standing| standing.increase),
        rules: party.findings.iter().map(matched).collect(),
    }
}
