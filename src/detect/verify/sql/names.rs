//! Which functions and tables give a payload away?

use super::Reader;
use super::expression::{Operand, condition};
use super::token::Key;
use crate::detect::matcher::Evidence;
use crate::detect::verify::word_list::WordList;

/// Functions that wait, with a number or a call as their argument.
const WAIT: &[&[u8]] = &[b"sleep", b"benchmark", b"pg_sleep", b"pg_sleep_for", b"receive_message", b"randomblob"];
/// Functions and procedures that reach files, programs or the network.
static REACH: WordList = WordList::new(
    "database_to_xml dblink lo_export lo_get lo_import load_extension load_file opendatasource openrowset pg_ls_dir \
     pg_read_binary_file pg_read_file query_to_xml readfile sys_eval sys_exec writefile xp_cmdshell xp_dirtree \
     xp_fileexist xp_regread",
);
/// Functions that leak by an error or a comparison, bit by bit, and what stands inside them.
static BLIND: WordList = WordList::new(
    "ascii benchmark bin cast char char_length chr coalesce concat concat_ws conv convert count current_user database \
     db_name elt exp extractvalue floor group_concat hex if ifnull iif instr json_extract json_keys left length \
     locate lower make_set md5 mid name_const nullif nvl ord password quote rand repeat right row rpad schema \
     session_user sha1 sleep strcmp string_agg substr substring system_user unhex updatexml upper user user_name \
     version xmltype",
);
/// Functions that no harmless value calls.
const ERROR: &[&[u8]] =
    &[b"extractvalue", b"updatexml", b"name_const", b"make_set", b"concat_ws", b"group_concat", b"xmltype", b"elt"];
/// Tables that describe the database.
static SCHEMA: WordList = WordList::new(
    "all_tab_columns all_tables all_users dba_users domain dual information_schema master msysaccessobjects \
     mysysobjects pg_catalog pg_database pg_shadow pg_tables pg_user rdb$database rdb$fields rdb$functions rdb$types \
     sqlite_master sqlite_schema syscat syscolumns sysdatabases sysibm sysobjects systables sysusers user_tab_columns \
     user_tables v$version",
);

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
    if REACH.has(name) {
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
    let nested = BLIND.has(name) && reader.is_call(at + 2) && BLIND.has(reader.text(at + 2));
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
    BLIND.has(name) || matches!(name, b"exists" | b"any" | b"some" | b"isnull" | b"greatest" | b"least")
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
                if SCHEMA.has(name) || (qualified && matches!(name, b"mysql" | b"sys" | b"msdb")) {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}
