//! Is it an injection into a query language other than SQL: Cypher, SPARQL, OData, Solr, the line protocols of caches?
//!
//! A client may send whole queries, so a query alone is no evidence. What counts is a value that starts as data, closes what
//! it stands in, and goes on as a query that reads or changes something.

mod cache;
mod cypher;
mod odata;
mod solr;
mod sparql;
mod words;

use super::subject::Subject;
use crate::detect::matcher::Evidence;

/// No injected query is longer, in bytes.
const LONGEST: usize = 1024;

/// Reports injections into each language. Reads views of up to [`LONGEST`] bytes, each a fixed number of times.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    if cache::commands(view) {
        found(Evidence::QueryCache);
    }
    if view.len() > LONGEST {
        return;
    }
    if cypher::is_injected(view) {
        found(Evidence::QueryCypher);
    }
    if sparql::is_injected(view) {
        found(Evidence::QuerySparql);
    }
    if odata::is_injected(view) {
        found(Evidence::QueryOdata);
    }
    if solr::is_nested(view) {
        found(Evidence::QuerySolr);
    }
}

#[cfg(test)]
mod tests;
