//! How does time pass in the simulation? Ticks, and answers of the store, each at its moment.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use user_risk_filter::engine::Input;
use user_risk_filter::notify::callout::Reply;

use crate::simulation::Fleet;

/// A step of time, in ms, within which each worker ticks once.
const STEP: u64 = 250;

/// How long after an answer the next call goes out, in ms, if there is more to ask.
pub(crate) const AFTER_ANSWER: u64 = 10;

/// What happens at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Happens {
    Tick {
        proxy: usize,
        worker: usize,
    },
    /// The answer of this number arrives, if the proxy that waited for it still lives.
    Answer {
        proxy: usize,
        number: u64,
    },
}

/// What happens next, and when.
#[derive(Default)]
pub(crate) struct Agenda(BinaryHeap<Reverse<(u64, Happens)>>);

impl Agenda {
    pub(crate) fn add(&mut self, at: u64, what: Happens) {
        self.0.push(Reverse((at, what)));
    }

    /// The next of what happens until then.
    fn next_by(&mut self, end: u64) -> Option<(u64, Happens)> {
        let is_due = self.0.peek().is_some_and(|Reverse((at, _))| *at <= end);
        if is_due { self.0.pop().map(|Reverse(next)| next) } else { None }
    }
}

impl Fleet {
    /// So much time passes, in steps in which each worker ticks once: in an order, and each at a moment, that the seed says.
    pub(crate) fn pass(&mut self, millis: u64) {
        for _ in 0..millis / STEP {
            let end = self.now + STEP;
            for proxy in 0..self.proxies.len() {
                self.receive(proxy);
                for worker in 0..2 {
                    let at = self.now + self.random(STEP) + 1;
                    self.agenda.add(at, Happens::Tick { proxy, worker });
                }
            }
            while let Some((at, what)) = self.agenda.next_by(end) {
                self.now = at.max(self.now);
                self.store.now = self.now;
                self.happen(what);
            }
            self.now = end;
        }
    }

    fn happen(&mut self, what: Happens) {
        let proxy = match what {
            Happens::Tick { proxy, worker } => {
                self.on(proxy, worker, Input::Tick);
                proxy
            }
            Happens::Answer { proxy, number } => {
                let Some((worker, call, reply)) = self.proxies[proxy].answers.remove(&number) else { return };
                self.on(proxy, worker, Input::Told(call, reply));
                proxy
            }
        };
        self.receive(proxy);
    }

    /// The receiver answers what was sent to it.
    fn receive(&mut self, proxy: usize) {
        while let Some((worker, call)) = self.proxies[proxy].messages.pop() {
            let reply = Reply::Answer { status: 200, retry_after: None, body: Vec::new() };
            self.on(proxy, worker, Input::Answered(call, reply));
        }
    }
}
