//! Which attributes of an exchange can the host be asked for: client address, route, cluster, status, metadata? Each costs a call.

use std::collections::HashMap;

use crate::exchange::headers::Headers;

/// Something that the proxy knows of an exchange. What Envoy calls it, and how it spells the value, is in
/// `filter/host/property.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribute<'a> {
    /// The client's address with its port, as the connection manager trusts it.
    Address,
    /// The operator's name of the route.
    Route,
    /// The cluster that answers.
    Cluster,
    /// The answer's status: a signed 64-bit number, little-endian.
    Status,
    /// What another HTTP filter noted for this request: the filter's name, and the path below it.
    Metadata(&'a str, &'a [&'a str]),
    /// What the route's configuration says to a filter: the filter's name, and the path below it.
    RouteMetadata(&'a str, &'a [&'a str]),
    /// What the listener's configuration says to a filter: the filter's name, and the path below it.
    ListenerMetadata(&'a str, &'a [&'a str]),
}

/// What the proxy can be asked about the exchange under way. Nothing is asked for a harmless exchange, unless the
/// configuration uses what only the answer shows.
pub trait Proxy {
    /// The attribute's value: texts as they are, numbers as 64 bits, little-endian. None where there is none now.
    fn attribute(&self, attribute: Attribute<'_>) -> Option<Vec<u8>>;

    /// The answer's headers; none before it begins. Whoever implements it asks the host once for all of them.
    fn answer(&self) -> &Headers;

    /// The first value of the answer's header `name`.
    fn answer_header<'a>(&'a self, name: &str) -> Option<&'a [u8]> {
        self.answer().first(name)
    }

    /// The client's address with its port, as the connection manager trusts it; empty if there is none.
    fn address(&self) -> Vec<u8> {
        self.attribute(Attribute::Address).unwrap_or_default()
    }

    /// The operator's name of the route; empty if it has none.
    fn route(&self) -> Vec<u8> {
        self.attribute(Attribute::Route).unwrap_or_default()
    }

    /// The cluster that answers; empty where none was chosen.
    fn cluster(&self) -> Vec<u8> {
        self.attribute(Attribute::Cluster).unwrap_or_default()
    }

    /// The answer's status, also before the proxy has noted it; none while there is no answer.
    fn status(&self) -> Option<u16> {
        self.answer().status().or_else(|| self.noted_status())
    }

    /// The status that the proxy has noted, which it does once the answer has been passed on.
    fn noted_status(&self) -> Option<u16> {
        let bytes = self.attribute(Attribute::Status)?;
        u16::try_from(i64::from_le_bytes(bytes.as_slice().try_into().ok()?)).ok()
    }
}

/// A proxy with fixed attributes: for recorded exchanges.
#[derive(Clone, Debug, Default)]
pub struct Known {
    address: Option<Vec<u8>>,
    route: Option<Vec<u8>>,
    cluster: Option<Vec<u8>>,
    status: Option<u16>,
    metadata: HashMap<Vec<String>, Vec<u8>>,
    listener_metadata: HashMap<Vec<String>, Vec<u8>>,
    route_metadata: HashMap<Vec<String>, Vec<u8>>,
    answer: Headers,
}

impl Known {
    /// It knows the client's address.
    #[must_use]
    pub fn with_address(self, address: impl Into<Vec<u8>>) -> Self {
        Self { address: Some(address.into()), ..self }
    }

    /// It knows the route's name.
    #[must_use]
    pub fn with_route(self, route: impl Into<Vec<u8>>) -> Self {
        Self { route: Some(route.into()), ..self }
    }

    /// It knows which cluster answers.
    #[must_use]
    pub fn with_cluster(self, cluster: impl Into<Vec<u8>>) -> Self {
        Self { cluster: Some(cluster.into()), ..self }
    }

    /// It knows what another filter noted.
    #[must_use]
    pub fn with_metadata(mut self, filter: &str, path: &[&str], value: impl Into<Vec<u8>>) -> Self {
        self.metadata.insert(below(filter, path), value.into());
        self
    }

    /// It knows what the listener says to a filter.
    #[must_use]
    pub fn with_listener_metadata(mut self, filter: &str, path: &[&str], value: impl Into<Vec<u8>>) -> Self {
        self.listener_metadata.insert(below(filter, path), value.into());
        self
    }

    /// It knows what the route says to a filter.
    #[must_use]
    pub fn with_route_metadata(mut self, filter: &str, path: &[&str], value: impl Into<Vec<u8>>) -> Self {
        self.route_metadata.insert(below(filter, path), value.into());
        self
    }

    /// There is an answer with this status and these headers.
    #[must_use]
    pub fn answering(self, status: u16, headers: Headers) -> Self {
        Self { answer: headers, status: Some(status), ..self }
    }
}

fn below(filter: &str, path: &[&str]) -> Vec<String> {
    std::iter::once(filter).chain(path.iter().copied()).map(str::to_owned).collect()
}

impl Proxy for Known {
    fn attribute(&self, attribute: Attribute<'_>) -> Option<Vec<u8>> {
        match attribute {
            Attribute::Address => self.address.clone(),
            Attribute::Route => self.route.clone(),
            Attribute::Cluster => self.cluster.clone(),
            Attribute::Status => self.status.map(|status| i64::from(status).to_le_bytes().to_vec()),
            Attribute::Metadata(filter, path) => self.metadata.get(&below(filter, path)).cloned(),
            Attribute::RouteMetadata(filter, path) => self.route_metadata.get(&below(filter, path)).cloned(),
            Attribute::ListenerMetadata(filter, path) => self.listener_metadata.get(&below(filter, path)).cloned(),
        }
    }

    fn answer(&self) -> &Headers {
        &self.answer
    }
}
