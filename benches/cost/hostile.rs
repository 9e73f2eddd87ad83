//! What could a client send to make a scan dear? Shapes of any size: a part again and again, in every place that takes one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use user_risk_filter::exchange::head::Head;

use crate::signs::SIGNS;

/// A request to measure.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) head: Head,
    pub(crate) body: Vec<u8>,
    /// So many bytes are to be looked at: of a packed body those that come out.
    pub(crate) size: usize,
}

/// Where a shape stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At {
    /// A body of this type.
    Body(&'static str),
    /// The same, packed.
    Packed(&'static str),
    /// The query, behind `?`.
    Query,
    Path,
    Header(&'static str),
}

pub(crate) const TEXT: At = At::Body("text/plain");
pub(crate) const FORM: At = At::Body("application/x-www-form-urlencoded");
pub(crate) const JSON: At = At::Body("application/json");
pub(crate) const XML: At = At::Body("application/xml");
pub(crate) const PARTS: At = At::Body("multipart/form-data; boundary=b");

/// What is harmless: the measure of all others.
pub(crate) const HARMLESS: (At, &str, &str) = (TEXT, "", "It was a dark and stormy night. ");

/// The others: where, what comes first, and what then comes again and again. `{n}` is a number that counts.
#[rustfmt::skip]
const SHAPES: &[(At, &str, &str)] = &[
    (FORM, "", "%25"), (FORM, "", "%2525"), (FORM, "", "+"), (FORM, "", "a&"), (FORM, "", "&a=%27"), (FORM, "", "%c0%ae"), (FORM, "", "p{n}=%27{n}&"),
    (FORM, "", "a=/*&"), (FORM, "", "p{n}=/*{n}&"), (FORM, "a=", ";b=%27"),
    (JSON, "", "["), (JSON, "", "{\"a\":"), (JSON, "[", "\"a'\","), (JSON, "[", "{\"a\":\"\\u0027\"},"), (JSON, "[", "\"{\\\"a\\\":\\\"'\\\"}\","),
    (JSON, "{\"query\":\"{", "a{"), (JSON, "{", "\"k{n}$\":1,"),
    (XML, "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY a0 'a'>", "<!ENTITY a{n} '&a0;&a0;&a0;'>"), (XML, "<a>", "<b c='\"'>"), (XML, "<a>", "&a;"), (XML, "<a>", "<!--"), (XML, "<a>", "<![CDATA[']]>"),
    (PARTS, "", "--b\r\ncontent-disposition: form-data; name=a{n}\r\ncontent-type: text/plain; charset=utf-8\r\nx-a: {n}\r\n\r\na' or '{n}' = 'a\r\n"), (PARTS, "", "--b\r\n"), (PARTS, "--b\r\n", "--b{n}\r\n"), (PARTS, "--b\r\n", "a:'\r\n"),
    (PARTS, "--b\r\ncontent-disposition: form-data", ";name='"), (PARTS, "--b\r\ncontent-disposition: form-data", ";filename=a{n}"),
    (At::Packed("text/plain"), "", "'"), (At::Packed("application/x-www-form-urlencoded"), "", "a=%27&"),
    (At::Query, "", "p{n}=%27{n}&"), (At::Query, "", "p{n}=/*{n}&"), (At::Query, "", "&"), (At::Query, "a=", ";b=%27"), (At::Query, "u=/?", "p{n}=%27{n}%26"),
    (At::Path, "/", "'/"), (At::Path, "/", ";a='"), (At::Path, "/", "/;"), (At::Path, "/", "..;/"), (At::Path, "/", "%2e%2e/"),
    (At::Header("referer"), "https://shop.example/?", "p{n}='{n}&"), (At::Header("referer"), "", "http://"),
    (At::Header("cookie"), "", "c{n}='{n}; "), (At::Header("cookie"), "", "c{n}=eyJhbGciOiInIn0.eyJhIjoiJyJ9.x; "), (At::Header("cookie"), "a=", "{\"a\":'"),
    (At::Header("authorization"), "Bearer ", "eyJhbGciOiInIn0."), (At::Header("user-agent"), "", "("), (At::Header("x-a"), "", "'"),
];

/// The harmless text, then every hostile shape, each of about so many bytes.
pub(crate) fn cases(size: usize) -> Vec<Case> {
    let mut cases: Vec<_> =
        std::iter::once(&HARMLESS).chain(SHAPES).map(|(at, first, part)| case(*at, first, part, size)).collect();
    for part in SIGNS {
        cases.push(case(TEXT, "", part, size));
        // As a browser writes what would end the value.
        cases.push(case(At::Query, "q=", &part.replace('&', "%26").replace('#', "%23"), size));
    }
    cases.push(coded(size));
    cases
}

pub(crate) fn case(at: At, first: &str, part: &str, size: usize) -> Case {
    let mut text = first.to_owned();
    let mut number = 0;
    while text.len() < size {
        text.push_str(&part.replace("{n}", &number.to_string()));
        number += 1;
    }
    let target = match at {
        At::Body(kind) => kind.split(';').next().unwrap_or_default().to_owned(),
        At::Packed(kind) => format!("packed {kind}"),
        At::Query => "query".to_owned(),
        At::Path => "path".to_owned(),
        At::Header(name) => name.to_owned(),
    };
    let name = format!("{target} {:?}", format!("{first}{part}…"));
    let size = text.len();
    let (head, body) = match at {
        At::Body(kind) => (post(kind, "identity"), text.into_bytes()),
        At::Packed(kind) => (post(kind, "deflate"), miniz_oxide::deflate::compress_to_vec_zlib(text.as_bytes(), 6)),
        At::Query => (get(&format!("/?{text}"), ("x", "")), Vec::new()),
        At::Path => (get(&text, ("x", "")), Vec::new()),
        At::Header(name) => (get("/", (name, &text)), Vec::new()),
    };
    Case { name, head, body, size }
}

/// Base64 in Base64 in Base64.
fn coded(size: usize) -> Case {
    let text = (0..3).fold("' or 1=1-- ".repeat(size / 28), |text, _| STANDARD_NO_PAD.encode(text));
    Case {
        name: "query, Base64 three times".to_owned(),
        size: text.len(),
        head: get(&format!("/?q={text}"), ("x", "")),
        body: Vec::new(),
    }
}

pub(crate) fn get(target: &str, header: (&str, &str)) -> Head {
    Head::new([(":method", "GET"), (":path", target), header].into_iter().collect())
}

pub(crate) fn post(kind: &str, coding: &str) -> Head {
    let pairs = [(":method", "POST"), (":path", "/"), ("content-type", kind), ("content-encoding", coding)];
    Head::new(pairs.into_iter().collect())
}
