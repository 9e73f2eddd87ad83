//! Is it a query of Solr or Lucene that switches to another parser?
//!
//! Local parameters (`{!parser key=value}`, Solr's reference guide) may start a value that a client sends. Inside a query, by
//! `_query_:"{!…}"`, they are the injection's way out; some parsers call out or run code wherever they stand.

use crate::detect::verify::bytes::find;

/// Parsers that load foreign documents, join other collections or compute.
const REACHING: &[&[u8]] = &[b"{!xmlparser", b"{!join", b"{!func", b"{!graph", b"{!streaming", b"{!frange"];

/// Does a parser stand inside a query, or does one load what an address says?
pub(super) fn is_nested(view: &[u8]) -> bool {
    let nested =
        find(view, 0, b"_query_:").is_some_and(|at| view.get(at..).is_some_and(|rest| find(rest, 0, b"{!").is_some()));
    nested
        || REACHING
            .iter()
            .any(|parser| find(view, 0, parser).is_some_and(|at| at > 0 || find(view, 0, b"://").is_some()))
}
