//! Is it template injection? Reads what stands between a template language's signs.
//!
//! The signs and the probes after the documentation of Jinja, Twig, Freemarker, Velocity, Thymeleaf, Mako, ERB, Pug and
//! Razor; telling the languages apart by arithmetic after J. Kettle, "Server-Side Template Injection" (2015).

mod arithmetic;
mod dialect;
mod object;
mod statement;

use super::bytes::{find, has_any, is_word, word_after, word_before};
use super::subject::Subject;
use crate::detect::matcher::Evidence;
use crate::detect::verify::word_list::WordList;
use arithmetic::{arithmetic, is_filtered};
use object::{OBJECTS, SECRETS, is_usual};
use statement::reaches;

/// Where an expression starts and ends, and whether it takes a `*` to be one: ranges and dates stand in such brackets too.
#[rustfmt::skip]
const SIGNS: &[(&[u8], &[u8], bool)] = &[
    (b"{{", b"}}", false), (b"${", b"}", false), (b"#{", b"}", false), (b"%{", b"}", false), (b"*{", b"}", true), (b"@{", b"}", true),
    (b"<%", b"%>", false), (b"{%", b"%}", false), (b"[[", b"]]", true), (b"@(", b")", true), (b"~{", b"}", true), (b"{", b"}", true),
];
/// An expression is read so far, in bytes.
const LONGEST: usize = 512;
/// So many bytes are read again, at most, because expressions overlap or don't end; a value without either has any number of them.
const AGAIN: usize = 64 * LONGEST;
/// What each of these costs, in nanoseconds of V8.
const READ_AGAIN: u64 = 20;
/// Names that run code or reach the machine when they are called or indexed.
static RUNS: WordList = WordList::new(
    "_load attr class_eval constructor dir dump entries eval exec execute file_get_contents fileopen forname getclass \
     getenv getfilecontents getfilter getresource getruntime gettemplatefilter import include instance_eval loadclass mro new \
     newinstance open passthru phpinfo popen processbuilder read readlines registerundefinedfiltercallback render \
     require shell_exec spawn subclasses subprocess system",
);
/// Filters of Twig that call the function they are given.
const CALLERS: &[&[u8]] = &[b"filter(", b"map(", b"reduce(", b"sort("];
/// The implicit objects of Java's expression languages (Jakarta Server Pages and Faces), less the common words.
static SCOPES: WordList = WordList::new(
    "applicationscope externalcontext facescontext headervalues initparam pagecontext paramvalues requestscope \
     servletcontext sessionscope systemenvironment systemproperties",
);
const FUNCTIONS: &[&[u8]] = &[
    b"system",
    b"exec",
    b"passthru",
    b"popen",
    b"shell_exec",
    b"assert",
    b"file_put_contents",
    b"call_user_func",
    b"phpinfo",
];
/// How the attributes of Python's frames, generators, tracebacks and functions begin.
const INNER: &[&[u8]] = &[b"gi_", b"cr_", b"ag_", b"tb_", b"f_", b"co_", b"func_", b"im_", b"mro"];
/// WordList that start a statement.
static STATEMENTS: WordList = WordList::new(
    "block call debug dir endfor endif exec extends file for from if import include load macro out page print puts \
     raw request require response set system while with",
);

/// Reports calculations, objects, statements and code between a template's signs. Reads the view and
/// [`AGAIN`] bytes again; the rest is noted as unread.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    if !subject.target.in_body() && is_probe(view) {
        found(Evidence::TemplateArithmetic);
    }
    let mut at = 0;
    let most = view.len() + AGAIN;
    let mut budget = most;
    let is_read = loop {
        let Some(next) = next_sign(view, at) else { break true };
        if budget == 0 {
            break false;
        }
        at += next;
        let rest = view.get(at..(at + LONGEST).min(view.len())).unwrap_or_default();
        let Some((open, close, strict)) = SIGNS.iter().find(|(open, ..)| rest.starts_with(open)) else {
            at += 1;
            continue;
        };
        at += open.len();
        let inside = rest.get(open.len()..).unwrap_or_default();
        let end = find(inside, 0, close);
        let expression = inside.get(..end.unwrap_or(inside.len())).unwrap_or_default();
        // Each expression costs a search, too.
        budget = budget.saturating_sub(expression.len() + open.len());
        judge(open, expression, end.is_some(), *strict, found);
    };
    subject.work(READ_AGAIN * (most - budget).saturating_sub(view.len()) as u64);
    if !is_read {
        subject.leave(view.len() - at);
    }
}

/// `${2039485710}`: the whole value is a long number between signs, by which somebody sees whether they are taken out.
fn is_probe(view: &[u8]) -> bool {
    let inside = view.strip_prefix(b"${").or_else(|| view.strip_prefix(b"#{")).and_then(|rest| rest.strip_suffix(b"}"));
    inside.is_some_and(|number| (5..=20).contains(&number.len()) && number.iter().all(u8::is_ascii_digit))
}

/// How far it is to the next sign that may start an expression.
fn next_sign(view: &[u8], at: usize) -> Option<usize> {
    view.get(at..)?.iter().position(|byte| b"{<[@$#%*~".contains(byte))
}

fn judge(open: &[u8], expression: &[u8], closed: bool, strict: bool, found: &mut dyn FnMut(Evidence)) {
    let starts = |byte: &u8| !b"=-! \t\n\r{$+~%".contains(byte);
    let bare =
        expression.iter().position(starts).and_then(|from| expression.get(from..)).unwrap_or_default().trim_ascii();
    let value = bare.strip_prefix(word_after(bare)).and_then(|rest| rest.strip_prefix(b"=")).unwrap_or(bare);
    let sum = matches!(open, b"@(" | b"*{" | b"@{" | b"~{") && value.contains(&b'+');
    if closed && (arithmetic(value, strict) || sum && arithmetic(value, false) || is_filtered(value, strict)) {
        found(Evidence::TemplateArithmetic);
    }
    if let Some(evidence) = dialect::of(open, expression, bare, closed) {
        found(evidence);
    }
    let name = word_after(bare);
    let called = bare.get(name.len()..).is_some_and(|rest| rest.starts_with(b"('") || rest.starts_with(b"(\""));
    if open == b"{" && closed && called && FUNCTIONS.contains(&name) {
        // Smarty's `{system('x')}`.
        found(Evidence::TemplateCode);
    }
    if matches!(open, b"{" | b"[[") || strict && open == b"@(" {
        return;
    }
    // `{{''[request.args.a][request.args.b]}}`: what the request says is climbed to, from a constant.
    let is_constant = bare.first().is_some_and(|byte| b"'\"([{".contains(byte));
    if matches!(open, b"{{" | b"{%") && is_constant && find(bare, 0, b"][request.").is_some() {
        found(Evidence::TemplateCode);
    }
    if open == b"<%" || open == b"{%" {
        let apart = open == b"{%" || expression.first().is_some_and(|byte| b" =-@!%\t\n".contains(byte));
        if apart && STATEMENTS.has(word_after(bare)) {
            let shown = open == b"{%" && !reaches(bare);
            found(if shown { Evidence::TemplateShown } else { Evidence::TemplateStatement });
        }
        if open == b"<%" && closed && expression.starts_with(b"=") && is_text(bare) {
            found(Evidence::TemplateStatement);
        }
        if !apart {
            return;
        }
        if open == b"<%" && closed && bare.starts_with(b"`") {
            found(Evidence::TemplateCode);
        }
    } else if matches!(open, b"${" | b"#{") && SCOPES.has(word_after(bare)) {
        found(Evidence::TemplateObject);
    } else if open == b"{{" && OBJECTS.has(word_after(bare)) {
        let after = bare.get(word_after(bare).len()..).unwrap_or_default();
        // `{{handler}} - {{code}}`: the labels of a metric.
        let is_label = after.is_empty() && matches!(word_after(bare), b"handler" | b"namespace");
        if !is_label && after.is_empty()
            || matches!(after.first(), Some(b'.' | b'[' | b'|' | b'('))
            || after.starts_with(b" |")
        {
            found(if is_usual(name, after) { Evidence::TemplateShown } else { Evidence::TemplateObject });
        }
    }
    if runs(bare) {
        found(Evidence::TemplateCode);
    }
}

/// A text in quotes and nothing else, as somebody writes out to see whether it runs.
fn is_text(expression: &[u8]) -> bool {
    match expression {
        [first @ (b'\'' | b'"'), inside @ .., last] => first == last && !inside.contains(first),
        _ => false,
    }
}

/// Does the expression climb to the language's own classes, or call what runs code?
fn runs(expression: &[u8]) -> bool {
    let mut at = 0;
    let mut before = 0;
    while let Some(next) = expression.get(at..).and_then(|rest| rest.iter().position(|byte| is_word(*byte))) {
        let start = at + next;
        let word = word_after(expression.get(start..).unwrap_or_default());
        if start > 0 {
            before = expression.get(start - 1).copied().unwrap_or_default();
        }
        at = start + word.len();
        let after = expression.get(at..).unwrap_or_default();
        let dunder = word.len() > 6 && word.starts_with(b"__") && word.ends_with(b"__");
        if dunder || word.starts_with(b"_mmarker") {
            return true;
        }
        let called = matches!(after.first(), Some(b'(' | b'['));
        let member = matches!(before, b'.' | b'|');
        let quoted = matches!(before, b'\'' | b'"') && matches!(after.first(), Some(b'\'' | b'"'));
        if is_plain(expression, start, word, after) {
            continue;
        }
        if RUNS.has(word) && (called && word != b"new" || quoted && word == b"constructor")
            || matches!(word, b"system" | b"exec" | b"popen" | b"subprocess" | b"passthru" | b"shell_exec")
                && (member || after.trim_ascii_start().starts_with(b"'"))
            || matches!(word, b"t" | b"new")
                && after.strip_prefix(b"(").unwrap_or(after).trim_ascii_start().starts_with(b"java")
            || quoted && FUNCTIONS.contains(&word) && has_any(expression, CALLERS)
        {
            return true;
        }
    }
    false
}

/// `old_relation.render()`, `relation.include(database=false)`, `a|attr('name')`: what models of SQL and pages ask of their own objects.
fn is_plain(expression: &[u8], start: usize, word: &[u8], after: &[u8]) -> bool {
    let before = expression.get(..start).unwrap_or_default();
    let is_member = before.ends_with(b".");
    match word {
        b"render" => is_member && after.starts_with(b"()"),
        b"include" => {
            let argument = after.strip_prefix(b"(").unwrap_or_default();
            let name = word_after(argument);
            is_member && !name.is_empty() && argument.get(name.len()) == Some(&b'=')
        }
        b"attr" => {
            let owner = word_before(before.strip_suffix(b"|").unwrap_or(before));
            let quoted = after.get(2..).unwrap_or_default();
            let name = word_after(quoted);
            let ends = matches!(quoted.get(name.len()..), Some([b'\'' | b'"', b')', rest @ ..]) if rest.first() != Some(&b'('));
            let is_inner = name.starts_with(b"_")
                || OBJECTS.has(name)
                || INNER.iter().any(|start| name.starts_with(start))
                || has_any(name, SECRETS);
            let is_chained = has_any(expression.get(start + 4..).unwrap_or_default(), &[b"|attr"]);
            !name.is_empty() && ends && !is_inner && !is_chained && !OBJECTS.has(owner)
        }
        _ => false,
    }
}
