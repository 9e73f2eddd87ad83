//! Is it a piece of SQL that only makes sense inside a statement? Short values that open what they don't close.
//!
//! A value in a field is whole; a payload is the middle of a statement. So what gives a short one away is its edge: a
//! call, a comparison or a string that is open at the end, an operator between two quotes, a cast. As in libinjection's
//! fingerprints (2012) the kinds of a few tokens decide; unlike there, each shape stands here as code, with what prose lacks.

use super::Reader;
use super::piece::{bare, clause, ends_in_union, is_noise, joined_number, listed, lone_call, opens_condition};
use super::token::Key;
use crate::detect::verify::word_list::WordList;

/// Longer values are texts, in bytes.
pub(super) const LONGEST: usize = 96;
/// … or have more tokens than that.
const TOKENS: usize = 40;

/// Functions of databases; called and left open they are a payload's first half.
pub(super) static FUNCTIONS: WordList = WordList::new(
    "abs acos adddate addtime aes_decrypt aes_encrypt app_name array_agg ascii asin atan atan2 avg benchmark bin \
     bit_and bit_count bit_length bit_or bit_xor cast ceil ceiling char char_length character_length charindex \
     checksum chr coalesce coercibility collation compress concat concat_ws conv convert convert_tz cos cot count \
     crc32 curdate current_date current_user curtime database date date_add date_format date_sub datediff datename \
     datepart day dayname dayofyear db_id db_name decode default degrees dense_rank elt encode encrypt exists exp \
     export_set extract extractvalue field find_in_set floor format found_rows from_base64 from_days from_unixtime \
     get_lock getdate glob greatest group_concat hex host_name hour if ifnull iif inet_aton inet_ntoa initcap insert \
     instr interval is_free_lock is_member isnull isnumeric json_extract json_valid last_insert_id lcase least left \
     len length likelihood listagg ln lo_get load_file localtime locate log log10 log2 lower lpad ltrim make_set \
     makedate max md5 microsecond mid min minute mod month name_const newid newsequentialid not_in now ntile nullif \
     nvl nvl2 object_id oct octet_length ord password patindex period_add pg_sleep pi position pow power quarter \
     quote quotename radians rand random randomblob regexp_count regexp_like repeat replace reverse right round \
     row_count row_number rpad rtrim schema sec_to_time second session_user sha1 sha2 sign sin sleep soundex space \
     sqrt std stddev stddev_pop str_to_date strcmp string_agg strpos stuff subdate substr substring substring_index \
     sum suser_name suser_sname sysdate system_user tan time timediff timestamp to_base64 to_char to_date to_days \
     translate trim truncate typeof ucase uncompress unhex unicode unistr unix_timestamp updatexml upper user user_id \
     user_name utl_raw uuid values var_pop var_samp variance version week weekday xmlagg xmlelement xmltype year \
     zeroblob",
);
/// Names inside a database that no form asks for.
static SYSTEM: WordList = WordList::new(
    "all_tab_columns all_tables db_name dba_users dbms_pipe information_schema msdasql msdb mysql.db mysql.user \
     northwind opendatasource openquery openrowset performance_schema pg_catalog pg_shadow pg_user schema_name \
     sp_addextendedproc sp_configure sp_executesql sp_oacreate sp_password sqlite_master sqlite_temp_master sqloledb \
     syscolumns sysobjects sysusers table_schema tempdb user_tab_columns utl_http utl_inaddr xp_availablemedia \
     xp_cmdshell xp_dirtree xp_fileexist xp_regread xp_servicecontrol",
);
/// Types that a cast of PostgreSQL names.
static TYPES: WordList = WordList::new(
    "bigint bool boolean bytea char date double float float8 int int4 int8 integer json jsonb money name numeric oid \
     real regclass smallint text time timestamp uuid varchar xml",
);
/// Operators of PostgreSQL and SQLite on JSON.
const JSON: &[&[u8]] = &[b"<@", b"@>", b"->", b"#>", b"?|", b"?&", b"@?", b"? '", b"#-", b"@@ "];

/// Is the whole value a piece of a statement?
pub(super) fn fragment(reader: &Reader<'_>) -> bool {
    let count = reader.tokens.len();
    if reader.key(0) == Some(Key::In) && listed(reader) {
        return true;
    }
    if is_noise(reader.view) {
        return true;
    }
    if reader.view.len() > LONGEST || count > TOKENS || count == 0 {
        return false;
    }
    open_call(reader)
        || open_condition(reader)
        || between_quotes(reader)
        || alias(reader)
        || broken_quote(reader)
        || operators(reader)
        || bare(reader)
        || joined_number(reader)
        || lone_call(reader)
        || ends_in_union(reader)
        || opens_condition(reader)
        || clause(reader)
        || (0..count).any(|at| {
            cast(reader, at)
                || json(reader, at)
                || ((count <= 8 || reader.key(0) == Some(Key::From)) && names_system(reader, at))
        })
}

/// `lower(`, `x, substr (`: the last sign opens a call, and prose does not end so.
fn open_call(reader: &Reader<'_>) -> bool {
    let end = reader.tokens.len();
    let word = |at: &usize| reader.text(*at).first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80);
    let Some(name) = (end.saturating_sub(8)..end).rev().find(word) else { return false };
    let opens = (name + 1..end).any(|at| reader.key(at) == Some(Key::Open));
    let last = matches!(reader.key(end - 1), Some(Key::Open | Key::Quote(_)));
    let closes = (name + 1..end).any(|at| matches!(reader.key(at), Some(Key::Close | Key::Comma)));
    let text = reader.text(name);
    // `json_array(`: names of several words are functions too.
    let known = FUNCTIONS.has(text) || (text.len() >= 6 && text.contains(&b'_') && !text.starts_with(b"_"));
    opens && last && !closes && known
}

/// `|| a ==`, `and 1=(`, `or name = "`, `' or 'x' <`: a condition whose other side the statement brings.
fn open_condition(reader: &Reader<'_>) -> bool {
    let end = reader.tokens.len();
    let mut last = end;
    while last > 1 && last + 2 > end && matches!(reader.key(last - 1), Some(Key::Quote(_) | Key::Open | Key::Arith)) {
        last -= 1;
    }
    let compares = |at: usize| matches!(reader.key(at), Some(Key::Equals | Key::Compare | Key::In));
    let symbol = |at: usize| reader.text(at).first().is_some_and(|byte| !byte.is_ascii_alphabetic());
    if last == 0 || !compares(last - 1) || !(symbol(last - 1) || last < end) {
        return false;
    }
    let from = last.saturating_sub(8);
    let logic = (from..last - 1).rev().find(|at| reader.key(*at) == Some(Key::Logic));
    let Some(logic) = logic else { return false };
    let before = reader.before(logic);
    // WordList of prose before the operator: a text about conditions.
    let starts = logic <= 4 || matches!(before, Some(Key::Quote(_) | Key::Close | Key::Number));
    starts && (last - 1 > logic + 1 || symbol(logic))
}

/// `a'or'b`, `x' != 'y`, `' like '`: between the only two quotes nothing but an operator, glued to what it cuts apart.
fn between_quotes(reader: &Reader<'_>) -> bool {
    let mut quotes = (0..reader.tokens.len()).filter(|at| matches!(reader.key(*at), Some(Key::Quote(_))));
    let (Some(first), Some(second), None) = (quotes.next(), quotes.next(), quotes.next()) else { return false };
    let inner = reader.skip(first + 1, &[Key::Not]) + usize::from(reader.text(first + 1) == b"sounds");
    let operator = inner + 1 == second
        && matches!(reader.key(inner), Some(Key::Logic | Key::Equals | Key::Compare | Key::Is))
        && reader.key(first) == reader.key(second);
    let byte = |at: Option<usize>| at.and_then(|at| reader.view.get(at)).copied();
    let (Some(open), Some(close)) = (reader.tokens.get(first), reader.tokens.get(second)) else { return false };
    let blank = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_whitespace());
    let inside = blank(byte(Some(open.end))) && blank(byte(close.start.checked_sub(1)));
    let after = byte(Some(close.end));
    let glued = !blank(byte(open.start.checked_sub(1))) && !blank(after) && after.is_some();
    // `x'||'`: joins what the statement's own quote closes.
    let joins = reader.text(inner) == b"||" && after.is_none() && first > 0 && open.end + 2 == close.start;
    operator && (inside || glued || joins) && second + 4 >= reader.tokens.len()
}

/// `) as x from`: the end of a derived column.
fn alias(reader: &Reader<'_>) -> bool {
    let start = matches!(reader.key(0), Some(Key::Close | Key::Quote(b'`')));
    let at = reader.skip(2, &[Key::Quote(b'`')]);
    let from = reader.skip(at + 1, &[Key::Quote(b'`')]);
    let case = reader.text(1) == b"when" || reader.text(1) == b"like";
    start && ((reader.text(1) == b"as" && reader.key(from) == Some(Key::From)) || case)
}

/// `' union`, `";alter a`, `x';`, `x like '`: a quote or a comment, then the next statement or its end.
fn broken_quote(reader: &Reader<'_>) -> bool {
    let count = reader.tokens.len();
    let mut quotes = reader.tokens.iter().filter(|token| matches!(token.key, Key::Quote(_)));
    let quote = quotes.next();
    let alone = quotes.next().is_none();
    let named = reader.key(0) == Some(Key::Ident) && reader.key(1) == Some(Key::Equals);
    let from = if named { 2 } else { 0 };
    let to = reader
        .skip(from, &[Key::Quote(b'\''), Key::Quote(b'"'), Key::Quote(b'`'), Key::Comment, Key::Semi, Key::Close]);
    let verb = matches!(reader.key(to), Some(Key::Union | Key::Verb | Key::Select)) && reader.text(to) != b"load";
    if alone && to > from && verb && count <= to + 3 {
        return true;
    }
    let last = reader.key(count.saturating_sub(1));
    let before = reader.key(count.saturating_sub(2));
    // `x';` and no more: what follows was meant to be another statement.
    let prefix = quote.and_then(|quote| reader.view.get(..quote.start)).unwrap_or_default();
    let semi = last == Some(Key::Semi) && matches!(before, Some(Key::Quote(_))) && count >= 3;
    if semi && alone && !prefix.iter().any(|byte| matches!(byte, b' ' | b'&' | b'=')) {
        return true;
    }
    let words = reader.text(count.saturating_sub(2)).first().is_some_and(u8::is_ascii_alphabetic);
    alone && (3..=5).contains(&count) && matches!(last, Some(Key::Quote(_))) && before == Some(Key::Compare) && words
}

/// `&& (b=0)`, `1*1--`: operators that expect a statement before them or a comment after them.
fn operators(reader: &Reader<'_>) -> bool {
    let count = reader.tokens.len();
    let named = reader.key(0) == Some(Key::Ident) && reader.key(1) == Some(Key::Equals);
    let from = if named { 2 } else { 0 };
    let symbol = matches!(reader.text(from), b"||" | b"&&") && reader.key(from + 1) == Some(Key::Open);
    let compares = (from + 2..count).any(|at| matches!(reader.key(at), Some(Key::Equals | Key::Compare)));
    if symbol && compares && count <= 12 && reader.key(count - 1) == Some(Key::Close) {
        return true;
    }
    let sums = (1..count - 1).any(|at| matches!(reader.key(at), Some(Key::Star | Key::Arith)));
    let numbers = (0..count - 1).all(|at| matches!(reader.key(at), Some(Key::Number | Key::Star | Key::Arith)));
    let same = matches!(reader.text(0), b"or" | b"and" | b"||" | b"&&")
        && count == 4
        && reader.key(2) == Some(Key::Equals)
        && reader.text(1) == reader.text(3);
    same || (sums && numbers && reader.key(0) == Some(Key::Number) && reader.text(count - 1) == b"--")
}

/// `x::int`, `'[1]'::jsonb`.
fn cast(reader: &Reader<'_>, at: usize) -> bool {
    let colons = reader.text(at) == b":" && reader.text(at + 1) == b":";
    let value = matches!(reader.before(at), Some(Key::Ident | Key::Object | Key::Close | Key::Quote(_)));
    let close = match (reader.tokens.get(at), reader.tokens.get(at + 2)) {
        (Some(first), Some(name)) => first.start + 2 == name.start,
        _ => false,
    };
    // `Math::BigInt->new`, `A::B::Boolean`, `fastrand::bool()`: a name of a module goes on, or is one part of several.
    let named = reader.before(at) == Some(Key::Ident);
    let goes_on = (named && matches!(reader.key(at + 3), Some(Key::Ident | Key::Open | Key::Object | Key::Compare)))
        || reader.text(at + 3) == b"["
        || (named && reader.text(at + 3) == b"-" && reader.text(at + 4) == b">");
    let nested = at.checked_sub(2).is_some_and(|at| reader.text(at) == b":");
    colons && value && close && !goes_on && !nested && TYPES.has(reader.text(at + 2))
}

/// `'…' @> '…'`, `'…' ->> 2`, `'…' ? 'a'`: an operator on JSON beside a string.
fn json(reader: &Reader<'_>, at: usize) -> bool {
    let (Some(token), Some(Key::Quote(_))) = (reader.tokens.get(at), reader.before(at)) else { return false };
    let rest = reader.view.get(token.start..).unwrap_or_default();
    let operator = JSON.iter().find(|operator| rest.starts_with(operator));
    let after = operator.and_then(|operator| rest.get(operator.len() - usize::from(operator.ends_with(b"'"))..));
    let after = after.unwrap_or_default().trim_ascii_start();
    let after = after.strip_prefix(b">").unwrap_or(after).trim_ascii_start();
    let object = reader.view.contains(&b'{') || reader.view.contains(&b'[') || reader.view.contains(&b'$');
    object && (matches!(after.first(), Some(b'\'' | b'0'..=b'9')) || after.starts_with(b"array["))
}

/// The name of a table or a procedure of the system, alone or in a few words.
fn names_system(reader: &Reader<'_>, at: usize) -> bool {
    let qualified = reader.key(at + 1) == Some(Key::Dot);
    let name = reader.text(at);
    SYSTEM.has(name) || (name == b"mysql" && qualified && matches!(reader.text(at + 2), b"db" | b"user" | b"proc"))
}
