//! Of what are hostile shapes made? What means something to somebody who reads a request.

/// Parts that mean something to somebody, repeated in a text and as one value, which no reader cuts into pieces.
#[rustfmt::skip]
#[allow(unreachable_pub, reason = "the host's search reads this file too")]
pub const SIGNS: &[&str] = &[
    "\n", "\r\n", "\n ", "\n;", "\\n", "%0a", "a;", "';id", "\n$", "\n'", "x=1;", "&#10;", "a'b\"c ", "1=1 ", "if(",
    "'", "\"", "(", "<", "<a ", "<a x='", "<!--", "/*", "*/", "--", "#", "${", "${${", "$(", "`", "|", "||", ";", "&", "../", "..;/", "&#", "&lt", "\\u",
    "%u", "%25", "%2525", "' or ", "union select ", "(select ", "{{", "{%", "=", "http://", "http://a", "javascript:", "<!entity a \"", "<!doctype a ",
    "a(", "$a(", "on=", "<?php ", "@{", "/a/..", "\r\na:", "[", "{\"a\":", "query{a", "char(1),", "for %", "java.", "eyj", "\u{ff07}", "+", "*",
];
