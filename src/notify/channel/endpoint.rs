//! Where on the server? The host and the path of an `http` or `https` URL.

use crate::notify::callout::Request;

/// What this filter calls itself.
pub(super) const CLIENT: &str = env!("CARGO_PKG_NAME");

/// The type of most bodies.
pub(super) const JSON: &str = "application/json";

/// The headers that all requests carry.
pub(super) fn headers(content_type: &str) -> Vec<(&'static str, String)> {
    vec![("content-type", content_type.to_owned()), ("user-agent", format!("{CLIENT}/{}", env!("CARGO_PKG_VERSION")))]
}

/// What the proxy needs of a URL; the connection itself, with TLS and address, is the cluster's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint<'a> {
    /// Is it `https`?
    pub is_secure: bool,
    /// The host with its port, if the URL has one.
    pub authority: &'a str,
    /// The path with its query; `/` where the URL has none.
    pub path: &'a str,
}

impl<'a> Endpoint<'a> {
    /// Takes `url` apart.
    ///
    /// # Errors
    /// It is no URL that a callout can use. The message does not repeat the URL: it may be a secret.
    pub fn parse(url: &'a str) -> Result<Self, &'static str> {
        let (is_secure, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err("is not a URL; write https://host/path"),
        };
        if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("has a character that no URL has; percent-encode it");
        }
        let (authority, path) = match rest.find(['/', '?', '#']) {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        if authority.is_empty() {
            return Err("names no host; write https://host/path");
        }
        if authority.contains('@') {
            return Err("holds a user's name; put credentials into a secret instead");
        }
        if !path.starts_with('/') || path.contains('#') {
            return Err("has no path or a fragment; write https://host/path");
        }
        Ok(Self { is_secure, authority, path })
    }

    /// A request to here.
    pub fn request(&self, headers: Vec<(&'static str, String)>, body: Vec<u8>) -> Request {
        let (path, authority) = (self.path.to_owned(), self.authority.to_owned());
        Request { is_secure: self.is_secure, path, authority, headers, body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_urls_apart() {
        let rows = [
            ("https://hooks.slack.com/services/T/B/x", Some(("hooks.slack.com", "/services/T/B/x"))),
            ("http://127.0.0.1:8080/a?b=c", Some(("127.0.0.1:8080", "/a?b=c"))),
            ("https://h", Some(("h", "/"))),
            ("https://h?x", None),
            ("https://h/#x", None),
            ("https:///x", None),
            ("ftp://h/x", None),
            ("https://u:p@h/x", None),
            ("https://h/\r\nx", None),
            ("", None),
        ];
        for (url, expected) in rows {
            let parsed = Endpoint::parse(url).ok().map(|endpoint| (endpoint.authority, endpoint.path));
            assert_eq!(parsed, expected, "{url}");
        }
    }
}
