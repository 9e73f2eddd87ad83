//! Which values break out into another query language, and which only look like it?

use super::verify;
use crate::detect::matcher::Evidence::{self, QueryCache, QueryCypher, QueryOdata, QuerySolr, QuerySparql};
use crate::detect::verify::subject::{Effort, Subject};
use crate::read::target::Target;

fn found(view: &str) -> Vec<Evidence> {
    let effort = Effort::default();
    let mut all = Vec::new();
    verify(&Subject::new(view.as_bytes(), Target::Query, b"q", &effort), &mut |evidence| all.push(evidence));
    all
}

#[test]
fn breaks_out() {
    for (view, expected) in [
        ("' or 1=1 with 1 as a match (n) return n //", QueryCypher),
        ("x'}) detach delete n //", QueryCypher),
        ("x' load csv from 'http://x.example/' as l return l //", QueryCypher),
        ("'}) return 0 union call db.labels() yield label return label //", QueryCypher),
        ("7 match (n:user {a:'b'}) detach delete n", QueryCypher),
        ("\" } union { ?s ?p ?o } #", QuerySparql),
        ("x' . ?s ?p ?o . #", QuerySparql),
        ("x\" . } ; drop all ; #", QuerySparql),
        ("> . } insert data { <a> <b> <c> }", QuerySparql),
        ("' or 1 eq 1 or '", QueryOdata),
        ("name eq 'x' or '1' eq '1'", QueryOdata),
        ("x') or name ne 'y", QueryOdata),
        ("_query_:\"{!join from=id to=id}*:*\"", QuerySolr),
        ("a:b {!xmlparser v='<x/>'}", QuerySolr),
        ("x\r\nconfig set dir /srv\r\n", QueryCache),
        ("\r\neval 'return 1' 0\r\n", QueryCache),
        ("x\r\nflushall\r\n", QueryCache),
        ("x\r\nset k 0 60 5\r\nhello", QueryCache),
        ("*1\r\n$8\r\nflushall", QueryCache),
    ] {
        assert!(found(view).contains(&expected), "{view}: {:?}", found(view));
    }
}

#[test]
fn does_not_break_out() {
    for view in [
        "match (n) return n",
        "call me (maybe) and return",
        "it's a match (5:3) with a return",
        "select * where { ?s ?p ?o }",
        "what's up? why? how? 'now'",
        "price eq 5 and name eq 'x'",
        "length(name) eq 3 or true",
        "price add 1 eq 2 or price eq 3",
        "{!tag=x}brand:y",
        "{!geofilt}",
        "dear bob,\r\nset the table\r\nkeys",
        "one\nconfig set x y",
        "it's 'red' or 'blue'",
        "\"a\", \"return policy\" union //x",
    ] {
        assert_eq!(found(view), [], "{view}");
    }
}
