//! What is measured on ticks: open incidents, blocked and muted users, records, whether anybody is named?

use std::time::Duration;

use crate::incident::stance::Stance;
use crate::state::cells::Cells;
use crate::worker::effect::Effect;
use crate::worker::log_budget::Kind;
use crate::worker::log_line;
use crate::worker::metric::{Counter, Gauge};
use crate::worker::naming::News;
use crate::worker::tables::Tables;
use crate::worker::turn::Turn;

/// How often the shared cells are read for it.
const EVERY: Duration = Duration::from_secs(5);

impl<C: Cells> Turn<'_, C> {
    /// Counts how many requests named their user, and says if none ever did.
    pub(super) fn note_naming(&mut self) {
        let (named, unnamed, news) = self.worker.naming.take();
        self.count(Counter::UsersNamed, named);
        self.count(Counter::UsersUnnamed, unnamed);
        let Some(news) = news else { return };
        self.push(Effect::Set(Gauge::NobodyNamed, u64::from(news == News::NobodyIsNamed)));
        if news == News::NobodyIsNamed {
            let line = "of a thousand requests none named its user by user.sources: is the filter in front of the one that \
                        authenticates (jwt_authn, ext_authz), is the payload's name another, or has nobody logged in?";
            self.log(Kind::Service, log::Level::Warn, log_line::notice(line));
        }
    }

    /// Tells how many users are forgotten too early.
    pub(super) fn note_evictions(&mut self) {
        let Some(number) = self.worker.evictions.take_due(self.now) else { return };
        let line =
            format!("users with points who were forgotten to make room for others: {number}; raise memory.users");
        self.log(Kind::Service, log::Level::Error, log_line::notice(&line));
    }

    /// Measures what stands in the shared cells; only where it ends incidents too.
    pub(super) fn measure(&mut self, tables: &Tables) {
        let worker = self.worker;
        if self.now.since(worker.measured.get()) < EVERY {
            return;
        }
        worker.measured.set(self.now);
        if let Ok(open) = tables.ledger.open_users(&worker.cells) {
            self.push(Effect::Set(Gauge::OpenIncidents, open.len() as u64));
        }
        if let Ok(listed) = tables.concerned.list(&worker.cells) {
            let number = |is: &dyn Fn(&Stance) -> bool| listed.iter().filter(|stance| is(stance)).count() as u64;
            let blocked = number(&|stance| stance.restrictions.are_on(self.now));
            let muted = number(&|stance| self.now < stance.muted_until);
            self.push(Effect::Set(Gauge::BlockedUsers, blocked));
            self.push(Effect::Set(Gauge::MutedUsers, muted));
        }
    }

    /// The sweep has visited a bucket with so many records; each time it comes round, their sum is the gauge.
    pub(super) fn measure_records(&mut self, bucket: u64, records: usize) {
        let counted = &self.worker.records_counted;
        if bucket == 0
            && let Some(number) = counted.replace(Some(0))
        {
            self.push(Effect::Set(Gauge::Records, number));
            self.worker.note(|notes| notes.records(number));
        }
        counted.set(counted.get().map(|number| number + records as u64));
    }
}
