//! Which commands does the console have? `GET …/incidents`, `GET …/user?user=4711`, `POST …/mute?user=4711&for=2h&who=jo&why=…`.
//!
//! `docs/console.openapi.yaml` describes them for those who call them.

use crate::clock::Span;
use crate::console::query::{Part, Query, UserRef};
use crate::incident::restriction::LONGEST as LONGEST_BLOCK;

/// A command to the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A part of a list of users.
    List(List, Part),
    /// All users of whom there is a record, a few at a time, from this bucket of records on.
    Records(u64),
    /// Show a user's record.
    User(UserRef),
    /// Show how the filter is.
    Status,
    /// Change a user's record.
    Order(Order, UserRef, Reason),
}

/// A list of users that is kept as events and orders come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// All below, the most dangerous first.
    Risky,
    /// Those with an open incident, the next to end first.
    Incidents,
    /// Those who are blocked or redirected.
    Blocked,
    /// Those of whom nobody is notified.
    Muted,
}

impl List {
    const ALL: [Self; 4] = [Self::Risky, Self::Incidents, Self::Blocked, Self::Muted];

    /// `users`, `incidents`, `blocked`, `muted`: its path, and the answer's member.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Risky => "users",
            Self::Incidents => "incidents",
            Self::Blocked => "blocked",
            Self::Muted => "muted",
        }
    }
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

/// Who makes a change, and why: for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Who.
    pub who: String,
    /// Why.
    pub why: String,
}

/// Why a command can't be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadRequest {
    /// The HTTP status.
    pub status: u16,
    /// A sentence.
    pub why: &'static str,
    /// Which methods there are, if it is the method (RFC 9110, 15.5.6).
    pub allow: Option<&'static str>,
}

impl BadRequest {
    const fn new(status: u16, why: &'static str) -> Self {
        Self { status, why, allow: None }
    }

    const fn method(allow: &'static str, why: &'static str) -> Self {
        Self { status: 405, why, allow: Some(allow) }
    }
}

/// The longest mute. For longer than that there are groups.
const LONGEST_MUTE: Span = Span::from_secs(30 * 24 * 60 * 60);

/// The longest block.
const BLOCK: Span = Span::from_secs(LONGEST_BLOCK.as_secs());

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
        let (name, query) = (path.strip_prefix(b"/").ok_or(NO_SUCH)?, Query(query));
        if let Some(order) = Order::ALL.into_iter().find(|order| order.slug().as_bytes() == name) {
            return if method == b"POST" { Self::order(order, query) } else { Err(ONLY_POST) };
        }
        let list = List::ALL.into_iter().find(|list| list.slug().as_bytes() == name);
        let is_known = list.is_some() || matches!(name, b"records" | b"user" | b"status");
        match (name, list) {
            _ if !is_known => Err(NO_SUCH),
            _ if method != b"GET" && method != b"HEAD" => Err(ONLY_GET),
            (_, Some(list)) => Ok(Self::List(list, query.part().ok_or(NO_PART)?)),
            (b"records", _) => Ok(Self::Records(query.number("from", 0).ok_or(NO_START)?)),
            (b"user", _) => Ok(Self::User(query.user().ok_or(NO_USER)?)),
            _ => Ok(Self::Status),
        }
    }

    fn order(order: Order, query: Query<'_>) -> Result<Self, BadRequest> {
        let (Some(who), Some(why)) = (query.text("who"), query.text("why")) else { return Err(NO_REASON) };
        let order = match order {
            Order::Mute(longest) => Order::Mute(query.span("for", longest).ok_or(NO_SPAN)?),
            Order::Block(longest) => Order::Block(query.span("for", longest).ok_or(NO_BLOCK)?),
            other => other,
        };
        Ok(Self::Order(order, query.user().ok_or(NO_USER)?, Reason { who, why }))
    }
}

const NO_SUCH: BadRequest = BadRequest::new(
    404,
    "there is GET /users, /incidents, /blocked, /muted, /records, /user?user=, /status, and POST /close, /mute, /unmute, \
     /forgive, /block, /unblock with ?user=&who=&why=",
);
const ONLY_GET: BadRequest = BadRequest::method("GET, HEAD", "read with GET");
const ONLY_POST: BadRequest = BadRequest::method("POST", "change with POST");
const NO_REASON: BadRequest = BadRequest::new(400, "say who you are and why, for the log: &who=jo&why=pentest");
const NO_SPAN: BadRequest = BadRequest::new(400, "say for how long: &for=2h, at most 720h");
const NO_BLOCK: BadRequest = BadRequest::new(400, "say for how long: &for=2h, at most 24h");
const NO_USER: BadRequest =
    BadRequest::new(400, "say which user: ?user=NAME, or ?id= with at least eight digits of the id");
const NO_PART: BadRequest =
    BadRequest::new(400, "say which part of the list by numbers: ?offset=50&limit=50, at most 100 at a time");
const NO_START: BadRequest =
    BadRequest::new(400, "go on where the last answer says: ?from= with the number in its `next`");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_parsed() {
        let reason = || Reason { who: "jo".to_owned(), why: "a pentest".to_owned() };
        let name = |name: &str| UserRef::Name { name: name.as_bytes().to_vec(), source: None };
        let address = UserRef::Name { name: b"192.0.2.7".to_vec(), source: Some("address".to_owned()) };
        let hours = |hours: u64| Span::from_secs(hours * 3600);
        let part = |offset, limit| Part { offset, limit };
        let rows = [
            ("GET", "/users", Ok(Command::List(List::Risky, part(0, 50)))),
            ("GET", "/incidents?offset=100&limit=7", Ok(Command::List(List::Incidents, part(100, 7)))),
            ("GET", "/users?limit=101", Err(NO_PART)),
            ("GET", "/users?limit=0", Err(NO_PART)),
            ("GET", "/users?offset=-1", Err(NO_PART)),
            ("GET", "/users?offset=", Err(NO_PART)),
            ("GET", "/records", Ok(Command::Records(0))),
            ("GET", "/records?from=64", Ok(Command::Records(64))),
            ("GET", "/records?from=x", Err(NO_START)),
            ("GET", "/status", Ok(Command::Status)),
            ("GET", "/user?user=jo%20x", Ok(Command::User(name("jo x")))),
            ("GET", "/user?id=DEADBEEF", Ok(Command::User(UserRef::Id("deadbeef".to_owned())))),
            ("HEAD", "/user?user=a", Ok(Command::User(name("a")))),
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
            ("GET", "/blocked", Ok(Command::List(List::Blocked, part(0, 50)))),
            ("GET", "/muted", Ok(Command::List(List::Muted, part(0, 50)))),
            ("POST", "/muted", Err(ONLY_GET)),
            ("GET", "/block", Err(ONLY_POST)),
            ("POST", "/forgive?user=a&why=x", Err(NO_REASON)),
            ("POST", "/forgive?who=a&why=x", Err(NO_USER)),
            ("POST", "/forgive?user=a&who=%20&why=x", Err(NO_REASON)),
            ("POST", "/incidents", Err(ONLY_GET)),
            ("DELETE", "/user", Err(ONLY_GET)),
            ("DELETE", "/nothing", Err(NO_SUCH)),
            ("GET", "", Err(NO_SUCH)),
        ];
        for (method, target, expected) in rows {
            assert_eq!(Command::parse(method.as_bytes(), target.as_bytes()), expected, "{method} {target}");
        }
    }
}
