//! Is every byte shown, at the right place, wherever the chunks end?

use super::*;
use crate::exchange::headers::Headers;
use proptest::prelude::*;

fn shown(field: Field<'_>) -> String {
    format!("{}:{}={}", field.target.word(), field.name.escape_ascii(), field.value.escape_ascii())
}

fn head_fields(headers: &[(&str, &[u8])]) -> Vec<String> {
    let mut fields = Vec::new();
    head(&Head::new(headers.iter().copied().collect::<Headers>()), &mut |field| fields.push(shown(field)));
    fields
}

fn body_fields(content_type: &str, limit: usize, chunks: &[&[u8]]) -> (Vec<String>, u64) {
    let head = Head::new([("content-type", content_type)].into_iter().collect());
    let mut body = Body::new(&head, limit);
    let mut fields = Vec::new();
    for chunk in chunks {
        body.push(chunk, &mut |field| fields.push(shown(field)));
    }
    body.finish(&mut |field| fields.push(shown(field)));
    (fields, body.skipped())
}

#[test]
fn takes_a_head_apart() {
    let check = |target: &str, expected: &[&str]| {
        assert_eq!(head_fields(&[(":path", target.as_bytes())])[1..], *expected, "{target}");
    };
    check("/a/b-c", &["path:=/a/b-c"]);
    check("/a?x=1&y=2", &["path:=/a", "query:x=1", "query:y=2"]);
    check("/a?&&x", &["path:=/a", "query:=x"]);
    check("/a?x=1=2&=3", &["path:=/a", "query:x=1=2", "query:=3"]);
    check("/a?<b>=1", &["path:=/a", "query:<b>=<b>", "query:<b>=1"]);
    check("/a;x=1;y=%27/b", &["path:=/a;x=1;y=%27/b", "segment:=a;x=1;y=%27", "segment:x=1", "segment:y=%27"]);
    check("/a%20b/c", &["path:=/a%20b/c", "segment:=a%20b"]);
    check("/a?b?c=d#e", &["path:=/a", "query:b?c=b?c", "query:b?c=d"]);
    check("", &["path:="]);
}

#[test]
fn takes_headers_apart() {
    let fields = head_fields(&[
        (":method", b"GET"),
        (":authority", b"shop.example"),
        (":path", b"/"),
        ("accept", b"text/html;q=0.8"),
        ("accept-language", b"${jndi:x}"),
        ("cookie", b"a=1; b='x ;c"),
        ("cookie", b"d=\xff"),
        ("x-any", b"v"),
        ("traceparent", b"00-${"),
    ]);
    let expected = [
        "method:=GET",
        "path:=/",
        "header:host=shop.example",
        "header:accept-language=${jndi:x}",
        "cookie:a=1",
        "cookie:b=\\'x",
        "cookie:=c",
        "cookie:d=\\xff",
        "header:x-any=v",
    ];
    assert_eq!(fields, expected);
}

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
fn takes_multipart_apart_as_the_laxest_server_does() {
    let check = |content_type: &str, body: &str, expected: &[&str]| {
        assert_eq!(body_fields(content_type, 1 << 20, &[body.as_bytes()]).0, *expected, "{}", body.escape_debug());
    };
    let declared = "multipart/form-data; boundary=\"b c\"";
    let part = "--b c\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n";
    check(declared, &format!("{part}one\r\ntwo\r\n--b c--\r\n"), &["form:n=one\\r\\ntwo"]);
    check(declared, &format!("{part}one\r\n{part}two"), &["form:n=one", "form:n=two"]);
    check(declared, &format!("{part}one\r\n{part}two").replace('\r', ""), &["form:n=one", "form:n=two"]);
    check("", &format!("{part}one"), &["form:n=one"]);
    check("multipart/form-data; boundary=other", &format!("{part}one"), &["form:n=one"]);
    check(declared, part, &[]);
    let header = |disposition: &str, rest: &str| format!("--b\nContent-Disposition: form-data; {disposition}\n{rest}");
    check(declared, &header("name=a;filename=b.txt", "\nc"), &["filename:a=b.txt", "upload:a=c"]);
    check(declared, &header("name=\"a\\\"<b\"", "\nc"), &["form:a\\\"<b=a\\\"<b", "form:a\\\"<b=c"]);
    check(
        declared,
        &header("filename=\"C:\\x;y\";  name = a ", "\n\0\x01"),
        &["filename:a=C:\\\\x;y", "binary:a=\\x00\\x01"],
    );
    check(
        declared,
        &header("name=a", "Content-Transfer-Encoding: BASE64\n\nPHNj\r\ncmlw\nd\r\nD4="),
        &["form:a=<script>"],
    );
    check(
        declared,
        &header("name=a; filename*=UTF-8''%3Cb", "X-Any: ${b}\n\n"),
        &["filename:a=%3Cb", "form:x-any=${b}"],
    );
    check(declared, &header("name=\n a", "\nb"), &["form:a=b"]);
    // No header, too long a header, too many parameters: text all the same.
    check(declared, "--b c\n<svg>\n--b c--", &["text:=<svg>"]);
    let many = format!("name=a{};filename=b", ";c=d".repeat(40));
    check(declared, &header(&many, "\nc"), &["filename:a=b", "upload:a=c"]);
    let long = format!("X-Any: {}\n {}", "a".repeat(1000), "b".repeat(1000));
    let (shown, _) = body_fields(
        declared,
        1 << 20,
        &[header("name=a", &format!("{long}\n {}<svg>\n\nc", "d".repeat(999))).as_bytes()],
    );
    assert!(shown.iter().any(|one| one.contains("<svg>")), "{shown:?}");
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
fn unpacks_what_is_packed_and_reads_wide_characters() {
    let check = |headers: &[(&str, &str)], limit: usize, body: &[u8], expected: &str| {
        for size in [1, 3, 7, 1 << 20] {
            let mut reader = Body::new(&Head::new(headers.iter().copied().collect()), limit);
            let mut fields = Vec::new();
            body.chunks(size).for_each(|chunk| reader.push(chunk, &mut |field| fields.push(shown(field))));
            reader.finish(&mut |field| fields.push(shown(field)));
            assert_eq!(fields.join(" "), expected, "{headers:?} in {size}");
        }
    };
    let raw = miniz_oxide::deflate::compress_to_vec(b"a=1&b=2", 6);
    let zlib = miniz_oxide::deflate::compress_to_vec_zlib(b"a=1&b=2", 6);
    let gzip = [b"\x1f\x8b\x08\x0c\0\0\0\0\0\x03\x02\0xxname\0", &raw[..], b"trailer!"].concat();
    check(&[], 99, &gzip, "form:a=1 form:b=2");
    check(&[("content-encoding", "gzip")], 99, &gzip, "form:a=1 form:b=2");
    check(&[("content-encoding", "deflate")], 99, &raw, "form:a=1 form:b=2");
    check(&[("content-encoding", "deflate")], 99, &zlib, "form:a=1 form:b=2");
    check(&[("content-encoding", "gzip")], 99, b"a=1", "form:a=1");
    check(&[("content-encoding", "gzip")], 99, b"\x1f\x8b", "text:=\\x1f\\x8b");
    check(&[], 99, b"a\0=\0<\0", "form:a=<");
    check(&[], 99, b"\0a\0=\0<", "form:a=<");
    check(&[], 99, b"\xff\xfea\0=\0\x3d\xd8\0\xde", "form:a=\\xf0\\x9f\\x98\\x80");
    check(&[], 99, b"\xfe\xff\0a\0=\xd8\0\0b", "form:a=\\xef\\xbf\\xbdb");
    let bomb = miniz_oxide::deflate::compress_to_vec(&vec![b'a'; 1 << 24], 6);
    let mut reader = Body::new(&Head::new([("content-encoding", "deflate")].into_iter().collect()), 10_000);
    let mut shown = 0;
    reader.push(&bomb, &mut |field| shown += field.value.len());
    reader.finish(&mut |field| shown += field.value.len());
    assert!(shown < 20_000 && reader.skipped() > 1000, "{shown} {}", reader.skipped());
}

#[test]
fn shows_what_tokens_repeats_and_semicolons_hide() {
    let token = "Bearer eyJhbGciOiJIUzI1NiIsImtpZCI6Ii4uL3gifQ.eyJzdWIiOiI8YT4ifQ.c2ln";
    let fields = head_fields(&[(":path", b"/"), ("authorization", token.as_bytes())]);
    assert_eq!(fields[3..], ["jwt:alg=HS256", "jwt:kid=../x", "jwt:sub=<a>"]);
    let check = |query: &str, expected: &[&str]| {
        assert_eq!(head_fields(&[(":path", format!("/?{query}").as_bytes())])[2..], *expected, "{query}");
    };
    check("a=1/*&b=2&a=*/3", &["query:a=1/*", "query:b=2", "query:a=*/3", "query:a=1/*,*/3"]);
    check("a=1%2F%2a&a=2&a=3", &["query:a=1%2F%2a", "query:a=2", "query:a=3", "query:a=1%2F%2a,2,3"]);
    check("a=1;b=<;c", &["query:a=1;b=<;c", "query:b=<"]);
    check("a[$ne]=1", &["query:a[$ne]=a[$ne]", "query:a[$ne]=1"]);
    let (fields, _) = body_fields("application/x-www-form-urlencoded", 99, &[b"a=1/*&a=*/2;b=3"]);
    assert_eq!(fields, ["form:a=1/*", "form:a=*/2;b=3", "form:b=3", "form:a=1/*,*/2;b=3"]);
    let (fields, _) =
        body_fields("application/json", 99, &[br#"{"a":1,"constructor":{"prototype":{"$ne":2}},"a":"3"}"#]);
    assert_eq!(
        fields,
        ["json:constructor.prototype=constructor.prototype", "json:constructor.prototype.$ne=$ne", "json:a=3"]
    );
}

#[test]
fn the_names_of_parameters_from_elsewhere_are_shown_apart() {
    let check = |referer: &str, expected: usize| {
        let fields = head_fields(&[
            (":path", b"/?a=b"),
            (":authority", b"www.shop.example:8443"),
            ("referer", referer.as_bytes()),
        ]);
        assert_eq!(fields.iter().filter(|field| *field == "arrival:a=a").count(), expected, "{referer}");
    };
    check("https://other.example/x", 1);
    check("https://shop.example/x", 0);
    check("https://api.SHOP.example/x", 0);
    check("/x", 0);
    check("about:blank", 0);
}

#[test]
fn the_rest_of_too_many_parameters_is_one_field() {
    let many = (0..10_000).map(|n| format!("p{n}={n}")).collect::<Vec<_>>().join("&");
    let (fields, _) = body_fields("application/x-www-form-urlencoded", 1 << 20, &[many.as_bytes()]);
    let parameters = fields.iter().filter(|field| field.len() < 20).count();
    assert_eq!(parameters, PARAMETERS - 1);
    assert!(fields.last().is_some_and(|field| field.contains("p9999=9999")));
    let target = format!("/?{many}");
    assert_eq!(head_fields(&[(":path", target.as_bytes())]).len(), 2 + PARAMETERS);
}

#[test]
fn long_values_come_in_overlapping_pieces_and_nothing_is_held() {
    let needle = b"1' union select";
    for at in (0..20_000).step_by(97) {
        let mut value = vec![b'a'; 20_000];
        value.splice(at..at, needle.iter().copied());
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/json"] {
            let body = match content_type {
                "application/json" => [b"{\"k\":\"", &value[..], b"\"}"].concat(),
                "text/plain" => value.clone(),
                _ => [b"k=", &value[..]].concat(),
            };
            let head = Head::new([("content-type", content_type)].into_iter().collect());
            let mut reader = Body::new(&head, 1 << 20);
            let (mut whole, mut longest) = (0, 0);
            let mut sink = |field: Field<'_>| {
                whole += usize::from(field.value.windows(needle.len()).any(|part| part == needle));
                longest = longest.max(field.value.len());
            };
            reader.push(&body, &mut sink);
            reader.finish(&mut sink);
            assert!(whole >= 1 && longest <= piece::PIECE, "{content_type} at {at}");
        }
    }
}

#[test]
fn beyond_the_limit_only_the_tail_is_looked_at_and_the_rest_counted() {
    let body = [&b"a=1&b="[..], &[b'x'; 100_000], b"&c=end"].concat();
    for size in [1, 7, 4096, 1 << 20] {
        let chunks: Vec<_> = body.chunks(size).collect();
        let (fields, skipped) = body_fields("application/x-www-form-urlencoded", 1000, &chunks);
        assert_eq!(fields.first().map(String::as_str), Some("form:a=1"));
        assert_eq!(fields.last().map(String::as_str), Some("form:c=end"));
        assert_eq!(skipped, (body.len() - 1000 - TAIL) as u64);
    }
    assert_eq!(body_fields("", 4, &[b"hello there"]).1, 0);
    assert_eq!(body_fields("", 0, &[b"a=1"]).0, ["text:=a=1"]);
}

fn same_at_every_boundary(content_type: &str, body: &[u8]) {
    let whole = body_fields(content_type, 1 << 20, &[body]);
    for at in 0..=body.len() {
        let (a, b) = body.split_at(at);
        assert_eq!(body_fields(content_type, 1 << 20, &[a, b]), whole, "split at {at}");
    }
    let single: Vec<_> = body.chunks(1).collect();
    assert_eq!(body_fields(content_type, 1 << 20, &single), whole);
}

proptest! {
    #[test]
    fn the_same_fields_wherever_the_chunks_end(
        content_type in prop::sample::select(vec![
            "application/json", "application/x-www-form-urlencoded", "text/plain", "", "application/xml", "multipart/form-data",
        ]),
        body in prop_oneof![
            prop::collection::vec(prop::sample::select(b"{}[]\",:\\u00e9a1 &=%+'\xff".to_vec()), 0..80),
            "\\{(\"[a-c<]{0,4}\":(\"[^\"\\\\]{0,6}\"|[0-9]{1,3}|\\[\"\\\\\\\\u00[0-9a-f]{2}\"\\]),?){0,4}\\}".prop_map(String::into_bytes),
            "(--b|\r|\n|content-disposition: form-data; (file)?name=[a-c\"\\\\;]{1,4}|content-transfer-encoding: base64|[a-d=]{1,5}){0,12}"
                .prop_map(|text| format!("--b\n{text}").into_bytes()),
            "(<[a-b!?/-]{0,3}|>|\\]\\]>|<!\\[CDATA\\[|-->| [a-c]=[\"'x]{1,2}|[a-c&;]{1,3}){0,14}".prop_map(|text| format!("<{text}").into_bytes()),
            prop::collection::vec(prop::sample::select(b"\0a=<{\xff\xfe\x1f\x8b\x08".to_vec()), 0..20),
            "([a-z<]{0,4}=[a-z%+]{0,6}&?){0,5}".prop_map(String::into_bytes),
        ],
    ) {
        same_at_every_boundary(content_type, &body);
    }

    #[test]
    fn any_bytes_are_taken(target in prop::collection::vec(any::<u8>(), 0..300), value in prop::collection::vec(any::<u8>(), 0..300)) {
        head_fields(&[(":path", &target), ("cookie", &value), ("x", &value)]);
    }
}
