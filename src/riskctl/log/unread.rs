//! Why could a line not be read? A kind that can be counted; the first line of each kind is shown.

/// What is wrong with a line, in words that continue "the line".
pub(crate) type Unread = &'static str;

/// It is not of the format at all.
pub(super) const NO_JSON: Unread = "is no JSON object";
/// It has no time, or one that can't be read.
pub(super) const NO_TIME: Unread = "has no time that can be read";
/// There is no path in it.
pub(super) const NO_PATH: Unread = "has no path";
/// There is no request in it: a connection without one, or bytes that are not HTTP.
pub(super) const NO_REQUEST: Unread = "has no request line";
/// Quotes, brackets or columns are not where the format has them.
pub(super) const OTHER_SHAPE: Unread = "has another shape";
/// It holds neither a request with a time nor a detection.
pub(super) const NOT_RECORDED: Unread = "is no recorded request with a time";
/// It is longer than any line of a log.
pub(crate) const TOO_LONG: Unread = "is longer than 16 MiB";

/// Is it a line that rightly reports no request, and no mistake of the log or of ours?
pub(crate) fn is_expected(why: Unread) -> bool {
    matches!(why, NO_REQUEST | NOT_MALICIOUS)
}

/// Another line of Envoy's log, or one of the filter that reports no request.
pub(super) const NOT_MALICIOUS: Unread = "reports no malicious request";
