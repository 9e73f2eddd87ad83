//! Who answers for an exchange, and for what? The parties (user, address, session) and the findings charged to each.

use std::net::SocketAddr;

use crate::detect::category::{Category, Severity};
use crate::detect::confidence::Confidence;
use crate::detect::detection::{Detection, Whose};
use crate::detect::rule::Rule;
use crate::engine::facts::Facts;
use crate::exchange::route;
use crate::incident::audience::Audience;
use crate::incident::strength::Strength;
use crate::incident::user::User;
use crate::incident::weighing::{ActOutcome, Followed};
use crate::points::Points;
use crate::risk::crossing::Limits;
use crate::risk::exchange::Charged;
use crate::text::untrusted;
use crate::worker::log_budget::Kind;
use crate::worker::log_line::LONGEST;

/// What is held against an exchange.
#[derive(Debug)]
pub(super) struct Account {
    /// The route's label.
    pub(super) route: String,
    pub(super) address: Vec<u8>,
    /// The client's address as the log has it; empty where the log shows no names.
    pub(super) logged_address: String,
    /// Nearly always one, the exchange's own user.
    pub(super) parties: Vec<Party>,
    /// Was it noted how the exchange was answered, since something last counted?
    pub(super) is_answer_noted: bool,
}

/// Somebody against whom something is held.
#[derive(Debug)]
pub(super) struct Party {
    pub(super) whose: Whose,
    /// Who it is and how they stand; none where it is nobody's, or the operator ignores them.
    pub(super) standing: Option<Standing>,
    pub(super) ignored: Option<Ignored>,
    pub(super) findings: Vec<Finding>,
    pub(super) charged: Charged,
    /// Is what is held against it held against another party first? Then the other one's log line tells of it.
    pub(super) is_echo: bool,
}

/// Somebody whom the operator ignores, as far as it is known who: logged and counted, and nothing else.
#[derive(Debug)]
pub(super) struct Ignored(pub(super) Option<User>);

/// How a user stands after the exchange.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) user: User,
    pub(super) limits: Limits,
    pub(super) increase: Points,
    /// Who is notified of the user's incidents.
    pub(super) audience: Audience,
    pub(super) is_muted: bool,
}

/// A detection and what came of it.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) rule: String,
    pub(super) category: Category,
    pub(super) severity: Severity,
    pub(super) confidence: Confidence,
    pub(super) target: String,
    /// None where it is nobody's, or the record could not be changed.
    pub(super) outcome: Option<ActOutcome>,
}

/// The most parties of one exchange: its user, its client, and as many as an application may name in one answer.
const PARTIES: usize = 18;

impl Account {
    /// An account with nothing in it. `logs_addresses`: may the log have them?
    pub(super) fn new(facts: Facts<'_>, logs_addresses: bool) -> Self {
        let route = route::label(&facts.proxy.route(), facts.head.request_target());
        let address = facts.proxy.address();
        let logged_address = if logs_addresses { without_port(&address) } else { String::new() };
        Self { route, address, logged_address, parties: Vec::new(), is_answer_noted: false }
    }

    /// The index of the party, which is added if there is room; `cap` bounds what the exchange may cost it.
    pub(super) fn party(&mut self, whose: &Whose, cap: Points) -> Option<usize> {
        let known = self.parties.iter().position(|party| party.whose == *whose);
        if known.is_none() && self.parties.len() < PARTIES {
            let (standing, ignored, findings, charged) = (None, None, Vec::new(), Charged::new(cap));
            self.parties.push(Party { whose: whose.clone(), standing, ignored, findings, charged, is_echo: false });
            return Some(self.parties.len() - 1);
        }
        known
    }

    /// The exchange's own user, if somebody vouches for the name and something high or critical counted, other than tests.
    pub(super) fn attacker(&self) -> Option<&User> {
        let own = self.parties.iter().find(|party| party.whose == Whose::Exchange)?;
        let user = own.standing.as_ref().map(|standing| &standing.user)?;
        let is_attack = |finding: &Finding| {
            finding.severity >= Severity::High && finding.category != Category::Test && finding.points() > Points::ZERO
        };
        (user.strength == Strength::Vouched && own.findings.iter().any(is_attack)).then_some(user)
    }
}

pub(super) fn without_port(address: &[u8]) -> String {
    let address = untrusted::clean_bytes(address, LONGEST);
    address.parse::<SocketAddr>().map_or(address, |parsed| parsed.ip().to_string())
}

impl Party {
    /// Who it is, if that is known.
    pub(super) fn user(&self) -> Option<&User> {
        let ignored = || self.ignored.as_ref().and_then(|ignored| ignored.0.as_ref());
        self.standing.as_ref().map(|standing| &standing.user).or_else(ignored)
    }

    /// Is it a user whose name clients can invent, and not over the threshold?
    pub(super) fn is_invented(&self) -> bool {
        let is_invented = |Standing { user, limits, increase, .. }: &Standing| {
            user.strength == Strength::Session && *increase <= limits.threshold
        };
        self.standing.as_ref().is_some_and(is_invented)
    }

    /// How much the log line about the exchange matters for this party.
    pub(super) fn kind_of_line(&self) -> Kind {
        let is_over = self.standing.as_ref().is_some_and(|standing| standing.increase > standing.limits.threshold);
        match self.user() {
            _ if self.points() == Points::ZERO && !is_over => Kind::Repeated,
            Some(user) if user.strength == Strength::Vouched => Kind::Vouched,
            _ => Kind::Invented,
        }
    }

    /// The points that the exchange has added.
    pub(super) fn points(&self) -> Points {
        self.findings.iter().map(Finding::points).sum()
    }
}

impl Finding {
    /// A detection of this rule, and what came of it.
    pub(super) fn found(rule: &Rule<'_>, detection: Detection, outcome: Option<ActOutcome>) -> Self {
        let Detection { severity, confidence, target, name, .. } = detection;
        let rule_name = name.unwrap_or_else(|| rule.id.to_owned());
        Self { rule: rule_name, category: rule.category, severity, confidence, target, outcome }
    }

    /// What followed from the findings of several exchanges.
    pub(super) fn followed(followed: Followed) -> Self {
        let Followed { rule, severity, points, target } = followed;
        let (category, outcome) = (Category::Persistence, Some(ActOutcome::Counted(points)));
        Self { rule: rule.to_owned(), category, severity, confidence: Confidence::High, target, outcome }
    }

    /// The points that it counted.
    pub(super) fn points(&self) -> Points {
        match self.outcome {
            Some(ActOutcome::Counted(points)) => points,
            Some(ActOutcome::CountedBefore | ActOutcome::Covered) | None => Points::ZERO,
        }
    }
}
