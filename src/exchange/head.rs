//! What does the head of a request say? Its method, target, host, origin and id.

use crate::exchange::headers::Headers;
use crate::text::untrusted;

/// How much of a request's id is kept, in UTF-16 units: Envoy's own are 36.
const REQUEST_ID_KEPT: usize = 64;

/// The content types of forms.
const FORM_TYPES: [&[u8]; 3] = [b"application/x-www-form-urlencoded", b"multipart/form-data", b"text/plain"];

/// The head of a request: pseudo-headers and headers as the proxy has them, bytes and all.
#[derive(Clone, Debug, Default)]
pub struct Head {
    headers: Headers,
}

impl Head {
    /// A head of these headers, pseudo-headers (`:method`, `:path`, `:authority`) among them.
    pub fn new(headers: Headers) -> Self {
        Self { headers }
    }

    /// The request's method; empty where the proxy never saw one.
    pub fn method(&self) -> &[u8] {
        self.headers.last(":method").unwrap_or_default()
    }

    /// Path and query as on the wire; empty where the proxy never saw any.
    pub fn request_target(&self) -> &[u8] {
        self.headers.last(":path").unwrap_or_default()
    }

    /// The path on the wire, without query and fragment.
    pub fn path(&self) -> &[u8] {
        path_of(self.request_target())
    }

    /// The host that was asked for.
    pub fn authority(&self) -> &[u8] {
        self.headers.last(":authority").unwrap_or_default()
    }

    /// Did a page of another site send the request? By its Referer; the same last two labels count as the same site.
    pub fn is_from_elsewhere(&self) -> bool {
        // A script of a page that embeds this site asks it: nobody has followed a link.
        if self.headers.last("sec-fetch-mode").is_some_and(|mode| mode.eq_ignore_ascii_case(b"cors")) {
            return false;
        }
        let Some(referer) = self.headers.last("referer") else { return false };
        let Some(address) = referer.strip_prefix(b"https://").or(referer.strip_prefix(b"http://")) else {
            return false;
        };
        let end = address.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#'));
        let (from, to) = (site(end.and_then(|end| address.get(..end)).unwrap_or(address)), site(self.authority()));
        !from.is_empty() && !to.is_empty() && !from.eq_ignore_ascii_case(to)
    }

    /// Did a page of another site make the browser send it? So says the browser, and so may say whoever writes a request: it
    /// is believed only of what a page can have a browser send to a site without asking it first (Fetch, "CORS-safelisted").
    pub fn is_cross_site(&self) -> bool {
        let says = self.headers.last("sec-fetch-site").is_some_and(|site| site.eq_ignore_ascii_case(b"cross-site"));
        says && matches!(self.method(), b"GET" | b"HEAD" | b"POST") && self.has_form_type()
    }

    /// Is the body, if there is one, of a type that forms have?
    fn has_form_type(&self) -> bool {
        let Some(declared) = self.headers.last("content-type") else { return true };
        let essence = declared.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        FORM_TYPES.iter().any(|known| essence.eq_ignore_ascii_case(known))
    }

    /// The proxy's id of the request, under which its access log and the application have it too. The connection
    /// manager puts it into the headers; as a property it is gone once they have been sent on.
    pub fn request_id(&self) -> &[u8] {
        self.headers.last("x-request-id").unwrap_or_default()
    }

    /// The same as it is kept: clean, and bounded.
    pub fn kept_request_id(&self) -> String {
        untrusted::clean_bytes(self.request_id(), REQUEST_ID_KEPT)
    }

    /// All headers, pseudo-headers first.
    pub fn headers(&self) -> &Headers {
        &self.headers
    }
}

/// The path of a request target, without query and fragment.
pub fn path_of(target: &[u8]) -> &[u8] {
    target.split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default()
}

/// The host of `host:port`, `[address]:port` or of what has no port: an IPv6 address without brackets has none.
pub fn without_port(authority: &[u8]) -> &[u8] {
    let (host, _) =
        authority.iter().rposition(|byte| *byte == b':').map_or((authority, &b""[..]), |at| authority.split_at(at));
    if host.contains(&b':') && !host.ends_with(b"]") { authority } else { host }
}

/// The last two labels of a host.
fn site(authority: &[u8]) -> &[u8] {
    let name = without_port(authority);
    let dot = |name: &[u8]| name.iter().rposition(|byte| *byte == b'.');
    let last = dot(name).and_then(|at| name.get(..at)).and_then(dot);
    last.and_then(|at| name.get(at + 1..)).unwrap_or(name)
}
