//! Is it really an attack in that language? One scanner or tokeniser for each language.
//!
//! Each is linear in the view, without backtracking.

use super::matcher::{Evidence, Verifier};
use subject::Subject;

pub(super) mod argv;
mod bytes;
mod code;
mod graphql;
mod html;
mod include;
mod jndi;
mod ldap;
mod lines;
mod nosql;
mod object;
mod orm;
mod path;
mod path_confusion;
mod protocol;
mod prototype;
mod query;
mod redirect;
mod shell;
mod sql;
pub mod subject;
mod template;
mod upload;
mod url;
mod word_list;
mod xml;
mod xpath;

/// Runs one verifier. `found` gets each kind of evidence that it sees, at times more than once. Costs time linear in the view;
/// what a cap leaves unread is noted in [`Subject::unread`].
pub fn run(verifier: Verifier, subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    match verifier {
        Verifier::Sql => sql::verify(subject, found),
        Verifier::Fragment => sql::fragment(subject, found),
        Verifier::Html => html::verify(subject, found),
        Verifier::Shell => shell::verify(subject, found),
        Verifier::Argv => argv::verify(subject, found),
        Verifier::Path => path::verify(subject, found),
        Verifier::Url => url::verify(subject, found),
        Verifier::Jndi => jndi::verify(subject, found),
        Verifier::Xml => xml::verify(subject, found),
        Verifier::Nosql => nosql::verify(subject, found),
        Verifier::Query => query::verify(subject, found),
        Verifier::Object => object::verify(subject, found),
        Verifier::Orm => orm::verify(subject, found),
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
