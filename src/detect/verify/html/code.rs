//! Which script runs without a tag: after a closed attribute or string, in an address, in a style?

use super::names::{CALLS, OBJECTS};
use super::script_url::{calls_own, runs_script};
use crate::detect::verify::bytes::find;
use crate::text::byte_set::ByteSet;

/// `" onfocus=alert(1) x="`, or the like at the start of the value.
/// What the page itself defines may be called in a document.
pub(super) fn handler_after_attribute(view: &[u8], in_document: bool) -> bool {
    if !view.contains(&b'=') {
        return false;
    }
    let mut at = 0;
    while let Some(next) = find(view, at, b"on") {
        at = next + 2;
        let before = next.checked_sub(1).and_then(|at| view.get(at)).copied();
        if before.is_some_and(|byte| {
            !matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | b'/' | b'"' | b'\'' | b'`' | b';' | b'{')
        }) {
            continue;
        }
        let rest = view.get(at..).unwrap_or_default();
        let length = rest.iter().take(32).take_while(|byte| byte.is_ascii_alphabetic()).count();
        let after = rest.get(length..).unwrap_or_default().trim_ascii_start();
        // `/onxw==`: the end of Base64.
        let value = after.strip_prefix(b"=").filter(|value| length >= 3 && !value.starts_with(b"="));
        let Some(value) = value else { continue };
        let value = value.get(..value.len().min(256)).unwrap_or_default().trim_ascii_start();
        let token = first_token(value);
        let code = token.strip_prefix(b"\"").or_else(|| token.strip_prefix(b"'")).unwrap_or(token);
        if !(in_document && calls_own(code)) && calls(token) || runs_script(value) {
            return true;
        }
    }
    false
}

/// `'formaction=x`: an attribute that loads or runs what it names, right behind the quote that closed another.
pub(super) fn attribute_after_quote(view: &[u8]) -> bool {
    if !view.contains(&b'=') {
        return false;
    }
    [&b"formaction"[..], b"srcdoc", b"xlink:href"].iter().any(|name| {
        let mut at = 0;
        while let Some(next) = find(view, at, name) {
            at = next + name.len();
            let before = view.get(..next).unwrap_or_default().trim_ascii_end().last().copied();
            let after = view.get(at..(at + 64).min(view.len())).unwrap_or_default().trim_ascii_start();
            // `xlink:href="#shade"` names a part of the picture.
            let is_part = after.starts_with(b"=\"#") || after.starts_with(b"='#");
            let is_part = is_part || *name == b"xlink:href" && is_in_tag(view, next) && is_icon(after);
            if matches!(before, Some(b'\'' | b'"' | b'`')) && after.starts_with(b"=") && !is_part {
                return true;
            }
        }
        false
    })
}

/// Is a tag open here that the value opened itself?
fn is_in_tag(view: &[u8], at: usize) -> bool {
    let near = view.get(at.saturating_sub(256)..at).unwrap_or_default();
    near.iter().rev().find(|byte| matches!(byte, b'<' | b'>')) == Some(&b'<')
}

/// `="/icons.svg#share"`: a part of another picture of the site, or of one elsewhere.
fn is_icon(value: &[u8]) -> bool {
    let value = value.strip_prefix(b"=\"").unwrap_or_default();
    let end = value.iter().position(|byte| matches!(byte, b'"' | b'#')).unwrap_or(value.len());
    let path = value.get(..end).unwrap_or_default();
    let is_of_site = path.starts_with(b"/") && !matches!(path.get(1), Some(b'/' | b'\\'));
    (is_of_site || path.starts_with(b"https://"))
        && path.ends_with(b".svg")
        && value.get(end) == Some(&b'#')
        && !path.iter().any(|byte| b"@\\%&".contains(byte))
}

/// `'-alert(1)-'`, `";document.cookie//`, `</script>` aside: a quote, an operator, and script.
pub(super) fn after_string(view: &[u8]) -> bool {
    let mut at = 0;
    while let Some(next) =
        view.get(at..).and_then(|rest| rest.iter().position(|byte| matches!(byte, b'\'' | b'"' | b'`')))
    {
        at += next + 1;
        let rest = view.get(at..(at + 128).min(view.len())).unwrap_or_default();
        let trimmed = trim(rest, b" \t\n\r)]}\\");
        let code = trim(trimmed, b"-+*/;,|&^%?:=!~({[ \n\r\t");
        // A block of Python: the colon ends the line.
        let signs = trimmed.get(..trimmed.len() - code.len()).unwrap_or_default();
        let block = find(signs, 0, b":\n").is_some();
        if code.len() < trimmed.len() && !block && starts_code(code) {
            return true;
        }
    }
    false
}

/// `x";alert(1)//`, `\';prompt(1)`: does a short value close a string behind at most one word, and call a dialog or run code at once?
pub(super) fn breaks_out(view: &[u8]) -> bool {
    const LONGEST: usize = 256;
    const CALLS: &[&[u8]] =
        &[b"alert(", b"prompt(", b"confirm(", b"eval(", b"import(", b"alert`", b"prompt`", b"confirm`"];
    let word = view.iter().take(16).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let rest = trim(view.get(word..).unwrap_or_default(), b"\\");
    let Some((b'\'' | b'"' | b'`', rest)) = rest.split_first().map(|(first, rest)| (*first, rest)) else {
        return false;
    };
    let code = trim(rest, b" \t)]};-+*/,|&^\n");
    let signs = rest.get(..rest.len() - code.len()).unwrap_or_default();
    view.len() <= LONGEST
        && signs.iter().any(|byte| b";-+*/|&^}".contains(byte))
        && CALLS.iter().any(|call| code.starts_with(call))
}

/// The attribute's value: up to the closing quote, or to a blank.
fn first_token(value: &[u8]) -> &[u8] {
    let end = match value.first() {
        Some(quote @ (b'"' | b'\'')) => value.iter().skip(1).position(|byte| byte == quote).map(|end| end + 1),
        _ => value.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'>'),
    };
    value.get(..end.unwrap_or(value.len())).unwrap_or_default()
}

/// `alert(1)`, `prompt('x')`, or script of nothing but brackets (JSFuck), in a short value.
pub(super) fn bare_call(view: &[u8], marks: ByteSet) -> bool {
    let brackets = view.contains(&b'!')
        && find(view, 0, b"[]").is_some()
        && view
            .split(|byte| !b"[]()!+ {}".contains(byte))
            .any(|run| run.len() >= 12 && find(run, 0, b"[]").is_some() && run.contains(&b'!'));
    if brackets || view.len() > 512 {
        return brackets;
    }
    if view.starts_with(b"location=\"")
        || view.starts_with(b"location='")
        || view.starts_with(b"new function(")
        || built(view)
        || throws(view)
        || marks.has(ByteSet::OPEN) && reflects(view)
    {
        return true;
    }
    if !marks.has(ByteSet::OPEN.and(ByteSet::BACK_QUOTE)) {
        return false;
    }
    [&b"alert"[..], b"confirm", b"prompt", b"eval", b"settimeout", b"setinterval", b"atob", b"btoa"].iter().any(
        |name| {
            let mut at = 0;
            while let Some(next) = find(view, at, name) {
                at = next + name.len();
                let before = next.checked_sub(1).and_then(|at| view.get(at)).copied().unwrap_or(b' ');
                let after = view.get(at..).unwrap_or_default().trim_ascii_start();
                let argument = match after {
                    [b'(', rest @ ..] => rest.trim_ascii_start(),
                    [b'`', digit, ..] if digit.is_ascii_alphanumeric() => return true,
                    _ => continue,
                };
                let literal = matches!(argument.first(), Some(b'0'..=b'9' | b'\'' | b'"' | b'`' | b'/' | b'[' | b')'))
                    || OBJECTS.iter().chain(CALLS).any(|word| argument.starts_with(word));
                if literal && !before.is_ascii_alphanumeric() && (argument.first() != Some(&b')') || *name != b"eval") {
                    return true;
                }
            }
            false
        },
    )
}

/// `onerror=alert;throw 1`: the handler of errors is set, and an error made.
fn throws(view: &[u8]) -> bool {
    if !view.contains(&b'=') {
        return false;
    }
    let set = find(view, 0, b"onerror").and_then(|at| view.get(at + 7..)).unwrap_or_default().trim_ascii_start();
    let throws = find(view, 0, b"throw").and_then(|at| view.get(at + 5..)).and_then(<[u8]>::first);
    matches!(set, [b'=', next, ..] if *next != b'=')
        && throws.is_some_and(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
}

/// `Reflect.apply(alert,…)`, `[1].map(alert)`: a function of the page handed to what calls it.
fn reflects(view: &[u8]) -> bool {
    [
        &b".apply("[..],
        b".call(",
        b".map(",
        b".find(",
        b".foreach(",
        b".filter(",
        b".some(",
        b".every(",
        b".sort(",
        b".replace(",
    ]
    .iter()
    .any(|caller| {
        let Some(at) = find(view, 0, caller) else { return false };
        let inside = view.get(at + caller.len()..).unwrap_or_default().trim_ascii_start();
        let inside = inside.strip_prefix(b"window.").or_else(|| inside.strip_prefix(b"self.")).unwrap_or(inside);
        [&b"alert"[..], b"prompt", b"confirm", b"eval"].iter().any(|name| {
            inside.strip_prefix(*name).is_some_and(|rest| rest.first().is_none_or(|byte| b",) ".contains(byte)))
        })
    })
}

/// `function('…')()`, `import('//…')`: code from a text, code from elsewhere.
fn built(view: &[u8]) -> bool {
    let start = |word: &[u8]| view.strip_prefix(word).and_then(<[u8]>::split_first);
    match (start(b"function("), start(b"import(")) {
        (Some((quote, _)), _) => matches!(quote, b'\'' | b'"' | b'`'),
        (_, Some((quote, rest))) => {
            let away = [&b"//"[..], b"http", b"data:"].iter().any(|scheme| rest.starts_with(scheme));
            matches!(quote, b'\'' | b'"' | b'`') && away
        }
        _ => false,
    }
}

/// Does the text call something, as script in a handler does?
fn calls(text: &[u8]) -> bool {
    text.iter().any(|byte| matches!(byte, b'(' | b'`' | b'='))
        // `onerror=alert;throw 1`
        || find(text, 0, b"throw").is_some()
        || OBJECTS.iter().any(|object| find(text, 0, object).is_some())
}

/// A call (`alert(`, `` alert` ``), a member (`document.cookie`, `top[`), or an assignment to one.
fn starts_code(code: &[u8]) -> bool {
    let length = code.iter().take(32).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let (word, after) = code.split_at(length);
    let after = after.trim_ascii_start();
    if CALLS.contains(&word) {
        return matches!(after, [b'(' | b'`', ..] | [b')', b'(' | b'`', ..]);
    }
    OBJECTS.contains(&word)
        && match after {
            [b'[', ..] => true,
            [b'.', rest @ ..] => {
                let length = rest.iter().take(32).take_while(|byte| byte.is_ascii_alphanumeric()).count();
                let (member, after) = rest.split_at(length);
                OBJECTS.contains(&member)
                    || CALLS.contains(&member)
                    // `self.method(` is Python's.
                    || matches!(after.first(), Some(b'(' | b'=' | b'[') if word != b"self")
            }
            [b'=', next, ..] => word == b"location" || word == b"onerror" && *next != b'=',
            _ => false,
        }
}

/// A style that runs script in some browser.
pub(super) fn style_runs(style: &[u8]) -> bool {
    let mut plain = Vec::with_capacity(style.len().min(512));
    let mut rest = style.get(..style.len().min(512)).unwrap_or_default();
    // Comments and escapes inside words: `expr/*x*/ession(`.
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte == b'/' && after.first() == Some(&b'*') {
            rest = find(after, 1, b"*/").and_then(|end| after.get(end + 2..)).unwrap_or_default();
        } else if *byte > b' ' && *byte != b'\\' {
            plain.push(*byte);
        }
    }
    let style = &plain[..];
    [
        &b"expression("[..],
        b"javascript:",
        b"-moz-binding",
        b";binding:",
        b"pression(",
        b"pression\\28",
        b"behavior:",
        b"behaviour:",
        b"vbscript:",
        b"@import",
    ]
    .iter()
    .any(|part| find(style, 0, part).is_some())
}

fn trim<'a>(text: &'a [u8], set: &[u8]) -> &'a [u8] {
    let start = text.iter().position(|byte| !set.contains(byte)).unwrap_or(text.len());
    text.get(start..).unwrap_or_default()
}
