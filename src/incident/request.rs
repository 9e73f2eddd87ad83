//! Which requests does an incident name, and how were they answered? The newest that counted.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::text::json::{Json, NOTHING};

/// The most requests that an incident names.
pub(super) const REQUESTS: usize = 3;

/// A request that counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Request {
    /// When it counted.
    pub(super) time: Timestamp,
    /// The proxy's id of it, and the answer.
    pub(super) named: NamedRequest,
    /// From which address it came, as far as `privacy.addresses` allows; empty where it does not, or where the user is one.
    pub(super) address: String,
}

/// A request as a notice names it. Its notice may leave before the answer comes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NamedRequest {
    /// The proxy's id of the request.
    pub id: String,
    /// The answer's status; none if there was no answer yet.
    pub status: Option<u16>,
}

impl NamedRequest {
    /// `{"id": "b7b2c1a0-…", "status": 403}`, without what is not known.
    pub fn to_json(&self) -> Json {
        let status = self.status.map_or(NOTHING, |status| Json::number(&status));
        Json::object(&[("id", Json::text_if_any(&self.id)), ("status", status)])
    }

    /// Notes how the request of this id was answered. Returns whether that was news: the first answer stays.
    pub fn note_answer(&mut self, id: &str, status: u16) -> bool {
        let is_news = self.id == id && self.status.is_none();
        if is_news {
            self.status = Some(status);
        }
        is_news
    }
}

/// `b7b2c1a0-… (403)`
impl fmt::Display for NamedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => write!(f, "{} ({status})", self.id),
            None => f.write_str(&self.id),
        }
    }
}

/// The addresses of these requests, each once.
pub(super) fn addresses(requests: &[Request]) -> Vec<String> {
    let mut addresses: Vec<String> = Vec::new();
    for request in requests {
        if !request.address.is_empty() && !addresses.contains(&request.address) {
            addresses.push(request.address.clone());
        }
    }
    addresses
}
