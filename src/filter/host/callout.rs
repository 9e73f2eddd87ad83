//! How is a request sent to a cluster, and what came back?

use std::time::Duration;

use crate::filter::host::abi::{self, Status};
use crate::filter::host::headers;
use crate::notify::callout::{Reply, Request};

const HTTP_CALL_RESPONSE_BODY: u32 = 4;

/// How much of an answer's body is read, in bytes. Most vendors give the reason of a refusal in the first line, but Postmark
/// lists the recipients before it says whether it accepted the message.
pub(in crate::filter) const BODY_READ: usize = 16 * 1024;

/// How much of the store's answer is read, in bytes: what Envoy passes on of it at most, and something more.
pub(in crate::filter) const STORE_READ: usize = 128 * 1024;

/// Sends a request to a cluster and returns the host's token for it.
///
/// # Errors
/// The host refuses the request: why, for the log.
pub(in crate::filter) fn send(cluster: &str, request: &Request, timeout: Duration) -> Result<u32, &'static str> {
    let mut pairs = vec![(":method", "POST"), (":path", &request.path), (":authority", &request.authority)];
    pairs.extend(request.headers.iter().map(|(name, value)| (*name, value.as_str())));
    let millis = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
    abi::http_call(cluster, &headers::serialized(&pairs), &request.body, millis).map_err(|status| match status {
        Status::BAD_ARGUMENT => "was not asked: Envoy knows no such cluster; add it to the clusters, or mend the name",
        _ => {
            "was not asked: the cluster has no endpoint, none is healthy, or its circuit breaker is open; `riskctl doctor` says which"
        },
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
