//! What does Envoy call each attribute of an exchange? The attributes are listed in `exchange/proxy.rs`.
//!
//! Source: <https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/advanced/attributes>.

use crate::exchange::proxy::Attribute;
use crate::filter::host::abi;

/// The attribute's value as Envoy spells it: texts as they are, numbers as 64 bits, little-endian. None where Envoy has no
/// such property now.
pub(in crate::filter) fn value(attribute: Attribute<'_>) -> Option<Vec<u8>> {
    let path: Vec<&str> = match attribute {
        Attribute::Address => vec!["source", "address"],
        Attribute::Route => vec!["xds", "route_name"],
        Attribute::Cluster => vec!["xds", "cluster_name"],
        Attribute::Status => vec!["response", "code"],
        Attribute::Metadata(filter, path) => [&["metadata", "filter_metadata", filter], path].concat(),
        Attribute::RouteMetadata(filter, path) => {
            [&["xds", "route_metadata", "filter_metadata", filter], path].concat()
        }
        Attribute::ListenerMetadata(filter, path) => {
            [&["xds", "listener_metadata", "filter_metadata", filter], path].concat()
        }
    };
    abi::property(path.join("\0").as_bytes()).ok()
}

/// Sets filter state of the exchange under way: other filters and the access log know it as `wasm.<name>`.
pub(in crate::filter) fn set_state(name: &str, value: &str) {
    // Nothing depends on it here: a host that refuses only knows less.
    let _ = abi::set_property(name.as_bytes(), value.as_bytes());
}
