//! Envoy's access log as JSON: any `json_format`, with the usual names for its members.
//!
//! Source: Envoy's documentation, "Access logging", format dictionaries. The operator chooses the names, so they are looked up
//! among those that the documentation, Envoy Gateway and Contour use, and servers with a JSON log of their own (nginx, Caddy).

use super::columns::Columns;
use super::entry::Entry;
use super::unread::Unread;

/// Reads a line.
pub(super) fn read(line: &[u8], columns: &Columns) -> Result<Entry, Unread> {
    columns.entry(line)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, unread};
    use super::super::unread::{NO_JSON, NO_PATH, NO_TIME};
    use super::*;

    #[test]
    fn members_are_found_by_their_usual_names() {
        let rows = [
            (
                "Envoy's documentation",
                r#"{"start_time":"2026-01-02T03:04:05.678Z","method":"GET","path":"/q?a=1","protocol":"HTTP/1.1","response_code":200,"duration":"12","downstream_remote_address":"192.0.2.7:41232","authority":"shop.example","user_agent":"curl/8.5.0","x_user_id":"4711","x_api_version":"2","route_name":"search","upstream_cluster":"shop"}"#,
                "2026-01-02T03:04:05.678Z GET /q?a=1 200 192.0.2.7:41232 user=4711 route=search cluster=shop \
                 :authority=shop.example user-agent=curl/8.5.0 x-api-version=2",
            ),
            (
                "Envoy Gateway",
                r#"{":authority":"shop.example","bytes_received":0,"downstream_remote_address":"192.0.2.7:1","method":"POST","response_code":404,"route_name":null,"start_time":"2026-01-02T03:04:05.000Z","user-agent":"-","x-envoy-origin-path":"/a","x-forwarded-for":"192.0.2.7"}"#,
                "2026-01-02T03:04:05.000Z POST /a 404 192.0.2.7:1 :authority=shop.example x-forwarded-for=192.0.2.7",
            ),
            (
                "Contour",
                r#"{"@timestamp":"2026-01-02T03:04:05.000Z","authority":"shop.example","method":"GET","path":"/b","response_code":"200","x_forwarded_for":"198.51.100.3","downstream_remote_address":"192.0.2.7:1"}"#,
                "2026-01-02T03:04:05.000Z GET /b 200 192.0.2.7:1 :authority=shop.example x-forwarded-for=198.51.100.3",
            ),
            (
                "nginx with a JSON format",
                r#"{"time_iso8601":"2026-01-02T04:04:05+01:00","remote_addr":"192.0.2.7","request":"GET /c?x=%27 HTTP/2.0","status":"301","http_referer":"","remote_user":"anna"}"#,
                "2026-01-02T03:04:05.000Z GET /c?x=%27 301 192.0.2.7 user=anna",
            ),
            (
                "Caddy",
                r#"{"level":"info","ts":1767323045.5,"request":{"remote_ip":"192.0.2.7","method":"GET","host":"shop.example","uri":"/d","headers":{"User-Agent":["curl"]}},"status":200}"#,
                "2026-01-02T03:04:05.500Z GET /d 200 192.0.2.7 :authority=shop.example user-agent=curl",
            ),
        ];
        rows.iter().for_each(|(name, line, expected)| check(name, read, line, expected));
    }

    #[test]
    fn lines_that_are_none_are_told_apart() {
        let rows = [
            ("GET / HTTP/1.1", NO_JSON),
            ("[1]", NO_JSON),
            (r#"{"path":"/"}"#, NO_TIME),
            (r#"{"path":"/","start_time":"soon"}"#, NO_TIME),
            (r#"{"start_time":"2026-01-02T03:04:05Z"}"#, NO_PATH),
        ];
        rows.iter().for_each(|(line, expected)| unread(read, line, expected));
    }
}
