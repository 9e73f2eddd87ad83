//! Which strings are in the header and the payload of a JSON Web Token?
//!
//! Libraries read them before they check the signature, and a `kid` may name a file or a row of a database.
//!
//! RFC 7515, compact serialisation.

use super::base64;
use super::field::Field;
use super::json::Json;
use super::target::Target;

/// Shows the strings of a token, alone or after a scheme (`Bearer …`); nothing if the value is none.
pub(super) fn fields(value: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
    let start = value.iter().rposition(|byte| *byte == b' ').map_or(0, |at| at + 1);
    let token = value.get(start..).unwrap_or_default();
    let token = token.strip_prefix(b"\"").unwrap_or(token);
    // `{` in Base64, and what JSON has behind it: a quotation mark or a blank.
    let is_object = matches!(token, [b'e', b'y', b'J' | b'A', ..] | [b'e', b'w', b'o' | b'0' | b'k', ..]);
    if !is_object || !token.contains(&b'.') {
        return;
    }
    for part in token.split(|byte| *byte == b'.').take(2) {
        let part = base64::decoded(part);
        let mut json = Json::default();
        let mut show = |field: Field<'_>| sink(Field { target: Target::Jwt, ..field });
        json.read(&part, &mut show);
        json.end(&mut show);
    }
}
