//! Does any source of `user.sources` name anybody? Looked at for one request of sixteen.

use crate::engine::facts::Facts;
use crate::state::cells::Cells;
use crate::worker::naming::Naming;
use crate::worker::state::Worker;
use crate::worker::turn::Turn;

impl<C: Cells> Worker<C> {
    /// A request has arrived. Returns whether it is looked at whether somebody is named in it.
    pub(super) fn is_sampled(&self) -> bool {
        self.config.user.has_sources() && self.naming.arrive()
    }
}

impl<C: Cells> Turn<'_, C> {
    /// Looks at the request if it is one that is looked at. Costs what a look for the user costs: for a claim of a token a call.
    pub(super) fn sample_naming(&self, Facts { head, proxy }: Facts<'_>) {
        let Naming { is_due, named, unnamed, .. } = &self.worker.naming;
        if is_due.take() {
            let count = if self.worker.config.user.names_somebody(head, proxy) { named } else { unnamed };
            count.set(count.get() + 1);
        }
    }
}
