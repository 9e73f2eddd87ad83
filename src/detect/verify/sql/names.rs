//! Which functions and tables give a payload away?

use super::Reader;
use super::expression::{Operand, condition};
use super::token::Key;
use crate::detect::matcher::Evidence;

/// Functions that wait, with a number or a call as their argument.
const WAIT: &[&[u8]] = &[b"sleep", b"benchmark", b"pg_sleep", b"pg_sleep_for", b"receive_message", b"randomblob"];
/// Functions and procedures that reach files, programs or the network.
#[rustfmt::skip]
const REACH: &[&[u8]] = &[
    b"load_file", b"xp_cmdshell", b"xp_dirtree", b"xp_regread", b"xp_fileexist", b"sys_exec", b"sys_eval",
    b"openrowset", b"opendatasource", b"pg_read_file", b"pg_ls_dir", b"lo_import", b"lo_export", b"dblink",
    b"load_extension", b"writefile", b"readfile", b"lo_get", b"database_to_xml", b"query_to_xml", b"pg_read_binary_file",
];
/// Functions that leak by an error or a comparison, bit by bit, and what stands inside them.
#[rustfmt::skip]
const BLIND: &[&[u8]] = &[
    b"ascii", b"benchmark", b"bin", b"cast", b"char", b"char_length", b"chr", b"coalesce", b"concat", b"concat_ws",
    b"conv", b"convert", b"count", b"current_user", b"database", b"db_name", b"elt", b"exp", b"extractvalue", b"floor",
    b"group_concat", b"hex", b"if", b"ifnull", b"iif", b"instr", b"json_extract", b"json_keys", b"left", b"length",
    b"locate", b"lower", b"make_set", b"md5", b"mid", b"name_const", b"nullif", b"nvl", b"ord", b"password", b"quote",
    b"rand", b"repeat", b"right", b"row", b"rpad", b"schema", b"session_user", b"sha1", b"sleep", b"strcmp",
    b"string_agg", b"substr", b"substring", b"system_user", b"unhex", b"updatexml", b"upper", b"user", b"user_name",
    b"version", b"xmltype",
];
/// Functions that no harmless value calls.
const ERROR: &[&[u8]] =
    &[b"extractvalue", b"updatexml", b"name_const", b"make_set", b"concat_ws", b"group_concat", b"xmltype", b"elt"];
/// Tables that describe the database.
#[rustfmt::skip]
const SCHEMA: &[&[u8]] = &[
    b"information_schema", b"sysobjects", b"syscolumns", b"sysusers", b"sysdatabases", b"sqlite_master",
    b"sqlite_schema", b"pg_catalog", b"pg_tables", b"pg_user", b"pg_shadow", b"pg_database", b"all_tables",
    b"all_tab_columns", b"all_users", b"user_tables", b"user_tab_columns", b"dba_users", b"dual", b"sysibm",
    b"systables", b"syscat", b"rdb$fields", b"rdb$types", b"rdb$database", b"rdb$functions", b"domain",
    b"msysaccessobjects", b"mysysobjects", b"v$version", b"master",
];

/// What a name that is called, or a name of a reaching package, tells.
pub(super) fn called(reader: &Reader<'_>, at: usize) -> Option<Evidence> {
    let name = reader.text(at);
    if matches!(name, b"if" | b"iif" | b"decode" | b"nullif") && reader.is_call(at) && literal_condition(reader, at + 2)
    {
        return in_expression(reader, at).then_some(Evidence::SqlFunction);
    }
    if name == b"case" && reader.text(at + 1) == b"when" && literal_condition(reader, at + 2) {
        return Some(Evidence::SqlFunction);
    }
    if [
        &b"utl_http"[..],
        b"utl_inaddr",
        b"utl_file",
        b"dbms_ldap",
        b"dbms_pipe",
        b"dbms_lock",
        b"user_lock",
        b"user_lock",
    ]
    .contains(&name)
    {
        return (reader.key(at + 1) == Some(Key::Dot)).then_some(Evidence::SqlShell);
    }
    if !reader.is_call(at) {
        return (name == b"xp_cmdshell").then_some(Evidence::SqlShell);
    }
    if REACH.contains(&name) {
        let known = matches!(reader.key(at + 2), Some(Key::Quote(_) | Key::Number | Key::Ident));
        return (known && in_expression(reader, at)).then_some(Evidence::SqlShell);
    }
    // `1.e(ascii)`: MySQL reads the number, and a call.
    if name == b"e" && at.checked_sub(1).is_some_and(|before| reader.text(before).ends_with(b".")) {
        return (reader.before(at) == Some(Key::Number)).then_some(Evidence::SqlFunction);
    }
    let first = reader.key(at + 2);
    if WAIT.contains(&name) {
        let waits = matches!(first, Some(Key::Number | Key::Open | Key::Ident));
        let alone = at == 0 && reader.tokens.len() <= 5;
        let argument = name != b"benchmark" || reader.key(at + 3) == Some(Key::Comma);
        return (waits && argument && (in_expression(reader, at) || alone || name.starts_with(b"pg_")))
            .then_some(Evidence::SqlTime);
    }
    if ERROR.contains(&name) && in_expression(reader, at) && !matches!(first, None | Some(Key::Close)) {
        return Some(Evidence::SqlFunction);
    }
    let nested = BLIND.contains(&name) && reader.is_call(at + 2) && BLIND.contains(&reader.text(at + 2));
    // `chr(65)||chr(66)`, `char(65,66)`: spelled by numbers.
    let spelled = matches!(name, b"chr" | b"char" | b"nchar")
        && first == Some(Key::Number)
        && matches!(
            (reader.key(at + 3), reader.text(at + 4)),
            (Some(Key::Comma), _) | (Some(Key::Close), b"||" | b"+" | b"%")
        );
    ((nested || spelled) && in_expression(reader, at)).then_some(Evidence::SqlFunction)
}

/// `1=1` and the like: what a blind payload tests first.
fn literal_condition(reader: &Reader<'_>, at: usize) -> bool {
    let at = reader.skip(at, &[Key::Open]);
    condition(reader, at)
        .is_some_and(|found| found.equals && found.left == Operand::Literal && found.right == Some(Operand::Literal))
}

/// Is it a function of blind injection?
pub(super) fn is_blind(name: &[u8]) -> bool {
    BLIND.contains(&name) || matches!(name, b"exists" | b"any" | b"some" | b"isnull" | b"greatest" | b"least")
}

/// Is the call part of a larger expression, or at the start of the value? Not a method: `time.sleep(5)`.
fn in_expression(reader: &Reader<'_>, at: usize) -> bool {
    !matches!(reader.before(at), Some(Key::Ident | Key::Dot | Key::Other | Key::Object | Key::Verb))
}

/// A query on a table that describes the database.
pub(super) fn schema(reader: &Reader<'_>) -> bool {
    let mut selects = false;
    for (at, token) in reader.tokens.iter().enumerate() {
        match token.key {
            Key::Select => selects = true,
            Key::From if selects => {
                let at = reader.skip(at + 1, &[Key::Quote(b'`'), Key::Open]);
                let qualified = reader.key(at + 1) == Some(Key::Dot);
                let name = reader.text(at);
                if SCHEMA.contains(&name) || (qualified && matches!(name, b"mysql" | b"sys" | b"msdb")) {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}
