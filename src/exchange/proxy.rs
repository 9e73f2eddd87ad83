//! What does the proxy know of an exchange beyond the request's bytes? Each look costs calls to the host.

use std::collections::HashMap;

use crate::exchange::headers::Headers;

/// What the proxy can be asked about the exchange under way. Nothing is asked for a harmless exchange, unless the
/// configuration uses what only the answer shows.
pub trait Proxy {
    /// The attribute at this path, raw as [Envoy documents it](https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/advanced/attributes):
    /// texts as they are, numbers as 64 bits, little-endian. None where there is none now.
    fn attribute(&self, path: &[&str]) -> Option<Vec<u8>>;

    /// The answer's headers; none before it begins.
    fn answer(&self) -> Headers;

    /// A value of the answer's header `name`: the first, if there are several. One call, whatever there is.
    fn answer_header(&self, name: &str) -> Option<Vec<u8>>;

    /// The client's address with its port, as the connection manager trusts it; empty if there is none.
    fn address(&self) -> Vec<u8> {
        self.attribute(&["source", "address"]).unwrap_or_default()
    }

    /// The operator's name of the route; empty if it has none.
    fn route(&self) -> Vec<u8> {
        self.attribute(&["xds", "route_name"]).unwrap_or_default()
    }

    /// The cluster that answers; empty where none was chosen.
    fn cluster(&self) -> Vec<u8> {
        self.attribute(&["xds", "cluster_name"]).unwrap_or_default()
    }

    /// The answer's status; none while there is no answer.
    fn status(&self) -> Option<u16> {
        let bytes = self.attribute(&["response", "code"])?;
        u16::try_from(i64::from_le_bytes(bytes.as_slice().try_into().ok()?)).ok()
    }
}

/// A proxy with fixed attributes: for recorded exchanges.
#[derive(Clone, Debug, Default)]
pub struct Known {
    attributes: HashMap<Vec<String>, Vec<u8>>,
    answer: Headers,
}

impl Known {
    /// It knows this attribute too.
    #[must_use]
    pub fn with(mut self, path: &[&str], value: impl Into<Vec<u8>>) -> Self {
        self.attributes.insert(path.iter().map(|part| (*part).to_owned()).collect(), value.into());
        self
    }

    /// It knows the client's address.
    #[must_use]
    pub fn with_address(self, address: &str) -> Self {
        self.with(&["source", "address"], address)
    }

    /// There is an answer with this status and these headers.
    #[must_use]
    pub fn answering(mut self, status: u16, headers: Headers) -> Self {
        self.answer = headers;
        self.with(&["response", "code"], i64::from(status).to_le_bytes())
    }
}

impl Proxy for Known {
    fn attribute(&self, path: &[&str]) -> Option<Vec<u8>> {
        self.attributes.iter().find(|(known, _)| *known == path).map(|(_, value)| value.clone())
    }

    fn answer(&self) -> Headers {
        self.answer.clone()
    }

    fn answer_header(&self, name: &str) -> Option<Vec<u8>> {
        self.answer.all(name).next().map(<[u8]>::to_vec)
    }
}
