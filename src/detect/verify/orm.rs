//! Does a parameter's name ask an object-relational mapper for a part of a secret, letter by letter?
//!
//! Mappers that let clients name members and operators (Django's `a__startswith`, Ransack's `a_start`, Prisma's and LoopBack's
//! `where[a][startsWith]`, Directus' and Strapi's `filter[a][_starts_with]`) compare parts of any member, passwords too.

use super::subject::Subject;
use crate::detect::matcher::Evidence;
use crate::detect::verify::word_list::WordList;

/// Members that no client has to search for.
const SECRETS: &[&[u8]] = &[
    b"password",
    b"passwd",
    b"passhash",
    b"secret",
    b"token",
    b"api_key",
    b"apikey",
    b"otp",
    b"two_factor",
    b"twofactor",
    b"recovery",
    b"salt",
];
/// Flags of accounts that decide what they may do.
const FLAGS: &[&[u8]] = &[b"is_superuser", b"is_staff", b"is_admin"];
/// Parts of the names of what an account is known by.
const ACCOUNTS: &[&[u8]] = &[
    b"username",
    b"user__",
    b"login",
    b"mail",
    b"nickname",
    b"account",
    b"staff",
    b"created_by",
    b"admin",
    b"ssn",
    b"cvv",
    b"salary",
    b"reset",
];
/// Operators that compare a part, or the order.
static PARTIAL: WordList = WordList::new(
    "cont contains end ends ends_with endswith gt gte icontains iendswith ilike iregex istartswith like lt lte matches \
     not not_eq regex regexp start starts starts_with startswith",
);

/// Reports a name of several parts, one of which names a secret and the last of which is an operator on a part of it.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    if subject.is_name && is_lookup(subject.view) {
        found(Evidence::OrmSecret);
    }
    if subject.is_name && is_of_account(subject.view) {
        found(Evidence::OrmPerson);
    }
}

/// `created_by__user__username__startswith`, as Django has it, of somebody's account; of other members search forms ask so.
fn is_of_account(name: &[u8]) -> bool {
    let Some(at) = name.windows(2).rposition(|part| part == b"__") else { return false };
    let (member, operator) = name.split_at(at);
    let operator = operator.get(2..).unwrap_or_default();
    let is_partial =
        operator.ends_with(b"startswith") || operator.ends_with(b"endswith") || operator.ends_with(b"regex");
    is_partial && ACCOUNTS.iter().any(|part| super::bytes::find(member, 0, part).is_some())
}

/// `user__password__startswith`, `q[reset_token_start]`, `where[password][startswith]`, `filter.password._contains`.
fn is_lookup(name: &[u8]) -> bool {
    let is_separator = |byte: &u8| matches!(byte, b'[' | b']' | b'.' | b':');
    // Names end in `]`, or in `[]` of a list.
    let end = name.iter().rposition(|byte| !matches!(byte, b'[' | b']')).map_or(0, |at| at + 1);
    let name = name.get(..end).unwrap_or_default();
    let start = name.iter().rposition(is_separator).map_or(0, |at| at + 1);
    let (before, last) = name.split_at(start);
    let operator = last.strip_prefix(b"_").or_else(|| last.strip_prefix(b"$")).unwrap_or(last);
    if PARTIAL.has(operator) && has_secret(before) {
        return true;
    }
    // An operator joined to the member: by two underscores, or by one inside `q[…]`.
    let cut = |parts: usize| {
        let mut at = last.len();
        for _ in 0..parts {
            at = last.get(..at)?.iter().rposition(|byte| *byte == b'_')?;
        }
        Some(last.split_at(at))
    };
    let joined = (1..=2).filter_map(cut).any(|(member, operator)| {
        let grouped = member.ends_with(b"_") || before.ends_with(b"[");
        let operator = operator.strip_prefix(b"_").unwrap_or(operator);
        grouped && PARTIAL.has(operator) && has_secret(member)
    });
    let flagged = super::bytes::find(name, 0, b"__").is_some()
        && FLAGS.iter().any(|flag| name.ends_with(flag) && name.len() > flag.len());
    joined || flagged
}

fn has_secret(names: &[u8]) -> bool {
    SECRETS.iter().any(|secret| super::bytes::find(names, 0, secret).is_some())
}
