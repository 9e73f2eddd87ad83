//! Which responses apply to a request of a user who stands like this?

use crate::clock::Timestamp;
use crate::detect::category::Category;
use crate::exchange::head::Head;
use crate::incident::restriction::{Reason, Restriction};
use crate::incident::stance::Stance;
use crate::respond::options::{Entry, Respond};

/// The header that tells the upstream of a user's risk. It never comes in from outside.
pub const HEADER: &str = "x-user-risk";

/// The status of a block that no entry of `respond` describes.
const FORBIDDEN: u16 = 403;

/// How the application's place is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The user is blocked.
    Block,
    /// The request carries a high or critical act of a risky user.
    BlockAttacks,
    /// The user has to prove who they are.
    Redirect,
}

/// What is done about a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// Does any entry apply? Then Envoy itself is told, for its access log, RBAC and rate limits.
    pub applies: bool,
    /// Is the upstream told?
    pub tells: bool,
    /// The answer in the application's place.
    pub answer: Option<Answer>,
    /// How it would have been answered, if responses were not on trial.
    pub would: Option<Action>,
}

/// An answer in the application's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Why.
    pub action: Action,
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: Vec<(&'static str, String)>,
    /// Did an operator order it?
    pub is_ordered: bool,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Block, Self::BlockAttacks, Self::Redirect];

    /// `block`, `block_attacks`, `redirect`.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::BlockAttacks => "block_attacks",
            Self::Redirect => "redirect",
        }
    }
}

impl Respond {
    /// What is done about a request with this head. `has_attack`: it carries a high or critical act. Unless responses are
    /// `enforced` here, they are only counted.
    pub fn decide(&self, stance: &Stance, head: &Head, has_attack: bool, enforced: bool, now: Timestamp) -> Decision {
        let mut decision = Decision::default();
        let entries = || self.of(stance.group.as_deref());
        let block = &stance.restrictions.block;
        let mut is_weighed = block.reason() == Reason::Operator || entries().all(|entry| entry.block.is_none());
        if is_weighed {
            decision.block(block, entries(), enforced, now);
        }
        for entry in entries() {
            let is_in_band = stance.band(now) >= Some(entry.at);
            let is_real = enforced && !entry.dry_run;
            decision.applies |= is_in_band && is_real;
            decision.tells |= is_in_band && is_real && entry.headers;
            if entry.block.is_some() && !is_weighed {
                is_weighed = true;
                decision.block(block, entries(), enforced, now);
            }
            if let Some(refusal) = entry.block_attacks.as_ref().filter(|_| has_attack && is_in_band) {
                decision.offer(is_real, Answer::new(Action::BlockAttacks, refusal.status()));
            }
            decision.redirect(&stance.restrictions.redirect, entry, head, enforced, now);
        }
        decision
    }
}

impl Decision {
    /// Leaves the request alone, as that of an address that several people share; what an operator ordered stays.
    pub fn spare(&mut self) {
        self.would = None;
        self.answer = self.answer.take().filter(|answer| answer.is_ordered);
    }

    fn block<'e>(
        &mut self,
        block: &Restriction,
        entries: impl Iterator<Item = &'e Entry>,
        enforced: bool,
        now: Timestamp,
    ) {
        if block.is_on(now) || block.would_be_on(now) {
            let described = entries.filter_map(|entry| Some((entry.dry_run, entry.block.as_ref()?.status())));
            // What an entry says that is not on trial; of those that are, the first.
            let status = described.min_by_key(|(is_dry, _)| *is_dry).map_or(FORBIDDEN, |(_, status)| status);
            let is_ordered = block.reason() == Reason::Operator;
            let mut answer = Answer { is_ordered, ..Answer::new(Action::Block, status) };
            if matches!(status, 429 | 503) {
                answer.headers.push(("retry-after", block.until().since(now).as_secs().max(1).to_string()));
            }
            self.offer(enforced && block.is_on(now), answer);
        }
    }

    fn redirect(&mut self, running: &Restriction, entry: &Entry, head: &Head, enforced: bool, now: Timestamp) {
        let Some(redirect) = &entry.redirect else { return };
        if (running.is_on(now) || running.would_be_on(now)) && !redirect.to.holds(head) {
            let mut answer = Answer::new(Action::Redirect, redirect.status());
            answer.headers.push(("location", redirect.to.as_str().to_owned()));
            self.offer(enforced && !entry.dry_run && running.is_on(now), answer);
        }
    }

    /// The first answer counts; one on trial lets a later one take effect.
    fn offer(&mut self, is_real: bool, answer: Answer) {
        match &self.answer {
            Some(_) => {}
            None if is_real => self.answer = Some(answer),
            None => self.would = self.would.or(Some(answer.action)),
        }
    }
}

impl Answer {
    fn new(action: Action, status: u16) -> Self {
        Self { action, status, headers: vec![("cache-control", "no-store".to_owned())], is_ordered: false }
    }
}

/// The header's value: `14; band=warning; categories="sqli rce"`, an item of RFC 8941; none of a user without an incident.
pub fn header_value(stance: &Stance, now: Timestamp) -> Option<String> {
    let band = stance.band(now)?;
    let categories: Vec<_> = stance.categories.iter().copied().map(Category::slug).collect();
    Some(format!("{}; band={}; categories=\"{}\"", stance.increase, band.slug(), categories.join(" ")))
}

#[cfg(test)]
mod tests;
