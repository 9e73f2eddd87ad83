//! What does the console answer? A status with JSON.

use crate::text::json::Json;

/// A status and the answer's body.
pub(super) type Answer = (u16, Json);

pub(super) fn error(what: &str) -> Json {
    Json::object(&[("error", Json::text(what))])
}

pub(super) fn unknown() -> Answer {
    (404, error("nobody of this name has points; names are those of the log, ids those of the console"))
}
