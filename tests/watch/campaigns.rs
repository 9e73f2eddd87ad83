//! Does somebody who goes on and on open an incident, whatever each request alone is worth? And nobody who only browses?

use std::collections::BTreeSet;

use user_risk_filter::state::memory::Memory;

use crate::{Exchange, GET, Proxy};

/// A user by a header that somebody vouches for, or by a cookie that anybody can invent.
const USERS: &str = r#"{"user": {"sources": [{"header": "x-user-id"}, {"cookie": "sid"}]}}"#;

/// One of a campaign's requests: method, path, user header, cookie, body.
type Request = (&'static str, String, String, String, String);

fn get(path: String) -> Request {
    ("GET", path, "mallory".into(), String::new(), String::new())
}

fn post(path: &str, body: String) -> Request {
    ("POST", path.into(), "mallory".into(), String::new(), body)
}

/// What the exchanges, one a second, came to: how many incidents, and which rules.
fn run(requests: impl Iterator<Item = Request>, status: u16) -> (u64, BTreeSet<String>) {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, USERS);
    let mut rules = BTreeSet::new();
    for (method, path, user, cookie, body) in requests {
        let mut headers = Vec::new();
        if !user.is_empty() {
            headers.push(("x-user-id", user.as_str()));
        }
        if !cookie.is_empty() {
            headers.push(("cookie", cookie.as_str()));
        }
        if body.starts_with('{') {
            headers.push(("content-type", "application/json"));
        }
        let found = proxy.pass(Exchange { method, path: &path, headers: &headers, body: &body, status, ..GET });
        rules.extend(found.into_iter().map(|(rule, ..)| rule));
    }
    (proxy.opened, rules)
}

/// Six hundred bytes of what people write.
fn prose() -> String {
    "I have been looking for a tent that two people and a dog can sleep in, and that one can carry. ".repeat(7)
}

#[test]
fn who_goes_on_opens_an_incident() {
    let letters = || "abcdefghijklmnopqrstuvwxyz0123456789".chars();
    let blind = |n: u32| {
        let test =
            format!("1 AND ASCII(SUBSTRING((SELECT password FROM users LIMIT 1),{},1))>{}", n / 8 + 1, n % 8 * 16);
        format!("{} {test} {}", prose(), prose()).replace(' ', "+")
    };
    let regex = |n: u32| {
        let known: String = letters().cycle().skip(n as usize).take(n as usize / 36 + 1).collect();
        format!(r#"{{"username": "admin", "password": {{"$regex": "^{known}"}}}}"#)
    };
    let packed = |n: u32| {
        let payloads =
            (0..20).map(|k| format!("p{k}=1'+UNION+SELECT+{n},{k},password+FROM+users--+&h{k}=;cat+/etc/passwd%23{n}"));
        payloads.collect::<Vec<_>>().join("&")
    };
    type Row<'a> = (&'a str, Box<dyn Fn(u32) -> Request + 'a>);
    let rows: [Row<'_>; 10] = [
        ("blind SQL injection between prose", Box::new(|n| post("/comment", format!("text={}", blind(n))))),
        (
            "stored XSS",
            Box::new(|n| post("/comment", format!("text=%3Cimg+src%3Dx+onerror%3Dfetch(%27//e.example/{n}%27)%3E"))),
        ),
        ("a port scan by SSRF", Box::new(|n| get(format!("/preview?url=http://127.0.0.1:{}/", 8000 + n)))),
        ("passwords by $regex", Box::new(|n| post("/login", regex(n)))),
        (
            "passwords by an ORM's lookups",
            Box::new(|n| get(format!("/articles?created_by__user__password__startswith=pbkdf2_{n}"))),
        ),
        (
            "one payload on many routes",
            Box::new(|n| get(format!("/page{}/x?q=%27+OR+1%3D1--+", letters().nth(n as usize % 26).unwrap()))),
        ),
        (
            "commands, one after the other",
            Box::new(|n| get(format!("/ping?host=127.0.0.1;cat+/home/u{n}/.ssh/id_rsa"))),
        ),
        (
            "a new cookie each time",
            Box::new(|n| {
                (
                    "GET",
                    format!("/search?q={n}'+UNION+SELECT+password+FROM+users--"),
                    String::new(),
                    format!("sid=s{n}"),
                    String::new(),
                )
            }),
        ),
        (
            "fifty accounts with a packed request each",
            Box::new(|n| ("POST", "/search".into(), format!("account-{n}"), String::new(), packed(n))),
        ),
        (
            "names of parameters",
            Box::new(|n| {
                get(format!(
                    "/api?{}",
                    (0..250).map(|k| format!("a{}={k}", word(n * 250 + k))).collect::<Vec<_>>().join("&")
                ))
            }),
        ),
    ];
    let mut missed = Vec::new();
    for (name, request) in rows {
        let number = if name.starts_with("fifty") { 50 } else { 200 };
        let (opened, rules) = run((0..number).map(request), 200);
        if opened == 0 {
            missed.push((name, rules));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
    let (opened, rules) = run((0..400).map(|n| get(format!("/{}/{}.php", word(n * 7), word(n * 13)))), 404);
    assert!(opened == 1, "guessed paths: {opened}, {rules:?}");
}

#[test]
fn who_only_browses_opens_nothing() {
    let pages = |n: u32| {
        get(if n.is_multiple_of(9) { format!("/news/{}-gone", word(n)) } else { format!("/news/{}", word(n)) })
    };
    let items =
        |n: u32| get(format!("/v2/shop/blobs/sha256:{:064x}", u128::from(n) << 90 | 0x1234_5678_9abc_def0_1234));
    let synonyms = |n: u32| get(format!("/api/items/{n}/picture.jpg"));
    // Of nineteen people in an office each does once what looks like an attack.
    let office = |n: u32| {
        let user = format!("clerk-{}", n % 19);
        let path = if n < 19 { format!("/search?q={n}'+or+1=1--") } else { format!("/orders/{n}") };
        ("GET", path, user, String::new(), String::new())
    };
    type Row<'a> = (&'a str, u16, &'a dyn Fn(u32) -> Request);
    let rows: [Row<'_>; 4] = [
        ("pages, all there", 200, &pages),
        ("objects that may be there", 404, &items),
        ("pictures of items that have none", 404, &synonyms),
        ("an office", 200, &office),
    ];
    for (name, status, request) in rows {
        let (opened, rules) = run((0..300).map(request), status);
        assert_eq!(opened, 0, "{name}: {rules:?}");
    }
}

/// A word of letters for each number.
fn word(number: u32) -> String {
    let mut rest = number.wrapping_mul(2_654_435_761);
    let mut word = String::new();
    for _ in 0..7 {
        word.push(char::from(b'a' + (rest % 26) as u8));
        rest = rest / 26 + number;
    }
    word
}
