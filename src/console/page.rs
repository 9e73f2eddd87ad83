//! The console's page: one HTML file with its style and script, packed when the module is built (`build/console_page.rs`).
//!
//! The page holds nothing of any user: it needs no token. What it shows it asks of the console, with the token that its reader
//! types in. Its policy lets it run this script and load nothing, and its script can't write HTML at all
//! (`require-trusted-types-for`): whatever users call themselves stays text.

use crate::exchange::head::Head;

include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// The length of what stands before and behind the deflated data in a gzip file without name and comment (RFC 1952).
const GZIP_HEADER: usize = 10;
const GZIP_TRAILER: usize = 8;

/// The page's headers and body; unpacked for a client that does not take gzip.
pub fn page(head: &Head) -> (Vec<(&'static str, String)>, Vec<u8>) {
    let mut headers = vec![
        ("content-type", "text/html; charset=utf-8".to_owned()),
        ("content-security-policy", POLICY.to_owned()),
        ("referrer-policy", "no-referrer".to_owned()),
        ("cross-origin-opener-policy", "same-origin".to_owned()),
        ("vary", "accept-encoding".to_owned()),
    ];
    if takes_gzip(head) {
        headers.push(("content-encoding", "gzip".to_owned()));
        return (headers, PACKED.to_vec());
    }
    let deflated = PACKED.get(GZIP_HEADER..PACKED.len().saturating_sub(GZIP_TRAILER)).unwrap_or_default();
    (headers, miniz_oxide::inflate::decompress_to_vec(deflated).unwrap_or_default())
}

/// Does the client say that it takes gzip? One that rules it out (`gzip;q=0`) counts as one that says nothing.
fn takes_gzip(head: &Head) -> bool {
    head.headers().all("accept-encoding").flat_map(|value| value.split(|byte| *byte == b',')).any(|coding| {
        let coding = coding.trim_ascii();
        coding == b"gzip" || coding.starts_with(b"gzip;") && !coding.ends_with(b"=0")
    })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest as _, Sha256};

    use super::*;

    fn asked_with(accept_encoding: &str) -> (Vec<(&'static str, String)>, Vec<u8>) {
        page(&Head::new([("accept-encoding", accept_encoding)].into_iter().collect()))
    }

    #[test]
    fn the_policy_names_what_stands_in_the_page() {
        let (headers, body) = asked_with("");
        let (page, policy) = (String::from_utf8(body).unwrap(), &headers[1].1);
        for (element, directive) in [("style", "style-src"), ("script", "script-src")] {
            let (open, close) = (format!("<{element}>"), format!("</{element}>"));
            assert_eq!(page.matches(&format!("<{element}")).count(), 1, "there is one {element}, without attributes");
            let inside = page.split_once(&open).unwrap().1.split_once(&close).unwrap().0;
            assert!(inside.len() > 1000, "{element}");
            let hash = STANDARD.encode(Sha256::digest(inside));
            assert!(policy.contains(&format!("{directive} 'sha256-{hash}';")), "{policy}");
        }
        assert!(!policy.contains("unsafe") && policy.starts_with("default-src 'none';"), "{policy}");
        for forbidden in [" style=", " onclick=", "innerHTML", "http://", "https://", "document.write", "eval("] {
            let allowed = page.replace("http://www.w3.org/2000/svg", "");
            assert!(!allowed.contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn it_is_unpacked_only_for_those_who_need_it() {
        let plain = asked_with("").1;
        for (accept_encoding, packed) in [
            ("gzip, deflate", true),
            ("br;q=1.0, gzip;q=0.8", true),
            ("gzip;q=0", false),
            ("identity", false),
            ("x-gzipped", false),
        ] {
            let (headers, body) = asked_with(accept_encoding);
            assert_eq!(headers.iter().any(|(name, _)| *name == "content-encoding"), packed, "{accept_encoding}");
            assert_eq!(body == plain, !packed, "{accept_encoding}");
        }
        assert!(PACKED.len() < 32 * 1024, "{} bytes of the module", PACKED.len());
    }
}
