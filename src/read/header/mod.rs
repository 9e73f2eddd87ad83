//! Which headers are scanned, and as what? One that fits its grammar is not; cookies, tokens and credentials are taken apart.

mod agent;
mod credentials;
mod grammar;

use super::field::Field;
use super::target::Target;
use super::{base64, jwt, pairs};
use crate::exchange::headers::Headers;
use grammar::Grammar;

/// Every header that can carry a payload; the authority as `host`.
pub(super) fn fields(headers: &Headers, sink: &mut dyn FnMut(Field<'_>)) {
    for (name, value) in headers.iter() {
        match name {
            b"cookie" => pairs::cookies(value, sink),
            b":authority" => sink(Field::plain(Target::Header, b"host", value)),
            b"user-agent" if agent::fits(value) => {
                sink(Field::plain(Target::Agent, name, value));
                if let Some(link) = agent::link(value) {
                    sink(Field::plain(Target::Header, name, link));
                }
            }
            b"authorization" | b"proxy-authorization" if credentials::show(name, value, sink) => {}
            // Chunks are as usual as a length; both at once, or any other coding, is not.
            b"transfer-encoding" if value == b"chunked" && headers.last("content-length").is_none() => {}
            _ if name.first() == Some(&b':') => {}
            // Long enough for code, and no charset's name.
            b"accept-charset" if base64::is_likely(value) => sink(Field::plain(Target::Header, name, value)),
            _ if Grammar::of(name).is_some_and(|grammar| grammar.fits(value)) => {}
            _ => {
                sink(Field::plain(Target::Header, name, value));
                jwt::fields(value, sink);
            }
        }
    }
}
