//! What do the text and the page of a mail have in common?

use crate::incident::snapshot::Transition;
use crate::notify::channel::endpoint::CLIENT;
use crate::notify::notice::message::Notice;
use crate::notify::notice::phrasing::{MoreRules, Readable};

/// How many rules are listed.
pub(super) const RULES_SHOWN: usize = 20;

/// `warning`, `error`, `critical`, `resolved`: for mail filters.
pub(super) fn tag(notice: &Notice<'_>) -> &'static str {
    match notice.snapshot.transition {
        Transition::Resolved => "resolved",
        Transition::Opened | Transition::Updated => notice.snapshot.band.slug(),
    }
}

pub(super) fn more(left_out: usize, before: &str, after: &str) -> String {
    if left_out == 0 { String::new() } else { format!("{before}{}{after}", MoreRules(left_out)) }
}

pub(super) fn signature(notice: &Notice<'_>) -> String {
    format!("{} · {} · {CLIENT}", notice.snapshot.incident, Readable(notice.snapshot.at))
}
