//! What came of a call to the fleet's store: records are merged, the winning swap's transitions told, failures said.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::fleet::feed::{Entry, Kind as News};
use crate::fleet::link::{Heard, State};
use crate::fleet::port::{Answer, Operation, Outcome};
use crate::fleet::record_copy;
use crate::fleet::refusal::Refusal;
use crate::fleet::store::Store;
use crate::fleet::to_sync::{Asked, Due};
use crate::incident::adopt::Stored;
use crate::incident::fleet_ledger::Adopted;
use crate::incident::index::IndexChange;
use crate::incident::sharing::Doubt;
use crate::incident::snapshot::Snapshot;
use crate::keyed_hash::Digest;
use crate::notify::callout::Reply;
use crate::state::cells::Cells;
use crate::worker::effect::{AskedUser, Effect, Sent, StoreCall};
use crate::worker::log_budget::Kind;
use crate::worker::log_line;
use crate::worker::metric::{Counter, Gauge};
use crate::worker::tables::Tables;
use crate::worker::turn::Turn;

/// While a message is on its way through some proxy's outbox, the record is looked at so often.
const WATCH: Duration = Duration::from_secs(3);

/// So many users do not wait for the next tick: few are better asked about together.
const MANY: usize = 20;

/// A skew of clocks that operators should know of, in ms.
const SKEW: i64 = 30_000;

/// What an answer has changed here, beside the records themselves.
#[derive(Default)]
struct Entered {
    /// Who stands otherwise than before.
    users: Vec<Digest>,
    /// What the index of open incidents has to say of them.
    index_changes: Vec<IndexChange>,
}

impl<C: Cells> Turn<'_, C> {
    /// Settles the call that `reply` belongs to. If there is more to ask, the next tick of any worker does: within this callback
    /// Envoy would send the next call over the same connection, which the store is closing.
    pub(crate) fn settle_store(&mut self, call: StoreCall, reply: &Reply) {
        let worker = self.worker;
        let (Ok(tables), Some(store)) = (worker.tables(), &worker.config.store) else { return };
        let answer = match reply {
            Reply::Answer { status: 200, body, .. } => {
                self.count(Counter::StoreBytesReceived, body.len() as u64);
                Store(store).decode(&call.operations, body)
            }
            Reply::Answer { body, .. } => unknown(&call, Refusal::unreachable(body)),
            Reply::Nothing { why } => unknown(&call, Refusal::silent(why)),
        };
        let state = self.settle_link(tables, &call, &answer);
        // Whatever was answered is true, also if a later command was refused.
        if let Some(state) = state {
            let lives = lives(&call, &answer);
            // What never fits is asked about at leisure.
            let makes_progress = answer.outcomes.iter().any(|outcome| matches!(outcome, Outcome::Found(Some(_))));
            let (mut asked, mut entered) = (Vec::new(), Entered::default());
            for user in &call.users {
                let outcome = answer.outcomes.get(user.operation).unwrap_or(&Outcome::Unknown);
                let next = match outcome {
                    Outcome::NoRoom if makes_progress => Some(self.now),
                    _ => self.settle_user(tables, user, outcome, state.life, &mut entered),
                };
                let watched = self.watch(tables, &user.due, &lives);
                let next = next.into_iter().chain(watched).min();
                asked.push(Asked { due: user.due, next, is_told: *outcome == Outcome::Stored });
            }
            // All in one step each: with thousands of open incidents a step costs a millisecond.
            tables.ledger.enter(&worker.cells, &entered.index_changes);
            self.publish_stances(tables, &entered.users);
            let _ = tables.to_sync.settle(&worker.cells, &asked);
            self.hear_of_others(tables, &answer);
            // A proxy that joins, and thousands who score at once, have more to ask than a tick's call takes.
            let due = tables.to_sync.due(&worker.cells, self.now, MANY).map_or(0, |(due, _)| due.len());
            if state.is_answering() && (!state.is_caught_up || due >= MANY) {
                self.push(Effect::AskOn);
            }
        }
    }

    /// Notes how the store stands. Returns that; none if the answer is not this call's any more.
    fn settle_link(&mut self, tables: &Tables, call: &StoreCall, answer: &Answer) -> Option<State> {
        let worker = self.worker;
        if let Some(refusal) = &answer.refusal {
            self.count(Counter::StoreFailures, 1);
            let state = tables.link.fail(&worker.cells, call.nonce, self.now).ok()??;
            if tables.link.may_complain(&worker.cells, self.now) == Ok(true) {
                let waits = "each proxy goes on by itself meanwhile, and tells the others later";
                let line = format!("the store of the fleet fails: {refusal}; {waits}");
                self.log(Kind::Always, log::Level::Error, log_line::notice(&line));
            }
            return Some(state);
        }
        let mut heard = Heard { clock: None, position: None, is_page_full: page(call) == 0 };
        for outcome in &answer.outcomes {
            match outcome {
                Outcome::Clock(time, calls) => heard.clock = Some((*time, *calls)),
                Outcome::Entries(entries) => {
                    heard.position = entries.last().map(|(position, _)| *position);
                    heard.is_page_full = entries.len() >= page(call);
                }
                _ => {}
            }
        }
        let before = tables.link.state(&worker.cells).ok()?;
        let (state, has_lost) = tables.link.succeed(&worker.cells, call.nonce, heard, self.now).ok()??;
        self.say_how_it_stands(&before, &state, has_lost);
        Some(state)
    }

    fn say_how_it_stands(&mut self, before: &State, state: &State, has_lost: bool) {
        self.gauge(Gauge::StoreAge, 0);
        self.gauge(Gauge::StoreSkew, state.skew_millis.unsigned_abs() / 1000);
        let mut say = |level, line: &str| self.log(Kind::Always, level, log_line::notice(line));
        if before.failures > 0 {
            say(log::Level::Warn, "the store of the fleet answers again; what happened meanwhile is shared now");
        }
        if has_lost && before.life > 0 {
            say(
                log::Level::Warn,
                "the store of the fleet has lost data; each proxy gives it again what it knows of its window",
            );
        }
        if before.skew_millis.abs() <= SKEW && state.skew_millis.abs() > SKEW {
            let (skew, side) =
                (state.skew_millis.abs() / 1000, if state.skew_millis < 0 { "behind" } else { "ahead of" });
            let line = format!(
                "this proxy's clock is {skew} s {side} the store's: set both by NTP, or acts count for too long or too short"
            );
            say(log::Level::Warn, &line);
        }
    }

    /// Enters what the store told of a user. Returns when it is to be asked again, if it is.
    fn settle_user(
        &mut self,
        tables: &Tables,
        asked: &AskedUser,
        outcome: &Outcome,
        life: u32,
        entered: &mut Entered,
    ) -> Option<Timestamp> {
        let (cells, user, now) = (&self.worker.cells, asked.due.user, self.now);
        let later = || Some(now.after(Duration::from_secs(1)));
        match (outcome, &asked.sent) {
            (Outcome::Stored, Some(sent)) => {
                let Sent { record, version, transitions, decided } = &**sent;
                let stored = Stored { record: record.clone(), version: *version, life, decided: Some(*decided) };
                let adopted = self.adopt(tables, &stored);
                let before = adopted.as_ref().and_then(|adopted| adopted.before);
                // What this proxy decided alone while it waited, it has said already.
                let is_news = |one: &&Snapshot| {
                    before.is_none_or(|(incident, known)| incident != one.incident || one.number > known)
                };
                let news: Vec<_> = transitions.iter().filter(is_news).cloned().collect();
                self.note_transitions(&news, None);
                adopted.map_or_else(later, |adopted| self.act_on(tables, user, adopted, entered))
            }
            (Outcome::Unchanged, _) => {
                let _ = tables.ledger.note_unchanged(cells, user, life);
                // Something may have happened while the store was asked.
                let record = tables.ledger.read(cells, user).ok().flatten();
                record.is_some_and(|record| record.sharing().is_due(life)).then_some(now)
            }
            (Outcome::Found(Some(bytes)), sent) => {
                self.count(Counter::StoreConflicts, u64::from(sent.is_some()));
                let Some((record, version)) =
                    record_copy::from_bytes(bytes).filter(|(record, _)| record.user().id == user)
                else {
                    let held = record_copy::version_held(bytes);
                    let is_there = tables.ledger.replace(cells, user, held, life) == Ok(true);
                    return is_there.then_some(now);
                };
                self.count(Counter::StoreMerges, 1);
                let adopted = self.adopt(tables, &Stored { record, version, life, decided: None });
                let unheard = adopted.as_ref().map(|adopted| adopted.unheard.clone()).unwrap_or_default();
                self.note_transitions(&unheard, None);
                adopted.map_or_else(later, |adopted| self.act_on(tables, user, adopted, entered))
            }
            (Outcome::Found(None), _) => {
                let is_there = tables.ledger.adopt_none(cells, user, life) == Ok(true);
                is_there.then_some(now)
            }
            _ => later(),
        }
    }

    fn adopt(&mut self, tables: &Tables, stored: &Stored) -> Option<Adopted> {
        let context = self.fleet_context(tables);
        let adopted = tables.ledger.adopt(&self.worker.cells, stored, self.now, context).ok()?;
        self.count(Counter::StoreLost, u64::from(adopted.has_no_room));
        Some(adopted)
    }

    fn act_on(&mut self, tables: &Tables, user: Digest, adopted: Adopted, entered: &mut Entered) -> Option<Timestamp> {
        let Adopted { is_kept, is_stance_news, is_due, is_watched, pending, index_changes, .. } = adopted;
        entered.index_changes.extend(index_changes);
        if is_stance_news {
            entered.users.push(user);
        }
        if is_kept {
            self.hand_off(tables, user, &pending);
        }
        if is_due {
            return Some(self.now);
        }
        (is_watched || !pending.is_empty()).then(|| self.now.after(WATCH))
    }

    /// Looks whether those live who have something to send for the user, and whether this proxy's outbox has sent what it had.
    /// Returns when to look again.
    fn watch(&mut self, tables: &Tables, due: &Due, lives: &[(u32, bool)]) -> Option<Timestamp> {
        let (cells, user) = (&self.worker.cells, due.user);
        let record = tables.ledger.read(cells, user).ok().flatten().filter(|record| record.awaits_delivery())?;
        let is_dead = |owner: &u32| lives.iter().any(|(proxy, lives)| proxy == owner && !lives);
        let dead = record.owners(tables.proxy).into_iter().find(is_dead);
        let _ = tables.ledger.doubt(cells, user, dead.map(|owner| Doubt { owner, since: self.now }));
        Some(self.now.after(WATCH))
    }

    /// What others did: their users are read, unless that is long over.
    fn hear_of_others(&mut self, tables: &Tables, answer: &Answer) {
        let entries = answer.outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Entries(entries) => Some(entries),
            _ => None,
        });
        let entries: Vec<Entry> = entries.flatten().filter_map(|(_, entry)| *entry).collect();
        let mut seen = Vec::new();
        // Of a user the newest entry counts.
        for entry in entries.into_iter().rev() {
            if seen.contains(&entry.user) || entry.until <= self.now {
                continue;
            }
            seen.push(entry.user);
            // Of an end only those have to know who know of the beginning.
            let is_known = || tables.ledger.read(&self.worker.cells, entry.user).is_ok_and(|record| record.is_some());
            if !matches!(entry.kind, News::Ended | News::Forgiven) || is_known() {
                let is_first = entry.kind == News::Blocked;
                self.ask_about(tables, Due { user: entry.user, at: self.now, since: self.now, order: None, is_first });
            }
        }
    }
}

/// How many entries of the feed were asked for; 0: it was not read on.
fn page(call: &StoreCall) -> usize {
    let limit = |operation: &Operation| if let Operation::Feed { limit, .. } = operation { Some(*limit) } else { None };
    call.operations.iter().find_map(limit).unwrap_or_default()
}

fn unknown(call: &StoreCall, refusal: Refusal) -> Answer {
    Answer { outcomes: vec![Outcome::Unknown; call.operations.len()], refusal: Some(refusal) }
}

/// Which proxies live, as far as was asked.
fn lives(call: &StoreCall, answer: &Answer) -> Vec<(u32, bool)> {
    let asked =
        call.operations.iter().zip(&answer.outcomes).find_map(|(operation, outcome)| match (operation, outcome) {
            (Operation::Lives(proxies), Outcome::Lives(lives)) => {
                Some(proxies.iter().copied().zip(lives.iter().copied()))
            }
            _ => None,
        });
    asked.into_iter().flatten().collect()
}
