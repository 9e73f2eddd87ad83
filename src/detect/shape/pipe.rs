//! Which parts of a value are stages of a query that stand between pipes, as in the languages of logs and metrics?
//!
//! SPL, KQL, ES|QL, LogQL and their like. Their verbs are words, and some of them commands of the shell; a stage that no such
//! language has ends the query.

use std::ops::Range;

/// Verbs of stages.
#[rustfmt::skip]
const VERBS: &[&[u8]] = &[
    b"where", b"sort", b"order", b"stats", b"limit", b"eval", b"keep", b"drop", b"dissect", b"grok", b"enrich", b"rename", b"count", b"fields",
    b"project", b"project-away", b"summarize", b"extend", b"dedup", b"top", b"head", b"tail", b"table", b"search", b"rex", b"timechart", b"chart",
    b"json", b"logfmt", b"pattern", b"regexp", b"line_format", b"label_format", b"unwrap", b"take", b"join", b"union", b"mv_expand", b"mv-expand",
    b"render", b"parse", b"distinct", b"bin", b"filter", b"until", b"by", b"lookup", b"transaction", b"sum", b"avg", b"max", b"min", b"tstats", b"fillnull",
    b"loadjob", b"savedsearch", b"inputlookup", b"makeresults", b"mstats", b"datamodel", b"metadata", b"multisearch", b"append", b"eventstats", b"streamstats",
];
/// A query has so many of them.
const STAGES: usize = 2;

/// The stages, with the pipes before them.
pub(super) fn parts(view: &[u8]) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut at = 0;
    for (number, stage) in view.split(|byte| *byte == b'|').enumerate() {
        let start = at;
        at += stage.len() + 1;
        if number == 0 {
            continue;
        }
        if !is_stage(stage) {
            return Vec::new();
        }
        parts.push(start - 1..start + stage.len());
    }
    let is_query = parts.len() >= STAGES || parts.first().is_some_and(|stage| is_search(view, stage.clone()));
    if is_query { parts } else { Vec::new() }
}

/// `search index=main sourcetype=x | head 1`: a search that names its index, and one stage of plain words.
fn is_search(view: &[u8], stage: Range<usize>) -> bool {
    let search = view.get(..stage.start).unwrap_or_default().trim_ascii_start();
    let search = search.strip_prefix(b"search ").unwrap_or(search);
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b" |_,=".contains(byte);
    let is_named =
        [&b"index="[..], b"index =", b"source=", b"sourcetype="].iter().any(|start| search.starts_with(start));
    is_named && view.get(stage).is_some_and(|stage| stage.iter().all(is_plain))
}

/// Does it start with a verb, and hold nothing that only a shell has?
fn is_stage(stage: &[u8]) -> bool {
    let text = stage.trim_ascii_start();
    let length = text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')).count();
    let verb = text.get(..length).unwrap_or_default();
    let is_shell = text.iter().any(|byte| b";`&$".contains(byte)) || text.windows(5).any(|part| part == b"/etc/");
    VERBS.contains(&verb) && !is_shell
}
