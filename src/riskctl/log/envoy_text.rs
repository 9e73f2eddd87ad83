//! Envoy's access log as text: its default format, and Istio's, which has more columns.
//!
//! Source: Envoy's documentation, "Access logging", default format string; Istio's documentation, "Envoy Access Logs". Envoy does
//! not escape what it quotes, so the columns that a client fills are found from both ends of the line.

use super::columns::{Columns, nearest, request_line};
use super::entry::Entry;
use super::time;
use super::unread::{NO_PATH, NO_REQUEST, NO_TIME, OTHER_SHAPE, Unread};

/// Reads a line.
pub(super) fn read(line: &[u8], columns: &Columns) -> Result<Entry, Unread> {
    let line = String::from_utf8_lossy(line);
    let (moment, rest) = line.strip_prefix('[').and_then(|rest| rest.split_once("] \"")).ok_or(OTHER_SHAPE)?;
    let time = time::any(moment).ok_or(NO_TIME)?;
    let (request, status, rest) = status(rest).ok_or(OTHER_SHAPE)?;
    let (method, target) = request_line(request).ok_or(NO_REQUEST)?;
    if target == "-" {
        return Err(NO_PATH);
    }
    let mut entry = Entry {
        time,
        method: method.as_bytes().to_vec(),
        target: target.as_bytes().to_vec(),
        status: (status > 0).then_some(status),
        ..Entry::default()
    };
    let (quoted, tail) = rest.rsplit_once('"').ok_or(OTHER_SHAPE)?;
    let tail: Vec<&str> = tail.split_whitespace().collect();
    // Istio has the reason of a failed connection in quotes before the numbers.
    let quoted = if tail.is_empty() { quoted } else { quoted.splitn(3, '"').nth(2).ok_or(OTHER_SHAPE)? };
    let (_, quoted) = quoted.split_once('"').ok_or(OTHER_SHAPE)?;
    let fields: Vec<&str> = quoted.split("\" \"").collect();
    let [forwarded, agent @ .., id, host, _upstream] = fields.as_slice() else { return Err(OTHER_SHAPE) };
    if agent.is_empty() {
        return Err(OTHER_SHAPE);
    }
    for (name, value) in [("host", *host), ("user-agent", &agent.join("\" \"")), ("x-request-id", id)] {
        entry.add_header(name, value.as_bytes());
    }
    entry.add_header("x-forwarded-for", forwarded.as_bytes());
    entry.address = nearest(forwarded);
    if let [cluster, _, _, remote, _, route @ ..] = tail.as_slice() {
        entry.cluster = known(cluster);
        entry.route = route.first().and_then(|name| known(name)).filter(|name| name != "default");
        let is_inbound = cluster.starts_with("inbound|") || columns.is_address("x-forwarded-for");
        entry.address = if is_inbound { entry.address.or(known(remote)) } else { known(remote).or(entry.address) };
    }
    Ok(entry)
}

/// The request line, the status behind it, and what follows. A target may hold quotes: the line ends where a quote is followed
/// by a status.
fn status(text: &str) -> Option<(&str, u16, &str)> {
    text.match_indices("\" ").find_map(|(at, quote)| {
        let (request, rest) = (text.get(..at)?, text.get(at + quote.len()..)?);
        let (status, rest) = rest.split_once(' ')?;
        Some((request, status.parse().ok().filter(|status| *status < 1000)?, rest))
    })
}

fn known(column: &str) -> Option<String> {
    (column != "-").then(|| column.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, unread};
    use super::*;

    const ENVOY: &str = r#"[2026-01-02T03:04:05.310Z] "POST /api/v1/locations?q=a"b HTTP/2" 204 - 154 0 226 100 "203.0.113.9,192.0.2.7" "nsq" "2.0" "cc21" "locations" "tcp://192.0.2.1:80""#;
    const ISTIO: &str = r#"[2026-01-02T03:04:05.310Z] "GET /status/418 HTTP/1.1" 418 - via_upstream - "-" 0 135 4 4 "-" "curl/7.73.0-DEV" "84961386" "httpbin:8000" "127.0.0.1:80" inbound|8000|| 127.0.0.1:41854 10.44.1.27:80 10.44.1.23:37652 outbound_.8000_._.httpbin.foo.svc.cluster.local default"#;

    #[test]
    fn both_default_formats_are_read() {
        check(
            "envoy, quotes in the path and in the agent",
            read,
            ENVOY,
            "2026-01-02T03:04:05.310Z POST /api/v1/locations?q=a\"b 204 192.0.2.7 :authority=locations \
             user-agent=nsq\" \"2.0 x-request-id=cc21 x-forwarded-for=203.0.113.9,192.0.2.7",
        );
        check(
            "istio, a sidecar",
            read,
            ISTIO,
            "2026-01-02T03:04:05.310Z GET /status/418 418 10.44.1.23:37652 cluster=inbound|8000|| \
             :authority=httpbin:8000 user-agent=curl/7.73.0-DEV x-request-id=84961386",
        );
        check(
            "istio, a gateway",
            read,
            &ISTIO.replace("inbound|8000||", "outbound|8000||httpbin").replace("default", "tea"),
            "2026-01-02T03:04:05.310Z GET /status/418 418 10.44.1.23:37652 route=tea cluster=outbound|8000||httpbin \
             :authority=httpbin:8000 user-agent=curl/7.73.0-DEV x-request-id=84961386",
        );
    }

    #[test]
    fn lines_that_are_none_are_told_apart() {
        let rows = [
            ("", OTHER_SHAPE),
            ("[2026-01-02T03:04:05.310Z] \"GET / HTTP/1.1\"", OTHER_SHAPE),
            ("[now] \"GET / HTTP/1.1\" 200 -", NO_TIME),
            ("[2026-01-02T03:04:05.310Z] \"- - HTTP/1.1\" 400 DPE 0 11 0 - \"-\" \"-\" \"-\" \"-\" \"-\"", NO_PATH),
            ("[2026-01-02T03:04:05.310Z] \"\" 400 DPE 0 11 0 - \"-\" \"-\" \"-\" \"-\" \"-\"", NO_REQUEST),
        ];
        rows.iter().for_each(|(line, expected)| unread(read, line, expected));
    }
}
