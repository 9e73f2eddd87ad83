//! What does the scan of a request cost? Time, and instructions where valgrind is there: those repeat exactly.
//!
//! `cargo bench` measures; it fails if a byte of a hostile request costs more than ten times one of a harmless text.
//! `cargo bench -- FILE.jsonl` also takes the average over recorded requests (as for `riskctl scan`; `.gz` too), and with
//! `--harmless` before the file that is all, besides the plain GET: a minute instead of five.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use serde::Deserialize;
use user_risk_filter::detect::rule_set::RuleSet;
use user_risk_filter::detect::scan::Scan;
use user_risk_filter::exchange::Head;
use user_risk_filter::read::{self, Body, Field};

const MEBIBYTE: usize = 1024 * 1024;
/// So much dearer than a byte of harmless text may a hostile one be.
const MOST: f64 = 10.0;
const AGENT: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";

struct Case {
    name: String,
    head: Head,
    body: Vec<u8>,
}

fn case(name: &str, pairs: &[(&str, &str)], body: Vec<u8>) -> Case {
    Case { name: name.to_owned(), head: Head::new(pairs.iter().copied().collect()), body }
}

/// A body of a mebibyte, of one part again and again.
fn body(kind: &str, part: &str) -> Case {
    let bytes = part.as_bytes().iter().copied().cycle().take(MEBIBYTE).collect();
    case(&format!("{kind} of {part:?}"), &[(":method", "POST"), (":path", "/"), ("content-type", kind)], bytes)
}

/// A query with one value of 60 KiB, as long as Envoy lets a head be: no reader cuts it into pieces.
fn value(part: &str) -> Case {
    let value: String = part.chars().cycle().take(60 * 1024).collect();
    case(&format!("a query value of {part:?}"), &[(":method", "GET"), (":path", &format!("/?q={value}"))], Vec::new())
}

/// An ordinary page view: what nearly every request is.
fn page() -> Case {
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
    case("plain GET with ten headers", &pairs, Vec::new())
}

/// The harmless text that the others are compared with, and the others.
fn bulk() -> Vec<Case> {
    let mut cases = vec![body("text/plain", "It was a dark and stormy night. ")];
    for part in
        ["'", "\"", "(", "<", "<a ", "${", "$(", "`", "|", ";", "../", "&#", "\\u", "' or ", "{{", "=", "http://"]
    {
        cases.push(body("text/plain", part));
    }
    for part in ["%25", "%2525", "%27", "+", "a&", "&a=%27", "%c0%ae"] {
        cases.push(body("application/x-www-form-urlencoded", part));
    }
    for part in ["[", "{\"a\":", "[\"a\",", "{\"a\":\"\\u0027\"},"] {
        cases.push(body("application/json", part));
    }
    for part in ["'", "(", "%25", "<a x='", "`", ";", "&lt", "$("] {
        cases.push(value(part));
    }
    // Each makes the gate fire, and none is detected: after some detections nothing more would be looked at.
    let parameters: String = (0..10_000).map(|n| format!("p{n}=%27{n}&")).collect();
    cases.push(case("10,000 parameters", &[(":method", "GET"), (":path", &format!("/?{parameters}"))], Vec::new()));
    let cookies: String = (0..10_000).map(|n| format!("c{n}='{n}; ")).collect();
    cases.push(case("10,000 cookies", &[(":method", "GET"), (":path", "/"), ("cookie", &cookies)], Vec::new()));
    cases
}

impl Case {
    fn size(&self) -> usize {
        self.head.headers().iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() + self.body.len()
    }

    /// What is measured. Callgrind starts to count where it begins and stops where it ends, so it is a function that no
    /// other, no closure either, has its name from.
    #[inline(never)]
    fn counted(&self, rules: &RuleSet) -> usize {
        self.look(rules)
    }

    fn look(&self, rules: &RuleSet) -> usize {
        let mut scan = Scan::new();
        scan.begin(rules, &self.head);
        let mut sink = |field: Field<'_>| scan.push(rules, field);
        read::head(&self.head, &mut sink);
        if !self.body.is_empty() {
            let mut body = Body::new(&self.head, MEBIBYTE);
            // In pieces such as a proxy hands over.
            self.body.chunks(16 * 1024).for_each(|chunk| body.push(chunk, &mut sink));
            body.finish(&mut sink);
        }
        scan.detections().len()
    }

    /// The shortest of some tries: what others do on this machine only adds.
    fn time(&self, rules: &RuleSet, rounds: u32) -> Duration {
        let once = || {
            let start = Instant::now();
            black_box(self.counted(rules));
            start.elapsed()
        };
        (0..rounds).map(|_| once()).min().unwrap_or_default()
    }

    fn instructions(&self) -> Option<u64> {
        instructions(&self.name)
    }
}

/// How many instructions the case of this name takes, or all requests of the file of this name, by callgrind; none
/// without valgrind.
fn instructions(name: &str) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*Case*counted*"])
        .arg(std::env::current_exe().ok()?)
        .args(["--only", name])
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    // None counted means that the function was not found, in a binary without names for example.
    text.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok()).filter(|count| *count > 0)
}

fn print(name: &str, time: Duration, count: Option<u64>, more: &str) {
    let count = count.map_or("valgrind is not here".to_owned(), |count| format!("{count} instructions"));
    println!("{name:48} {:10.2} µs  {count}{more}", time.as_secs_f64() * 1e6);
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let cases = || std::iter::once(page()).chain(bulk());
    // The first one builds the gate's automaton; later ones share it.
    let start = Instant::now();
    let rules = RuleSet::builtin();
    let built = start.elapsed();
    if let [only, name] = arguments.as_slice()
        && only == "--only"
    {
        let cases = cases().find(|case| case.name == *name).map_or_else(|| recorded(name), |case| vec![case]);
        cases.iter().for_each(|case| _ = black_box(case.counted(&rules)));
        return ExitCode::SUCCESS;
    }
    println!("{:48} {:10.2} ms", "the rules", built.as_secs_f64() * 1e3);
    let page = page();
    print(&page.name, page.time(&rules, 20_000), page.instructions(), "");
    let (harmless, files): (Vec<_>, Vec<_>) = arguments.into_iter().partition(|argument| argument == "--harmless");
    for file in &files {
        average(&rules, file);
    }
    if !harmless.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("\n{:48} {:>10} {:>12} {:>8}", "a byte of", "ns", "instructions", "×");
    let mut base = None;
    let mut dear = 0;
    for case in bulk() {
        let size = case.size() as f64;
        let time = case.time(&rules, 5).as_secs_f64() * 1e9 / size;
        let count = case.instructions().map(|count| count as f64 / size);
        let (base_time, base_count) = *base.get_or_insert((time, count));
        let factor = count.zip(base_count).map_or(time / base_time, |(count, base)| count / base);
        let count = count.map_or("-".to_owned(), |count| format!("{count:.1}"));
        let mark = if factor > MOST { "  too dear" } else { "" };
        dear += usize::from(factor > MOST);
        println!("{:48} {time:10.2} {count:>12} {factor:8.1}{mark}", case.name);
    }
    if dear > 0 {
        eprintln!("{dear} cost more than {MOST} × as much a byte as harmless text");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
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

/// The requests of a file; bodies in Base64 count as none.
fn recorded(file: &str) -> Vec<Case> {
    let text = if file.ends_with(".gz") {
        Command::new("gzip")
            .args(["-dc", file])
            .output()
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        std::fs::read_to_string(file)
    };
    let text = text.unwrap_or_else(|error| panic!("{file}: {error}"));
    let case = |line| {
        let Line { request } = serde_json::from_str(line).unwrap_or_else(|error| panic!("{file}: {error}"));
        let mut pairs = vec![(":method".to_owned(), request.method), (":path".to_owned(), request.path)];
        pairs.extend(request.headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)));
        let head = Head::new(pairs.into_iter().collect());
        Case { name: String::new(), head, body: request.body.unwrap_or_default().into_bytes() }
    };
    text.lines().map(case).collect()
}

/// The average over the requests of a file.
fn average(rules: &RuleSet, file: &str) {
    let cases = recorded(file);
    let number = cases.len().max(1);
    // Each by itself: over all of them together somebody always interrupts.
    let all: Duration = cases.iter().map(|case| case.time(rules, 5)).sum();
    let best = all / u32::try_from(number).unwrap_or(u32::MAX);
    let count = instructions(file).map(|count| count / number as u64);
    print(file, best, count, &format!(", on average of {}", cases.len()));
}
