//! Which commands does the console have? `GET …/incidents`, `GET …/user?user=4711`, `POST …/mute?user=4711&for=2h&who=jo&why=…`.

use crate::clock::Span;
use crate::decode::percent;
use crate::text::untrusted;

/// A command to the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// List the open incidents.
    Incidents,
    /// Show a user's score and incident.
    User(UserRef),
    /// Change a user's record.
    Order(Order, UserRef, Reason),
}

/// A change to a user's record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// End the open incident: somebody has dealt with it.
    Close,
    /// Send no notifications about the user for so long.
    Mute(Span),
    /// Take the user's points away.
    Forgive,
}

impl Order {
    /// `close`, `mute`, `forgive`.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Close => "close",
            Self::Mute(_) => "mute",
            Self::Forgive => "forgive",
        }
    }
}

/// Which user a command is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserRef {
    /// By name or address, as in the log.
    Name(Vec<u8>),
    /// By the id that the console and messages show, or at least its first eight digits.
    Id(String),
}

/// Who makes a change, and why: for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Who.
    pub who: String,
    /// Why.
    pub why: String,
}

/// Why a command can't be understood: the HTTP status and a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadRequest(pub u16, pub &'static str);

/// The most of a name or a reason that is kept, in UTF-16 units.
const LONGEST: usize = 256;

impl Command {
    /// Reads method and target, the target without the console's own path. A mute is at most `longest`.
    ///
    /// # Errors
    /// What is wrong, with the status that says so.
    pub fn parse(method: &[u8], target: &[u8], longest: Span) -> Result<Self, BadRequest> {
        let (path, query) = match target.iter().position(|byte| *byte == b'?') {
            Some(at) => (target.get(..at).unwrap_or_default(), target.get(at + 1..).unwrap_or_default()),
            None => (target, &b""[..]),
        };
        let orders = [(&b"/close"[..], Order::Close), (b"/mute", Order::Mute(longest)), (b"/forgive", Order::Forgive)];
        match (method, path) {
            (b"GET", b"/incidents") => Ok(Self::Incidents),
            (b"GET", b"/user") => Ok(Self::User(user_ref(query)?)),
            (b"POST", path) => {
                let order = orders.into_iter().find(|(known, _)| *known == path).ok_or(NO_SUCH)?.1;
                let text = |name| parameter(query, name).map(|value| untrusted::clean_bytes(&value, LONGEST));
                let (Some(who), Some(why)) = (text("who"), text("why")) else { return Err(NO_REASON) };
                let order = match order {
                    Order::Mute(_) => Order::Mute(span(&text("for").ok_or(NO_SPAN)?, longest)?),
                    other => other,
                };
                Ok(Self::Order(order, user_ref(query)?, Reason { who, why }))
            }
            (_, b"/incidents" | b"/user" | b"/close" | b"/mute" | b"/forgive") => {
                Err(BadRequest(405, "read with GET, change with POST"))
            }
            _ => Err(NO_SUCH),
        }
    }
}

const NO_SUCH: BadRequest = BadRequest(
    404,
    "there is GET /incidents, GET /user?user=, and POST /close, /mute and /forgive with ?user=&who=&why=",
);
const NO_REASON: BadRequest = BadRequest(400, "say who you are and why, for the log: &who=jo&why=pentest");
const NO_SPAN: BadRequest = BadRequest(400, "say for how long: &for=2h, at most 720h");
const NO_USER: BadRequest = BadRequest(400, "say which user: ?user=NAME, or ?id= with at least eight digits of the id");

fn span(text: &str, longest: Span) -> Result<Span, BadRequest> {
    Span::try_from(text.to_owned()).ok().filter(|span| *span <= longest).ok_or(NO_SPAN)
}

fn user_ref(query: &[u8]) -> Result<UserRef, BadRequest> {
    if let Some(name) = parameter(query, "user") {
        return Ok(UserRef::Name(name));
    }
    let id = parameter(query, "id").and_then(|id| String::from_utf8(id).ok());
    let is_id = |id: &String| (8..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    id.filter(is_id).map(|id| UserRef::Id(id.to_ascii_lowercase())).ok_or(NO_USER)
}

/// The value of a parameter, decoded; none if it is empty.
fn parameter(query: &[u8], name: &str) -> Option<Vec<u8>> {
    let value =
        query.split(|byte| *byte == b'&').find_map(|pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"="))?;
    let spaced: Vec<u8> = value.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let mut decoded = Vec::new();
    let plain = if percent::decode(&spaced, &mut decoded) { decoded } else { spaced };
    (!plain.is_empty()).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_parsed() {
        let reason = || Reason { who: "jo".to_owned(), why: "a pentest".to_owned() };
        let name = |name: &str| UserRef::Name(name.as_bytes().to_vec());
        let hours = |hours: u64| Span::from_secs(hours * 3600);
        let rows = [
            ("GET", "/incidents", Ok(Command::Incidents)),
            ("GET", "/user?user=jo%20x", Ok(Command::User(name("jo x")))),
            ("GET", "/user?id=DEADBEEF", Ok(Command::User(UserRef::Id("deadbeef".to_owned())))),
            ("GET", "/user", Err(NO_USER)),
            ("GET", "/user?id=xyz", Err(NO_USER)),
            ("POST", "/close?user=a&who=jo&why=a+pentest", Ok(Command::Order(Order::Close, name("a"), reason()))),
            (
                "POST",
                "/mute?user=a&for=2h&who=jo&why=a+pentest",
                Ok(Command::Order(Order::Mute(hours(2)), name("a"), reason())),
            ),
            ("POST", "/mute?user=a&who=jo&why=x", Err(NO_SPAN)),
            ("POST", "/mute?user=a&for=99999h&who=jo&why=x", Err(NO_SPAN)),
            ("POST", "/forgive?user=a&why=x", Err(NO_REASON)),
            ("POST", "/incidents", Err(NO_SUCH)),
            ("DELETE", "/user", Err(BadRequest(405, "read with GET, change with POST"))),
            ("GET", "", Err(NO_SUCH)),
        ];
        for (method, target, expected) in rows {
            assert_eq!(Command::parse(method.as_bytes(), target.as_bytes(), hours(720)), expected, "{method} {target}");
        }
    }
}
