//! Is it a call of PHP's: of a function that runs or loads code, by its name, by a variable, by a group that spells it?

use super::comments::{find_back, without_comments};
use super::names::{CLASSES, HANDED, SHARED, WORDS, is_blank_form, is_function, is_of_queries, is_strong};
use crate::detect::matcher::Evidence;
use crate::detect::verify::bytes::{find, has_any, is_word, word_after, word_before};
use crate::detect::verify::word_list::WordList;

/// How far a call's name or group is looked for before its parenthesis, in bytes.
const BACK: usize = 96;
/// A longer text in a body, in bytes, may start with a call and be about it.
const SHORT: usize = 160;
/// Arguments are looked at so far, in bytes.
const COLUMNS: usize = 128;
/// So many parentheses of one value are judged.
const CALLS: usize = 256;

/// Judges what is before each parenthesis, up to a cap of calls; returns the number of bytes at the end that it left unread.
pub(super) fn calls(view: &[u8], in_body: bool, found: &mut dyn FnMut(Evidence)) -> usize {
    let mut at = 0;
    for _ in 0..CALLS {
        let Some(paren) = find(view, at, b"(") else { return 0 };
        at = paren + 1;
        let from = paren.saturating_sub(BACK);
        let before = without_comments(view.get(from..paren).unwrap_or_default());
        let call = Call {
            before,
            arguments: view.get(at..).unwrap_or_default(),
            first: from == 0,
            apart: paren > 0 && view.get(paren - 1).is_some_and(u8::is_ascii_whitespace),
            in_body,
        };
        call.judge(found);
    }
    find(view, at, b"(").map_or(0, |_| view.len() - at)
}

/// Types of Python's and of schemas'.
static TYPES: WordList = WordList::new(
    "any array bool boolean bytes callable date datetime dict float int integer iterable list none number object optional set str \
     string tuple union",
);

/// What stands on both sides of a parenthesis.
struct Call<'a> {
    before: &'a [u8],
    arguments: &'a [u8],
    /// Does the value start with `before`?
    first: bool,
    /// Is a blank between the name and the parenthesis?
    apart: bool,
    in_body: bool,
}

impl Call<'_> {
    fn judge(&self, found: &mut dyn FnMut(Evidence)) {
        let name = word_before(self.before);
        let lead = self.before.get(..self.before.len() - name.len()).unwrap_or_default();
        let leads = self.first && lead.trim_ascii().is_empty();
        match (name, lead.last()) {
            ([], Some(b')' | b']' | b'}' | b'"' | b'\'')) => {
                if !(self.apart && self.is_remark()) {
                    self.group(found);
                }
            }
            // `$f(…)`, `$$f(…)`, `A::$f(…)`; not a price in front of a parenthesis.
            ([first, ..], Some(b'$')) => {
                let whole = lead.len() == 1 && self.first && matches!(self.arguments.last(), Some(b')' | b';'));
                // `$self->$name(…)` is Perl's too, and `F$Search(…)` no variable.
                let joined = matches!(lead, [.., b'-', b'>', b'$']);
                // `type:$in('a')` is a filter's.
                let of_filter =
                    matches!(name, b"in" | b"nin" | b"eq" | b"ne" | b"gt" | b"gte" | b"lt" | b"lte" | b"like")
                        && matches!(lead, [.., letter, b':', b'$'] if is_word(*letter));
                let inner = of_filter || lead.iter().rev().nth(1).copied().is_some_and(is_word);
                let shown = self.in_body && (joined || self.before.len() + self.arguments.len() > SHORT);
                if !first.is_ascii_digit() && (!self.apart || whole) && !shown && !inner {
                    found(Evidence::PhpWord);
                }
            }
            ([], _) | (_, Some(b'>')) => {}
            // `r:name(…)`: a method's call in Lua.
            (_, Some(b':')) if matches!(lead, [.., letter, b':'] if is_word(*letter) && !letter.is_ascii_digit()) => {}
            _ if self.apart && self.is_remark() || self.is_reported() || self.is_of_sql(name) => {}
            // `Cwd::getcwd()`: what other languages have too, of a module of theirs.
            (name, Some(b':')) if lead.ends_with(b"::") && SHARED.has(name) => {}
            // A method's call, but for what a string is joined with.
            (_, Some(b'.')) if !matches!(lead, [.., b'\'' | b'"', b'.']) => {}
            (name, end) => {
                // In a body people write about code.
                let spliced = matches!(lead, [.., b'\'' | b'"', b'.']);
                let signs = if self.in_body && !spliced { &b";@!&|"[..] } else { b";@=!&|{(\"',:." };
                // `no&nbsp;get_absolute_url() there`: a blank of markup.
                let spaced = self.in_body && lead.ends_with(b"&nbsp;");
                let starts = leads || !self.apart && !spaced && end.is_some_and(|byte| signs.contains(byte));
                if self.in_body && SHARED.has(name) && !self.is_php() || self.in_body && self.is_mention() {
                    return;
                }
                let short = !self.in_body || self.before.len() + self.arguments.len() <= SHORT;
                let once = name.strip_suffix(b"_once").unwrap_or(name);
                if starts && (WORDS.has(once) || self.apart && is_function(name)) {
                    if short {
                        found(Evidence::PhpWord);
                    }
                } else if short
                    && (CLASSES.has(name) && makes(lead)
                        || self.is_handed() && self.arguments.windows(2).any(|pair| pair == b")("))
                {
                    found(Evidence::PhpWord);
                } else if self.in_body && is_of_queries(name) && self.is_about_columns() {
                    // `date_trunc('day', x)`: another language's, whose name begins like PHP's.
                } else if starts && is_function(name) && !is_strong(name) && self.names_an_argument() {
                    // `get_weather(city='Oslo')`: a call of Python's, or what a tool takes.
                } else if starts && is_function(name) || !self.apart && is_strong(name) && self.has_arguments() {
                    found(Evidence::PhpCall);
                }
            }
        }
    }

    /// `name (flask.Request property)`: words in parentheses, as an index has them.
    fn is_remark(&self) -> bool {
        let end = self.arguments.iter().take(80).position(|byte| *byte == b')').unwrap_or(0);
        let inside = self.arguments.get(..end).unwrap_or_default().trim_ascii();
        // `file_list (2).pdf`: the second of that name.
        let is_copy = (1..=3).contains(&inside.len())
            && inside.iter().all(u8::is_ascii_digit)
            && self.arguments.get(end + 1) == Some(&b'.');
        // `System (2022)`, `eval (noun)`: a film of that year, a word of that kind.
        let is_year = inside.len() == 4 && inside.iter().all(u8::is_ascii_digit);
        let is_kind = inside.ends_with(b".") && inside.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'.')
            || matches!(inside, b"noun" | b"verb" | b"film" | b"band" | b"album" | b"song" | b"book");
        // `{{PLURAL:$4|word|words}} ($2)`: a place in a translated message.
        let is_place =
            matches!(inside, [b'$', digits @ ..] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit));
        is_year
            || is_place
            || is_kind
            || is_copy
            || inside.contains(&b' ') && inside.iter().all(|byte| is_word(*byte) || b" .-".contains(byte))
    }

    /// `extract(year from x)`: SQL's.
    fn is_of_sql(&self, name: &[u8]) -> bool {
        let inside = self.arguments.get(..self.arguments.len().min(48)).unwrap_or_default();
        name == b"extract" && find(inside, 0, b" from ").is_some()
    }

    /// `fopen('x') failed`: what PHP says itself.
    fn is_reported(&self) -> bool {
        let close = self.arguments.iter().take(256).position(|byte| *byte == b')');
        let after = close.and_then(|at| self.arguments.get(at + 1..)).unwrap_or_default();
        after.starts_with(b" failed") || after.starts_with(b": failed")
    }

    /// `(city='Oslo'`, `(city: str`: has the first argument a name or a type, as in Python? PHP's variables have a `$`.
    fn names_an_argument(&self) -> bool {
        let rest = self.arguments.trim_ascii_start();
        let name = word_after(rest);
        let after = rest.get(name.len()..).unwrap_or_default();
        let is_name = name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
        let of_type = after.strip_prefix(b": ").unwrap_or_default();
        let kind = word_after(of_type);
        let ends = of_type.get(kind.len()..).unwrap_or_default();
        let is_typed =
            TYPES.has(kind) && (ends.is_empty() || matches!(ends.first(), Some(b',' | b')' | b'[' | b'|' | b' ')));
        is_name && (is_typed || matches!(after, [b'=', value, ..] if !matches!(value, b'=' | b'>')))
    }

    /// `name() does this`: no argument, then words.
    fn is_mention(&self) -> bool {
        let after = self.arguments.trim_ascii_start().strip_prefix(b")").map(<[u8]>::trim_ascii_start);
        after.is_some_and(|after| after.first().is_some_and(|byte| byte.is_ascii_alphabetic() || b"-(".contains(byte)))
    }

    /// Does a variable, a command in back-quotes or a call of PHP's stand in the parentheses?
    fn is_php(&self) -> bool {
        let inside = self.arguments.trim_ascii_start();
        let name = word_after(inside);
        let called = inside.get(name.len()..).is_some_and(|rest| rest.starts_with(b"("));
        let chained = || {
            let close = self.arguments.iter().position(|byte| *byte == b')');
            close
                .and_then(|at| self.arguments.get(at + 1..))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(b"."))
        };
        let path = matches!(inside, [b'"' | b'\'', b'/' | b'.', ..]);
        matches!(inside.first(), Some(b'$' | b'`' | b'@'))
            || path
            || called && is_function(name)
            || inside.first().is_some_and(u8::is_ascii_digit) && chained()
    }

    /// Is an argument a bare word that is neither called nor a constant: a column, as in `array_agg(price)`?
    fn is_about_columns(&self) -> bool {
        let mut rest = self.arguments.get(..self.arguments.len().min(COLUMNS)).unwrap_or_default();
        if has_any(rest, &[b"system", b"exec", b"passthru", b"assert", b"phpinfo", b"eval"]) {
            return false;
        }
        let mut quote = None;
        let mut begins = true;
        while let Some((byte, behind)) = rest.split_first() {
            match (quote, *byte) {
                (Some(open), byte) if open == byte => quote = None,
                (Some(_), _) => {}
                (None, b'\'' | b'"') => quote = Some(*byte),
                (None, b')' | b'$' | b';') => return false,
                (None, first) if begins && first.is_ascii_alphabetic() => {
                    let word = word_after(rest);
                    let after = rest.get(word.len()..).unwrap_or_default();
                    let is_constant =
                        matches!(word, b"true" | b"false" | b"null" | b"new" | b"array" | b"function" | b"fn");
                    if !is_constant && matches!(after.first(), Some(b',' | b')' | b'.' | b' ')) {
                        return true;
                    }
                    rest = after;
                    begins = false;
                    continue;
                }
                _ => {}
            }
            begins = b"(, ".contains(byte) && quote.is_none();
            rest = behind;
        }
        false
    }

    /// Is the first argument the name of a function that runs what it is given?
    fn is_handed(&self) -> bool {
        let Some((quote @ (b'\'' | b'"'), rest)) = self.arguments.split_first() else { return false };
        let name = word_after(rest);
        HANDED.contains(&name) && rest.get(name.len()) == Some(quote)
    }

    /// `[File](/files)`: words between brackets, then a target without quotes, are a link in Markdown; PHP has no such call.
    fn is_label(&self) -> bool {
        let Some(text) = self.before.strip_suffix(b"]") else { return false };
        let Some(open) = text.iter().rposition(|byte| *byte == b'[') else { return false };
        let label = text.get(open + 1..).unwrap_or_default();
        let plain = label.iter().all(|byte| is_word(*byte) || b" -.".contains(byte));
        let joined =
            open.checked_sub(1).and_then(|at| text.get(at)).is_some_and(|byte| is_word(*byte) || b")]}".contains(byte));
        let target = self.arguments.split(|byte| *byte == b')').next().unwrap_or_default();
        // A label may hold code, if an address follows.
        let is_address =
            [&b"http://"[..], b"https://", b"/", b"#", b"./", b"../"].iter().any(|start| target.starts_with(start));
        (plain || is_address)
            && !joined
            && label.iter().any(u8::is_ascii_alphabetic)
            && (is_address && !target.contains(&b'$') || !target.iter().any(|byte| b"'\"$`".contains(byte)))
    }

    /// A text names a function with nothing in its parentheses.
    fn has_arguments(&self) -> bool {
        !self.in_body || self.arguments.first() != Some(&b')')
    }

    /// `('sys'.'tem')(…)`, `$_[1](…)`, `$x{0}(…)`, `"system"(…)`: what a group in front of a call spells.
    fn group(&self, found: &mut dyn FnMut(Evidence)) {
        // `parse() (see #5)`: a sentence names a function, and goes on in parentheses.
        if self.is_label() || self.in_body && self.before.ends_with(b"()") {
            return;
        }
        let mut spelled = [0_u8; 32];
        let mut length = 0;
        let mut rest = self.before;
        let mut depth = 0_u32;
        // Reads backwards over the group, its signs left out; a blank may stand inside, but not a word.
        while let Some((byte, head)) = rest.split_last() {
            rest = head;
            match byte {
                b'$' => {
                    let index = matches!(self.before.last(), Some(b']' | b'}')) || head.last() == Some(&b'(');
                    let is_blank_form = !self.in_body && is_blank_form(self.before.get(head.len()..), self.arguments);
                    if index && !is_blank_form && self.before.len() > 3 {
                        found(Evidence::PhpDynamic);
                    }
                    return;
                }
                b'/' if head.last() == Some(&b'*') => {
                    rest = find_back(head, b"/*").and_then(|open| head.get(..open)).unwrap_or_default();
                }
                b'>' if head.last() != Some(&b'-') => break,
                b';' | b',' | b'=' => break,
                // The group has ended: what stands before is a text's.
                byte if byte.is_ascii_whitespace() && depth == 0 && length > 0 => break,
                b')' | b']' | b'}' => depth += 1,
                b'(' | b'[' | b'{' => depth = depth.saturating_sub(1),
                byte if is_word(*byte) => {
                    if let Some(slot) = spelled.get_mut(length) {
                        *slot = *byte;
                    }
                    length += 1;
                }
                _ => {}
            }
        }
        let Some(name) = spelled.get_mut(..length) else { return };
        name.reverse();
        // `return"system"(…)`, `(string)"system"(…)`, `[0]` behind a list of names.
        let casts = [&b"return"[..], b"string", b"binary"];
        let name = casts.iter().find_map(|word| name.strip_prefix(*word)).unwrap_or(name);
        let name = name.strip_suffix(b"0").unwrap_or(name);
        if is_function(name) && !self.arguments.is_empty() {
            found(Evidence::PhpDynamic);
        }
    }
}

/// Does `new` stand before the name?
fn makes(lead: &[u8]) -> bool {
    let before = lead.trim_ascii_end();
    before.len() < lead.len() && word_before(before) == b"new"
}
