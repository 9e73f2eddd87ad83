//! How is a request sent to a cluster, and what came back?

use std::time::Duration;

use proxy_wasm::hostcalls;
use proxy_wasm::types::Status;

use crate::filter::host::{abi, headers};
use crate::notify::callout::{Reply, Request};

const HTTP_CALL_RESPONSE_BODY: u32 = 4;

/// How much of an answer's body is read, in bytes. Most vendors give the reason of a refusal in the first line, but Postmark
/// lists the recipients before it says whether it accepted the message.
pub(in crate::filter) const BODY_READ: usize = 16 * 1024;

/// How much of the store's answer is read, in bytes: what Envoy passes on of it at most, and something more.
pub(in crate::filter) const STORE_READ: usize = 128 * 1024;

/// Sends a request to a cluster and returns the host's token for it.
///
/// This goes through the SDK, which keeps a list of tokens and would panic at an answer whose token it does not know. The
/// statuses on which its wrapper panics don't occur in Envoy (`http_call` in its exports.cc).
///
/// # Errors
/// The host refuses the request: why, for the log.
pub(in crate::filter) fn send(cluster: &str, request: &Request, timeout: Duration) -> Result<u32, &'static str> {
    let mut pairs = vec![(":method", "POST"), (":path", &request.path), (":authority", &request.authority)];
    pairs.extend(request.headers.iter().map(|(name, value)| (*name, value.as_str())));
    hostcalls::dispatch_http_call(cluster, pairs, Some(&request.body), Vec::new(), timeout).map_err(|status| {
        match status {
            Status::BadArgument => "Envoy does not know the cluster; add it to the clusters or mend `cluster`",
            _ => "the cluster has no endpoint or its circuit breaker is open",
        }
    })
}

/// The answer that the current callback is for. Without headers there was none: a reset, or an answer too large.
pub(in crate::filter) fn reply(headers: usize, body: usize, most: usize) -> Reply {
    let answer = headers::callout_answer();
    let status = answer.last(":status").and_then(|status| std::str::from_utf8(status).ok()?.parse().ok());
    let Some(status) = status.filter(|_| headers > 0) else {
        return Reply::Nothing { why: "the connection was reset before an answer came" };
    };
    let retry_after = answer.last("retry-after").map(|value| String::from_utf8_lossy(value).into_owned());
    let body = abi::buffer(HTTP_CALL_RESPONSE_BODY, 0, body.min(most)).unwrap_or_default();
    Reply::Answer { status, retry_after, body }
}
