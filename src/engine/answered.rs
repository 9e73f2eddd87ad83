//! How were the requests that counted answered? Who is called wants to see at once whether an attack was refused.

use crate::engine::account::Account;
use crate::engine::facts::Facts;
use crate::points::Points;
use crate::state::cells::Cells;
use crate::state::table::Failure;
use crate::worker::effect::Effect;
use crate::worker::turn::Turn;

impl<C: Cells> Turn<'_, C> {
    /// Notes the answer's status in the records of those for whom the exchange counted, and in messages that still wait. It
    /// costs nothing where nothing counted.
    pub(super) fn note_answer(&mut self, facts: Facts<'_>, account: &mut Account) {
        let is_counted = account.parties.iter().any(|party| party.points() > Points::ZERO);
        if account.is_answer_noted || !is_counted {
            return;
        }
        let (Some(status), id) = (facts.proxy.status(), facts.head.kept_request_id()) else { return };
        account.is_answer_noted = true;
        if id.is_empty() {
            return;
        }
        if let Err(failure) = self.enter_answer(account, &id, status) {
            self.log_trouble("the answer's status could not be noted", &failure);
        }
    }

    fn enter_answer(&mut self, account: &Account, id: &str, status: u16) -> Result<(), Failure> {
        let worker = self.worker;
        let tables = worker.tables()?;
        for party in account.parties.iter().filter(|party| party.points() > Points::ZERO) {
            let Some(user) = party.standing.as_ref().map(|standing| standing.user.id) else { continue };
            if tables.ledger.note_answer(&worker.cells, user, id, status)? {
                self.share(tables, user, None);
                if tables.outbox.note_answer(&worker.cells, user, id, status)? {
                    // It lacks nothing any more.
                    self.push(Effect::Hasten);
                }
            }
        }
        Ok(())
    }
}
