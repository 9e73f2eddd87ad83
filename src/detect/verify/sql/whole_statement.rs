//! Is the value one statement from its first word on, no longer than what fits a field?

use super::lexer::Kind;
use super::names::NILADIC;
use super::pattern::{self, Pattern};
use super::select_list::is_select_list;
use super::statement::starts_statement;
use super::tokens::TokenStream;
use crate::detect::matcher::Evidence::{self, SqlStatement};
use crate::detect::verify::bytes::find;

/// A value that is longer than this, in bytes, is taken for a text about databases.
const LONGEST: usize = 256;

/// The statement's parts.
pub(super) struct Whole<'a> {
    tokens: &'a TokenStream<'a>,
    /// Where its verb stands, behind opening parentheses.
    start: usize,
    verb: Verb,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    /// SELECT without FROM.
    Select,
    /// SELECT, and where FROM stands.
    SelectFrom(usize),
    /// CREATE, ALTER, DROP, TRUNCATE.
    Definition,
    Delete,
    Other,
}

impl Whole<'_> {
    /// The kind of the token so many behind the verb.
    fn kind(&self, behind: usize) -> Option<Kind> {
        self.tokens.kind(self.start + behind)
    }

    /// `insert into slot`: is it an INSERT of nothing?
    fn lacks_rows(&self) -> bool {
        let inserts = matches!(self.tokens.text(self.start), b"insert" | b"replace" | b"merge");
        inserts && self.tokens.len() <= self.start + 3
    }

    fn starts_statement(&self) -> bool {
        starts_statement(self.tokens, self.start)
    }
}

type Row = Pattern<fn(&Whole<'_>) -> bool>;

pub(super) const PATTERNS: &[Row] = &[
    Row {
        name: "CREATE, ALTER, DROP or TRUNCATE of one object",
        evidence: SqlStatement,
        example: "drop table cards",
        counter_example: "drop table cards onto it",
        when: |it| {
            let ends = matches!(it.kind(3), None | Some(Kind::Semi | Kind::Comment | Kind::Where | Kind::Open));
            let quoted = it.kind(2) == Some(Kind::Quote(b'`'));
            // `alter table manners`: these need more than a name.
            let goes_on =
                matches!(it.tokens.text(it.start), b"alter" | b"create") && it.tokens.text(it.start + 1) == b"table";
            it.verb == Verb::Definition
                && it.kind(2).is_some()
                && (ends && !(goes_on && it.kind(3).is_none()) || quoted)
                && it.starts_statement()
        },
    },
    Row {
        name: "SELECT from a function that reads a file",
        evidence: SqlStatement,
        example: "select * from read_csv('x')",
        counter_example: "select * from the shelf",
        when: |it| {
            let Verb::SelectFrom(from) = it.verb else { return false };
            [&b"read"[..], b"file", b"csv", b"load"]
                .iter()
                .any(|part| find(it.tokens.text(from + 1), 0, part).is_some())
                && it.tokens.is_call(from + 1)
                && it.tokens.is_quote(from + 3)
                && it.tokens.kind(it.start + 1) == Some(Kind::Star)
        },
    },
    Row {
        name: "DELETE with WHERE, or to its semicolon",
        evidence: SqlStatement,
        example: "delete from cards where pin=1",
        counter_example: "delete from cards every week",
        when: |it| {
            it.verb == Verb::Delete && matches!(it.kind(3), Some(Kind::Where | Kind::Semi)) && it.starts_statement()
        },
    },
    Row {
        name: "another statement than a query",
        evidence: SqlStatement,
        example: "update cards set pin=1",
        counter_example: "update the set of cards",
        when: |it| it.verb == Verb::Other && it.starts_statement() && !it.lacks_rows(),
    },
    Row {
        name: "SELECT of who is connected",
        evidence: SqlStatement,
        example: "select current_user",
        counter_example: "select current_user now",
        when: |it| {
            let ends = matches!(it.kind(2), None | Some(Kind::Semi | Kind::Comment));
            it.verb == Verb::Select && ends && NILADIC.contains(&it.tokens.text(it.start + 1))
        },
    },
    Row {
        name: "SELECT of a literal",
        evidence: SqlStatement,
        example: "select 1",
        counter_example: "select one",
        when: |it| it.verb == Verb::Select && matches!(it.kind(1), Some(Kind::Number | Kind::Variable | Kind::Null)),
    },
    Row {
        name: "SELECT of concatenated strings",
        evidence: SqlStatement,
        example: "select 'a'||'b'",
        counter_example: "select 'a' not 'b'",
        when: |it| {
            let concatenates = || (it.start + 3..it.start + 8).any(|at| it.tokens.text(at) == b"||");
            it.verb == Verb::Select && it.tokens.is_quote(it.start + 1) && concatenates()
        },
    },
    Row {
        name: "SELECT with WHERE and a number, without FROM",
        evidence: SqlStatement,
        example: "select x where 1=1",
        counter_example: "select x where possible",
        when: |it| it.verb == Verb::Select && it.kind(2) == Some(Kind::Where) && it.kind(3) == Some(Kind::Number),
    },
    Row {
        name: "SELECT of a call",
        evidence: SqlStatement,
        example: "select version()",
        counter_example: "select version",
        // `Select Start (feat. Union)`
        when: |it| {
            let calls = it.tokens.is_attached(it.start + 2) || it.kind(3) != Some(Kind::Ident);
            it.verb == Verb::Select && it.tokens.is_call(it.start + 1) && calls
        },
    },
    Row {
        name: "SELECT with a select list, FROM and a table",
        evidence: SqlStatement,
        example: "select * from cards",
        counter_example: "select one from many of them",
        when: |it| {
            let Verb::SelectFrom(from) = it.verb else { return false };
            let kind = |behind: usize| it.tokens.kind(from + behind);
            let table = matches!(kind(1), Some(Kind::Ident | Kind::Object | Kind::Open | Kind::Quote(b'`')));
            // What goes on with the statement, which prose does not.
            let clause = matches!(kind(2), None | Some(Kind::Where | Kind::Tail | Kind::Union | Kind::Select));
            let sign = matches!(kind(2), Some(Kind::Close | Kind::Semi | Kind::Dot | Kind::Comma | Kind::Comment));
            // `generate_series(1,9)`
            let calls = it.tokens.is_call(from + 1) && kind(3) == Some(Kind::Number);
            let asks_of_page = kind(2) == Some(Kind::Where)
                && it.kind(1) == Some(Kind::Ident)
                && it.tokens.get(from + 2).and_then(|token| it.tokens.view.get(token.end..)).is_some_and(is_of_page);
            table && (clause || sign || calls) && !asks_of_page && is_select_list(it.tokens, it.start + 1, false)
        },
    },
];

/// ` url='https://…'` to the end: what an interface with a query language is asked about a page.
fn is_of_page(condition: &[u8]) -> bool {
    let condition = condition.trim_ascii();
    let name = condition.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let value = condition.get(name..).unwrap_or_default().trim_ascii_start();
    let value = value.strip_prefix(b"=").unwrap_or_default().trim_ascii_start();
    let Some((quote, address)) = value.split_first() else { return false };
    let is_address = address.starts_with(b"http://") || address.starts_with(b"https://");
    let end = address.iter().position(|byte| byte == quote);
    name > 0 && matches!(quote, b'\'' | b'"') && is_address && end.is_some_and(|end| end + 1 == address.len())
}

pub(super) fn whole_statement(tokens: &TokenStream<'_>) -> Option<Evidence> {
    if tokens.view.len() > LONGEST {
        return None;
    }
    let start = tokens.skip(0, &[Kind::Open]);
    let verb = match (tokens.kind(start)?, tokens.text(start)) {
        (Kind::Select, _) => {
            let from = (start + 2..start + 64).find(|at| matches!(tokens.kind(*at), Some(Kind::From) | None));
            let from = from.filter(|at| tokens.kind(*at).is_some());
            from.map_or(Verb::Select, Verb::SelectFrom)
        }
        (Kind::Verb, b"drop" | b"truncate" | b"create" | b"alter") => Verb::Definition,
        (Kind::Verb, b"delete") => Verb::Delete,
        // Alone, a call or a grant is what documentation shows.
        (Kind::Verb, b"call" | b"copy" | b"grant" | b"revoke" | b"attach" | b"load" | b"rename" | b"backup") => {
            return None;
        }
        (Kind::Verb, _) => Verb::Other,
        _ => return None,
    };
    let whole = Whole { tokens, start, verb };
    pattern::evidence(PATTERNS, |when| when(&whole))
}
