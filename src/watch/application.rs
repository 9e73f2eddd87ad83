//! Which events does the application report? A header of its answer lists them: `checkout.abuse; severity=high; user="0042"`.

use sfv::{BareItem, List, ListEntry, Parser};

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::options::options;
use crate::config::value::Value;
use crate::detect::category::Severity;
use crate::exchange::head::Head;
use crate::exchange::headers::Headers;

/// The longest list, in bytes, and the most events in it.
const LONGEST: usize = 4096;
const MEMBERS: usize = 16;

/// The longest name of an event, in bytes.
const NAME: usize = 64;
/// The longest name of a user, in bytes.
const USER: usize = 1024;
/// The most clusters: the one that answers is compared with each.
const MOST: usize = 64;

/// The option `application`: none where it is switched off.
#[derive(Clone, Debug)]
pub struct Application(Option<Settings>);

#[derive(Clone, Debug)]
struct Settings {
    header: HeaderName,
    clusters: Vec<String>,
}

options! { Settings { header, clusters, ..Self::default() } }

/// The name of the header, in lower case.
#[derive(Clone, Debug)]
struct HeaderName(String);

/// An event of which the application reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What the application calls it.
    pub name: String,
    /// How bad it is, if the application says so.
    pub severity: Option<Severity>,
    /// The user it is reported for; the exchange's own, if none is named.
    pub user: Option<String>,
}

/// What an answer's header lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reported {
    /// The events that can be read.
    pub events: Vec<Event>,
    /// What is wrong with the others, of the first such; never what was written.
    pub error: Option<String>,
}

impl Application {
    /// The header's name, in lower case; none where applications are not listened to.
    pub fn header(&self) -> Option<&str> {
        self.0.as_ref().map(|settings| settings.header.0.as_str())
    }

    /// The header's name, if the request has the header, which only answers may have.
    pub fn forged(&self, head: &Head) -> Option<&str> {
        self.header().filter(|name| head.headers().last(name).is_some())
    }

    /// May an answer of this cluster name users other than its own?
    pub fn trusts(&self, cluster: &[u8]) -> bool {
        let clusters = self.0.iter().flat_map(|settings| &settings.clusters);
        clusters.into_iter().any(|trusted| trusted.as_bytes() == cluster)
    }

    /// Reads the events in an answer's headers; several lines are one list.
    pub fn read(&self, answer: &Headers) -> Reported {
        let lines: Vec<_> = self.header().map(|name| answer.all(name).collect()).unwrap_or_default();
        let text = lines.join(b", ".as_slice());
        let error = |error: String| Reported { events: Vec::new(), error: Some(error) };
        if text.len() > LONGEST {
            return error(format!("the list is longer than {LONGEST} bytes"));
        }
        let members = match Parser::new(&text).parse::<List>() {
            Ok(members) if members.len() > MEMBERS => return error(format!("the list has more than {MEMBERS} events")),
            Ok(members) => members,
            Err(why) => return error(why.to_string()),
        };
        let mut reported = Reported::default();
        for (number, member) in (1..).zip(members) {
            let (event, error) = event(member);
            reported.events.extend(event);
            let error = error.map(|what| format!("event {number}: {what}"));
            reported.error = reported.error.take().or(error);
        }
        reported
    }
}

/// The event that a member spells, and what is wrong with it.
fn event(member: ListEntry) -> (Option<Event>, Option<&'static str>) {
    let ListEntry::Item(item) = member else {
        return (None, Some("it is a list of its own; write name; parameter=value"));
    };
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    let name = text(&item.bare_item).filter(|name| (1..=NAME).contains(&name.len()) && name.bytes().all(plain));
    let Some(name) = name else {
        return (None, Some("its name is not one to 64 of a-z, 0-9, dot, hyphen and underscore"));
    };
    let mut event = Event { name: name.to_owned(), severity: None, user: None };
    let mut error = None;
    for (key, value) in &item.params {
        match key.as_str() {
            "severity" => {
                event.severity = text(value).and_then(Severity::from_slug);
                if event.severity.is_none() {
                    error = Some("its severity is not low, medium, high or critical; it counts as if it had none");
                }
            }
            // A number would have lost its zeros, and nobody is held to account for a guess.
            "user" => match text(value).filter(|user| (1..=USER).contains(&user.len())) {
                Some(user) => event.user = Some(user.to_owned()),
                None => return (None, Some("its user is not a string in quotes, such as user=\"0042\"")),
            },
            _ => {}
        }
    }
    (Some(event), error)
}

/// The text of a token or a string.
fn text(item: &BareItem) -> Option<&str> {
    match item {
        BareItem::Token(token) => Some(token.as_str()),
        BareItem::String(text) => Some(text.as_str()),
        _ => None,
    }
}

impl Default for Application {
    fn default() -> Self {
        Self(Some(Settings::default()))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { header: HeaderName("x-user-risk-event".to_owned()), clusters: Vec::new() }
    }
}

impl FromValue for HeaderName {
    fn read(value: &Value) -> Result<Self, Error> {
        value.parse()
    }
}

impl TryFrom<String> for HeaderName {
    type Error = String;

    /// It is taken off requests and answers, so it must be nobody else's.
    fn try_from(name: String) -> Result<Self, String> {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let low = name.to_ascii_lowercase();
        if !low.strip_prefix("x-").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(token)) {
            return Err(format!(
                "`{name}` is no header for events; write one of your own, for example x-user-risk-event"
            ));
        }
        Ok(Self(low))
    }
}

impl FromValue for Application {
    fn read(value: &Value) -> Result<Self, Error> {
        match (value.switch(), value) {
            (Some(on), _) => Ok(Self(on.then(Settings::default))),
            (None, Value::Null) => Ok(Self(None)),
            (None, Value::Map(_)) => {
                let settings = Settings::read(value)?;
                match settings.clusters.len() {
                    0..=MOST => Ok(Self(Some(settings))),
                    number => Err(format!("{number} clusters are too many; at most {MOST}").into()),
                }
            }
            (None, Value::Text(word)) => {
                Err(format!("`{word}` is neither off nor a mapping such as {{clusters: [shop]}}").into())
            }
            _ => Err(value.is_not("off, or a mapping such as {clusters: [shop]}")),
        }
    }
}

#[cfg(test)]
mod tests;
