//! Does a payload hide in its place or in its coding? Each evasion of the design's list about either is a row.

use crate::detect::category::Severity;
use crate::detect::rule_set::RuleSet;
use crate::detect::scan::Scan;
use crate::exchange::head::Head;
use crate::read::{self, Body};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const PARTS: &str = "multipart/form-data; boundary=b";

/// Does a request with these headers and this body earn a rule of this category, at least medium?
fn check(name: &str, category: &str, headers: &[(&str, &str)], body: &[u8]) {
    let rules = RuleSet::builtin();
    let usual = [(":method", "POST"), (":path", "/"), (":authority", "shop.example")];
    let head = Head::new(usual.iter().chain(headers).copied().collect());
    let mut scan = Scan::new();
    read::head(&head, &mut |field| scan.push(&rules, field));
    let mut reader = Body::new(&head, 128 * 1024);
    reader.push(body, &mut |field| scan.push(&rules, field));
    reader.finish(&mut |field| scan.push(&rules, field));
    let found: Vec<_> =
        scan.detections().iter().map(|one| (rules.rule(one.rule).id, &one.target, one.severity)).collect();
    assert!(
        found.iter().any(|(id, _, severity)| id.starts_with(category) && *severity >= Severity::Medium),
        "{name}: {found:?}"
    );
}

fn target(name: &str, category: &str, target: &str) {
    check(name, category, &[(":path", target)], b"");
}

fn body(name: &str, category: &str, content_type: &str, body: &str) {
    check(name, category, &[("content-type", content_type)], body.as_bytes());
}

#[test]
fn in_the_target() {
    target("double encoding", "sqli", "/?a=%2527%2520union%2520select%25201,2--");
    target("triple encoding", "sqli", "/?a=%252527%252520union%252520select%2525201,2--");
    target("%u", "xss", "/?a=%u003cscript%u003ealert(1)%u003c/script%u003e");
    target("overlong", "path-traversal", "/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd");
    target("full width", "xss", "/?a=%ef%bc%9cscript%ef%bc%9ealert(1)%ef%bc%9c/script%ef%bc%9e");
    target("repeated parameter", "sqli", "/?id=1'%20UNION/*&id=*/SELECT/*&id=*/1,2--");
    target("repeated parameter with others between", "sqli", "/?id=1'%20UNION/*&a=b&id=*/SELECT%201,2--");
    target("semicolon as separator", "path-traversal", "/?a=1;file=../x");
    target("payload in the name", "xss", "/?%3Cscript%3Ealert(1)%3C/script%3E=1");
    target("operator in the name", "nosqli", "/?user[%24ne]=1");
    target("prototype in the name", "prototype", "/?a[constructor][prototype][b]=c");
    target("matrix parameter", "sensitive-path", "/actuator;x=1/env");
    target("dots between parameters", "path-traversal", "/a/..;/..;/manager/");
    target("broken percent", "path-traversal", "/%%32%65%%32%65/%%32%65%%32%65/etc/passwd");
    target("NUL inside a keyword", "xss", "/?a=%3Cscr%00ipt%3Ealert(1)%3C/script%3E");
    target("Base64", "xss", "/?a=PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg%3D%3D");
    target("JSON in a parameter", "path-traversal", "/?a=%7B%22b%22:%22../x%22%7D");
    target("GraphQL in a parameter", "sqli", "/?query=%7Buser(name:%22'%20or%201=1--%22)%7Bid%7D%7D");
}

#[test]
fn in_headers() {
    let kid = "eyJhbGciOiJIUzI1NiIsImtpZCI6Ii4uLy4uLy4uL2V0Yy9wYXNzd2QifQ.e30.c2ln";
    check("kid of a token", "path-traversal", &[("authorization", &format!("Bearer {kid}"))], b"");
    check("kid of a token in a cookie", "path-traversal", &[("cookie", &format!("a=b; session={kid}"))], b"");
    check("percent in a cookie", "sqli", &[("cookie", "a=%27%20union%20select%201,2--%20")], b"");
    check("Base64 in a cookie", "xss", &[("cookie", "a=PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==")], b"");
    check("coded line break", "crlf", &[("x-any", "a%0d%0aSet-Cookie: b=c")], b"");
    check("length and chunks", "request-smuggling", &[("transfer-encoding", "chunked"), ("content-length", "3")], b"");
    check("odd chunks", "request-smuggling", &[("transfer-encoding", "xchunked")], b"");
    let elsewhere = [(":path", "/login?PHPSESSID=1"), ("referer", "https://other.example/")];
    check("a session from elsewhere", "session-fixation", &elsewhere, b"");
}

#[test]
fn in_forms_and_json() {
    let sql = "' or 1=1-- ";
    body("form as JSON", "sqli", JSON, &format!("a={sql}"));
    body("form as text", "sqli", "text/plain", "a=%27%20or%201=1--%20");
    body("form as nothing", "sqli", "", "a=%27+or+1=1--+");
    body("JSON as form", "sqli", FORM, r#"{"a":"' or 1=1-- "}"#);
    body("JSON as text", "sqli", "text/plain", r#"{"a":"' or 1=1-- "}"#);
    body("JSON as nothing", "sqli", "", r#"{"a":"\u0027 or 1=1-- "}"#);
    body("JSON escapes", "xss", JSON, r#"{"a":"\u003cscript\u003ealert(1)\u003c/script\u003e"}"#);
    body("JSON key", "sqli", JSON, r#"{"' or 1=1-- ":1}"#);
    body("duplicate key, first", "sqli", JSON, r#"{"a":"' or 1=1-- ","a":"b"}"#);
    body("duplicate key, last", "sqli", JSON, r#"{"a":"b","a":"' or 1=1-- "}"#);
    body("JSON in JSON", "sqli", JSON, r#"{"a":"{\"b\":\"\\u0027 or 1=1-- \"}"}"#);
    body("JSON in JSON, a target that counts", "path-traversal", JSON, r#"{"a":"{\"b\":\"../x\"}"}"#);
    body("deep JSON", "sqli", JSON, &format!("{}\"{sql}\"", "[".repeat(60)));
    body("too deep JSON", "sqli", JSON, &format!("{}\"a\",\"{sql}\"", "{\"a\":".repeat(80)));
    body("JSON in a form", "nosqli", FORM, "a=%7B%22%24gt%22%3A%22%22%7D");
    body("GraphQL", "sqli", JSON, r#"{"query":"query a { user(name: \"' or 1=1-- \") { id } }"}"#);
    body(
        "GraphQL variables",
        "sqli",
        JSON,
        r#"{"query":"query a($b:String){c(d:$b)}","variables":{"b":"' or 1=1-- "}}"#,
    );
    body("repeated parameter", "sqli", FORM, "id=1'+UNION/*&id=*/SELECT+1,2--");
    body("Base64 in JSON", "xss", JSON, r#"{"a":"PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=="}"#);
    for (kind, start, end) in [(FORM, "a=", "&b="), (JSON, "{\"a\":\"", "\",\"b\":\""), ("text/plain", "", " ")] {
        for size in [4096, 128 * 1024, 1 << 20] {
            let padding = "a".repeat(size);
            body("padding", "xss", kind, &format!("{start}{padding}{end}<svg/onload=alert(1)>"));
        }
    }
    let blanks = " ".repeat(128 * 1024);
    body("padding of blanks", "sqli", JSON, &format!("{{{blanks}\"a\":\"{sql}\"}}"));
}

#[test]
fn in_parts() {
    let xss = "<svg/onload=alert(1)>";
    let part =
        |disposition: &str, rest: &str| format!("--b\r\nContent-Disposition: form-data; {disposition}\r\n{rest}");
    let closed = |content: &str| part("name=a", &format!("\r\n{content}\r\n--b--\r\n"));
    body("a part", "xss", PARTS, &closed(xss));
    body("bare LF", "xss", PARTS, &closed(xss).replace('\r', ""));
    body("quoted boundary", "xss", "multipart/form-data; boundary=\"b\"", &closed(xss));
    body("wrong boundary", "xss", "multipart/form-data; boundary=c", &closed(xss));
    body("no boundary", "xss", "multipart/form-data", &closed(xss));
    body("undeclared", "xss", "", &closed(xss));
    body("declared a form", "xss", FORM, &closed(xss));
    body("not closed", "xss", PARTS, &part("name=a", &format!("\r\n{xss}")));
    body("no end of headers", "xss", PARTS, &part(&format!("name=\"{xss}\""), ""));
    body("in the name", "xss", PARTS, &part(&format!("name=\"{xss}\""), "\r\nb\r\n--b--"));
    body("in the filename", "xss", PARTS, &part(&format!("name=a; filename=\"{xss}\""), "\r\nb\r\n--b--"));
    body("in both names", "path-traversal", PARTS, &part("name=a; filename=\"../../x.png\"", "\r\nb\r\n--b--"));
    let coded = "Content-Transfer-Encoding: base64\r\n\r\nPHN2Zy9vbmxvYWQ9\r\nYWxlcnQoMSk+\r\n--b--";
    body("base64", "xss", PARTS, &part("name=a", coded));
    body(
        "in a file",
        "xxe",
        PARTS,
        &part("name=a; filename=a.svg", "\r\n<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/hostname\">]>\r\n--b--"),
    );
    body(
        "a web shell",
        "upload",
        PARTS,
        &part("name=a; filename=a.gif", "\r\nGIF89a<?php system($_GET['a']);\r\n--b--"),
    );
    body("its name", "upload", PARTS, &part("name=a; filename=\"a.php\"", "\r\nx\r\n--b--"));
    body("JSON in a part", "path-traversal", PARTS, &closed("{\"a\":\"../x\"}"));
    body("after the end", "xss", PARTS, &format!("{}{xss}", closed("a")));
    body("before the start", "xss", PARTS, &format!("{xss}\r\n{}", closed("a")));
    body(
        "padding",
        "xss",
        PARTS,
        &format!("{}\r\n{}", part("name=a", &format!("\r\n{}", "a".repeat(200_000))), closed(xss)),
    );
}

#[test]
fn in_xml_and_packed() {
    let xml = "application/xml";
    body("a text", "sqli", xml, "<a><b>' or 1=1-- </b></a>");
    body("an attribute", "sqli", xml, "<a b=\"' or 1=1-- \"/>");
    body("CDATA", "sqli", xml, "<a><![CDATA[' or]]><!-- x --><![CDATA[ 1=1-- ]]></a>");
    body("references", "xss", xml, "<a>&lt;script&gt;alert(1)&lt;/script&gt;</a>");
    let entity = "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/hostname\">]><a>&b;</a>";
    body("an entity", "xxe", xml, entity);
    body("an entity after much", "xxe", xml, &format!("<?xml version=\"1.0\"?>{}{entity}", " ".repeat(9000)));
    body("an entity as text", "xxe", "text/plain", entity);
    body("an entity as a form", "xxe", FORM, &format!("a={}", entity.replace(' ', "+")));
    body("an entity as JSON", "xxe", JSON, entity);
    let inner = "<a><b>x</b><c>;cat /etc/passwd</c></a>";
    body("XML in a form", "rce", FORM, &format!("a={}", inner.replace(' ', "+")));
    body("XML in JSON", "rce", JSON, &format!("{{\"a\":\"{inner}\"}}"));
    body("a command by its name", "rce", xml, "<a><cmd>whoami</cmd></a>");
    body("no XML", "rce", xml, "<a;cat /etc/passwd");
    let wide: Vec<u8> = entity.encode_utf16().flat_map(u16::to_le_bytes).collect();
    check("UTF-16", "xxe", &[("content-type", xml)], &wide);
    let wide: Vec<u8> = entity.encode_utf16().flat_map(u16::to_be_bytes).collect();
    check("UTF-16, other end first", "xxe", &[("content-type", xml)], &wide);
    let packed = miniz_oxide::deflate::compress_to_vec(entity.as_bytes(), 6);
    check("deflate", "xxe", &[("content-encoding", "deflate"), ("content-type", xml)], &packed);
    let packed = [b"\x1f\x8b\x08\0\0\0\0\0\0\x03", &packed[..]].concat();
    check("gzip", "xxe", &[("content-encoding", "gzip"), ("content-type", xml)], &packed);
    check("gzip that nobody declares", "xxe", &[], &packed);
    let far = format!("a={}&b=<svg/onload=alert(1)>", "x".repeat(100_000));
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(far.as_bytes(), 6);
    check("padding inside deflate", "xss", &[("content-encoding", "deflate"), ("content-type", FORM)], &packed);
}

/// Who undoes nothing reads on behind what only looks packed, wide or coded: a form's first name may be anything.
#[test]
fn behind_what_an_application_does_not_undo() {
    const PAYLOAD: &[u8] = b"&id=1'+or+1=1--+&b=c";
    let lead = |name: &str, lead: &[u8]| check(name, "sqli", &[("content-type", FORM)], &[lead, PAYLOAD].concat());
    lead("gzip's first bytes", b"\x1f\x8b\x08\0");
    lead("gzip's header, with a name", b"\x1f\x8b\x08\x08\0\0\0\0\0\x03x");
    lead("Zstandard's first bytes", b"\x28\xb5\x2f\xfd");
    lead("a mark of UTF-16", b"\xff\xfe");
    lead("the other mark of UTF-16", b"\xfe\xff");
    lead("a mark of UTF-32", b"\xff\xfe\0\0");
    lead("letters of UTF-16", b"a\0b\0");
    let json = b"{\"id\":\"1' or 1=1--\"}";
    for charset in ["ibm037", "cp500", "utf-7", "\"IBM1047\"", "utf-8; charset=utf-7"] {
        check(charset, "sqli", &[("content-type", &format!("{JSON}; charset={charset}"))], json);
        check(charset, "sqli", &[("content-type", &format!("{FORM}; charset={charset}"))], PAYLOAD);
    }
    for coding in ["gzip", "deflate", "br", "zstd", "compress", "gzip, br"] {
        check(coding, "sqli", &[("content-type", JSON), ("content-encoding", coding)], json);
        check(coding, "sqli", &[("content-type", FORM), ("content-encoding", coding)], PAYLOAD);
    }
    for kind in ["application/grpc-web-text", "application/json; x=grpc-web-text"] {
        check(kind, "sqli", &[("content-type", kind)], json);
    }
    let parts =
        b"--a\r\ncontent-disposition: form-data; name=\"f\"; filename=\"g.gif\"\r\n\r\nGIF89a&id=1%27+or+1%3D1--+";
    check("a form that looks like parts", "sqli", &[("content-type", FORM)], parts);
    for more in [("content-encoding", "gzip"), ("content-type", "application/x-www-form-urlencoded; charset=ibm037")] {
        let line = b"--a&id=1%27+or+1%3D1--+&b=\r\ncontent-disposition: form-data; name=\"f\"\r\n\r\nx";
        check("both at once, in a delimiter", "sqli", &[("content-type", FORM), more], line);
    }
    let comment = b"<?xml version=\"1.0\"?><!--&id=1%27+or+1%3D1--+&b=-->";
    check("a form that looks like XML", "sqli", &[("content-type", FORM)], comment);
    check("UTF-7", "sqli", &[("content-type", "application/json; charset=utf-7")], b"{\"a\":\"1+ACc or 1+AD0-1--\"}");
}
