//! What does a closed quote end, and what follows it that only a payload has?

use super::expression::operand;
use super::token::Key;
use super::{Reader, commented};
use crate::detect::matcher::Evidence;

/// `x' or array[id] is not null--`, `x'%email--`: one closed quote, an operator, and an end that cuts off the rest.
pub(super) fn swallows(reader: &Reader<'_>) -> bool {
    let Some(quote) = reader.tokens.iter().position(|token| token.key == Key::Quote(b'\'')) else { return false };
    // What a comment cuts off may be anything.
    let comment = (quote + 1..reader.tokens.len().min(quote + 48))
        .find(|at| reader.key(*at) == Some(Key::Comment) && reader.text(*at) != b"/*" && reader.text(*at + 1) != b">");
    let end = reader.tokens.len().saturating_sub(1);
    let last = match comment {
        Some(comment) => comment,
        None if reader.key(end) == Some(Key::Semi) => end,
        None => return false,
    };
    if reader.view.len() > 160 {
        return false;
    }
    let prefix = reader.tokens.get(quote).and_then(|token| reader.view.get(..token.start)).unwrap_or_default();
    // A name, of a few words at most; not a text.
    let words = prefix.split(|byte| *byte == b' ').count();
    let named = words <= 4 && !prefix.iter().any(|byte| b"\n.,;()\"".contains(byte));
    let lone = prefix.len() <= 64 && (!prefix.contains(&b' ') || named && reader.text(last) == b"--");
    let sign =
        matches!(reader.key(quote + 1), Some(Key::Arith | Key::Star | Key::Compare)) && reader.text(last) == b"--";
    let logic = matches!(reader.key(quote + 1), Some(Key::Logic | Key::Is | Key::Where)) && reader.text(last) != b"#";
    // `x',role='y' where …--`, `x'),('y')--`: the next value, or the next row.
    let row = reader.skip(quote + 1, &[Key::Close]);
    if lone && reader.text(last) == b"--" && reader.key(row) == Some(Key::Comma) && last > row + 2 {
        return true;
    }
    lone && ((sign && matches!(reader.key(quote + 2), Some(Key::Ident | Key::Number))) || logic) && last > quote + 2
}

/// Is it the only quote, behind one word, with the rest attached to it: `bob'collate binary--`?
fn swallowed(reader: &Reader<'_>, at: usize) -> bool {
    // No further than the second: a value of nothing but quotes must not be counted through at each of them.
    let alone = reader.tokens.iter().filter(|token| matches!(token.key, Key::Quote(_))).take(2).count() == 1;
    let close = match (reader.tokens.get(at), reader.tokens.get(at + 1)) {
        (Some(quote), Some(next)) => quote.end == next.start,
        _ => false,
    };
    alone && at <= 1 && close
}

/// What follows a quote that a payload closes.
pub(super) fn closed(reader: &Reader<'_>, at: usize) -> Option<Evidence> {
    let quote = reader.tokens.get(at)?;
    let next = reader.skip(at + 1, &[Key::Close, Key::Semi]);
    match reader.key(next) {
        Some(Key::Comment) => {
            // `admin'--`: little before it, nothing of weight after it.
            let comment = reader.tokens.get(next)?;
            let rest = reader.view.get(comment.end..).unwrap_or_default();
            let prefix = reader.view.get(..quote.start).unwrap_or_default();
            let measure = quote.key == Key::Quote(b'"') && prefix.last().is_some_and(u8::is_ascii_digit);
            let lone = prefix.len() <= 64 && !measure && !prefix.iter().any(|byte| matches!(byte, b'\'' | b'"'));
            let quiet =
                rest.len() <= 16 && rest.iter().all(|byte| byte.is_ascii_alphanumeric() || b" -+;\0\n".contains(byte));
            let hash = reader.text(next) == b"#";
            (lone && quiet && (!hash || rest.trim_ascii().is_empty())).then_some(Evidence::SqlCommented)
        }
        Some(Key::Equals | Key::Compare) => {
            // `'='`, `' like '`: an operand of nothing.
            let empty = at == 0 && matches!(reader.key(next + 1), Some(Key::Quote(_))) && reader.tokens.len() <= 4;
            let (_, end) = operand(reader, next + 1)?;
            (empty || (swallowed(reader, at) && commented(reader, end))).then_some(Evidence::SqlCondition)
        }
        Some(Key::Ident | Key::Is | Key::In | Key::Not | Key::Arith | Key::Object | Key::Logic) if next == at + 1 => {
            let end = (next..next + 6).find(|at| reader.key(*at) == Some(Key::Comment))?;
            (swallowed(reader, at)
                && (reader.text(next).len() > 2 || reader.key(next) == Some(Key::Arith))
                && end + 1 >= reader.tokens.len()
                && reader.text(end) != b"#")
                .then_some(Evidence::SqlCondition)
        }
        _ => None,
    }
}
