//! Does an alert reach only the server that it is meant for? Warnings about the TLS of the notifiers' clusters.

use std::net::IpAddr;

use serde_json::Value;
use user_risk_filter::notify::channel::endpoint::Endpoint;

use super::cluster::{Assurance, Cluster, Socket};
use crate::manifest::resource::{Form, Plugin};

/// Where Debian, Ubuntu and Envoy's own images keep the public CAs.
const CA: &str = "trusted_ca: {filename: /etc/ssl/certs/ca-certificates.crt}";

/// One entry under `notify`, as the file has it.
struct Channel<'a> {
    index: usize,
    /// `notify[0].webhook`.
    path: String,
    cluster: &'a str,
    /// None if a variable holds it, or if it is the vendor's own: both are `https`.
    url: Option<&'a str>,
}

/// What the clusters of `plugin`'s channels do not verify: the channel's index, and what follows and how to mend it.
///
/// Only what the file contains is judged: clusters from Istio or xDS and secrets from SDS may well be right.
pub(super) fn warnings(tree: &Value, plugin: &Plugin) -> Vec<(usize, String)> {
    match &plugin.configuration {
        Form::Tree(configuration) => of_channels(tree, configuration),
        // Text that is no JSON gets an error of its own when it is loaded.
        Form::Text(text) => serde_json::from_str(text).map_or_else(|_| Vec::new(), |read| of_channels(tree, &read)),
    }
}

fn of_channels(tree: &Value, configuration: &Value) -> Vec<(usize, String)> {
    let entries = configuration.get("notify").and_then(Value::as_array).into_iter().flatten().enumerate();
    let channels = entries.filter_map(|(index, entry)| Channel::read(index, entry));
    let warnings = channels.map(|channel| (channel.index, of_channel(&channel, Cluster::find(tree, channel.cluster))));
    warnings.flat_map(|(index, found)| found.into_iter().map(move |warning| (index, warning))).collect()
}

impl<'a> Channel<'a> {
    fn read(index: usize, entry: &'a Value) -> Option<Self> {
        let with_cluster = |(_, options): &(&String, &'a Value)| options.get("cluster").is_some();
        let (kind, options) = entry.as_object()?.iter().find(with_cluster)?;
        let text = |option: &str| options.get(option).and_then(Value::as_str);
        Some(Self { index, path: format!("notify[{index}].{kind}"), cluster: text("cluster")?, url: text("url") })
    }

    fn is_secure(&self) -> bool {
        self.url.is_none_or(|url| url.starts_with("https://"))
    }

    /// The name that the server's certificate must have: the host of the channel's URL, or else of the cluster's address.
    fn server_name(&self, cluster: Cluster<'a>) -> &'a str {
        let of_url = self.url.and_then(|url| Endpoint::parse(url).ok()).and_then(|url| url.authority.split(':').next());
        let of_url = of_url.filter(|host| !host.starts_with('[') && host.parse::<IpAddr>().is_err());
        of_url.or_else(|| cluster.host_name()).unwrap_or("HOST")
    }
}

/// The warnings about one channel: each weakness once, however many transport sockets have it.
fn of_channel(channel: &Channel<'_>, cluster: Option<Cluster<'_>>) -> Vec<String> {
    let Some(cluster) = cluster else { return Vec::new() };
    let sockets = cluster.sockets();
    if !channel.is_secure() {
        let is_tls = |socket: &Socket<'_>| socket.assurance.is_some_and(|assurance| assurance != Assurance::Plain);
        return if sockets.iter().any(is_tls) { vec![plain_url(channel)] } else { Vec::new() };
    }
    let mut found: Vec<(Assurance, Option<&str>)> = Vec::new();
    for Socket { name, assurance } in sockets {
        let Some(assurance) = assurance else { continue };
        let is_harmless = assurance == Assurance::Verified || assurance == Assurance::Plain && cluster.is_local();
        if !is_harmless && found.iter().all(|(known, _)| *known != assurance) {
            found.push((assurance, name));
        }
    }
    let server = channel.server_name(cluster);
    found.iter().filter_map(|(assurance, socket)| weakness(channel, *assurance, *socket, server)).collect()
}

fn plain_url(Channel { path, cluster, .. }: &Channel<'_>) -> String {
    format!(
        "{path}: url begins with http://, but cluster `{cluster}` speaks TLS; write https://, or take the cluster's \
         transport_socket away if the receiver speaks plain HTTP"
    )
}

/// The warning about one weakness; none if the server is verified.
fn weakness(channel: &Channel<'_>, assurance: Assurance, socket: Option<&str>, server: &str) -> Option<String> {
    const ANYBODY: &str = "an alert may be delivered to whoever answers at that address";
    let (what, consequence, fix) = match assurance {
        Assurance::Verified => return None,
        Assurance::Plain => (
            "has no TLS, though the url is https://",
            "alerts travel in plain text, to whoever answers at that address".to_owned(),
            format!(
                "give it transport_socket: {{name: envoy.transport_sockets.tls, typed_config: {{\"@type\": \
                 type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext, sni: {server}, \
                 auto_sni_san_validation: true, common_tls_context: {{validation_context: {{{CA}}}}}}}}}"
            ),
        ),
        Assurance::AnyCertificate { has_ca: true } => (
            "takes any certificate",
            ANYBODY.to_owned(),
            "remove trust_chain_verification: ACCEPT_UNTRUSTED from its validation_context".to_owned(),
        ),
        Assurance::AnyCertificate { has_ca: false } => (
            "trusts no CA and so takes any certificate",
            ANYBODY.to_owned(),
            format!(
                "in its UpstreamTlsContext write sni: {server}, auto_sni_san_validation: true, common_tls_context: \
                 {{validation_context: {{{CA}}}}}"
            ),
        ),
        Assurance::AnyName { has_sni, compares_sni } => (
            match compares_sni {
                true => "sends no SNI, without which auto_sni_san_validation checks no name in the certificate",
                false => "checks no name in the certificate",
            },
            format!("{ANYBODY} with any certificate of that CA"),
            match has_sni {
                true => "add to its UpstreamTlsContext: auto_sni_san_validation: true".to_owned(),
                false => format!("in its UpstreamTlsContext write sni: {server}, auto_sni_san_validation: true"),
            },
        ),
        Assurance::Never => (
            "checks the name but trusts no CA",
            "Envoy refuses to start or every handshake fails, and nothing arrives".to_owned(),
            format!("add to its validation_context: {CA}"),
        ),
    };
    let Channel { path, cluster, .. } = channel;
    let socket = socket.map_or_else(String::new, |name| format!(" (transport_socket_matches `{name}`)"));
    Some(format!("{path}: cluster `{cluster}`{socket} {what}: {consequence}; {fix}"))
}
