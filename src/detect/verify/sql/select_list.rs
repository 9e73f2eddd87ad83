//! Is what follows SELECT a select list?

use super::lexer::Kind;
use super::tokens::TokenStream;

/// Do literals, calls, a star, a list, or a name with FROM stand here? In prose a name alone is not enough.
pub(super) fn is_select_list(tokens: &TokenStream<'_>, at: usize, in_prose: bool) -> bool {
    let start = at;
    let at = tokens.skip(at, &[Kind::All, Kind::Open, Kind::Arith]);
    // Informix, DB2, Firebird: `first 5 pin`.
    let limits = !in_prose
        && matches!(tokens.text(at), b"first" | b"skip" | b"top")
        && tokens.kind(at + 1) == Some(Kind::Number);
    let at = if limits { at + 2 } else { at };
    match tokens.kind(at) {
        Some(Kind::Number | Kind::Variable | Kind::Star | Kind::Null | Kind::Case | Kind::Select) => true,
        Some(Kind::Quote(_)) => true,
        Some(Kind::Ident | Kind::Object | Kind::Verb | Kind::Set) if tokens.is_call(at) => true,
        Some(Kind::Ident | Kind::Object) => {
            let mut end = at + 1;
            while tokens.kind(end) == Some(Kind::Dot) && end < at + 8 {
                end += 2;
            }
            match tokens.kind(end) {
                // A function by its schema.
                _ if end > at + 1 && tokens.is_call(end - 1) => true,
                Some(Kind::Close) if at > start => true,
                Some(Kind::Comma) => !in_prose || tokens.kind(end + 1) == Some(Kind::Null) || tokens.is_call(end + 1),
                // `pin as id from cards`
                Some(Kind::Ident) if tokens.text(end) == b"as" => !in_prose && tokens.kind(end + 2) == Some(Kind::From),
                Some(Kind::From) => {
                    !in_prose
                        || matches!(
                            tokens.kind(end + 2),
                            None | Some(Kind::Comment | Kind::Where | Kind::Tail | Kind::Semi)
                        )
                }
                Some(Kind::Comment | Kind::Logic | Kind::Equals | Kind::Into) => !in_prose,
                _ => false,
            }
        }
        None | Some(Kind::Comment) => !in_prose && tokens.before(start - 1).is_some(),
        _ => false,
    }
}
