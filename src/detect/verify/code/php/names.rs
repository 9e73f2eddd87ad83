//! Which names are those of PHP's own functions and classes?

use crate::detect::verify::word_list::WordList;

/// Functions that run commands or code, or decode what will be run; names that hardly mean anything else.
#[rustfmt::skip]
const STRONG: &[&[u8]] = &[
    b"passthru", b"phpinfo", b"fsockopen", b"pfsockopen", b"popen", b"fopen", b"fwrite", b"fputs", b"fputcsv", b"readfile", b"unserialize",
    b"gzinflate", b"gzuncompress", b"gzdecode", b"bzdecompress", b"strrev", b"chmod", b"symlink", b"phpversion", b"phpcredits", b"parse_ini_file",
    b"base64_decode", b"shell_exec", b"file_get_contents", b"file_put_contents", b"proc_open", b"pcntl_exec", b"create_function", b"call_user_func",
    b"str_rot13", b"curl_init", b"curl_exec", b"zlib_decode", b"gzdeflate", b"move_uploaded_file", b"get_defined_vars", b"error_log", b"ini_set",
    b"getenv", b"putenv", b"dl", b"hex2bin", b"scandir", b"opendir", b"uniqid", b"ucwords", b"php_uname", b"php_sapi_name",
];
/// Functions whose names are words too: only a call at the start of a value or of a statement counts.
pub(super) static WORDS: WordList = WordList::new(
    "array_map assert chr compact copy define die echo eval exec exit extract file getcwd header include link mail \
     mb_chr md5 mkdir pack print print_r rename require rmdir sha1 stat substr system touch unlink unpack var_dump",
);
/// Of these what other languages have too: in a body the argument has to be PHP's.
pub(super) static SHARED: WordList = WordList::new(
    "chr copy define exit file getcwd header link mail mb_chr mkdir pack print rename rmdir stat substr touch unpack",
);
/// Classes of PHP's own that open files, addresses or other classes when they are made.
pub(super) static CLASSES: WordList = WordList::new(
    "directoryiterator ffi filesystemiterator finfo globiterator imagick phar phardata recursivedirectoryiterator \
     reflectionclass reflectionfunction reflectionmethod simplexmlelement soapclient soapserver splfileinfo \
     splfileobject spltempfileobject sqlite3 xmlreader ziparchive",
);
/// Functions that run what they are given, as names in quotes: nobody hands those to a call for another reason.
pub(super) const HANDED: &[&[u8]] =
    &[b"system", b"shell_exec", b"passthru", b"phpinfo", b"proc_open", b"popen", b"assert"];
/// Families of functions: what stands before the first underscore, or so.
#[rustfmt::skip]
const FAMILIES: &[&[u8]] = &[
    b"apache_", b"array_", b"base64_", b"bz", b"call_user_", b"create_function", b"ctype_", b"curl_", b"date_", b"dba_", b"eio_", b"error_", b"escapeshell",
    b"fann_", b"file_", b"forward_static_", b"ftp_", b"func_get_", b"gd_", b"get_", b"gmp_", b"gz", b"hash_", b"highlight_", b"iconv_", b"imap_", b"img_",
    b"ini_", b"is_", b"iterator_", b"ldap_", b"libxml_", b"mb_", b"mcrypt_", b"move_uploaded_", b"mysql_", b"mysqli_", b"ob_", b"oci_", b"odbc_", b"openssl_",
    b"pcntl_", b"pg_", b"php_", b"posix_", b"preg_", b"proc_", b"ps_", b"readline_", b"register_", b"session_", b"set_", b"shell_", b"shm_", b"shmop_",
    b"show_", b"simplexml_", b"snmp_", b"socket_", b"sodium_", b"spl_", b"sqlite_", b"ssh2_", b"str_", b"stream_", b"sys_", b"token_", b"trigger_",
    b"uopz_", b"wincache_", b"win32_", b"xml_", b"xmlrpc_", b"yaml_", b"zend_", b"zip_", b"zlib_", b"assert_", b"fputcsv", b"pfsock",
];

/// Is it a function of PHP's, or does it look like one of its families?
pub(super) fn is_function(name: &[u8]) -> bool {
    let name = name.strip_suffix(b"_once").unwrap_or(name);
    WORDS.has(name) || is_strong(name) || FAMILIES.iter().any(|family| is_of_family(name, family))
}

/// `array_map`; not `img_0001` nor `get_out_`, as files and pages are called.
fn is_of_family(name: &[u8], family: &[u8]) -> bool {
    let rest = name.strip_prefix(family).unwrap_or_default();
    name.contains(&b'_') && !name.ends_with(b"_") && rest.iter().any(u8::is_ascii_alphabetic)
}

/// Does it hardly mean anything else?
pub(super) fn is_strong(name: &[u8]) -> bool {
    STRONG.iter().any(|strong| name == *strong || strong.len() > 6 && name.ends_with(strong))
}

/// May it be a function of SQL's on a column, which begins like PHP's? Not one that calls what it is given.
pub(super) fn is_of_queries(name: &[u8]) -> bool {
    const CALLERS: &[&[u8]] = &[
        b"array_filter",
        b"array_map",
        b"array_walk",
        b"array_reduce",
        b"array_diff_u",
        b"array_u",
        b"array_intersect_u",
    ];
    (name.starts_with(b"date_") || name.starts_with(b"array_")) && !CALLERS.iter().any(|start| name.starts_with(start))
}

/// `ReadYou/${versionName}(26)`: a place in a text that nobody filled in, and a number.
pub(super) fn is_blank_form(group: Option<&[u8]>, arguments: &[u8]) -> bool {
    let name = group.and_then(|group| group.strip_prefix(b"${")?.strip_suffix(b"}")).unwrap_or_default();
    let number = arguments.strip_suffix(b")").unwrap_or(b"x");
    name.len() > 2 && name.iter().all(u8::is_ascii_alphabetic) && number.iter().all(u8::is_ascii_digit)
}
