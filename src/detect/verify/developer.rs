//! Is an address one of a developer's own machine: a page under development, a file of a project, where a log-in leads back to?

/// Names of parameters that say where the browser is, was or goes.
#[rustfmt::skip]
const PAGES: &[&[u8]] = &[
    b"redirect_uri", b"redirect_uris", b"oauth_callback", b"redirect_url", b"urlref", b"redirecturi", b"redirecturl", b"post_logout_redirect_uri", b"relaystate", b"return_to", b"returnurl", b"return_url", b"login_uri",
    b"dl", b"dr", b"referrer", b"referer", b"document_referrer", b"origin", b"website", b"homepage", b"page_url", b"pageurl", b"document-uri", b"documenturi", b"blocked-uri", b"source-file",
    b"next", b"continue", b"goto", b"service", b"return", b"returnto", b"back", b"success_url", b"cancel_url", b"request.url", b"document_url", b"page_location", b"current_url", b"$current_url", b"$referrer",
];

/// `"rootUri":"file:///srv/a"`, `"url":"file:///home/a/b.whl"`: a file of a project, as editors and builds name it.
pub(super) fn is_file(name: &[u8], rest: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with(b"uri") || name.ends_with(b"url") && rest.starts_with(b"///home/")
}

/// An address of this machine as developers' browsers and native apps (RFC 8252) send it: where they came from, where
/// the log-in leads back to, and what a page consists of.
pub(super) fn shows(name: &[u8], rest: &[u8], in_body: bool) -> bool {
    let last = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    let page = PAGES.iter().any(|known| name.eq_ignore_ascii_case(known) || last.eq_ignore_ascii_case(known));
    let path = rest.split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default();
    let part = [&b".js"[..], b".css", b".png", b".svg", b".map", b".woff2", b".ts", b".tsx"];
    let by_name = || in_body || rest.starts_with(b"//localhost");
    page || by_name() && part.iter().any(|kind| path.ends_with(kind))
}

/// A page that a developer looks at: this machine by its name, and a port at which tools for developing pages serve them.
pub(super) fn is_page(rest: &[u8]) -> bool {
    const PORTS: &[&[u8]] = &[b"3000", b"3001", b"4200", b"4321", b"5173", b"8100", b"19006"];
    let port = rest.strip_prefix(b"//localhost:").unwrap_or_default();
    PORTS.contains(&port.split(|byte| !byte.is_ascii_digit()).next().unwrap_or_default())
}

/// `//localhost:3000/…`: a server that a developer runs, by its name and a port that no service of the machine has.
pub(super) fn serves(rest: &[u8]) -> bool {
    const SERVICES: &[&[u8]] = &[
        b"2375", b"2376", b"2379", b"3306", b"5432", b"5984", b"6379", b"8500", b"9200", b"10250", b"11211", b"27017",
    ];
    let hosts = [&b"//localhost:"[..], b"//host.docker.internal:"];
    let port = hosts.iter().find_map(|host| rest.strip_prefix(*host)).unwrap_or_default();
    let port = port.split(|byte| !byte.is_ascii_digit()).next().unwrap_or_default();
    matches!(port.len(), 4 | 5) && !SERVICES.contains(&port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_developer_s_machine_is_told_from_a_forged_address() {
        for (rest, page, served) in [
            ("//localhost:3000/", true, true),
            ("//localhost:8080/x", false, true),
            ("//localhost:6379/", false, false),
            ("//localhost/admin", false, false),
            ("//127.0.0.1:3000/", false, false),
        ] {
            assert_eq!((is_page(rest.as_bytes()), serves(rest.as_bytes())), (page, served), "{rest}");
        }
        for (name, rest, expected) in [
            ("rootUri", "///srv/a", true),
            ("direct_url", "///home/a/b.whl", true),
            ("url", "///etc/passwd", false),
            ("file", "///home/a", false),
        ] {
            assert_eq!(is_file(name.as_bytes(), rest.as_bytes()), expected, "{name}={rest}");
        }
    }
}
