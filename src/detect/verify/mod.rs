//! Is it really that language? One scanner or tokeniser for each; linear, without backtracking.

use super::matcher::{Evidence, Verifier};
use crate::read::place::Place;

mod bytes;
mod html;
mod jndi;
mod path;
mod protocol;
mod shell;
mod sql;
mod url;

/// What a verifier looks at.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The view, in lower case.
    pub view: &'a [u8],
    /// Where it was found.
    pub place: Place,
    /// How often percent-coding was undone.
    pub rounds: u8,
    /// Was ASCII spelled in an odd way?
    pub odd: bool,
}

/// Runs one verifier; `found` gets each kind of evidence it sees, at times more than once.
pub fn run(verifier: Verifier, subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    match verifier {
        Verifier::Sql => sql::verify(subject, found),
        Verifier::Html => html::verify(subject, found),
        Verifier::Shell => shell::verify(subject, found),
        Verifier::Path => path::verify(subject, found),
        Verifier::Url => url::verify(subject, found),
        Verifier::Jndi => jndi::verify(subject, found),
        Verifier::Protocol => protocol::verify(subject, found),
    }
}
