//! Which names matter in SQL: functions, packages, types, and tables that describe the database?

use crate::detect::verify::word_list::WordList;

/// Functions of databases.
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
/// Functions that leak by an error or a comparison, bit by bit, and what stands inside them.
pub(super) static BLIND: WordList = WordList::new(
    "ascii benchmark bin cast char char_length chr coalesce concat concat_ws conv convert count current_user database \
     db_name elt exp extractvalue floor group_concat hex if ifnull iif instr json_extract json_keys left length \
     locate lower lpad make_set md5 mid name_const nullif nvl ord password quote rand repeat right row rpad schema \
     session_user sha1 sleep strcmp string_agg substr substring system_user unhex updatexml upper user user_name \
     version xmltype",
);
/// Functions and procedures that reach files, programs or the network.
pub(super) static REACHING: WordList = WordList::new(
    "database_to_xml dblink lo_export lo_get lo_import load_extension load_file opendatasource openrowset pg_ls_dir \
     pg_read_binary_file pg_read_file query_to_xml readfile sys_eval sys_exec writefile xp_cmdshell xp_dirtree \
     xp_fileexist xp_regread",
);
/// Of packages of Oracle that do other things too, the procedures that start programs, load code or write files.
pub(super) const PROCEDURES: &[(&[u8], &[u8])] = &[
    (b"dbms_scheduler", b"create_job"),
    (b"dbms_scheduler", b"create_program"),
    (b"dbms_job", b"submit"),
    (b"dbms_java", b"runjava"),
    (b"dbms_java", b"grant_permission"),
    (b"dbms_xslprocessor", b"clob2file"),
    (b"dbms_advisor", b"create_file"),
];
/// Packages of Oracle that reach files, the network or other sessions.
pub(super) const PACKAGES: &[&[u8]] =
    &[b"utl_http", b"utl_inaddr", b"utl_file", b"dbms_ldap", b"dbms_pipe", b"dbms_lock", b"dbms_session", b"user_lock"];
/// Functions that wait, with a number or a call as their argument.
pub(super) const WAITING: &[&[u8]] =
    &[b"sleep", b"benchmark", b"pg_sleep", b"pg_sleep_for", b"receive_message", b"randomblob"];
/// Functions of error-based injection, which no harmless value calls.
pub(super) const FAILING: &[&[u8]] = &[
    b"gtid_subset",
    b"gtid_subtract",
    b"st_latfromgeohash",
    b"st_longfromgeohash",
    b"st_pointfromgeohash",
    b"extractvalue",
    b"updatexml",
    b"name_const",
    b"make_set",
    b"concat_ws",
    b"group_concat",
    b"xmltype",
    b"elt",
];
/// … and those of them that join and choose texts in the reports of every program.
pub(super) const REPORTING: &[&[u8]] = &[b"concat_ws", b"group_concat", b"elt", b"make_set"];
/// Functions that say who is connected, and are called without parentheses.
pub(super) const NILADIC: &[&[u8]] = &[b"current_user", b"session_user", b"system_user", b"user"];
/// Functions that say something about the server, wait, or spell what they hide.
pub(super) const SERVER: &[&[u8]] =
    &[b"version", b"user", b"database", b"schema", b"current_setting", b"sleep", b"benchmark", b"char", b"chr"];
/// Tables that describe the database.
pub(super) static SCHEMA: WordList = WordList::new(
    "all_tab_columns all_tables all_users dba_users domain dual information_schema master msysaccessobjects \
     mysysobjects pg_catalog pg_database pg_shadow pg_tables pg_user rdb$database rdb$fields rdb$functions rdb$types \
     sqlite_master sqlite_schema syscat syscolumns sysdatabases sysibm sysobjects systables sysusers user_tab_columns \
     user_tables v$version",
);
/// Names inside a database that no form asks for.
pub(super) static SYSTEM: WordList = WordList::new(
    "all_tab_columns all_tables db_name dba_users dbms_pipe information_schema msdasql msdb mysql.db mysql.user \
     northwind opendatasource openquery openrowset performance_schema pg_catalog pg_shadow pg_user schema_name \
     sp_addextendedproc sp_configure sp_executesql sp_oacreate sp_password sqlite_master sqlite_temp_master sqloledb \
     syscolumns sysobjects sysusers table_schema tempdb user_tab_columns utl_http utl_inaddr xp_availablemedia \
     xp_cmdshell xp_dirtree xp_fileexist xp_regread xp_servicecontrol",
);
/// Types that a cast of PostgreSQL names.
pub(super) static TYPES: WordList = WordList::new(
    "bigint bool boolean bytea char date double float float8 int int4 int8 integer json jsonb money name numeric oid \
     real regclass smallint text time timestamp uuid varchar xml",
);

/// Is it a function of blind injection, or an operator on a subquery?
pub(super) fn is_blind(name: &[u8]) -> bool {
    BLIND.has(name) || matches!(name, b"exists" | b"any" | b"some" | b"isnull" | b"greatest" | b"least")
}
