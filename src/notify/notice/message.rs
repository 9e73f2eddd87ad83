//! One message about an incident, and the sentences that every channel shares.

use crate::clock::{Span, Timestamp};
use crate::detect::category::Category;
use crate::detect::confidence::Confidence;
use crate::incident::request::NamedRequest;
use crate::incident::snapshot::{Ending, Snapshot, Transition};
use crate::notify::notice::done::Done;
use crate::notify::notice::fact::Fact;
use crate::notify::notice::links::Links;
use crate::notify::notice::phrasing::{Counted, Readable, name, word};
use crate::notify::notice::rule_summary::{Kind, RuleSummary};
use crate::notify::notice::service::Service;
use crate::notify::rollup::RollupSummary;
use crate::text::untrusted;

/// One message to one channel. Whatever of it a client wrote comes out of here cleaned and cut, but not yet escaped.
pub struct Notice<'a> {
    /// The message's id, constant over tries: `[A-Za-z0-9_]+`.
    pub message_id: &'a str,
    /// The incident as it stood at the transition.
    pub snapshot: &'a Snapshot,
    /// The service that the proxy protects.
    pub service: &'a Service,
    /// Where it leads to.
    pub links: &'a Links,
    /// The path of the console, if there is one.
    pub console: Option<&'a str>,
    /// The users, if the message is about many: the snapshot then holds what they have in common.
    pub rollup: Option<&'a RollupSummary>,
}

/// The longest headline, in UTF-16 units.
pub const HEADLINE_LIMIT: usize = 600;
/// The longest user name: what a record keeps of it.
pub const USER_LIMIT: usize = 256;
/// The longest user name within a sentence.
const NAME_LIMIT: usize = 64;
/// How many kinds of attack a sentence names.
const KINDS: usize = 3;

impl<'a> Notice<'a> {
    /// All in one line: `User 4711 rose by 13 points in 24 h: SQL injection × 2 on /search`.
    pub fn headline(&self) -> String {
        if self.rollup.is_some() {
            return untrusted::clean(&self.headline_of_many(), HEADLINE_LIMIT);
        }
        let Snapshot { transition, ending, increase, .. } = self.snapshot;
        let (who, window, what) = (self.who(), self.window(), self.what());
        let (increase, colon) = (Counted(*increase), if what.is_empty() { "" } else { ": " });
        let headline = match transition {
            Transition::Opened => format!("{who} rose by {increase} in {window}{colon}{what}"),
            Transition::Updated => format!("{who} is now at {increase} in {window}{colon}{what}"),
            Transition::Resolved => match ending.unwrap_or(Ending::Quiet) {
                Ending::Quiet => format!("{who} is quiet again: {increase} left of the last {window}"),
                Ending::Evicted => format!("{who} is watched no longer: the record went to make room for another's"),
                Ending::Closed => format!("{who} was closed by hand: {increase} in {window}"),
                Ending::Forgiven => format!("{who} was forgiven by hand"),
            },
        };
        let done = Done::of(self.snapshot).filter(|_| *transition != Transition::Resolved);
        let done = done.map(|done| format!("; {}", done.phrase())).unwrap_or_default();
        let mark = if self.is_test() { "[TEST] " } else { "" };
        untrusted::clean(&format!("{mark}{headline}{done}"), HEADLINE_LIMIT)
    }

    /// What else to know: short enough for two columns.
    pub fn facts(&self) -> Vec<Fact> {
        let Snapshot { increase, threshold, band, .. } = self.snapshot;
        let (first, last) = self.span_of_events();
        let mut facts = self.rollup.map(|rollup| self.facts_of_many(rollup)).unwrap_or_default();
        if self.rollup.is_none() {
            facts.push(Fact::quoted(self.noun(), name(&self.snapshot.user, USER_LIMIT)));
            if !self.is_address() {
                facts.push(Fact::quoted("Source", self.source()));
            }
            let increase = format!("{} in {}, threshold {threshold}", Counted(*increase), self.window());
            facts.extend([Fact::ours("Band", band.slug()), Fact::ours("Increase", increase)]);
            facts.extend(self.confidence().map(|sure| Fact::ours("Confidence", sure.slug())));
            facts.extend(Done::of(self.snapshot).map(|done| Fact::ours("Response", done.phrase())));
        }
        facts
            .extend([Fact::ours("First", Readable(first).to_string()), Fact::ours("Last", Readable(last).to_string())]);
        facts.extend(self.label().map(|target| Fact::quoted("Service", target)));
        if !self.snapshot.addresses.is_empty() {
            facts.push(Fact::quoted("From", self.addresses().join(", ")));
        }
        if !self.snapshot.requests.is_empty() {
            facts.push(Fact::quoted("Requests", self.requests_text(", ")));
        }
        facts
    }

    /// The rules, the most points first, at most `max` of them, and how many more there are.
    pub fn rule_summaries(&self, max: usize) -> (Vec<RuleSummary>, usize) {
        let events = &self.snapshot.events;
        (events.iter().take(max).map(RuleSummary::of).collect(), events.len().saturating_sub(max))
    }

    /// The runbook's address, if there is a usable one.
    pub fn runbook(&self) -> Option<&'a str> {
        self.service.check().is_ok().then_some(self.service.runbook_url.as_str()).filter(|url| !url.is_empty())
    }

    /// The newest requests that counted, and how they were answered.
    pub fn requests(&self) -> Vec<NamedRequest> {
        let cleaned = |request: &NamedRequest| NamedRequest { id: word(&request.id), ..*request };
        self.snapshot.requests.iter().map(cleaned).collect()
    }

    /// The same for people: `b7b2c1a0-… (403)`.
    pub fn requests_text(&self, separator: &str) -> String {
        self.requests().iter().map(ToString::to_string).collect::<Vec<_>>().join(separator)
    }

    /// From which addresses these came, as far as `privacy.addresses` allows.
    pub fn addresses(&self) -> Vec<String> {
        self.snapshot.addresses.iter().map(|address| word(address)).collect()
    }

    /// How sure the surest of the events is.
    pub fn confidence(&self) -> Option<Confidence> {
        self.snapshot.events.iter().map(|tally| tally.confidence).max()
    }

    /// The user's name, for programs.
    pub fn user(&self) -> String {
        untrusted::clean(&self.snapshot.user, USER_LIMIT)
    }

    /// Where the user's name comes from.
    pub fn source(&self) -> String {
        word(&self.snapshot.source)
    }

    /// The times of the first and of the newest event.
    pub fn span_of_events(&self) -> (Timestamp, Timestamp) {
        let Snapshot { at, events, .. } = self.snapshot;
        let first = events.iter().map(|tally| tally.first).min().unwrap_or(*at);
        (first, events.iter().map(|tally| tally.last).max().unwrap_or(*at))
    }

    /// The name of the user's group; empty without one.
    pub fn group(&self) -> String {
        self.snapshot.audience.group.as_deref().map(word).unwrap_or_default()
    }

    /// The length of the window.
    pub fn span(&self) -> Span {
        Span::from_millis(self.snapshot.window_millis)
    }

    /// Service and environment, as far as they have names.
    pub fn label(&self) -> Option<String> {
        let named = [self.service.name(), self.service.environment()].into_iter().filter(|name| !name.is_empty());
        Some(named.collect::<Vec<_>>().join(", ")).filter(|target| !target.is_empty())
    }

    /// The user in a sentence. A name that is more than a word stands in quotation marks, lest it go on as our sentence.
    pub(super) fn who(&self) -> String {
        let name = name(&self.snapshot.user, NAME_LIMIT);
        let is_word = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "._-@+:/[]…".contains(c));
        if is_word {
            return format!("{} {name}", self.noun());
        }
        format!("{} “{}”", self.noun(), name.replace(['“', '”'], "\""))
    }

    /// The kinds of attack and where: `SQL injection × 2, path traversal and 2 more on /search`.
    pub(super) fn what(&self) -> String {
        let kinds = Kind::of(&self.snapshot.events);
        let first = kinds.first().and_then(|kind| kind.routes.first());
        let everywhere = first.filter(|first| kinds.iter().all(|kind| kind.routes == [**first]));
        let mut phrases: Vec<String> = kinds.iter().take(KINDS).map(|kind| kind.phrase(everywhere.is_none())).collect();
        if kinds.len() > KINDS {
            phrases.push(format!("{} more", kinds.len() - KINDS));
        }
        let mut what = match phrases.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
            None => String::new(),
        };
        if let Some(route) = everywhere.filter(|route| !route.is_empty()) {
            what.push_str(&format!(" on {}", word(route)));
        }
        what
    }

    /// `24 h`, `1 h 30 m`: people put a space between number and unit.
    pub(super) fn window(&self) -> String {
        let mut spaced = String::new();
        let mut before = None;
        for character in self.span().to_string().chars() {
            if before.is_some_and(|before: char| before.is_ascii_digit() != character.is_ascii_digit()) {
                spaced.push(' ');
            }
            spaced.push(character);
            before = Some(character);
        }
        spaced
    }

    pub(super) fn noun(&self) -> &'static str {
        match (self.is_address(), self.snapshot.audience.is_shared) {
            (true, true) => "Network",
            (true, false) => "Address",
            (false, _) => "User",
        }
    }

    /// Was it nothing but the test string?
    pub(super) fn is_test(&self) -> bool {
        let events = &self.snapshot.events;
        !events.is_empty() && events.iter().all(|tally| tally.category == Category::Test)
    }

    /// Did other sites make the browser send all of it?
    pub fn is_possible_victim(&self) -> bool {
        let events = &self.snapshot.events;
        !events.is_empty() && events.iter().all(|tally| tally.count > 0 && tally.cross_site >= tally.count)
    }

    pub(super) fn is_address(&self) -> bool {
        self.snapshot.source == "address"
    }
}
