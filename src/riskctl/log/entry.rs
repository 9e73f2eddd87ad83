//! What does one line of a log say? A request with what the log kept of it, or detections that were already made.

use user_risk_filter::clock::Timestamp;
use user_risk_filter::detect::category::Severity;
use user_risk_filter::exchange::head::Head;
use user_risk_filter::exchange::headers::Headers;
use user_risk_filter::exchange::proxy::Known;
use user_risk_filter::read::target::Target;

/// The header that names the user of an entry whose log has a column for it.
pub(crate) const USER_HEADER: &str = "x-user-id";

/// A line that was understood.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) time: Timestamp,
    pub(crate) method: Vec<u8>,
    /// Path and query as they were sent.
    pub(crate) target: Vec<u8>,
    /// The request's headers that the log has, names in lower case, `:authority` among them.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    /// None if the log has no bodies.
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) address: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) response_headers: Vec<(String, Vec<u8>)>,
    /// The name of the route.
    pub(crate) route: Option<String>,
    pub(crate) cluster: Option<String>,
    /// The user's name, from a column of the log.
    pub(crate) user: Option<String>,
    /// Detections that were already made; the request itself is then not scanned.
    pub(crate) found: Vec<Found>,
}

/// A detection that was already made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) rule: String,
    pub(crate) severity: Option<Severity>,
    pub(crate) target: Target,
    pub(crate) name: String,
    /// The value that matched, if it is known. Without one each detection is an act of its own.
    pub(crate) value: Option<String>,
    /// The user; none for the client's address.
    pub(crate) user: Option<String>,
}

impl Entry {
    /// The value of a header of the request.
    pub(crate) fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice())
    }

    /// Adds a header, unless the log says that there was none (`-` or nothing).
    pub(crate) fn add_header(&mut self, name: &str, value: &[u8]) {
        if !matches!(value, b"" | b"-") {
            let name = match name {
                "host" => ":authority",
                name => name,
            };
            self.headers.push((name.to_owned(), value.to_vec()));
        }
    }

    /// The head as Envoy would have it. A user's name becomes the header `user_header`.
    pub(crate) fn head(&self, user_header: &str) -> Head {
        let pseudo = [(":method", self.method.as_slice()), (":path", self.target.as_slice())];
        let named = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
        let user = self.user.iter().map(|user| (user_header, user.as_bytes()));
        // A name in a column is what the server knew; the same header from the client does not stand beside it.
        let named = named.filter(|(name, _)| self.user.is_none() || *name != user_header);
        Head::new(pseudo.into_iter().chain(named).chain(user).collect())
    }

    /// What the proxy knew beyond the request.
    pub(crate) fn proxy(&self) -> Known {
        let mut known = Known::default();
        if let Some(address) = &self.address {
            known = known.with_address(address.as_bytes());
        }
        if let Some(route) = &self.route {
            known = known.with_route(route.as_bytes());
        }
        if let Some(cluster) = &self.cluster {
            known = known.with_cluster(cluster.as_bytes());
        }
        if self.status.is_some() || !self.response_headers.is_empty() {
            let headers: Headers = self.response_headers.iter().map(|(name, value)| (name, value)).collect();
            known = known.answering(self.status.unwrap_or(200), headers);
        }
        known
    }
}
