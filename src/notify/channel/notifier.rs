//! What every channel has to say of itself: its name, its cluster, its options' variables, its requests.

use std::time::Duration;

use crate::clock::{Span, Timestamp};
use crate::config::error::OptionError;
use crate::notify::callout::{Finality, Request};
use crate::notify::channel::endpoint::Endpoint;
use crate::notify::delivery_policy::Rate;
use crate::notify::notice::message::Notice;
use crate::notify::notice::report::Report;
use crate::secret::FromEnv;

/// What each channel says of itself.
pub(super) trait Notifier {
    /// Its name in paths, logs and metrics.
    fn kind(&self) -> &'static str;

    /// The options that every channel has.
    fn delivery(&self) -> Delivery<'_>;

    /// What it sends where: channels that differ in it are not the same. None of it is ever logged.
    fn identity(&self) -> Vec<&str>;

    /// Options that name an environment variable, each with the option's name.
    fn variables(&mut self) -> Vec<(&'static str, &mut FromEnv)>;

    /// Checks what holds only between options, or only once the variables are known.
    fn check(&self) -> Result<(), OptionError>;

    /// The request that carries `notice`, made at `now`.
    fn request(&self, notice: &Notice<'_>, now: Timestamp) -> Request;

    /// Can it receive each malicious request? A program can; people would read nothing else.
    fn takes_detections(&self) -> bool {
        false
    }

    /// The request that carries malicious requests, made at `now`; for a channel that receives none, one that its server
    /// refuses.
    fn report(&self, _report: &Report<'_>, _now: Timestamp) -> Request {
        Endpoint::default().request(Vec::new(), Vec::new())
    }

    /// How long it rests after a delivery.
    fn spacing(&self) -> Duration {
        Duration::ZERO
    }

    /// How many openings it receives at most where the operator says nothing: those that page people have a limit.
    fn usual_rate(&self) -> Option<Rate> {
        None
    }

    /// Does it keep a state of the incident, which its end has to change?
    fn keeps_state(&self) -> bool {
        false
    }

    /// Which answers are final.
    fn finality(&self) -> Finality {
        Finality::Vendor
    }
}

/// Where a channel's requests go, and how long one may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery<'a> {
    /// The proxy's cluster.
    pub cluster: &'a str,
    /// How long a try may take.
    pub timeout: Duration,
}

impl Delivery<'_> {
    pub(super) fn check(&self) -> Result<(), OptionError> {
        if self.cluster.is_empty() {
            return Err(("cluster", "is empty; name a cluster of the proxy".to_owned()));
        }
        if self.timeout > TIMEOUT_LIMIT {
            return Err(("timeout", format!("is longer than {0} s; write {0}s or less", TIMEOUT_LIMIT.as_secs())));
        }
        Ok(())
    }
}

/// The longest `timeout`: a try holds up those behind it.
const TIMEOUT_LIMIT: Duration = Duration::from_secs(60);

/// What a try may take where `timeout` does not say.
pub(super) fn default_timeout() -> Span {
    Span::from_secs(10)
}
