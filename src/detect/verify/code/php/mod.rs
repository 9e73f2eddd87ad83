//! Is it PHP? Open tags, the request's variables, calls in any of PHP's spellings, serialised objects.
//!
//! Tags, variable functions and comments after the PHP manual (language reference: basic syntax, variable functions);
//! objects after the format of `serialize()`: `O:<length>:"<class>":<count>:{`.

mod call;
mod comments;
mod names;

use crate::detect::matcher::Evidence;
use crate::detect::verify::bytes::{find, has_any, is_word};
use crate::detect::verify::subject::Subject;
use crate::read::target::Target;
use crate::text::byte_set::ByteSet;
use call::calls;
use memchr::memchr;

/// Variables that hold the request or the machine.
#[rustfmt::skip]
const REQUEST: &[&[u8]] = &[
    b"_get", b"_post", b"_request", b"_server", b"_cookie", b"_files", b"_session", b"_env", b"globals", b"http_raw_post_data", b"http_post_vars",
    b"http_get_vars", b"http_server_vars", b"http_cookie_vars", b"http_post_files", b"http_env_vars",
];

/// Settings that only the server's owner may change, for what they open (PHP manual, list of php.ini directives).
#[rustfmt::skip]
const SETTINGS: &[&[u8]] = &[
    b"allow_url_include", b"allow_url_fopen", b"auto_prepend_file", b"auto_append_file", b"disable_functions", b"disable_classes", b"open_basedir",
    b"safe_mode", b"cgi.force_redirect", b"cgi.redirect_status_env", b"extension_dir", b"sendmail_path", b"suhosin.simulation", b"zend.multibyte",
    b"memory_limit", b"unserialize_max_depth", b"session.save_path", b"session.save_handler", b"include_path", b"enable_dl", b"zend_extension",
    b"error_log", b"unserialize_callback_func", b"user_ini.filename", b"mail.log", b"precision", b"engine",
];
/// Of these what is a word elsewhere too: only `-d` makes settings of them.
const OTHERS: &[&[u8]] = &[b"safe_mode", b"include_path", b"error_log", b"mail.log", b"precision", b"engine"];

/// Reports tags, request variables, calls, serialised objects and settings. Reads up to the cap of [`calls`]; the rest is noted
/// as unread.
pub(in crate::detect::verify) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    // A browser names itself with parentheses and nothing else of PHP.
    if subject.target == Target::Header
        && !view.iter().any(|byte| matches!(byte, b'<' | b'$' | b'_' | b'@' | b'\'' | b'"' | b'='))
    {
        return;
    }
    tags(view, subject.target, found);
    variables(view, found);
    // Code in a long text is a programmer's.
    let short = view.len() <= 512 || !subject.target.in_body();
    if short && subject.target != Target::Path {
        subject.leave(calls(view, subject.target.in_body(), found));
    }
    objects(view, found);
    let is_member = subject.is_name && subject.target.in_document();
    if !is_member && is_setting(view)
        || subject.is_name && !subject.target.in_document() && SETTINGS.contains(&view) && !OTHERS.contains(&view)
    {
        found(Evidence::PhpSetting);
    }
    if breaks_out(view) {
        found(Evidence::PhpBreak);
    }
    if is_computed(view) || subject.marks.has(ByteSet::DOLLAR) && is_unlettered(view) {
        found(Evidence::PhpDynamic);
    }
}

/// `";system("id");//`, `'.passthru('id').'`, `,phpinfo());/*`: does a short value close a string or go on with a list, call what runs code
/// or commands, and end so that what follows still fits?
fn breaks_out(view: &[u8]) -> bool {
    const LONGEST: usize = 160;
    const CALLS: &[&[u8]] = &[
        b"system",
        b"exec",
        b"shell_exec",
        b"passthru",
        b"popen",
        b"proc_open",
        b"eval",
        b"assert",
        b"phpinfo",
        b"print",
        b"die",
        b"exit",
        b"file_put_contents",
    ];
    if view.len() > LONGEST {
        return false;
    }
    let word = view.iter().take(16).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let Some((sign, rest)) = view.get(word..).and_then(<[u8]>::split_first) else { return false };
    let rest = match sign {
        b'\'' | b'"' => {
            let closed = rest.trim_ascii_start();
            let closed = closed.strip_prefix(b")").unwrap_or(closed).trim_ascii_start();
            let Some((b';' | b'.', rest)) = closed.split_first() else { return false };
            rest
        }
        b',' if word == 0 && has_any(view, &[&b");/*"[..], b");//", b");#"]) => rest,
        _ => return false,
    };
    let code = rest.trim_ascii_start();
    let code = code.strip_prefix(b"@").unwrap_or(code);
    let name = code.iter().take_while(|byte| is_word(**byte)).count();
    let (name, call) = code.split_at(name);
    let end = call.iter().rposition(|byte| *byte == b')').and_then(|at| call.get(at + 1..)).unwrap_or_default();
    let end = end.trim_ascii();
    CALLS.contains(&name)
        && call.starts_with(b"(")
        && matches!(end, [b';' | b'.', _, ..])
        && end.len() <= 6
        && end.iter().all(|byte| b".;#/*- '\"".contains(byte))
}

fn tags(view: &[u8], target: Target, found: &mut dyn FnMut(Evidence)) {
    let mut at = 0;
    while let Some(open) = find(view, at, b"<?") {
        at = open + 2;
        let rest = view.get(at..).unwrap_or_default();
        let is_tag = match rest {
            [b'=', ..] => true,
            [b'p', b'h', b'p', after @ ..] => !after.first().copied().is_some_and(is_word),
            // With short tags `xml` is a label or a constant: no declaration follows.
            [b'x', b'm', b'l', after @ ..] => {
                let code = after.trim_ascii_start();
                code.len() < after.len() && matches!(code.first(), Some(b':' | b'(' | b';'))
            }
            [blank, after @ ..] if blank.is_ascii_whitespace() => after
                .trim_ascii_start()
                .first()
                .is_some_and(|byte| byte.is_ascii_alphabetic() || b"$@/'\"".contains(byte)),
            _ => false,
        };
        if is_tag && !(target.in_body() && (is_listed(view, open) || is_program(view, open))) {
            found(Evidence::PhpTag);
        }
    }
}

/// Does a text show the tag: some words stand before it, and behind it a line break, a comment or a sentence that goes on?
fn is_listed(view: &[u8], open: usize) -> bool {
    const WORDS: usize = 2;
    let before = view.get(..open).unwrap_or_default();
    let words = before.split(|byte| byte.is_ascii_whitespace()).filter(|word| word.len() > 1).take(WORDS).count();
    let Some(after) = view.get(open..).and_then(|tag| tag.strip_prefix(b"<?php")) else { return false };
    let code = after.trim_ascii_start();
    let blank = after.get(..after.len() - code.len()).unwrap_or_default();
    let is_comment = code.starts_with(b"//") || code.starts_with(b"#") || code.starts_with(b"/*");
    let goes_on = code.first().is_some_and(|byte| !byte.is_ascii() || *byte == b'?');
    words == WORDS && (blank.contains(&b'\n') || is_comment || goes_on)
}

/// Is the text a whole program, with what programs begin with and payloads have no room for? What it does is looked at all the same.
fn is_program(view: &[u8], open: usize) -> bool {
    const LONG: usize = 256;
    const BEGINNINGS: &[&[u8]] = &[
        b"/*",
        b"//",
        b"namespace ",
        b"declare(",
        b"use ",
        b"class ",
        b"final class ",
        b"abstract class ",
        b"interface ",
        b"trait ",
        b"defined(",
        b"return [",
        b"return array",
    ];
    let before = view.get(..open).unwrap_or_default();
    let code = view.get(open..).and_then(|tag| tag.strip_prefix(b"<?php")).unwrap_or_default().trim_ascii_start();
    let is_first = before.iter().all(u8::is_ascii_whitespace) || before.starts_with(b"#!");
    is_first && view.len() > LONG && BEGINNINGS.iter().any(|begins| code.starts_with(begins))
}

fn variables(view: &[u8], found: &mut dyn FnMut(Evidence)) {
    // `GLOBALS[x]`, `_SERVER[x]`: a parameter that overwrites the variable of that name.
    let overwrites = view.contains(&b'[')
        && REQUEST.iter().any(|name| {
            let Some(at) = find(view, 0, name) else { return false };
            let apart = at.checked_sub(1).and_then(|at| view.get(at)).is_none_or(|byte| b" &?\n\t".contains(byte));
            apart && view.get(at + name.len()) == Some(&b'[')
        });
    if overwrites {
        found(Evidence::PhpRequest);
    }
    let mut at = 0;
    while let Some(dollar) = view.get(at..).and_then(|rest| memchr(b'$', rest)) {
        at += dollar + 1;
        let rest = view.get(at..).unwrap_or_default();
        match rest {
            [b'_' | b'g' | b'h', ..] => {
                // Some decoders leave a blank inside the name: `$_ get[`.
                let mut name = [0_u8; 20];
                let letters = rest.iter().take(28).filter(|byte| **byte != b' ').take_while(|byte| is_word(**byte));
                let mut length = 0;
                for (slot, letter) in name.iter_mut().zip(letters) {
                    *slot = *letter;
                    length += 1;
                }
                if name.get(..length).is_some_and(|name| REQUEST.contains(&name)) {
                    found(Evidence::PhpRequest);
                }
            }
            [b'{' | b' ', ..] => {
                let inner = rest.trim_ascii_start().strip_prefix(b"{").unwrap_or_default().trim_ascii_start();
                // `${_GET}`
                if REQUEST.iter().any(|name| inner.strip_prefix(*name).is_some_and(|rest| rest.starts_with(b"}"))) {
                    found(Evidence::PhpRequest);
                }
                if let [b'\'' | b'"', next, ..] = inner
                    && (next.is_ascii_alphabetic() || *next == b'_')
                {
                    found(Evidence::PhpDynamic);
                }
            }
            _ => {}
        }
    }
}

fn objects(view: &[u8], found: &mut dyn FnMut(Evidence)) {
    let mut at = 0;
    while let Some(colon) = find(view, at, b":") {
        at = colon + 1;
        let Some([before @ .., b'o' | b'c' | b'e']) = view.get(..colon) else { continue };
        if before.last().copied().is_some_and(is_word) {
            continue;
        }
        let rest = view.get(at..).unwrap_or_default();
        // PHP before 7.2 took a sign before the length, which hid the object from filters.
        let rest = rest.strip_prefix(b"+").unwrap_or(rest);
        let digits = rest.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
        let rest = rest.get(digits..).unwrap_or_default();
        let Some([b'"', name, ..] | [b'\\', b'"', name, ..]) = rest.strip_prefix(b":").filter(|_| digits > 0) else {
            continue;
        };
        if is_word(*name) || matches!(name, b'\\') {
            found(Evidence::PhpObject);
        }
    }
}

/// `-d name=value` of PHP's command line, or one of the owner's settings with a value: `open_basedir=/`.
fn is_setting(view: &[u8]) -> bool {
    let is_name = |byte: &u8| is_word(*byte) || *byte == b'.';
    let mut at = 0;
    while let Some(start) = find(view, at, b"-d") {
        at = start + 2;
        let apart = start.checked_sub(1).and_then(|at| view.get(at)).is_none_or(|byte| b" +?&\t\n".contains(byte));
        let rest = view.get(at..).unwrap_or_default();
        let blanks = rest.iter().take(8).take_while(|byte| b" +\t".contains(byte)).count();
        let rest = rest.get(blanks..).unwrap_or_default();
        let length = rest.iter().take(48).take_while(|byte| is_name(byte)).count();
        if apart && rest.get(length) == Some(&b'=') && SETTINGS.contains(&rest.get(..length).unwrap_or_default()) {
            return true;
        }
    }
    // Nearly all of them have an underscore.
    let joined = view.contains(&b'_');
    let mut possible = SETTINGS.iter().filter(|name| (joined || !name.contains(&b'_')) && !OTHERS.contains(name));
    possible.any(|name| {
        let Some(start) = find(view, 0, name) else { return false };
        let apart = !start.checked_sub(1).and_then(|at| view.get(at)).is_some_and(is_name);
        let rest = view.get(start + name.len()..).unwrap_or_default();
        let rest = rest.strip_prefix(b"'").or_else(|| rest.strip_prefix(b"\"")).unwrap_or(rest).trim_ascii_start();
        // Of processes and containers too: a report of one holds more.
        let is_reported = *name == b"memory_limit" && start > 0;
        apart && !is_reported && (matches!(rest.first(), Some(b'=' | b',')) || rest.is_empty() && start == 0)
    })
}

/// `("a"^"b")()`, `[].[]`: a function's name computed from strings, or an array turned into a text to take letters from.
fn is_computed(view: &[u8]) -> bool {
    let view = view.get(..view.len().min(1024)).unwrap_or_default();
    let xored = find(view, 0, b"\"^\"").or(find(view, 0, b"'^'"));
    let called = xored.is_some_and(|at| view.get(at..).is_some_and(|rest| find(rest, 0, b")(").is_some()));
    called || find(view, 0, b"([].[])").is_some() || spells_by_base(view)
}

/// `base_convert(27440799224,10,32)`: a name spelled as a number.
fn spells_by_base(view: &[u8]) -> bool {
    const DIGITS: usize = 6;
    let number = find(view, 0, b"base_convert(").and_then(|at| view.get(at + 13..)).unwrap_or_default();
    let digits = number.iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits >= DIGITS && number.get(digits..).is_some_and(|rest| rest.starts_with(b",10,3"))
}

/// `$_=[];$_=@"$_";…`: code made of signs, with variables of underscores that are set again and again.
fn is_unlettered(view: &[u8]) -> bool {
    let text = view.get(..view.len().min(512)).unwrap_or_default();
    let letters = text.iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
    let sets = text
        .split(|byte| *byte == b'$')
        .skip(1)
        .filter(|rest| {
            let name = rest.iter().take_while(|byte| **byte == b'_').count();
            let after = rest.get(name..).unwrap_or_default().trim_ascii_start();
            let value = after.strip_prefix(b".").unwrap_or(after).strip_prefix(b"=");
            name > 0 && value.is_some_and(|value| !value.first().is_some_and(|next| b"=~>".contains(next)))
        })
        .count();
    sets >= 2 && letters * 4 < text.len()
}
