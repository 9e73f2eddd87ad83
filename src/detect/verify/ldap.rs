//! Is it an injection into an LDAP filter? It closes the filter around it and opens one of its own.
//!
//! The grammar is RFC 4515's: `(&(a=b)(|(c>=d)(!(e~=f))))`.

use super::subject::Subject;
use crate::detect::matcher::Evidence;

/// No injected filter is longer, in bytes.
const LONGEST: usize = 512;

/// Reports a filter that closes the one around it. Reads views of up to [`LONGEST`] bytes.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    if view.len() > LONGEST {
        return;
    }
    let is_sign = |byte: &u8| b"*()|&!='\"\\/".contains(byte);
    if (4..=24).contains(&view.len())
        && view.iter().all(is_sign)
        && view.contains(&b'*')
        && view.iter().any(|byte| b"()".contains(byte))
    {
        found(Evidence::LdapSigns);
    }
    if is_joined(view) {
        found(Evidence::LdapFilter);
    }
    if is_half(view) || is_constant(view) {
        found(Evidence::LdapFilter);
    }
    if !subject.target.in_document() && asks_for_secret(view, subject.target.in_body()) {
        found(Evidence::LdapFilter);
    }
    let mut open = 0_u32;
    let mut before = b' ';
    for (at, byte) in view.iter().enumerate() {
        match byte {
            b'(' => open += 1,
            b')' if open > 0 => open -= 1,
            // Not the mouth of a smiley.
            b')' if !b":;-8".contains(&before) && opens(view.get(at + 1..).unwrap_or_default()) => {
                return found(Evidence::LdapFilter);
            }
            _ => {}
        }
        before = *byte;
    }
}

/// `|(objectclass=user)(uid=admin)`, `!(&(a=b)(c=d))`, `*(objectclass=*`: a part of a filter, of which the rest stands around it.
fn is_half(view: &[u8]) -> bool {
    let rest = match view {
        [b'|' | b'&' | b'!', rest @ ..] if rest.first() == Some(&b'(') => rest,
        [b'*', rest @ ..] if rest.first() == Some(&b'(') && rest.ends_with(b"=*") => rest,
        _ => return false,
    };
    opens(rest)
}

/// `(&(uid=admin)(!(&(1=0)(password=q))))`: a whole filter with a comparison that is never true.
fn is_constant(view: &[u8]) -> bool {
    view.starts_with(b"(")
        && [&b"(1=0)"[..], b"(1=1)", b"(0=1)"].iter().any(|one| super::bytes::find(view, 0, one).is_some())
        && opens(view)
}

/// `*(|(mail=*))`: a value, then a filter joined to it without a parenthesis that closes the first.
fn is_joined(view: &[u8]) -> bool {
    let value = view.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"*._@-".contains(byte)).count();
    let (value, filter) = view.split_at(value);
    value.contains(&b'*') && [&b"(|("[..], b"(&(", b"(!("].iter().any(|sign| filter.starts_with(sign)) && opens(filter)
}

/// `(&(uid=*)(userpassword=a*))`, `x;(…)`: a whole filter that guesses a secret's letters.
fn asks_for_secret(view: &[u8], in_body: bool) -> bool {
    let name = view.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let filter = view.get(name..).and_then(|rest| rest.strip_prefix(b";")).unwrap_or(view);
    // In a field of its own a single comparison is a text in parentheses.
    let is_filter =
        [&b"(&("[..], b"(|("].iter().any(|start| filter.starts_with(start)) || !in_body && filter.starts_with(b"(");
    is_filter
        && [&b"password=*"[..], b"password=a", b"passwd=*", b"unixuserpassword="]
            .iter()
            .any(|part| super::bytes::find(view, 0, part).is_some())
        && view.contains(&b'*')
}

/// Does another filter begin here: signs with a parenthesis among them, then an attribute and a comparison?
fn opens(rest: &[u8]) -> bool {
    let signs = rest.iter().take_while(|byte| b")(&|!* \t".contains(byte)).count();
    let (signs, rest) = rest.split_at(signs);
    if !signs.contains(&b'(') {
        return false;
    }
    // `(&)` is true and `(|)` false: RFC 4526.
    if signs.windows(3).any(|three| matches!(three, b"(&)" | b"(|)")) {
        return true;
    }
    let operator =
        signs.iter().rev().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|sign| b"&|!".contains(sign));
    if rest.is_empty() {
        return operator;
    }
    let attribute = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"-.;_".contains(byte)).count();
    let comparison = rest.get(attribute..).unwrap_or_default();
    // An extensible match: `attribute:1.2.840:=`.
    let rule = comparison.strip_prefix(b":").is_some_and(|rest| {
        let name = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b".:".contains(byte)).count();
        name > 1 && rest.get(..name + 1).is_some_and(|rest| rest.ends_with(b":="))
    });
    attribute > 0 && (rule || [&b"="[..], b">=", b"<=", b"~=", b":="].iter().any(|sign| comparison.starts_with(sign)))
}
