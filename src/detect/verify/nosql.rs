//! Is it an injection into a document database? Operators where a name or a value belongs, and code that the database runs.
//!
//! The operators are MongoDB's (manual, "Query and Projection Operators").

use super::bytes::find;
use super::subject::Subject;
use crate::detect::matcher::Evidence;
use crate::detect::verify::word_list::WordList;
use crate::read::target::Target;

/// Operators that widen a query; few programs let their clients say these.
static WIDENING: WordList = WordList::new(
    "comment elemmatch exists expr func gt jsonschema lookup merge mod ne nin nor not out rand regex text unionwith",
);
/// Operators with code.
const CODE: &[&[u8]] = &[b"where", b"function", b"accumulator"];
/// Operators that some interfaces let their clients say.
const FILTERS: &[&[u8]] = &[b"gte", b"lt", b"lte", b"eq", b"in", b"or", b"and", b"all", b"size"];
/// What injected code does first.
#[rustfmt::skip]
const STEPS: &[&[u8]] = &[
    b"return true", b"return(true", b"return 1", b"return(1", b"return this.", b"return ''==''", b"return 'a'=='a'", b"while(true)",
    b"while(1)", b"while (true", b"while (1", b"do{", b"do {", b"var d=new date", b"it=new date", b"var date=new date", b"d=new date()", b"return db.", b"true ||", b"0 && '", b"1 && '", b"0 || '", b"1 || '", b"this.password", b"this.username", b"sleep(", b"db.",
];
/// No injected code is longer, in bytes.
const LONGEST: usize = 256;

/// Reports operators used as keys, and code that the database runs. Reads the view once; code only in views of up to
/// [`LONGEST`] bytes.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    let mut at = 0;
    while let Some(sign) = find(view, at, b"$") {
        at = sign + 1;
        let rest = view.get(at..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        let (name, after) = rest.split_at(length);
        let before = sign.checked_sub(1).and_then(|at| view.get(at)).copied();
        let is_operator =
            stands(before, after, subject.is_name) || is_unquoted(view.get(..sign).unwrap_or_default(), after);
        if !is_operator || is_variable(view, sign, after) {
            continue;
        }
        match () {
            // `{"filter":{"year":{"$gt":2000}}}`: an interface that takes queries, as those of document and vector databases.
            () if WIDENING.has(name) && !matches!(name, b"expr" | b"func" | b"lookup") && is_query(subject, sign) => {
                found(Evidence::NosqlFilter);
            }
            () if matches!(name, b"gt" | b"exists" | b"ne" | b"nin" | b"not") && is_asked_for(subject) => {
                found(Evidence::NosqlFilter);
            }
            () if matches!(name, b"gt" | b"exists" | b"ne" | b"nin" | b"not" | b"regex")
                && is_filter(subject, sign) =>
            {
                found(Evidence::NosqlFilter);
            }
            () if WIDENING.has(name) && is_statement_before(view, sign) => found(Evidence::NosqlFilter),
            () if WIDENING.has(name) => found(Evidence::NosqlOperator),
            () if CODE.contains(&name) => found(Evidence::NosqlCode),
            () if FILTERS.contains(&name) && (replaces(subject, sign) || closes_a_string(view, sign)) => {
                found(Evidence::NosqlOperator);
            }
            () if FILTERS.contains(&name) => found(Evidence::NosqlFilter),
            () => {}
        }
    }
    if view.len() <= LONGEST
        && (code(view, b';') || code(view, b'|') || code(view, b'&') || takes_statements(subject) && is_statement(view))
    {
        found(Evidence::NosqlCode);
    }
    if is_mapped(subject) {
        found(Evidence::NosqlCode);
    }
}

/// `$where: '1'` at the start or behind what a value ends with: an operator without quotes, as an object in a script has it.
fn is_unquoted(before: &[u8], after: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    let begins = before.is_empty() || matches!(before.last(), Some(b',' | b'{'));
    begins && after.trim_ascii_start().starts_with(b":") && !after.starts_with(b"::")
}

/// `mutation Add($id: ID!, $text: String!) {`: does an operation of GraphQL declare a variable of that name, before its first field?
fn is_variable(view: &[u8], sign: usize, after: &[u8]) -> bool {
    const HEAD: usize = 1024;
    let head = view.get(..sign).filter(|head| head.len() <= HEAD).unwrap_or_default().trim_ascii_start();
    let operation = [&b"query"[..], b"mutation", b"subscription"].iter().find_map(|word| head.strip_prefix(*word));
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let mut parts = operation.unwrap_or_default().splitn(2, |byte| *byte == b'(');
    let (Some(name), Some(before)) = (parts.next(), parts.next()) else { return false };
    let is_named = name.is_empty() || name.starts_with(b" ") && name.trim_ascii().iter().all(is_name);
    let is_list = before.iter().all(|byte| is_name(byte) || b" $:![],=\r\n\t".contains(byte))
        && before.last().is_none_or(|byte| b", \r\n\t".contains(byte));
    let Some(declared) = after.strip_prefix(b":") else { return false };
    let declared = declared.trim_ascii_start();
    let declared = declared.get(declared.iter().take_while(|byte| **byte == b'[').count()..).unwrap_or_default();
    let length = declared.iter().take_while(|byte| is_name(byte)).count();
    let is_type = declared.first().is_some_and(|byte| !byte.is_ascii_digit()) && length > 0;
    let behind = declared.get(length..).unwrap_or_default().trim_ascii_start();
    let fields = behind.iter().position(|byte| *byte == b')').and_then(|at| behind.get(at + 1..)).unwrap_or_default();
    is_named
        && is_list
        && is_type
        && behind.first().is_some_and(|byte| b"!],)=$".contains(byte))
        && matches!(fields.trim_ascii_start().first(), Some(b'{' | b'@'))
}

/// `', $or: [ {}, {'a':'a`: is it behind a quote that closes the string around the value?
fn closes_a_string(view: &[u8], sign: usize) -> bool {
    let before = view.get(..sign).filter(|before| before.len() <= 16).unwrap_or_default();
    let is_between = |byte: &u8| matches!(byte, b' ' | b',' | b'}');
    matches!(before.trim_ascii(), [b'\'' | b'"', between @ ..] if between.iter().all(is_between))
}

/// Members that hold a query by their name; operators are at home there.
static QUERIES: WordList = WordList::new(
    "aggregate condition conditions criteria filter filters find match params pipeline query search selector where",
);
/// Parts of the names of what identifies or authenticates somebody.
const CREDENTIALS: &[&[u8]] =
    &[b"user", b"login", b"pass", b"pwd", b"mail", b"token", b"otp", b"secret", b"key", b"admin", b"role", b"code"];

/// Does an operator that some interfaces offer stand where a plain value belongs: below a member of the outermost object that is
/// no query (`{"u": {"$in": …}}`), at its top (`{"$or": …}`), or below a credential (`user[$in][]`)?
fn replaces(subject: &Subject<'_>, sign: usize) -> bool {
    if !subject.is_name {
        return false;
    }
    let name = subject.name;
    let outer = name.get(..name.len() - subject.view.len().min(name.len()) + sign).unwrap_or_default();
    let is_credential =
        || CREDENTIALS.iter().any(|part| outer.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part)));
    match subject.target {
        Target::Json => {
            let outer = outer.strip_suffix(b".").unwrap_or(outer);
            !outer.contains(&b'.') && !QUERIES.has(&outer.to_ascii_lowercase()) || is_credential() && outer.len() < 64
        }
        _ => is_credential(),
    }
}

/// Is the operator a member of a document, below one that holds a query by its name and not below a credential?
fn is_query(subject: &Subject<'_>, sign: usize) -> bool {
    let outer =
        subject.name.get(..subject.name.len() - subject.view.len().min(subject.name.len()) + sign).unwrap_or_default();
    // CouchDB's selectors by id read every document.
    let by_id = outer.strip_suffix(b".").unwrap_or(outer).ends_with(b"_id");
    let is_below = |at: usize| {
        outer.split(|byte| *byte == b'.').nth(at).is_some_and(|name| QUERIES.has(&name.to_ascii_lowercase()))
    };
    subject.is_name
        && subject.target == Target::Json
        && !by_id
        // The outermost member, or one inside what wraps the question: `variables.filter`, `mongo.pipeline`.
        && (is_below(0) || is_below(1))
        && !CREDENTIALS.iter().any(|part| outer.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part)))
}

/// What lists are filtered by.
static QUANTITIES: WordList = WordList::new(
    "age amount category count created date distance duration end height level modified price priority published quantity \
     rating score size start state status stock time timestamp total type updated version weight year",
);

/// `filter[name][$regex]=x`, `price[$gt]=5`, `createdAt[$ne]=x`: is it the name of a parameter by which an interface filters a list,
/// as those of Feathers and LoopBack do, and about no credential?
fn is_filter(subject: &Subject<'_>, sign: usize) -> bool {
    let outer = subject.view.get(..sign).unwrap_or_default();
    let mut parts = outer.split(|byte| matches!(byte, b'[' | b']')).filter(|part| !part.is_empty());
    let (first, second) = (parts.next().unwrap_or_default(), parts.next());
    let plain = [&b"_at"[..], b"at", b"_on", b"_date"].iter().find_map(|end| first.strip_suffix(*end)).unwrap_or(first);
    let is_listed = second.is_none() && (QUANTITIES.has(first) || QUANTITIES.has(plain));
    matches!(subject.target, Target::Query | Target::Form)
        && subject.is_name
        && (is_listed || second.is_some() && QUERIES.has(first))
        && !CREDENTIALS.iter().any(|part| find(outer, 0, part).is_some())
}

/// `where={"price":{"$gt":5}}`: is the whole value a query, in a parameter that holds one by its name, and about no credential?
fn is_asked_for(subject: &Subject<'_>) -> bool {
    matches!(subject.target, Target::Query | Target::Form)
        && !subject.is_name
        && QUERIES.has(&subject.name.to_ascii_lowercase())
        && subject.view.trim_ascii_start().starts_with(b"{\"")
        && !subject.view.trim_ascii_start().starts_with(b"{\"$")
        // Nothing that every record passes.
        && !super::bytes::has_any(subject.view, &[b"\"\"", b"null", b"[]", b"$type", b"$not", b"\"pin\""])
        && !CREDENTIALS.iter().any(|part| find(subject.view, 0, part).is_some())
}

/// Is it where a statement is sent alone? Logs and traces hold statements too, in documents.
fn takes_statements(subject: &Subject<'_>) -> bool {
    matches!(subject.target, Target::Query | Target::Form | Target::Cookie)
}

/// `db.cards.find({})`: a statement of the database's shell.
fn is_statement(view: &[u8]) -> bool {
    let Some(rest) = view.trim_ascii_start().strip_prefix(b"db.") else { return false };
    let dot = rest.iter().position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_'));
    let method = dot.and_then(|at| rest.get(at..)).unwrap_or_default();
    METHODS.iter().any(|known| method.starts_with(known))
}

/// `… db.cards.find({age: {$gt: 21}})`: does the operator stand inside a call of the shell, in a sentence that shows it?
fn is_statement_before(view: &[u8], sign: usize) -> bool {
    let before = view.get(sign.saturating_sub(LONGEST)..sign).unwrap_or_default();
    let start = before.windows(3).rposition(|part| part == b"db.");
    start.is_some_and(|start| {
        let is_word = start.checked_sub(1).and_then(|at| before.get(at)).is_none_or(|byte| b" `\n(".contains(byte));
        is_word && is_statement(before.get(start..).unwrap_or_default())
    })
}

/// What the shell does with a collection.
const METHODS: &[&[u8]] = &[
    b".find(",
    b".findone(",
    b".insert",
    b".update",
    b".remove(",
    b".delete",
    b".drop(",
    b".aggregate(",
    b".mapreduce(",
];

/// A function in a member that the database maps, reduces or filters with.
fn is_mapped(subject: &Subject<'_>) -> bool {
    let last = subject.name.rsplit(|byte| *byte == b'.').next().unwrap_or_default().to_ascii_lowercase();
    let member =
        matches!(last.as_slice(), b"map" | b"reduce" | b"finalize" | b"body" | b"init" | b"where" | b"q" | b"query");
    member
        && !subject.is_name
        && subject.view.trim_ascii_start().starts_with(b"function")
        && super::bytes::has_any(subject.view, &[b"emit(", b"return", b"this.", b"while(", b"sleep("])
}

/// Does an operator stand here as a key: `[$ne]`, `"$ne":`, `{$ne:`, or as a name's last part?
fn stands(before: Option<u8>, after: &[u8], is_name: bool) -> bool {
    let next = after.first().copied();
    match before {
        Some(b'[') => next == Some(b']'),
        Some(b'"' | b'\'') => {
            next == before && after.get(1..).is_some_and(|after| after.trim_ascii_start().starts_with(b":"))
        }
        Some(b'{' | b',') => next == Some(b':'),
        None | Some(b'.') => is_name && next.is_none(),
        _ => false,
    }
}

/// Does code follow the separator, after no more than the end of a value: `0;return true`, `a' || this.password`?
fn code(view: &[u8], separator: u8) -> bool {
    let Some(at) = view.iter().position(|byte| *byte == separator) else { return false };
    let (before, after) = view.split_at(at);
    let after = after.get(1..).unwrap_or_default();
    let after = after.strip_prefix(&[separator]).unwrap_or(after).trim_ascii_start();
    let ends =
        before.iter().all(|byte| byte.is_ascii_alphanumeric() || b"'\"})_ ".contains(byte)) && before.len() <= 32;
    let closed =
        separator == b';' || before.trim_ascii_end().ends_with(b"'") || before.trim_ascii_end().ends_with(b"\"");
    ends && closed
        && (STEPS.iter().any(|step| after.starts_with(step)) || separator != b';' && after.starts_with(b"this."))
        && (!after.starts_with(b"db.")
            || super::bytes::has_any(after, &[b".drop(", b".find(", b".insert", b".update", b".remove(", b".delete"]))
}
