//! What is a request to a channel's server, and does its answer mean delivered, retry later (`Retry-After`) or give up?

use std::time::Duration;

use crate::clock::Timestamp;

/// A request for a channel's server. Debug output would show secrets, so there is none.
pub struct Request {
    /// Does the address begin with `https`? What Envoy does is the cluster's matter.
    pub is_secure: bool,
    /// The path with its query.
    pub path: String,
    /// The host, for `:authority`.
    pub authority: String,
    /// Headers beyond `:method` (always POST), `:path` and `:authority`.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The server answered.
    Answer {
        /// The status code.
        status: u16,
        /// The header `retry-after`, as sent.
        retry_after: Option<String>,
        /// The first bytes of the body: vendors say there why they refuse.
        body: Vec<u8>,
    },
    /// No answer: the stream was reset, or the proxy could not send at all.
    Nothing {
        /// What happened, in words.
        why: &'static str,
    },
}

/// What a reply means for the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has arrived.
    Delivered,
    /// Try again later.
    Retry {
        /// The server's own wish; it holds the whole channel.
        hold: Option<Duration>,
    },
    /// Never try this message again.
    Refused {
        /// Nor anything else on this channel, until its options change.
        stop: bool,
    },
}

/// Statuses that are final on a vendor's own API, beyond those that are final anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finality {
    /// A webhook: everything but 400, 410, 413 and 422 may heal.
    Webhook,
    /// A vendor's API: 401, 403 and 404 are final too.
    Vendor,
    /// A vendor's API whose address is the key (Slack): 403 and 404 stop the channel.
    VendorAddress,
    /// A vendor's API that says in the body whether it took the message (Postmark): `"ErrorCode": 0`.
    Postmark,
}

/// The wait after a 429 that names none.
const TOO_MANY_REQUESTS_PAUSE: Duration = Duration::from_secs(60);

/// The longest wait that a server may ask for.
const RETRY_AFTER_CAP: Duration = Duration::from_secs(3600);

impl Reply {
    /// What this reply means, at `now`.
    pub fn judge(&self, finality: Finality, now: Timestamp) -> Verdict {
        let Self::Answer { status, retry_after, body } = self else { return Verdict::Retry { hold: None } };
        match (status, finality) {
            (200..=299, Finality::Postmark) => match error_code(body) {
                Some(b'0') => Verdict::Delivered,
                Some(_) => Verdict::Refused { stop: false },
                // Somebody in between has answered.
                None => Verdict::Retry { hold: None },
            },
            (200..=299, _) => Verdict::Delivered,
            (410, _) | (403 | 404, Finality::VendorAddress) => Verdict::Refused { stop: true },
            (400 | 413 | 422, _) => Verdict::Refused { stop: false },
            (401 | 403 | 404, Finality::Vendor | Finality::VendorAddress | Finality::Postmark) => {
                Verdict::Refused { stop: false }
            }
            (429, _) => Verdict::Retry { hold: Some(self.wished_pause(now).unwrap_or(TOO_MANY_REQUESTS_PAUSE)) },
            _ => Verdict::Retry { hold: retry_after.as_ref().and_then(|_| self.wished_pause(now)) },
        }
    }

    /// The pause that `retry-after` asks for: seconds or a date (RFC 9110, 10.2.3), at most an hour.
    fn wished_pause(&self, now: Timestamp) -> Option<Duration> {
        let Self::Answer { retry_after: Some(wish), .. } = self else { return None };
        let pause = match wish.trim().parse() {
            Ok(secs) => Duration::from_secs(secs),
            Err(_) => Timestamp::from(httpdate::parse_http_date(wish.trim()).ok()?).since(now),
        };
        Some(pause.min(RETRY_AFTER_CAP))
    }
}

/// The first digit of Postmark's `ErrorCode`; no other code than 0 begins with a zero.
fn error_code(body: &[u8]) -> Option<u8> {
    const NAME: &[u8] = b"\"ErrorCode\":";
    let at = body.windows(NAME.len()).position(|window| window == NAME)?;
    body.get(at + NAME.len()..)?.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, retry_after: Option<&str>) -> Reply {
        Reply::Answer { status, retry_after: retry_after.map(str::to_owned), body: Vec::new() }
    }

    #[test]
    fn each_status_means_what_the_vendors_say() {
        use Finality::{Vendor, VendorAddress, Webhook};
        use Verdict::{Delivered, Refused, Retry};
        let retry = Retry { hold: None };
        let refused = Refused { stop: false };
        let stop = Refused { stop: true };
        let rows = [
            (200, Webhook, &Delivered),
            (202, Vendor, &Delivered),
            (204, Webhook, &Delivered),
            // A redirect is never followed: it may lead anywhere.
            (301, Webhook, &retry),
            (302, Vendor, &retry),
            (304, Webhook, &retry),
            (307, VendorAddress, &retry),
            (308, Webhook, &retry),
            (400, Webhook, &refused),
            (401, Webhook, &retry),
            (401, Vendor, &refused),
            (403, Webhook, &retry),
            (403, Vendor, &refused),
            (403, VendorAddress, &stop),
            (404, VendorAddress, &stop),
            (404, Webhook, &retry),
            (410, Webhook, &stop),
            (410, Vendor, &stop),
            (400, VendorAddress, &refused),
            (401, VendorAddress, &refused),
            (404, Vendor, &refused),
            (408, Webhook, &retry),
            (413, Vendor, &refused),
            (422, Webhook, &refused),
            (500, Vendor, &retry),
            (503, VendorAddress, &retry),
        ];
        let now = Timestamp::from_millis(0);
        for (status, finality, expected) in rows {
            assert_eq!(answer(status, None).judge(finality, now), *expected, "{status} {finality:?}");
        }
        assert_eq!(Reply::Nothing { why: "reset" }.judge(Webhook, now), retry);
    }

    #[test]
    fn postmark_says_in_the_body_whether_it_took_the_message() {
        let rows = [
            (200, r#"{"To":"a@b.c","MessageID":"x","ErrorCode":0,"Message":"OK"}"#, Verdict::Delivered),
            (200, r#"{"ErrorCode": 0}"#, Verdict::Delivered),
            (200, r#"{"ErrorCode":406,"Message":"inactive"}"#, Verdict::Refused { stop: false }),
            (200, "<html>a proxy</html>", Verdict::Retry { hold: None }),
            (200, "", Verdict::Retry { hold: None }),
            (401, r#"{"ErrorCode":10}"#, Verdict::Refused { stop: false }),
            (422, r#"{"ErrorCode":300}"#, Verdict::Refused { stop: false }),
            (500, "", Verdict::Retry { hold: None }),
        ];
        for (status, body, expected) in rows {
            let reply = Reply::Answer { status, retry_after: None, body: body.as_bytes().to_vec() };
            assert_eq!(reply.judge(Finality::Postmark, Timestamp::from_millis(0)), expected, "{status} {body}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_at_most_an_hour() {
        let now = Timestamp::from_millis(784_111_777_000); // Sun, 06 Nov 1994 08:49:37 GMT
        let rows = [
            (429, None, Some(60)),
            (429, Some("7"), Some(7)),
            (429, Some("soon"), Some(60)),
            (429, Some("Sun, 06 Nov 1994 08:50:07 GMT"), Some(30)),
            (429, Some("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0)),
            (503, Some("86400"), Some(3600)),
            (503, Some("soon"), None),
            (503, None, None),
        ];
        for (status, wish, secs) in rows {
            let expected = Verdict::Retry { hold: secs.map(Duration::from_secs) };
            assert_eq!(answer(status, wish).judge(Finality::Webhook, now), expected, "{status} {wish:?}");
        }
    }
}
