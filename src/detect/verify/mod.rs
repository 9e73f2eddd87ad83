//! Is it really that language? One scanner or tokeniser for each; linear, without backtracking.

use super::matcher::{Evidence, Verifier};
use crate::read::target::Target;
use crate::text::byte_set::ByteSet;
use std::cell::Cell;

mod bytes;
mod code;
mod graphql;
mod html;
mod include;
mod jndi;
mod ldap;
mod lines;
mod nosql;
mod path;
mod protocol;
mod prototype;
mod redirect;
mod shell;
mod sql;
mod template;
mod upload;
mod url;
mod word_list;
mod xml;
mod xpath;

/// What a verifier looks at.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The view, in lower case.
    pub view: &'a [u8],
    /// Which signs stand in it.
    pub(crate) marks: ByteSet,
    /// Where it was found.
    pub target: Target,
    /// Its name there, as on the wire.
    pub name: &'a [u8],
    /// Is it a name rather than a value?
    pub is_name: bool,
    /// How often percent-coding was undone.
    pub rounds: u8,
    /// Was ASCII spelled in an odd way?
    pub odd: bool,
    /// How many bytes a cap kept from being read at most: here the verifiers say so.
    pub unread: &'a Cell<usize>,
}

impl<'a> Subject<'a> {
    /// A value that was spelled as it stands here.
    pub fn new(view: &'a [u8], target: Target, name: &'a [u8], unread: &'a Cell<usize>) -> Self {
        Self { view, marks: ByteSet::of(view), target, name, is_name: false, rounds: 0, odd: false, unread }
    }

    /// A cap ends the reading, so many bytes before the end.
    fn leave(&self, bytes: usize) {
        self.unread.set(self.unread.get().max(bytes));
    }
}

/// Runs one verifier; `found` gets each kind of evidence it sees, at times more than once.
pub fn run(verifier: Verifier, subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    match verifier {
        Verifier::Sql => sql::verify(subject, found),
        Verifier::Fragment => sql::fragment(subject, found),
        Verifier::Html => html::verify(subject, found),
        Verifier::Shell => shell::verify(subject, found),
        Verifier::Path => path::verify(subject, found),
        Verifier::Url => url::verify(subject, found),
        Verifier::Jndi => jndi::verify(subject, found),
        Verifier::Xml => xml::verify(subject, found),
        Verifier::Nosql => nosql::verify(subject, found),
        Verifier::Ldap => ldap::verify(subject, found),
        Verifier::Xpath => xpath::verify(subject, found),
        Verifier::Lines => lines::verify(subject, found),
        Verifier::Upload => upload::verify(subject, found),
        Verifier::Graphql => graphql::verify(subject, found),
        Verifier::Prototype => prototype::verify(subject, found),
        Verifier::Protocol => protocol::verify(subject, found),
        Verifier::Php => code::php::verify(subject, found),
        Verifier::Java => code::java::verify(subject, found),
        Verifier::Script => code::script::verify(subject, found),
        Verifier::Template => template::verify(subject, found),
        Verifier::Redirect => redirect::verify(subject, found),
        Verifier::Include => include::verify(subject, found),
    }
}
