//! Does a statement start here, with what has to follow its verb? Behind a semicolon that is a stacked query.

use super::lexer::Kind;
use super::pattern::{self, Pattern};
use super::select_list::is_select_list;
use super::tokens::TokenStream;
use crate::detect::matcher::Evidence::{self, SqlStacked};

/// A verb, and the token behind it.
pub(super) struct Statement<'a> {
    pub(super) tokens: &'a TokenStream<'a>,
    pub(super) at: usize,
    pub(super) verb: &'a [u8],
    pub(super) next: Option<Kind>,
    pub(super) object: &'a [u8],
}

impl<'a> Statement<'a> {
    pub(super) fn at(tokens: &'a TokenStream<'a>, at: usize) -> Self {
        Self { tokens, at, verb: tokens.text(at), next: tokens.kind(at + 1), object: tokens.text(at + 1) }
    }

    /// The kind of the token so many behind the verb.
    pub(super) fn kind(&self, behind: usize) -> Option<Kind> {
        self.tokens.kind(self.at + behind)
    }

    /// Does such a word stand among these, counted from the verb?
    pub(super) fn has(&self, mut behind: std::ops::Range<usize>, words: &[&[u8]]) -> bool {
        behind.any(|behind| words.contains(&self.tokens.text(self.at + behind)))
    }
}

pub(super) type Row = Pattern<fn(&Statement<'_>) -> bool>;

pub(super) const PATTERNS: &[Row] = &[
    Row {
        name: "SELECT with a select list",
        evidence: SqlStacked,
        example: "1;select 1",
        counter_example: "1;select one",
        when: |it| it.verb == b"select" && is_select_list(it.tokens, it.at + 1, false),
    },
    Row {
        name: "definition: CREATE, ALTER, DROP, TRUNCATE, RENAME of an object",
        evidence: SqlStacked,
        example: "1;drop table cards",
        counter_example: "1;drop me a line",
        when: |it| {
            let object = it.next == Some(Kind::Object) || matches!(it.object, b"procedure" | b"or");
            matches!(it.verb, b"drop" | b"alter" | b"create" | b"truncate" | b"rename") && object
        },
    },
    Row {
        name: "TRUNCATE of a table by its name alone, right behind a value",
        evidence: SqlStacked,
        example: "1;truncate cards",
        counter_example: "trim;truncate cards",
        when: |it| {
            let value = match it.at.checked_sub(2).and_then(|at| it.tokens.kind(at)) {
                Some(Kind::Number) => it.at == 2,
                value => matches!(value, Some(Kind::Quote(_))),
            };
            let ends = matches!(it.kind(2), None | Some(Kind::Semi | Kind::Comment));
            it.verb == b"truncate" && it.next == Some(Kind::Ident) && value && ends
        },
    },
    Row {
        name: "DELETE FROM a table",
        evidence: SqlStacked,
        example: "1;delete from cards",
        counter_example: "tea;delete from list please",
        when: |it| {
            // A table, perhaps with another name, and what goes on with the statement.
            let alone = it.kind(3) != Some(Kind::Ident) || it.kind(4).is_some_and(|kind| kind != Kind::Ident);
            let table = it.tokens.text(it.at + 2);
            let is_prose = matches!(
                table,
                b"it" | b"this" | b"that" | b"them" | b"the" | b"my" | b"your" | b"our" | b"there" | b"here"
            );
            let in_text = it.at >= 2 && it.tokens.kind(it.at - 2) == Some(Kind::Ident);
            let deletes = it.verb == b"delete" && it.next == Some(Kind::From) && it.kind(2) == Some(Kind::Ident);
            deletes && (!in_text || alone && !is_prose)
        },
    },
    Row {
        name: "INSERT, REPLACE or MERGE INTO",
        evidence: SqlStacked,
        example: "1;insert into cards values(1)",
        counter_example: "1;insert cards",
        when: |it| matches!(it.verb, b"insert" | b"replace" | b"merge") && it.next == Some(Kind::Into),
    },
    Row {
        name: "INSERT, REPLACE or MERGE without INTO, with columns and VALUES",
        evidence: SqlStacked,
        example: "1;insert cards(pin) values(1)",
        counter_example: "1;insert cards(pin)",
        when: |it| {
            let columns = it.next == Some(Kind::Ident) && it.kind(2) == Some(Kind::Open);
            matches!(it.verb, b"insert" | b"replace" | b"merge") && columns && it.has(3..24, &[b"values"])
        },
    },
    Row {
        name: "UPDATE with SET and an assignment",
        evidence: SqlStacked,
        example: "1;update cards set pin=1",
        counter_example: "1;update the set of rules",
        when: |it| {
            let assigns = |behind| it.kind(behind) == Some(Kind::Set) && it.kind(behind + 2) == Some(Kind::Equals);
            it.verb == b"update" && (2..6).any(assigns)
        },
    },
    Row {
        name: "EXEC of a string, a variable or an expression",
        evidence: SqlStacked,
        example: "1;exec(@query)",
        counter_example: "1;exec summary",
        when: |it| {
            // `feche o programa; execute 'setup'`
            let is_string = it.verb == b"exec" && matches!(it.next, Some(Kind::Quote(_)));
            let expression = is_string || matches!(it.next, Some(Kind::Open | Kind::Variable));
            matches!(it.verb, b"exec" | b"execute") && expression
        },
    },
    Row {
        name: "EXEC of a system procedure, or EXECUTE IMMEDIATE",
        evidence: SqlStacked,
        example: "1;exec sp_who",
        counter_example: "1;exec who",
        when: |it| {
            let system = [&b"xp_"[..], b"sp_", b"master", b"immediate"];
            matches!(it.verb, b"exec" | b"execute") && system.iter().any(|name| it.object.starts_with(name))
        },
    },
    Row {
        name: "EXPLAIN or ANALYZE and another statement",
        evidence: SqlStacked,
        example: "1;explain select 1",
        counter_example: "1;explain select words",
        when: |it| {
            let statement = matches!(it.next, Some(Kind::Select | Kind::Verb));
            matches!(it.verb, b"explain" | b"analyze") && statement && starts_statement(it.tokens, it.at + 1)
        },
    },
    Row {
        name: "PREPARE from a string",
        evidence: SqlStacked,
        example: "1;prepare q from 'x'",
        counter_example: "1;prepare tea and leaves",
        when: |it| it.verb == b"prepare" && it.kind(2) == Some(Kind::From),
    },
    Row {
        name: "LOCK TABLE",
        evidence: SqlStacked,
        example: "1;lock table cards",
        counter_example: "1;lock doors",
        when: |it| it.verb == b"lock" && matches!(it.object, b"table" | b"tables"),
    },
    Row {
        name: "VACUUM INTO a file",
        evidence: SqlStacked,
        example: "1;vacuum into 'x'",
        counter_example: "1;vacuum cleaner",
        when: |it| it.verb == b"vacuum" && it.next == Some(Kind::Into),
    },
    Row {
        name: "HANDLER of a table",
        evidence: SqlStacked,
        example: "1;handler cards open",
        counter_example: "1;handler cards",
        when: |it| it.verb == b"handler" && it.has(2..5, &[b"open", b"read", b"close"]),
    },
    Row {
        name: "PRAGMA with a value",
        evidence: SqlStacked,
        example: "1;pragma table_info(cards)",
        counter_example: "1;pragma once",
        when: |it| {
            let given = matches!(it.kind(2), Some(Kind::Open | Kind::Equals));
            it.verb == b"pragma" && it.next == Some(Kind::Ident) && given
        },
    },
    Row {
        name: "DO with a block between dollar quotes",
        evidence: SqlStacked,
        example: "1;do $$begin x; end$$",
        counter_example: "1;do it for $5",
        when: |it| it.verb == b"do" && it.next == Some(Kind::Quote(b'$')),
    },
    Row {
        name: "COPY from or to a program",
        evidence: SqlStacked,
        example: "1;copy cards from program 'x'",
        counter_example: "1;copy cards from a friend",
        when: |it| {
            let way = it.kind(2) == Some(Kind::From) || it.kind(2).is_some() && it.has(2..3, &[b"to"]);
            let file = it.has(2..3, &[b"to"]) && it.tokens.is_quote(it.at + 3);
            it.verb == b"copy" && (file || way && it.has(3..4, &[b"program"]))
        },
    },
    Row {
        name: "SHUTDOWN",
        evidence: SqlStacked,
        example: "1;shutdown with nowait",
        counter_example: "1;shutdown at noon",
        when: |it| {
            let ends = matches!(it.next, None | Some(Kind::Comment | Kind::Semi));
            it.verb == b"shutdown" && (ends || it.object == b"with")
        },
    },
    Row {
        name: "DECLARE a variable",
        evidence: SqlStacked,
        example: "1;declare @q int",
        counter_example: "1;declare war",
        when: |it| it.verb == b"declare" && it.next == Some(Kind::Variable),
    },
    Row {
        name: "SET a variable",
        evidence: SqlStacked,
        example: "1;set @q=1",
        counter_example: "1;set q=1",
        when: |it| it.verb == b"set" && it.next == Some(Kind::Variable),
    },
    Row {
        name: "SET GLOBAL or SESSION",
        evidence: SqlStacked,
        example: "1;set global general_log=1",
        counter_example: "1;set global rules",
        when: |it| it.verb == b"set" && matches!(it.object, b"global" | b"session") && it.kind(3) == Some(Kind::Equals),
    },
    Row {
        name: "WAITFOR",
        evidence: SqlStacked,
        example: "1;waitfor delay '0:0:9'",
        counter_example: "1;waitfor me",
        when: |it| it.verb == b"waitfor" && it.next == Some(Kind::Delay),
    },
    Row {
        name: "GRANT or REVOKE a privilege",
        evidence: SqlStacked,
        example: "1;grant all on cards to bob",
        counter_example: "1;grant me a wish",
        when: |it| matches!(it.verb, b"grant" | b"revoke") && it.has(2..6, &[b"on", b"to"]),
    },
    Row {
        name: "BEGIN a block that calls a package",
        evidence: SqlStacked,
        example: "1;begin dbms_lock.sleep(5)",
        counter_example: "1;begin with sleep(5)",
        when: |it| {
            let called = |at: usize| it.tokens.is_call(at) && it.tokens.before(at) == Some(Kind::Dot);
            it.verb == b"begin" && (it.at + 1..it.at + 5).any(called)
        },
    },
    Row {
        name: "IF with a subquery or a number",
        evidence: SqlStacked,
        example: "1;if(1=1) x",
        counter_example: "1;if(you like) x",
        when: |it| {
            let query = || it.tokens.kind(it.tokens.skip(it.at + 2, &[Kind::Open])) == Some(Kind::Select);
            it.verb == b"if" && it.next == Some(Kind::Open) && (it.kind(2) == Some(Kind::Number) || query())
        },
    },
    Row {
        name: "CALL, COPY, ATTACH or BACKUP of an object, a call or a subquery",
        evidence: SqlStacked,
        example: "1;attach database 'x'",
        counter_example: "1;attach photos",
        when: |it| {
            let query = it.next == Some(Kind::Open) && it.kind(2) == Some(Kind::Select);
            let call = it.next == Some(Kind::Ident)
                && (it.kind(2) == Some(Kind::Open)
                    || it.at > 0 && it.kind(2) == Some(Kind::Dot) && it.kind(4) == Some(Kind::Open));
            matches!(it.verb, b"call" | b"copy" | b"attach" | b"backup")
                && (query || call || it.next == Some(Kind::Object))
        },
    },
];

/// A statement that starts here, if one does.
pub(super) fn statement(tokens: &TokenStream<'_>, at: usize) -> Option<Evidence> {
    if !matches!(tokens.kind(at), Some(Kind::Ident | Kind::Select | Kind::Verb | Kind::Set)) {
        return None;
    }
    let statement = Statement::at(tokens, at);
    pattern::evidence(PATTERNS, |when| when(&statement))
}

pub(super) fn starts_statement(tokens: &TokenStream<'_>, at: usize) -> bool {
    statement(tokens, at).is_some()
}
