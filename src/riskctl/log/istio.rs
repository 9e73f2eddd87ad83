//! Istio's access log as JSON (`accessLogEncoding: JSON`): fixed names, and clusters named after services.
//!
//! Source: Istio's documentation, "Envoy Access Logs", default format. A line of a sidecar has the gateway as its remote address;
//! the client is what the gateway appended to `x_forwarded_for`.

use super::columns::{Columns, nearest};
use super::entry::Entry;
use super::unread::{NO_JSON, Unread};

/// What only Istio's lines have, in whatever order the members come.
const MARKS: &[&[u8]] = &[b"\"requested_server_name\"", b"\"upstream_transport_failure_reason\""];

/// Is the line one of Istio's?
pub(super) fn is(line: &[u8]) -> bool {
    MARKS.iter().all(|mark| memchr::memmem::find(line, mark).is_some())
}

/// Reads a line.
pub(super) fn read(line: &[u8], columns: &Columns) -> Result<Entry, Unread> {
    if !is(line) {
        return Err(NO_JSON);
    }
    let mut entry = columns.entry(line)?;
    let is_inbound = entry.cluster.as_ref().is_some_and(|cluster| cluster.starts_with("inbound|"));
    if is_inbound && let Some(forwarded) = entry.header("x-forwarded-for") {
        let forwarded = String::from_utf8_lossy(forwarded);
        entry.address = nearest(&forwarded).or(entry.address);
    }
    // What a sidecar calls every route of its own says nothing.
    entry.route = entry.route.filter(|name| name != "default");
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, unread};
    use super::*;

    const GATEWAY: &str = r#"{"authority":"shop.example","bytes_received":0,"bytes_sent":9593,"connection_termination_details":null,"downstream_local_address":"10.0.0.5:8080","downstream_remote_address":"192.0.2.7:53692","duration":8,"method":"GET","path":"/search?q=x","protocol":"HTTP/1.1","request_id":"6a3d","requested_server_name":null,"response_code":200,"response_code_details":"via_upstream","response_flags":"-","route_name":null,"start_time":"2026-01-02T03:04:05.678Z","upstream_cluster":"outbound|9080||shop.default.svc.cluster.local","upstream_host":"10.0.0.9:9080","upstream_local_address":"10.0.0.5:41242","upstream_service_time":"7","upstream_transport_failure_reason":null,"user_agent":"curl/8.5.0","x_forwarded_for":"192.0.2.7"}"#;

    #[test]
    fn gateways_and_sidecars_are_read() {
        let seen = "2026-01-02T03:04:05.678Z GET /search?q=x 200";
        let rest = ":authority=shop.example x-request-id=6a3d user-agent=curl/8.5.0";
        check(
            "gateway",
            read,
            GATEWAY,
            &format!(
                "{seen} 192.0.2.7:53692 cluster=outbound|9080||shop.default.svc.cluster.local {rest} x-forwarded-for=192.0.2.7"
            ),
        );
        let sidecar = GATEWAY
            .replace("outbound|9080||shop.default.svc.cluster.local", "inbound|9080||")
            .replace("\"route_name\":null", "\"route_name\":\"default\"")
            .replace("\"x_forwarded_for\":\"192.0.2.7\"", "\"x_forwarded_for\":\"203.0.113.9, 192.0.2.8\"");
        check(
            "sidecar",
            read,
            &sidecar,
            &format!("{seen} 192.0.2.8 cluster=inbound|9080|| {rest} x-forwarded-for=203.0.113.9, 192.0.2.8"),
        );
        unread(read, r#"{"start_time":"2026-01-02T03:04:05Z","path":"/"}"#, NO_JSON);
    }
}
