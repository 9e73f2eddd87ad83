//! What do single template languages have that no other has: Smarty, Freemarker, Go, EJS, JSP, Jelly, LaTeX?

use crate::detect::matcher::Evidence::{self, TemplateArithmetic, TemplateCode, TemplateObject, TemplateStatement};
use crate::detect::verify::bytes::{find, has_any, is_word, word_after};
use crate::detect::verify::word_list::WordList;

/// Functions that run or read what they are given, in Smarty a tag's or a condition's.
static FUNCTIONS: WordList = WordList::new(
    "assert call_user_func exec file_get_contents file_put_contents highlight_file include passthru phpinfo popen \
     readfile shell_exec show_source system",
);
/// Objects of the process that a page has no reason to show.
const PROCESS: &[&[u8]] = &[
    b"process.",
    b"global.",
    b"globalthis.",
    b"locals.",
    b"self.",
    b"settings.",
    b"this.constructor",
    b"env[",
    b"global[",
];
/// What a scriptlet writes with or reaches.
const SCRIPTLET: &[&[u8]] = &[
    b"out.print",
    b"out.write",
    b"response.write",
    b"request.",
    b"runtime",
    b"processbuilder",
    b"session.",
    b"application.",
];
/// Directives of a page of JSP or ASP.
const DIRECTIVES: &[&[u8]] =
    &[b"page", b"import", b"include", b"taglib", b"register", b"control", b"master", b"assembly", b"webhandler"];

/// What the expression between the signs is evidence of in the one language that has them. `bare` is without the signs and blanks at
/// its start.
pub(super) fn of(open: &[u8], inside: &[u8], bare: &[u8], closed: bool) -> Option<Evidence> {
    match open {
        b"{" if closed => smarty(inside, bare),
        b"${" | b"#{" | b"*{" if closed => value(open, bare),
        b"{{" if closed => go(bare),
        b"<%" => page(inside, bare),
        _ => None,
    }
}

/// `{if system('id')}`, `{smarty_internal_write_file::writefile(…)}`, `{math equation='7*7'}`.
fn smarty(inside: &[u8], bare: &[u8]) -> Option<Evidence> {
    let word = word_after(bare);
    let rest = bare.get(word.len()..).unwrap_or_default();
    let condition = matches!(word, b"if" | b"elseif" | b"while" | b"assign" | b"foreach" | b"php");
    if condition && rest.starts_with(b" ") && calls(rest) {
        return Some(TemplateCode);
    }
    // Behind a blank it is no tag but a block of a program: `{ Self::of(x) }`.
    let inner = word.starts_with(b"smarty") || word == b"self" && inside.starts_with(word);
    if inner && rest.starts_with(b"::") && rest.contains(&b'(') {
        return Some(TemplateCode);
    }
    let sum = word == b"math" && find(rest, 0, b"equation=").is_some()
        || word == b"fetch" && find(rest, 0, b"file=").is_some();
    sum.then_some(TemplateStatement)
}

/// Does one of the functions stand before a parenthesis?
fn calls(text: &[u8]) -> bool {
    let mut at = 0;
    while let Some(open) = find(text, at, b"(") {
        let before = text.get(..open).unwrap_or_default();
        let start = before.iter().rposition(|byte| !is_word(*byte)).map_or(0, |at| at + 1);
        if FUNCTIONS.has(before.get(start..).unwrap_or_default()) {
            return true;
        }
        at = open + 1;
    }
    false
}

/// `${6?lower_abc}`: a number and a built-in of Freemarker; `#{@bean['x']}`: a bean of Spring's by name; `` #{`id`} ``.
fn value(open: &[u8], bare: &[u8]) -> Option<Evidence> {
    let digits = bare.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let built_in = bare.get(digits..).and_then(|rest| rest.strip_prefix(b"?")).unwrap_or_default();
    if digits > 0 && word_after(built_in).len() > 2 && !bare.contains(&b':') {
        return Some(TemplateArithmetic);
    }
    if let Some(bean) = bare.strip_prefix(b"@") {
        let name = word_after(bean);
        let reached = bean.get(name.len()..).unwrap_or_default();
        return (name.len() > 3 && matches!(reached.first(), Some(b'[' | b'.'))).then_some(TemplateObject);
    }
    // `${"".class}`, `${#ctx.x}`: from a string to its class; a variable of Thymeleaf's and OGNL's own.
    let of_string = bare.strip_prefix(b"\"\"").or_else(|| bare.strip_prefix(b"''")).unwrap_or_default();
    let of_engine = [&b"ctx."[..], b"root.", b"execinfo.", b"servletcontext.", b"_memberaccess", b"context["];
    let is_own = bare.strip_prefix(b"#").is_some_and(|name| of_engine.iter().any(|own| name.starts_with(own)));
    if [&b".class"[..], b".getclass("].iter().any(|member| of_string.starts_with(member)) || is_own {
        return Some(TemplateObject);
    }
    let quoted = open == b"#{" && bare.len() > 2 && bare.starts_with(b"`") && bare.ends_with(b"`");
    quoted.then_some(TemplateCode)
}

/// `{{printf "%s" .}}`: Go's template is told to print the whole of what it was given.
fn go(bare: &[u8]) -> Option<Evidence> {
    let word = word_after(bare);
    let rest = bare.get(word.len()..).unwrap_or_default();
    let prints = matches!(word, b"printf" | b"print" | b"println" | b"html" | b"js" | b"call");
    let whole = rest.ends_with(b" .") || rest.ends_with(b" $");
    (prints && rest.starts_with(b" ") && whole).then_some(TemplateObject)
}

/// `<%= process.env %>`, `<%out.println(1)%>`, `<%@ page import="x" %>`.
fn page(inside: &[u8], bare: &[u8]) -> Option<Evidence> {
    if let Some(directive) = inside.strip_prefix(b"@") {
        let word = word_after(directive.trim_ascii_start());
        return DIRECTIVES.contains(&word).then_some(TemplateStatement);
    }
    let shows = inside.first().is_some_and(|byte| b"=-#".contains(byte));
    if shows && PROCESS.iter().any(|object| bare.starts_with(object)) {
        return Some(TemplateObject);
    }
    let code = bare.get(..bare.len().min(64)).unwrap_or_default();
    (!shows && code.contains(&b'(') && has_any(code, SCRIPTLET)).then_some(TemplateStatement)
}
