//! Which thresholds and limits did the operator set? The options under `risk`.

use crate::clock::Span;
use crate::config::bounded::Bounded;
use crate::config::options::options;
use crate::detect::category::Category;
use crate::points::{Amount, Points};
use crate::risk::band::Bands;
use crate::risk::crossing::Limits;
use crate::risk::weights::Weights;

/// The options under `risk`. What is left out follows from the threshold.
#[derive(Clone, Debug)]
pub struct Policy {
    threshold: Amount,
    window: Span,
    /// The points of each severity.
    pub points: Weights,
    stack: Bounded<1, STACK_CAP>,
    exchange_cap: Option<Amount>,
    rearm: Option<Amount>,
    bands: Option<BandOptions>,
    anonymous_threshold: Option<Amount>,
    repeat_interval: Span,
    distinct_categories: Bounded<0, CATEGORIES_CAP>,
}

options! { Policy {
    threshold,
    window,
    points,
    stack,
    exchange_cap,
    rearm,
    bands,
    anonymous_threshold,
    repeat_interval,
    distinct_categories,
    ..Self::default()
} }

/// The options under `risk.bands`.
#[derive(Clone, Copy, Debug)]
struct BandOptions {
    warning: Amount,
    error: Amount,
    critical: Amount,
}

options! { BandOptions { warning, error, critical } }

/// More categories than there are would never be reached.
const CATEGORIES_CAP: u32 = Category::ALL.len() as u32;

/// The most acts of one rule that a record keeps.
const STACK_CAP: u32 = 8;

/// An address stands for more people than a user: its threshold is higher by this factor.
const ANONYMOUS_FACTOR: u32 = 3;

impl Policy {
    /// How long an act counts.
    pub fn window(&self) -> Span {
        self.window
    }

    /// How many acts of one rule count at the same time.
    pub fn stack(&self) -> usize {
        self.stack.value() as usize
    }

    /// A reminder of an open incident is sent no sooner after the last message about it.
    pub fn repeat_interval(&self) -> Span {
        self.repeat_interval
    }

    /// The most that one request may add.
    pub fn exchange_cap(&self) -> Points {
        self.exchange_cap.unwrap_or(self.threshold).0
    }

    /// The limits of a named user.
    pub fn user_limits(&self) -> Limits {
        let threshold = self.threshold.0;
        let [one, half, double, quadruple] =
            [2, 1, 4, 8].map(|halves| threshold.scaled(Points::whole(halves), Points::whole(2)));
        let rearm = self.rearm.map_or(half, |rearm| rearm.0);
        let bands = match self.bands {
            Some(bands) => Bands { warning: bands.warning.0, error: bands.error.0, critical: bands.critical.0 },
            None => Bands { warning: one, error: double, critical: quadruple },
        };
        Limits { threshold, rearm, categories: self.distinct_categories.value(), bands }
    }

    /// The limits of an address: those of a user, scaled to its own threshold.
    pub fn anonymous_limits(&self) -> Limits {
        let threshold = self.anonymous_threshold.map_or_else(
            || self.threshold.0.scaled(Points::whole(ANONYMOUS_FACTOR), Points::whole(1)),
            |threshold| threshold.0,
        );
        self.limits_of(threshold)
    }

    /// The limits of a user with a threshold of its own: everybody's, scaled to it.
    pub fn limits_of(&self, threshold: Points) -> Limits {
        let user = self.user_limits();
        let scale = |points: Points| points.scaled(threshold, user.threshold);
        let Bands { warning, error, critical } = user.bands;
        let bands = Bands { warning: scale(warning), error: scale(error), critical: scale(critical) };
        Limits { threshold, rearm: scale(user.rearm), categories: user.categories, bands }
    }

    /// Checks what holds between options.
    ///
    /// # Errors
    /// The option's name and what is wrong with it.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let Limits { threshold, rearm, bands, .. } = self.user_limits();
        if threshold == Points::ZERO {
            return Err(("threshold", "0 would alert on every act; write a number above 0".into()));
        }
        if self.exchange_cap() > threshold || self.exchange_cap() == Points::ZERO {
            let cap = self.exchange_cap();
            return Err((
                "exchange_cap",
                format!(
                    "{cap} is not above 0 and at most the threshold, {threshold}; a single request must not open an incident"
                ),
            ));
        }
        if rearm >= threshold {
            return Err((
                "rearm",
                format!("{rearm} is not below the threshold, {threshold}; an incident would end where it begins"),
            ));
        }
        if bands.warning > threshold || bands.error <= bands.warning || bands.critical <= bands.error {
            return Err((
                "bands",
                format!(
                    "{}, {}, {} must rise, and the first be at most the threshold, {threshold}",
                    bands.warning, bands.error, bands.critical
                ),
            ));
        }
        if self.anonymous_limits().threshold < threshold {
            return Err((
                "anonymous_threshold",
                format!(
                    "{} is below the threshold of a user, {threshold}; an address stands for many people",
                    self.anonymous_limits().threshold
                ),
            ));
        }
        Ok(())
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            threshold: Amount(Points::whole(10)),
            window: Span::from_secs(24 * 60 * 60),
            points: Weights::default(),
            stack: Bounded::new(3),
            exchange_cap: None,
            rearm: None,
            bands: None,
            anonymous_threshold: None,
            repeat_interval: Span::from_secs(4 * 60 * 60),
            distinct_categories: Bounded::new(0),
        }
    }
}
