//! Does a brace expansion spell a command: `c{a,oun}t`, `{ls,-la}`?
//!
//! After Bash's manual, 3.5.1: no blank inside, at least one comma; what stands before and behind is joined to each part.

use super::names;

/// So far an expansion is read, in bytes.
const LONGEST: usize = 64;

/// Is one of the words a command? `whole`: the value starts here, so it has to be nothing but the expansion.
pub(super) fn spells(view: &[u8], start: usize, whole: bool) -> bool {
    let rest = view.get(start..(start + LONGEST).min(view.len())).unwrap_or_default().trim_ascii_start();
    let letter = |byte: &u8| byte.is_ascii_lowercase();
    let before = rest.iter().take_while(|byte| letter(byte)).count();
    let (prefix, braces) = rest.split_at(before);
    let Some(inside) = braces.strip_prefix(b"{") else { return false };
    let Some(close) =
        inside.iter().position(|byte| *byte == b'}' || byte.is_ascii_whitespace() || b"\"'`{:".contains(byte))
    else {
        return false;
    };
    let (list, after) = inside.split_at(close);
    let Some(after) = after.strip_prefix(b"}").filter(|_| list.contains(&b',')) else { return false };
    let suffix = after.iter().take_while(|byte| letter(byte)).count();
    let suffix = after.get(..suffix).unwrap_or_default();
    let is_command = |part: &[u8]| names::is_command(&[prefix, part, suffix].concat());
    if prefix.is_empty() && suffix.is_empty() {
        // The first word is the command, the next its argument.
        let mut parts = list.split(|byte| *byte == b',');
        let first = parts.next().unwrap_or_default();
        let argument = parts.next().is_some_and(|part| part.iter().any(|byte| b"./-$*".contains(byte)));
        return argument && names::is_command(first) && (!whole || after.trim_ascii().is_empty());
    }
    list.split(|byte| *byte == b',').all(|part| part.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-'))
        && list.split(|byte| *byte == b',').any(|part| !part.is_empty() && is_command(part))
}
