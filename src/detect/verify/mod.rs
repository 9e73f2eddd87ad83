//! Is it really an attack in that language? One scanner or tokeniser for each language.
//!
//! Each is linear in the view, without backtracking.

use super::matcher::{Evidence, Verifier};
use subject::Subject;

pub(super) mod argv;
mod bytes;
mod code;
mod developer;
mod graphql;
pub(super) mod host;
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
mod server_file;
mod shell;
mod sql;
pub mod subject;
mod template;
mod unpublished;
mod upload;
mod url;
mod word_list;
mod xml;
mod xpath;

/// Runs one verifier. `found` gets each kind of evidence that it sees, at times more than once. Costs time linear in the view;
/// what a cap leaves unread is noted in [`Subject::effort`].
pub fn run(verifier: Verifier, subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    // Through a pointer: inlined into one function, they would take V8 five times as long to compile.
    let verify: fn(&Subject<'_>, &mut dyn FnMut(Evidence)) = match verifier {
        Verifier::Sql => sql::verify,
        Verifier::Fragment => sql::fragment,
        Verifier::Html => html::verify,
        Verifier::Shell => shell::verify,
        Verifier::Argv => argv::verify,
        Verifier::Path => path::verify,
        Verifier::Url => url::verify,
        Verifier::Jndi => jndi::verify,
        Verifier::Xml => xml::verify,
        Verifier::Nosql => nosql::verify,
        Verifier::Query => query::verify,
        Verifier::Object => object::verify,
        Verifier::Orm => orm::verify,
        Verifier::Ldap => ldap::verify,
        Verifier::Xpath => xpath::verify,
        Verifier::Lines => lines::verify,
        Verifier::Upload => upload::verify,
        Verifier::Graphql => graphql::verify,
        Verifier::Prototype => prototype::verify,
        Verifier::Protocol => protocol::verify,
        Verifier::Php => code::php::verify,
        Verifier::Java => code::java::verify,
        Verifier::Script => code::script::verify,
        Verifier::Template => template::verify,
        Verifier::Redirect => redirect::verify,
        Verifier::Include => include::verify,
    };
    verify(subject, found);
}
