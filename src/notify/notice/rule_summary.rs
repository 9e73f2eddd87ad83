//! What did the user do? The events of one rule for lists, those of one category for sentences.

use std::fmt;

use crate::clock::Timestamp;
use crate::detect::category::{Category, Severity};
use crate::detect::confidence::Confidence;
use crate::incident::snapshot::Tally;
use crate::notify::notice::phrasing::{Counted, Times, word};
use crate::points::Points;
use crate::sort::sort_by_key;

/// The events of one rule, ready to be shown.
pub struct RuleSummary {
    /// The rule's id.
    pub rule: String,
    /// Its category.
    pub category: Category,
    /// Its severity.
    pub severity: Severity,
    /// How sure the surest of them is.
    pub confidence: Confidence,
    /// How often.
    pub count: u32,
    /// The points that count.
    pub points: Points,
    /// The first event.
    pub first: Timestamp,
    /// The newest event.
    pub last: Timestamp,
    /// The route of the newest event; may be empty.
    pub route: String,
    /// How many of them another site made the browser send.
    pub cross_site: u32,
}

impl RuleSummary {
    pub(super) fn of(tally: &Tally) -> Self {
        let Tally { category, severity, confidence, count, points, first, last, cross_site, .. } = *tally;
        let (rule, route) = (word(&tally.rule), word(&tally.route));
        Self { rule, category, severity, confidence, count, points, first, last, route, cross_site }
    }
}

/// `sqli.union-select × 2 on /search: SQL injection, critical, 16 points`.
impl fmt::Display for RuleSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, category, severity, points, .. } = self;
        write!(f, "{rule}{}", Times(self.count))?;
        if !self.route.is_empty() {
            write!(f, " on {}", self.route)?;
        }
        write!(f, ": {}, {severity}, {}", category.title(), Counted(*points))?;
        match self.cross_site {
            0 => Ok(()),
            some if some >= self.count => f.write_str(", sent by another site"),
            some => write!(f, ", {some} sent by another site"),
        }
    }
}

/// The events of one category.
pub(super) struct Kind<'a> {
    category: Category,
    count: u32,
    points: Points,
    pub(super) routes: Vec<&'a str>,
}

impl<'a> Kind<'a> {
    /// The categories of `events`, the most points first.
    pub(super) fn of(events: &'a [Tally]) -> Vec<Self> {
        let mut kinds: Vec<Self> = Vec::new();
        for tally in events {
            let at = kinds.iter().position(|kind| kind.category == tally.category).unwrap_or(kinds.len());
            if at == kinds.len() {
                kinds.push(Self { category: tally.category, count: 0, points: Points::ZERO, routes: Vec::new() });
            }
            let Some(kind) = kinds.get_mut(at) else { continue };
            kind.count = kind.count.saturating_add(tally.count);
            kind.points = kind.points + tally.points;
            if !kind.routes.contains(&tally.route.as_str()) {
                kind.routes.push(&tally.route);
            }
        }
        sort_by_key(&mut kinds, |kind| std::cmp::Reverse(kind.points));
        kinds
    }

    /// `SQL injection × 2 on /search`.
    pub(super) fn phrase(&self, with_route: bool) -> String {
        let phrase = format!("{}{}", self.category.title(), Times(self.count));
        match self.routes.as_slice() {
            [route] if with_route && !route.is_empty() => format!("{phrase} on {}", word(route)),
            [_, _, ..] if with_route => format!("{phrase} on {} routes", self.routes.len()),
            _ => phrase,
        }
    }
}
