//! What does a cluster of an Envoy file verify of the server that answers?
//!
//! Source: Envoy's API reference (v3), `config.cluster.v3.Cluster`, `transport_sockets.tls.v3.UpstreamTlsContext`,
//! `CertificateValidationContext`, `config.core.v3.UpstreamHttpProtocolOptions`.

use std::net::IpAddr;

use serde_json::Value;

const TLS: &str = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext";
const QUIC: &str = "type.googleapis.com/envoy.extensions.transport_sockets.quic.v3.QuicUpstreamTransport";
const RAW: &str = "type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer";
const HTTP_OPTIONS: &str = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/// Kinds of clusters whose connections other clusters make, or that choose host and TLS themselves.
const WITHOUT_SOCKET: &[&str] = &["envoy.clusters.aggregate", "envoy.clusters.dynamic_forward_proxy"];

/// What a connection proves about the server that answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Assurance {
    /// Plain text.
    Plain,
    /// TLS that accepts any certificate.
    AnyCertificate {
        /// There is a trusted CA, but `trust_chain_verification` ignores the result, and that of pins and names too.
        has_ca: bool,
    },
    /// TLS with a certificate of a trusted CA, for any name.
    AnyName {
        /// An SNI is sent, with which the certificate could be compared.
        has_sni: bool,
        /// The certificate is compared with the SNI. Without an SNI Envoy compares nothing, and does not say so.
        compares_sni: bool,
    },
    /// TLS that never works: a name is checked, but no CA is trusted. Envoy refuses most of these when it starts.
    Never,
    /// TLS with the expected certificate only.
    Verified,
}

/// One of a cluster's transport sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Socket<'a> {
    /// Its name, if it is one of `transport_socket_matches`.
    pub(super) name: Option<&'a str>,
    /// What it proves; none if the file alone does not say.
    pub(super) assurance: Option<Assurance>,
}

/// A cluster of an Envoy file.
#[derive(Clone, Copy)]
pub(super) struct Cluster<'a> {
    tree: &'a Value,
    cluster: &'a Value,
}

impl<'a> Cluster<'a> {
    /// The cluster of this name, if it is in the file.
    pub(super) fn find(tree: &'a Value, name: &str) -> Option<Self> {
        let mut clusters = list(tree.pointer("/static_resources/clusters"));
        let cluster = clusters.find(|cluster| text(cluster, "/name") == Some(name))?;
        Some(Self { tree, cluster })
    }

    /// Are all its endpoints in the file and on this machine, so that nobody can listen in between?
    pub(super) fn is_local(self) -> bool {
        let mut endpoints = self.endpoints().peekable();
        let is_loopback = |host: &str| host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        let is_local = |endpoint: &Value| {
            endpoint.pointer("/address/pipe").is_some() || address(endpoint).is_some_and(is_loopback)
        };
        endpoints.peek().is_some() && endpoints.all(is_local)
    }

    /// The host name of its first endpoint, unless that is an IP address.
    pub(super) fn host_name(self) -> Option<&'a str> {
        self.endpoints().next().and_then(address).filter(|host| host.parse::<IpAddr>().is_err())
    }

    /// The transport sockets that a connection may get, those of `transport_socket_matches` first.
    pub(super) fn sockets(self) -> Vec<Socket<'a>> {
        let mut sockets = Vec::new();
        if text(self.cluster, "/cluster_type/name").is_some_and(|kind| WITHOUT_SOCKET.contains(&kind)) {
            return sockets;
        }
        for one in list(self.cluster.get("transport_socket_matches")) {
            let assurance = self.assurance(one.get("transport_socket"));
            sockets.push(Socket { name: text(one, "/name"), assurance });
            // It matches every endpoint, so none after it is used.
            if one.get("match").and_then(Value::as_object).is_none_or(|labels| labels.is_empty()) {
                return sockets;
            }
        }
        sockets.push(Socket { name: None, assurance: self.assurance(self.cluster.get("transport_socket")) });
        sockets
    }

    fn assurance(self, socket: Option<&Value>) -> Option<Assurance> {
        let Some(config) = socket.and_then(|socket| socket.get("typed_config")) else {
            let is_plain =
                socket.and_then(|socket| text(socket, "/name")).is_none_or(|name| name.ends_with("raw_buffer"));
            return is_plain.then_some(Assurance::Plain);
        };
        match text(config, "/@type") {
            Some(RAW) => Some(Assurance::Plain),
            Some(TLS) => self.tls(config),
            Some(QUIC) => self.tls(config.get("upstream_tls_context")?),
            // PROXY protocol, tap and others wrap another socket.
            _ => self.assurance(Some(config.get("transport_socket")?)),
        }
    }

    /// What an `UpstreamTlsContext` verifies.
    fn tls(self, context: &Value) -> Option<Assurance> {
        let validation = match self.validation(context) {
            Validation::Elsewhere => return None,
            Validation::Here(parts) => parts,
        };
        let has = |field: &str| validation.iter().any(|part| part.get(field).is_some_and(is_given));
        let any = |fields: &[&str]| fields.iter().any(|field| has(field));
        let accepts = |part: &&Value| text(part, "/trust_chain_verification") == Some("ACCEPT_UNTRUSTED");
        let has_ca = has("trusted_ca");
        if validation.iter().any(accepts) {
            return Some(Assurance::AnyCertificate { has_ca });
        }
        if any(&["custom_validator_config", "verify_certificate_spki", "verify_certificate_hash"]) {
            return Some(Assurance::Verified);
        }
        let on = |field: &str| context.get(field).is_some_and(is_given);
        let has_sni = on("sni") || on("auto_host_sni") && self.knows_host_names() || self.http_option("auto_sni");
        let compares_sni = on("auto_sni_san_validation");
        let has_matchers = any(&["match_typed_subject_alt_names", "match_subject_alt_names"]);
        let matches_name = has_matchers || self.http_option("auto_san_validation");
        Some(match has_ca {
            true if matches_name || compares_sni && has_sni => Assurance::Verified,
            true => Assurance::AnyName { has_sni, compares_sni },
            false if matches_name || compares_sni => Assurance::Never,
            false => Assurance::AnyCertificate { has_ca },
        })
    }

    /// Does `auto_host_sni` find a name? Endpoints of a static cluster only have one if `hostname` gives it.
    fn knows_host_names(self) -> bool {
        let is_static = self.cluster.get("cluster_type").is_none()
            && text(self.cluster, "/type").is_none_or(|kind| kind == "STATIC");
        !is_static || self.endpoints().all(|endpoint| endpoint.get("hostname").is_some_and(is_given))
    }

    /// Where the rules for validating the certificate are; a combined context has two parts.
    fn validation<'b>(self, context: &'b Value) -> Validation<'b>
    where
        'a: 'b,
    {
        let Some(common) = context.get("common_tls_context") else { return Validation::Here(Vec::new()) };
        let combined = common.get("combined_validation_context");
        let here = common.get("validation_context").or_else(|| combined?.get("default_validation_context"));
        let by_name = common.get("validation_context_sds_secret_config");
        let by_name = by_name.or_else(|| combined?.get("validation_context_sds_secret_config"));
        let secret = by_name.map(|by_name| self.static_secret(by_name));
        match secret {
            Some(None) => Validation::Elsewhere,
            _ => Validation::Here(here.into_iter().chain(secret.flatten()).collect()),
        }
    }

    /// The validation context of a secret that is in the file.
    fn static_secret(self, by_name: &Value) -> Option<&'a Value> {
        if by_name.get("sds_config").is_some() {
            return None;
        }
        let mut secrets = list(self.tree.pointer("/static_resources/secrets"));
        secrets.find(|secret| secret.get("name") == by_name.get("name"))?.get("validation_context")
    }

    /// A switch of the cluster's `upstream_http_protocol_options`.
    fn http_option(self, option: &str) -> bool {
        let typed = self.cluster.get("typed_extension_protocol_options").and_then(|all| all.get(HTTP_OPTIONS));
        let both = [typed, Some(self.cluster)].into_iter().flatten();
        both.filter_map(|at| at.get("upstream_http_protocol_options")?.get(option)).any(is_given)
    }

    fn endpoints(self) -> impl Iterator<Item = &'a Value> {
        list(self.cluster.pointer("/load_assignment/endpoints"))
            .flat_map(|locality| list(locality.get("lb_endpoints")))
            .filter_map(|one| one.get("endpoint"))
    }
}

/// Where the validation of certificates is configured.
enum Validation<'a> {
    /// In the file: all its parts.
    Here(Vec<&'a Value>),
    /// At least in part in a secret that Envoy fetches.
    Elsewhere,
}

fn address(endpoint: &Value) -> Option<&str> {
    text(endpoint, "/address/socket_address/address")
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

/// Neither the default nor empty.
fn is_given(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(is_on) => *is_on,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Number(_) | Value::Object(_) => true,
    }
}
