//! What do people send? A page view, an order as JSON, and recorded requests.

use std::process::Command;

use serde::Deserialize;
use user_risk_filter::exchange::head::Head;

use crate::hostile::Case;

const AGENT: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";

/// An ordinary page view: what nearly every request is.
pub(crate) fn page() -> Case {
    let pairs = [
        (":method", "GET"),
        (":path", "/shop/items/4711?sort=price&page=2"),
        (":authority", "shop.example"),
        ("user-agent", AGENT),
        ("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"),
        ("accept-language", "en-US,en;q=0.9"),
        ("accept-encoding", "gzip, deflate, br"),
        ("referer", "https://shop.example/shop?sort=price"),
        ("cookie", "sid=8f14e45fceea167a5a36dedd4bea2543; theme=dark; lang=en"),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "navigate"),
        ("x-request-id", "b7b2c1a0"),
        ("x-user-id", "alice"),
    ];
    let head = Head::new(pairs.into_iter().collect());
    Case { name: "plain GET with ten headers".to_owned(), head, body: Vec::new(), size: 0 }
}

/// An ordinary request of an API: a JSON body of 2 kB.
pub(crate) fn order() -> Case {
    let line = |number: u32| {
        format!(
            r#"{{"sku":"TB-{number}-XL","name":"Trail boots, men's, {number} mm","quantity":{number},"unit_price":129.95,"gift":false,"note":null}}"#
        )
    };
    let lines: Vec<_> = (1..=15).map(line).collect();
    let body = format!(
        r#"{{"customer":{{"id":48213,"email":"alice@example.com","phone":"+49 30 1234567"}},"ship_to":{{"street":"12 O'Connell St.","city":"Dublin","country":"IE"}},"lines":[{}],"coupon":"WELCOME-10","remark":"Please ring twice & leave it at the door."}}"#,
        lines.join(",")
    );
    let pairs = [
        (":method", "POST"),
        (":path", "/api/v2/orders"),
        (":authority", "shop.example"),
        ("user-agent", AGENT),
        ("accept", "application/json"),
        ("content-type", "application/json"),
        ("authorization", "Bearer 8f14e45fceea167a5a36dedd4bea2543"),
        ("x-request-id", "b7b2c1a1"),
        ("x-user-id", "alice"),
    ];
    let head = Head::new(pairs.into_iter().collect());
    Case { name: format!("POST of JSON, {} bytes", body.len()), head, body: body.into_bytes(), size: 0 }
}

#[derive(Deserialize)]
struct Line {
    request: Request,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

/// The requests of a file, as for `riskctl scan`; bodies in Base64 count as none.
pub(crate) fn recorded(file: &str) -> Vec<Case> {
    let text = if file.ends_with(".gz") {
        let unpacked = Command::new("gzip").args(["-dc", file]).output();
        unpacked.map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        std::fs::read_to_string(file)
    };
    let text = text.unwrap_or_else(|error| panic!("{file}: {error}"));
    let case = |line| {
        let Line { request } = serde_json::from_str(line).unwrap_or_else(|error| panic!("{file}: {error}"));
        let mut pairs = vec![(":method".to_owned(), request.method), (":path".to_owned(), request.path)];
        pairs.extend(request.headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)));
        let head = Head::new(pairs.into_iter().collect());
        Case { name: String::new(), head, body: request.body.unwrap_or_default().into_bytes(), size: 0 }
    };
    text.lines().map(case).collect()
}
