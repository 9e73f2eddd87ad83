//! What was done about an exchange under way: was it answered in the application's place, is its body held?

use crate::respond::decision::Action;

/// What was done about an exchange under way.
#[derive(Debug, Default)]
pub(super) struct Response {
    /// It was answered in the application's place.
    pub(super) answered: Option<Action>,
    /// It would have been, if responses were not on trial.
    pub(super) would: Option<Action>,
    /// The head has been sent on: headers can no longer be changed.
    pub(super) is_passed_on: bool,
    /// How many more bytes of its body are held back; none where none are.
    pub(super) held: Option<usize>,
}
