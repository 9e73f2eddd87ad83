//! Are the fields of a head found: path, query, cookies, headers, tokens?

use super::{body_fields, head_fields};
use crate::read::field::PARAMETERS;

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
        ("accept-charset", b"utf-8, iso-8859-1;q=0.5"),
        ("accept-charset", b"ZXhlYygnaWQnLCAkYSk7"),
        ("cookie", b"a=1; b='x ;c"),
        ("cookie", b"d=\xff"),
        ("x-any", b"v"),
        ("traceparent", b"00-${"),
        ("user-agent", b"curl/8.5.0 (a; ls)"),
        ("authorization", b"Basic YSdvcjp4eTp6"),
    ]);
    let expected = [
        "method:=GET",
        "path:=/",
        "header:host=shop.example",
        "header:accept-language=${jndi:x}",
        "header:accept-charset=ZXhlYygnaWQnLCAkYSk7",
        "cookie:a=1",
        "cookie:b=\\'x",
        "cookie:=c",
        "cookie:d=\\xff",
        "header:x-any=v",
        "header:traceparent=00-${",
        "agent:user-agent=curl/8.5.0 (a; ls)",
        "header:authorization=a\\'or",
        "header:password=xy:z",
    ];
    assert_eq!(fields, expected);
}

#[test]
fn a_parameter_arrives_by_a_link_and_not_by_a_script_of_another_page() {
    let arrives = |mode: &[u8]| {
        let fields = head_fields(&[
            (":authority", b"shop.example"),
            (":path", b"/?sessionid=1"),
            ("referer", b"https://other.example/"),
            ("sec-fetch-mode", mode),
        ]);
        fields.iter().any(|field| field.starts_with("arrival:"))
    };
    assert!(arrives(b"navigate") && arrives(b"no-cors") && !arrives(b"cors"));
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

/// What servers read although it is not quite what it should be.
#[test]
fn tokens_credentials_and_cookies_as_lenient_servers_read_them() {
    let shows = |header: &str, value: &str, expected: &str| {
        let fields = head_fields(&[(":path", b"/"), (header, value.as_bytes())]);
        assert!(fields.iter().any(|field| field == expected), "{value}: {fields:?}");
    };
    shows("authorization", "Bearer eyAia2lkIjoiLi4veCJ9.e30.c2ln", "jwt:kid=../x");
    shows("cookie", "t=\"eyAia2lkIjoiLi4veCJ9.e30.c2ln\"", "jwt:kid=../x");
    shows("authorization", "Basic MScgb3IgMT0xLS0gOv/+", "header:authorization=1\\' or 1=1-- ");
    shows("authorization", "Basic MScg.b3IgMT0xLS0gOv/+==", "header:authorization=1\\' or 1=1-- ");
    shows("authorization", "Basic ' or 1=1--", "header:authorization=Basic \\' or 1=1--");
    shows("cookie", "id=\"1\\' \\157\\r 1=1\"", "cookie:id=1\\' or 1=1");
}
