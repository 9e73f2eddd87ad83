//! The log line and the counter of each thing that happens to an incident.

use crate::exchange::head::Head;
use crate::incident::snapshot::{Snapshot, Transition};
use crate::state::cells::Cells;
use crate::worker::log_budget::Kind;
use crate::worker::log_line;
use crate::worker::metric::{Counter, Labelled};
use crate::worker::turn::Turn;

impl<C: Cells> Turn<'_, C> {
    /// Counts and logs what happened to incidents; `cause` is the request that did it, where one did.
    pub(crate) fn note_transitions(&mut self, transitions: &[Snapshot], cause: Option<&Head>) {
        self.learn(|learning| learning.transitions(transitions, self.now));
        for snapshot in transitions {
            let (counter, level) = match snapshot.transition {
                Transition::Opened => (Counter::Opened, log::Level::Error),
                Transition::Updated => (Counter::Updated, log::Level::Warn),
                Transition::Resolved => (Counter::Resolved, log::Level::Info),
            };
            self.count(counter, 1);
            if snapshot.transition == Transition::Opened {
                self.count_labelled(Labelled::Opened(snapshot.band));
            }
            let Snapshot { source, user, user_digest, .. } = snapshot;
            let worker = self.worker;
            let logged = worker.config.privacy.logged(worker.strictest_users(), source, user, user_digest);
            self.log(Kind::Always, level, log_line::incident(snapshot, &logged, cause, self.now));
        }
    }
}
