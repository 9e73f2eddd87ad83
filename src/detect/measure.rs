//! How fast is it? Measured on files of requests that stay outside the project.

use super::scan::{RuleSet, Scan};
use crate::exchange::Head;
use crate::read::{self, Body};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use std::fs;

#[derive(Deserialize)]
struct Case {
    request: Request,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
    body_b64: Option<String>,
}

/// Reads the head and the body of a case.
fn parts(case: &Case) -> (Head, Vec<u8>) {
    let pseudo = [(":method".to_owned(), &case.request.method), (":path".to_owned(), &case.request.path)];
    let named = case.request.headers.iter().map(|(name, value)| match name.to_ascii_lowercase().as_str() {
        "host" => (":authority".to_owned(), value),
        name => (name.to_owned(), value),
    });
    let coded = case.request.body_b64.as_ref().and_then(|body| STANDARD.decode(body).ok());
    let body = coded.or_else(|| case.request.body.clone().map(String::into_bytes)).unwrap_or_default();
    (Head::new(pseudo.into_iter().chain(named).collect()), body)
}

fn scan(rules: &RuleSet, head: &Head, body: &[u8]) -> Scan {
    let mut scan = Scan::new();
    read::head(head, &mut |field| scan.push(rules, field));
    let mut reader = Body::new(head, 128 * 1024);
    reader.push(body, &mut |field| scan.push(rules, field));
    reader.finish(&mut |field| scan.push(rules, field));
    scan
}

/// How long the scan of one request takes, on average over many.
#[test]
#[ignore = "measures time"]
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn cost() {
    let rules = RuleSet::builtin();
    let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";
    let head = Head::new(
        [
            (":method", "GET"),
            (":path", "/shop/items/4711?sort=price&page=2"),
            (":authority", "shop.example"),
            ("user-agent", agent),
            ("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"),
            ("accept-language", "en-US,en;q=0.9"),
            ("accept-encoding", "gzip, deflate, br"),
            ("referer", "https://shop.example/shop?sort=price"),
            ("cookie", "sid=8f14e45fceea167a5a36dedd4bea2543; theme=dark; lang=en"),
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-mode", "navigate"),
            ("x-request-id", "b7b2c1a0"),
            ("x-user-id", "alice"),
        ]
        .into_iter()
        .collect(),
    );
    let time = |name: &str, work: &mut dyn FnMut() -> usize| {
        let start = std::time::Instant::now();
        let rounds = 20_000;
        let found: usize = (0..rounds).map(|_| work()).sum();
        println!("{name:32} {:9.2} µs, {found} detections", start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds));
    };
    let start = std::time::Instant::now();
    std::hint::black_box(RuleSet::builtin());
    println!("{:32} {:9.2} ms", "rules", start.elapsed().as_secs_f64() * 1e3);
    time("a plain GET with ten headers", &mut || scan(&rules, &head, b"").detections().len());
    let Ok(files) = std::env::var("DETECT_CORPUS") else { return };
    for file in files.split(':') {
        let cases: Vec<_> = fs::read_to_string(file)
            .unwrap()
            .lines()
            .map(|line| parts(&serde_json::from_str::<Case>(line).unwrap()))
            .collect();
        let start = std::time::Instant::now();
        let found: usize = cases.iter().map(|(head, body)| scan(&rules, head, body).detections().len()).sum();
        let each = start.elapsed().as_secs_f64() * 1e6 / cases.len() as f64;
        println!("{file:32} {each:9.2} µs, {found} detections");
    }
}
