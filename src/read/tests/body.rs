//! Is a body taken apart by its real shape: form, JSON, XML, text?

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::body_fields;

#[test]
fn takes_bodies_apart_by_their_real_shape() {
    let check = |content_type: &str, body: &[u8], expected: &[&str]| {
        assert_eq!(body_fields(content_type, 1 << 20, &[body]).0, *expected, "{}", body.escape_ascii());
    };
    let (form, json) = ("application/x-www-form-urlencoded", "application/json; charset=utf-8");
    check(form, b"a=1&b=%27+x&c", &["form:a=1", "form:b=%27+x", "form:=c"]);
    check(form, b"a==&&=b", &["form:a==", "form:=b"]);
    check(form, b"\"/><x y=1>", &["form:\\\"/><x y=\\\"/><x y", "form:\\\"/><x y=1>"]);
    check(
        json,
        br#"{"a":"b","c":{"d":["e",{"f":"g"},"h"]},"i":1.5e3}"#,
        &["json:a=b", "json:c.d=e", "json:c.d.f=g", "json:c.d=h"],
    );
    check(json, br#"{"a":"\u003c\ud83d\ude00\n\"\/\q"}"#, &["json:a=<\\xf0\\x9f\\x98\\x80\\n\\\"/\\\\q"]);
    check(json, br#"{"<x>":1}"#, &["json:<x>=<x>"]);
    check(json, br#"{"a":"open"#, &["json:a=open"]);
    check(json, br#"{"a":"b"} or 1=1"#, &["json:a=b", "text:=or 1=1"]);
    check(json, br#"{"t":now,"c":"d","e":[x, 1]}"#, &["json:t=ow", "json:c=d", "json:e=x"]);
    check(json, br#"{"a":g(1),"b":"c"}"#, &["text:=g(1),\\\"b\\\":\\\"c\\\"}"]);
    check(json, br#""x""#, &["json:=x"]);
    check(form, br#"{"a":"b&c"}"#, &["json:a=b&c"]);
    check("text/plain", br#"{"a":"b"}"#, &["json:a=b"]);
    check("text/plain", b"a=1&b=2", &["form:a=1", "form:b=2"]);
    check("", b"hello there", &["text:=hello there"]);
    check(json, b"a=1&b=2", &["form:a=1", "form:b=2"]);
    check(form, b"", &[]);
    check("text/plain", b"  ", &["text:=  "]);
}

#[test]
fn takes_xml_apart() {
    let check = |body: &str, expected: &[&str]| {
        let (fields, _) = body_fields("application/xml", 1 << 20, &[body.as_bytes()]);
        let fields: Vec<_> = fields.iter().filter(|field| field.starts_with("xml:")).collect();
        assert_eq!(fields, *expected, "{body}");
    };
    check("<a b=\"c\" d = 'e>f' g>h</a>", &["xml:b=c", "xml:d=e>f", "xml:a=h"]);
    check("<?xml version=\"1.0\"?>\n<a><b>c</b> <d/>e</a>", &["xml:b=c", "xml:d=e"]);
    check("<a>b<![CDATA[<c]]>d<!-- - -- e -->f<![CDATA[]]]]>g</a>", &["xml:a=b<cdf]]g"]);
    check("<a>b&lt;c", &["xml:a=b&lt;c"]);
    check("<a b=\"c", &["xml:b=c"]);
    check("<!DOCTYPE a><a>b</a>", &["xml:a=b"]);
}

#[test]
fn the_text_form_of_grpc_web_is_undone() {
    // Two messages, each with a padding of its own; chunks end anywhere.
    let (one, two) = (&b"\0\0\0\0\x14\x0a\x12<script>alert(1)</"[..], &b"\0\0\0\0\x12\x0a\x10; cat /etc/passwd"[..]);
    let body = [BASE64.encode(one), BASE64.encode(two)].concat().into_bytes();
    assert!(
        body.windows(2).filter(|pair| pair == b"==").count() + body.iter().filter(|byte| **byte == b'=').count() > 1
    );
    for size in [1, 3, 7, body.len()] {
        let chunks: Vec<_> = body.chunks(size).collect();
        let (fields, _) = body_fields("application/grpc-web-text+proto", 1 << 20, &chunks);
        let shown = fields.join("\n");
        assert!(shown.contains("<script>alert(1)</") && shown.contains("; cat /etc/passwd"), "{size}: {shown}");
    }
}
