//! Which name and password do `Basic` credentials hold? Applications compare the name with rows of their database.
//!
//! RFC 7617: Base64 of the name, a colon and the password.

use crate::read::base64;
use crate::read::field::Field;
use crate::read::target::Target;

/// Shows name and password apart, the latter under the name of a secret. Returns false, and shows nothing, if the value holds no
/// such credentials.
pub(super) fn show(name: &[u8], value: &[u8], sink: &mut dyn FnMut(Field<'_>)) -> bool {
    const SCHEME: &[u8] = b"basic ";
    let Some((scheme, coded)) = value.split_at_checked(SCHEME.len()) else { return false };
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return false;
    }
    // Servers leave out what is no Base64, and compare the name whatever the password is.
    let (text, is_text) = match base64::text(coded) {
        Some(text) => (text, true),
        None => (base64::decoded(coded), false),
    };
    let mut parts = text.splitn(2, |byte| *byte == b':');
    let user = parts.next().unwrap_or_default();
    sink(Field::plain(Target::Header, name, user));
    if let Some(password) = parts.next() {
        sink(Field::plain(Target::Header, b"password", password));
        // What has a colon itself is cut in two by now.
        let odd = |byte: &u8| b"${<\"`|(".contains(byte);
        if user.iter().any(odd) || password.starts_with(b"//") || password.contains(&b'"') {
            sink(Field::plain(Target::Header, name, &text));
        }
    }
    is_text
}
