//! What watchers keep of an exchange under way.

use crate::watch::attempt::Attempt;
use crate::watch::parameters::Names;
use crate::watch::routes::Visit;

/// The notes of the watchers, each from the request's head to the end of its answer.
#[derive(Debug, Default)]
pub(super) struct Watched {
    /// A login.
    pub(super) attempt: Option<Box<Attempt>>,
    /// A route whose parameters are known.
    pub(super) visit: Option<Visit>,
    /// The names of the parameters.
    pub(super) names: Names,
}
