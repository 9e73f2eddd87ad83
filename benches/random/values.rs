//! Which values are random and harmless? Octets, keys, passwords, files, drawn from a seed so that every run has the same.

use user_risk_filter::detect::category::Severity;
use user_risk_filter::detect::rule_set::RuleSet;
use user_risk_filter::detect::scan::Scan;
use user_risk_filter::exchange::head::Head;
use user_risk_filter::read::field::Field;
use user_risk_filter::read::{self, Body};

/// SplitMix64 (Steele, Lea, Flood 2014).
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ bits >> 31
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// So many octets.
    pub fn octets(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }

    fn of(&mut self, alphabet: &[u8], length: usize) -> Vec<u8> {
        (0..length).map(|_| alphabet[self.below(alphabet.len())]).collect()
    }
}

const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64_URL: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const HEX: &[u8] = b"0123456789abcdef";

/// What is drawn, and how often the measurement draws it.
pub const KINDS: &[(&str, usize)] = &[
    ("octets in the query", 100_000),
    ("Base64 in the query", 100_000),
    ("Base64 in JSON", 100_000),
    ("Base64 in a cookie", 100_000),
    ("a URL-safe token in a header", 100_000),
    ("a UUID in JSON", 100_000),
    ("a hexadecimal token in a form", 100_000),
    ("a password in a form", 100_000),
    ("a password in JSON", 100_000),
    ("a password under another name", 100_000),
    ("octets as application/octet-stream", 20_000),
    ("octets as application/grpc", 20_000),
    ("a PNG file as a body", 2_000),
    ("a PNG file in a form", 2_000),
    ("a PDF file in a form", 2_000),
    ("octets in a file of a form", 20_000),
];

/// A request that holds one value of this kind: its headers and its body.
pub fn request(kind: &str, random: &mut Random) -> (Head, Vec<u8>) {
    let mut path = b"/api/items".to_vec();
    let mut headers: Vec<(&str, Vec<u8>)> = Vec::new();
    let length = 16 + random.below(112);
    let base64 = |random: &mut Random| {
        let count = length.div_ceil(3) * 4;
        let mut text = random.of(BASE64, count);
        text.extend(b"==".iter().take(random.below(3)));
        text
    };
    let mut content_type: &[u8] = b"";
    let mut body = Vec::new();
    match kind {
        "octets in the query" => {
            let coded = random.octets(length).iter().map(|byte| format!("%{byte:02X}")).collect::<String>();
            path.extend(format!("?key={coded}").bytes());
        }
        "Base64 in the query" => {
            let coded = base64(random).into_iter().map(|byte| match byte {
                b'+' => "%2B".to_owned(),
                b'/' => "%2F".to_owned(),
                b'=' => "%3D".to_owned(),
                byte => char::from(byte).to_string(),
            });
            path.extend(format!("?key={}", coded.collect::<String>()).bytes());
        }
        "Base64 in JSON" => {
            content_type = b"application/json";
            body = [b"{\"key\":\"", &base64(random)[..], b"\"}"].concat();
        }
        "Base64 in a cookie" => headers.push(("cookie", [b"session=", &base64(random)[..]].concat())),
        "a URL-safe token in a header" => headers.push(("x-api-key", random.of(BASE64_URL, length))),
        "a UUID in JSON" => {
            content_type = b"application/json";
            let hex = String::from_utf8(random.of(HEX, 32)).unwrap_or_default();
            let uuid = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
            body = format!("{{\"id\":\"{uuid}\"}}").into_bytes();
        }
        "a hexadecimal token in a form" => {
            content_type = b"application/x-www-form-urlencoded";
            body = [b"token=", &random.of(HEX, 64)[..]].concat();
        }
        "a password in a form" | "a password in JSON" | "a password under another name" => {
            let printable: Vec<u8> = (b'!'..=b'~').collect();
            let length = 8 + random.below(25);
            let password = String::from_utf8(random.of(&printable, length)).unwrap_or_default();
            if kind.ends_with("JSON") {
                content_type = b"application/json";
                body = serde_json::json!({ "user": "ann", "password": password }).to_string().into_bytes();
            } else {
                content_type = b"application/x-www-form-urlencoded";
                let coded = password.bytes().map(|byte| match byte.is_ascii_alphanumeric() {
                    true => char::from(byte).to_string(),
                    false => format!("%{byte:02X}"),
                });
                let name = if kind.ends_with("name") { "note" } else { "password" };
                body = format!("user=ann&{name}={}", coded.collect::<String>()).into_bytes();
            }
        }
        "octets as application/octet-stream" | "octets as application/grpc" => {
            content_type = kind.trim_start_matches("octets as ").as_bytes();
            body = random.octets(4096);
        }
        "a PNG file as a body" => {
            content_type = b"image/png";
            body = png(random);
        }
        "a PNG file in a form" => {
            content_type = b"multipart/form-data; boundary=x7Yb2";
            body = file("photo.png", "image/png", &png(random));
        }
        "a PDF file in a form" => {
            content_type = b"multipart/form-data; boundary=x7Yb2";
            body = file("report.pdf", "application/pdf", &pdf(random));
        }
        _ => {
            content_type = b"multipart/form-data; boundary=x7Yb2";
            body = file("data.bin", "application/octet-stream", &random.octets(4096));
        }
    }
    if !content_type.is_empty() {
        headers.push(("content-type", content_type.to_vec()));
    }
    let method: &[u8] = if body.is_empty() { b"GET" } else { b"POST" };
    let pseudo: [(&str, &[u8]); 3] = [(":method", method), (":path", &path), (":authority", b"shop.example.com")];
    let all = pseudo.into_iter().chain(headers.iter().map(|(name, value)| (*name, value.as_slice())));
    (Head::new(all.map(|(name, value)| (name.as_bytes(), value)).collect()), body)
}

/// A PNG file of 64 KiB: its header, and data that is packed and therefore random.
pub fn png(random: &mut Random) -> Vec<u8> {
    let start =
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\0\0\0\x03\0\x08\x02\0\0\0\x9f\x0b\xfd\xb6\0\0\xff\xff IDAT\x78\x9c";
    [&start[..], &random.octets(64 * 1024), b"\0\0\0\0IEND\xaeB`\x82"].concat()
}

fn pdf(random: &mut Random) -> Vec<u8> {
    let mut file =
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/Metadata 3 0 R>>\nendobj\n".to_vec();
    for number in 2..8 {
        file.extend(format!("{number} 0 obj\n<</Length 8192/Filter/FlateDecode>>\nstream\n").bytes());
        file.extend(random.octets(8192));
        file.extend(b"\nendstream\nendobj\n");
    }
    file.extend(b"xref\n0 8\n0000000000 65535 f \ntrailer\n<</Size 8/Root 1 0 R>>\nstartxref\n49152\n%%EOF\n");
    file
}

fn file(name: &str, kind: &str, content: &[u8]) -> Vec<u8> {
    let head = format!(
        "--x7Yb2\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n"
    );
    [head.as_bytes(), content, b"\r\n--x7Yb2--\r\n"].concat()
}

/// The points of a request alone, at the default weights; how they add up over categories is left out, which makes it more.
pub fn points(rules: &RuleSet, head: &Head, body: &[u8]) -> (u32, Vec<String>) {
    let mut scan = Scan::new();
    let mut sink = |field: Field<'_>| scan.push(rules, field);
    read::head(head, &mut sink);
    let mut reader = Body::new(head, 1 << 20);
    body.chunks(16 * 1024).for_each(|chunk| reader.push(chunk, &mut sink));
    reader.finish(&mut sink);
    let found = scan.take();
    let points = found.iter().map(|one| match one.severity {
        Severity::Low => 1,
        Severity::Medium => 3,
        Severity::High => 5,
        Severity::Critical => 8,
    });
    (points.sum(), found.iter().map(|one| rules.rule(one.rule).id.to_owned()).collect())
}
