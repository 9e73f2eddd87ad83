//! Which commands does the console have? `GET …/incidents`, `GET …/user?user=4711`, `POST …/mute?user=4711&for=2h&who=jo&why=…`.

use crate::clock::Span;
use crate::decode::percent;
use crate::incident::restriction::LONGEST as LONGEST_BLOCK;
use crate::text::untrusted;

/// A command to the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// List the open incidents.
    Incidents,
    /// List the users who are blocked or redirected.
    Blocked,
    /// List the users of whom nobody is notified.
    Muted,
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
    /// Notify of the user again.
    Unmute,
    /// Take the user's points away.
    Forgive,
    /// Refuse everything of the user's for so long.
    Block(Span),
    /// Refuse and redirect nothing of the user's any more.
    Unblock,
}

impl Order {
    /// All of them; a span is only the longest.
    const ALL: [Self; 6] =
        [Self::Close, Self::Mute(LONGEST_MUTE), Self::Unmute, Self::Forgive, Self::Block(BLOCK), Self::Unblock];

    /// For how long it is, if it ends by itself.
    pub const fn span(self) -> Option<Span> {
        match self {
            Self::Mute(span) | Self::Block(span) => Some(span),
            Self::Close | Self::Unmute | Self::Forgive | Self::Unblock => None,
        }
    }

    /// `close`, `mute`, `unmute`, `forgive`, `block`, `unblock`.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Close => "close",
            Self::Mute(_) => "mute",
            Self::Unmute => "unmute",
            Self::Forgive => "forgive",
            Self::Block(_) => "block",
            Self::Unblock => "unblock",
        }
    }
}

/// Which user a command is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserRef {
    /// By name or address, as in the log.
    Name {
        /// The name.
        name: Vec<u8>,
        /// Where the name comes from, as in the log: `header:x-user-id`, `address`.
        source: Option<String>,
    },
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

/// The longest mute. For longer than that there are groups.
const LONGEST_MUTE: Span = Span::from_secs(30 * 24 * 60 * 60);

/// The longest block.
const BLOCK: Span = Span::from_secs(LONGEST_BLOCK.as_secs());

/// The most of a name or a reason that is kept, in UTF-16 units.
const LONGEST: usize = 256;

impl Command {
    /// Reads method and target, the target without the console's own path.
    ///
    /// # Errors
    /// What is wrong, with the status that says so.
    pub fn parse(method: &[u8], target: &[u8]) -> Result<Self, BadRequest> {
        let (path, query) = match target.iter().position(|byte| *byte == b'?') {
            Some(at) => (target.get(..at).unwrap_or_default(), target.get(at + 1..).unwrap_or_default()),
            None => (target, &b""[..]),
        };
        let order = path
            .strip_prefix(b"/")
            .and_then(|word| Order::ALL.into_iter().find(|order| order.slug().as_bytes() == word));
        match (method, path) {
            (b"GET", b"/incidents") => Ok(Self::Incidents),
            (b"GET", b"/blocked") => Ok(Self::Blocked),
            (b"GET", b"/muted") => Ok(Self::Muted),
            (b"GET", b"/user") => Ok(Self::User(user_ref(query)?)),
            (b"POST", _) => {
                let order = order.ok_or(NO_SUCH)?;
                let text = |name| parameter(query, name).map(|value| untrusted::clean_bytes(&value, LONGEST));
                let (Some(who), Some(why)) = (text("who"), text("why")) else { return Err(NO_REASON) };
                let order = match order {
                    Order::Mute(longest) => Order::Mute(span(text("for"), longest).ok_or(NO_SPAN)?),
                    Order::Block(longest) => Order::Block(span(text("for"), longest).ok_or(NO_BLOCK)?),
                    other => other,
                };
                Ok(Self::Order(order, user_ref(query)?, Reason { who, why }))
            }
            (_, b"/incidents" | b"/blocked" | b"/muted" | b"/user") => Err(NO_METHOD),
            _ if order.is_some() => Err(NO_METHOD),
            _ => Err(NO_SUCH),
        }
    }
}

const NO_SUCH: BadRequest = BadRequest(
    404,
    "there is GET /incidents, /blocked, /muted, /user?user=, and POST /close, /mute, /unmute, /forgive, /block, /unblock with \
     ?user=&who=&why=",
);
const NO_METHOD: BadRequest = BadRequest(405, "read with GET, change with POST");
const NO_REASON: BadRequest = BadRequest(400, "say who you are and why, for the log: &who=jo&why=pentest");
const NO_SPAN: BadRequest = BadRequest(400, "say for how long: &for=2h, at most 720h");
const NO_BLOCK: BadRequest = BadRequest(400, "say for how long: &for=2h, at most 24h");
const NO_USER: BadRequest = BadRequest(400, "say which user: ?user=NAME, or ?id= with at least eight digits of the id");

fn span(text: Option<String>, longest: Span) -> Option<Span> {
    Span::try_from(text?).ok().filter(|span| *span <= longest)
}

fn user_ref(query: &[u8]) -> Result<UserRef, BadRequest> {
    if let Some(name) = parameter(query, "user") {
        let source = parameter(query, "source").map(|source| untrusted::clean_bytes(&source, LONGEST));
        return Ok(UserRef::Name { name, source });
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
        let name = |name: &str| UserRef::Name { name: name.as_bytes().to_vec(), source: None };
        let address = UserRef::Name { name: b"192.0.2.7".to_vec(), source: Some("address".to_owned()) };
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
            ("POST", "/unmute?user=a&who=jo&why=a+pentest", Ok(Command::Order(Order::Unmute, name("a"), reason()))),
            (
                "POST",
                "/block?user=192.0.2.7&source=address&for=24h&who=jo&why=a+pentest",
                Ok(Command::Order(Order::Block(hours(24)), address, reason())),
            ),
            ("POST", "/block?user=a&for=25h&who=jo&why=x", Err(NO_BLOCK)),
            ("POST", "/block?user=a&who=jo&why=x", Err(NO_BLOCK)),
            ("POST", "/unblock?user=a&who=jo&why=a+pentest", Ok(Command::Order(Order::Unblock, name("a"), reason()))),
            ("GET", "/blocked", Ok(Command::Blocked)),
            ("GET", "/muted", Ok(Command::Muted)),
            ("POST", "/muted", Err(NO_SUCH)),
            ("GET", "/block", Err(NO_METHOD)),
            ("POST", "/forgive?user=a&why=x", Err(NO_REASON)),
            ("POST", "/incidents", Err(NO_SUCH)),
            ("DELETE", "/user", Err(NO_METHOD)),
            ("GET", "", Err(NO_SUCH)),
        ];
        for (method, target, expected) in rows {
            assert_eq!(Command::parse(method.as_bytes(), target.as_bytes()), expected, "{method} {target}");
        }
    }
}
