//! What is done about risky users, from which band on? The options under `respond`.

use crate::clock::Span;
use crate::config::bounded::Bounded;
use crate::config::error::{Error, OptionError};
use crate::config::from_value::FromValue;
use crate::config::options::options;
use crate::config::size::Size;
use crate::config::value::Value;
use crate::exchange::head::{Head, path_of, without_port};
use crate::incident::restriction::{LONGEST, RestrictionKind, RestrictionTerms};
use crate::risk::band::Band;

/// The most entries: all are looked at for each request of a risky user.
const MOST: usize = 32;

/// The option `respond`: a list of entries. Off by default.
#[derive(Clone, Debug, Default)]
pub struct Respond(Vec<Entry>);

/// An entry of `respond`. Of those that fit the user all tell, and the first that answers the request does.
#[derive(Clone, Debug)]
pub struct Entry {
    /// From which band of the incident on.
    pub at: Band,
    members: Members,
    /// Is it only counted and logged?
    pub dry_run: bool,
    /// Refuse everything for a while.
    pub block: Option<Block>,
    /// Refuse the requests that carry a high or critical act.
    pub block_attacks: Option<BlockAttacks>,
    /// Send everything elsewhere for a while.
    pub redirect: Option<Redirect>,
    /// Tell the upstream.
    pub headers: bool,
    hold_bodies: Option<Size<1_048_576>>,
}

options! { Entry {
    at, members as "match", dry_run, block, block_attacks, redirect, headers, hold_bodies, ..Self::default()
} }

/// The option `match`: which users; everybody, if it is left out.
#[derive(Clone, Debug, Default)]
struct Members {
    group: Option<String>,
}

options! { Members { group, ..Self::default() } }

/// The options under `block`.
#[derive(Clone, Debug)]
pub struct Block {
    status: Bounded<400, 599>,
    length: Span,
    longer: bool,
}

options! { Block { status, length as "for", longer, ..Self::default() } }

/// The options under `block_attacks`.
#[derive(Clone, Debug)]
pub struct BlockAttacks {
    status: Bounded<400, 599>,
}

options! { BlockAttacks { status, ..Self::default() } }

/// The options under `redirect`.
#[derive(Clone, Debug)]
pub struct Redirect {
    /// Where to.
    pub to: Location,
    status: RedirectStatus,
    length: Span,
}

options! { Redirect { to, status = RedirectStatus(303), length as "for" = Span::from_secs(10 * 60) } }

/// Where a redirect leads to: a path, or a URL.
#[derive(Clone, Debug)]
pub struct Location(String);

#[derive(Clone, Copy, Debug)]
struct RedirectStatus(u16);

impl Respond {
    /// The entries that concern a user of this group, in order.
    pub fn of<'a>(&'a self, group: Option<&'a str>) -> impl Iterator<Item = &'a Entry> {
        self.0.iter().filter(move |entry| entry.members.group.is_none() || entry.members.group.as_deref() == group)
    }

    /// Is nothing done?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Does any entry answer requests in the application's place?
    pub fn answers(&self) -> bool {
        self.0.iter().any(|entry| entry.block.is_some() || entry.block_attacks.is_some() || entry.redirect.is_some())
    }

    /// How many bytes of a body are held until the request is judged; none where bodies are not held.
    pub fn held_bytes(&self) -> Option<usize> {
        self.0.iter().filter(|entry| !entry.dry_run).filter_map(|entry| entry.hold_bodies.map(Size::bytes)).max()
    }

    /// The restrictions of users of this group. Unless responses are `enforced` they are only counted.
    pub fn restrictions(&self, group: Option<&str>, enforced: bool) -> Vec<RestrictionTerms> {
        let mut terms = Vec::new();
        for entry in self.of(group) {
            let (at, is_dry) = (entry.at, entry.dry_run || !enforced);
            if let Some(Block { length, longer, .. }) = &entry.block {
                let (kind, length) = (RestrictionKind::Block, length.duration());
                terms.push(RestrictionTerms { kind, at, length, longer: *longer, is_dry });
            }
            if let Some(Redirect { length, .. }) = &entry.redirect {
                let (kind, length) = (RestrictionKind::Redirect, length.duration());
                terms.push(RestrictionTerms { kind, at, length, longer: false, is_dry });
            }
        }
        terms
    }

    /// Checks what the types do not say; `groups` are the names that groups have.
    ///
    /// # Errors
    /// The number of the entry, the option's name and what is wrong with it.
    pub fn check(&self, groups: &[&str]) -> Result<(), (usize, OptionError)> {
        self.0.iter().enumerate().try_for_each(|(index, entry)| entry.check(groups).map_err(|error| (index, error)))
    }
}

impl Entry {
    fn check(&self, groups: &[&str]) -> Result<(), OptionError> {
        if self.block.is_none() && self.block_attacks.is_none() && self.redirect.is_none() && !self.headers {
            return Err(("", "does nothing; write block, block_attacks, redirect or headers".to_owned()));
        }
        if self.hold_bodies.is_some() && self.block_attacks.is_none() {
            return Err(("hold_bodies", "holds for nothing; it belongs beside block_attacks".to_owned()));
        }
        let lengths = [
            ("block.for", self.block.as_ref().map(|block| block.length)),
            ("redirect.for", self.redirect.as_ref().map(|redirect| redirect.length)),
        ];
        if let Some((option, Some(length))) =
            lengths.into_iter().find(|(_, length)| length.is_some_and(|length| length.duration() > LONGEST))
        {
            return Err((option, format!("{length} is too long; at most 24h")));
        }
        match &self.members.group {
            Some(group) if !groups.contains(&group.as_str()) => {
                Err(("match.group", format!("`{group}` is no group's name; see groups")))
            }
            _ => Ok(()),
        }
    }
}

impl Block {
    /// The status of the answer.
    pub fn status(&self) -> u16 {
        status(self.status)
    }
}

impl BlockAttacks {
    /// The status of the answer.
    pub fn status(&self) -> u16 {
        status(self.status)
    }
}

impl Redirect {
    /// The status of the answer.
    pub fn status(&self) -> u16 {
        self.status.0
    }
}

impl Location {
    /// As it stands in the answer's `location`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Does the request lead there already, or below? Whoever is to go there must not be sent there again. What servers may
    /// read as another path (`/reauthenticate/../admin`) does not.
    pub fn holds(&self, head: &Head) -> bool {
        let (host, path) = match self.0.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or((rest, "/"), |at| rest.split_at(at)),
            None => ("", self.0.as_str()),
        };
        let own = path_of(path.as_bytes());
        // Below the root is everything: there only the root itself is spared.
        let own = own.strip_suffix(b"/").filter(|own| !own.is_empty()).unwrap_or(own);
        let target = head.path();
        let is_odd = target.iter().any(|byte| b"%\\;\0".contains(byte))
            || target.windows(2).any(|pair| pair == b"//" || pair == b"/.");
        let is_there = target.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"));
        let asked = without_port(head.authority());
        is_there && !is_odd && (host.is_empty() || asked.eq_ignore_ascii_case(without_port(host.as_bytes())))
    }
}

fn status(status: Bounded<400, 599>) -> u16 {
    u16::try_from(status.value()).unwrap_or(403)
}

impl Default for Entry {
    fn default() -> Self {
        Self {
            at: Band::Warning,
            members: Members::default(),
            dry_run: false,
            block: None,
            block_attacks: None,
            redirect: None,
            headers: false,
            hold_bodies: None,
        }
    }
}

impl Default for Block {
    fn default() -> Self {
        Self { status: Bounded::new(403), length: Span::from_secs(30 * 60), longer: false }
    }
}

impl Default for BlockAttacks {
    fn default() -> Self {
        Self { status: Bounded::new(403) }
    }
}

impl FromValue for Respond {
    fn read(value: &Value) -> Result<Self, Error> {
        let entries = Vec::read(value)?;
        match entries.len() {
            0..=MOST => Ok(Self(entries)),
            number => Err(format!("{number} entries are too many; at most {MOST}").into()),
        }
    }
}

impl FromValue for RedirectStatus {
    fn read(value: &Value) -> Result<Self, Error> {
        let number = value.number()?;
        let known = [302, 303, 307, 308].into_iter().find(|known| f64::from(*known) == number);
        known.map(Self).ok_or_else(|| value.is_not("302, 303, 307 or 308"))
    }
}

impl FromValue for Location {
    fn read(value: &Value) -> Result<Self, Error> {
        value.parse()
    }
}

impl TryFrom<String> for Location {
    type Error = String;

    fn try_from(to: String) -> Result<Self, String> {
        let is_path = to.starts_with('/') && !to.starts_with("//");
        let is_url = ["https://", "http://"].iter().any(|scheme| to.len() > scheme.len() && to.starts_with(scheme));
        if (is_path || is_url) && to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            Ok(Self(to))
        } else {
            Err(format!("`{to}` is neither a path nor a URL; write for example /reauthenticate"))
        }
    }
}
