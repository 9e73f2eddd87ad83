//! What does the scan of a request cost? Time, and instructions where valgrind is there: those repeat exactly.
//!
//! `cargo bench` measures. It fails if a byte of a hostile request costs more than ten times one of a harmless text, or
//! twice as many more than twice as much. `cargo bench -- FILE.jsonl` also takes the average over recorded requests (as
//! for `riskctl scan`).

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a measurement reads the clock")]

mod hostile;

use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use hostile::{Case, cases};
use serde::Deserialize;
use user_risk_filter::detect::rule_set::RuleSet;
use user_risk_filter::detect::scan::Scan;
use user_risk_filter::exchange::Head;
use user_risk_filter::read::{self, Body, Field};

/// How large a hostile request is, in bytes: as long as Envoy lets a head be.
const SIZE: usize = 60 * 1024;
/// So much dearer than a byte of harmless text may a hostile one be.
const MOST: f64 = 10.0;
/// So much dearer may a request be that is twice as large: a little more than twice, for what grows in steps.
const TWICE: f64 = 2.3;
/// The limit of a body, in bytes.
const LIMIT: usize = 1024 * 1024;
const AGENT: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";

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
    let head = Head::new(pairs.into_iter().collect());
    Case { name: "plain GET with ten headers".to_owned(), head, body: Vec::new(), size: 0 }
}

impl Case {
    fn look(&self, rules: &RuleSet) -> usize {
        let mut scan = Scan::new();
        scan.begin(rules, &self.head);
        let mut sink = |field: Field<'_>| scan.push(rules, field);
        read::head(&self.head, &mut sink);
        if !self.body.is_empty() {
            let mut body = Body::new(&self.head, LIMIT);
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
            measured(self, rules);
            start.elapsed()
        };
        (0..rounds).map(|_| once()).min().unwrap_or_default()
    }
}

/// What is measured: callgrind counts while this runs, and writes down what it has counted when it ends.
#[inline(never)]
fn measured(case: &Case, rules: &RuleSet) -> usize {
    black_box(case.look(rules))
}

/// What is measured, in this order: a page, then all cases of half the size, then of the whole.
fn all() -> Vec<Case> {
    std::iter::once(page()).chain(cases(SIZE / 2)).chain(cases(SIZE)).collect()
}

/// How many instructions each of [`all`] takes, by callgrind; nothing without valgrind.
fn instructions() -> Option<Vec<f64>> {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("cost");
    std::fs::create_dir_all(&folder).ok()?;
    let file = |number: usize| folder.join(format!("callgrind.{number}"));
    let status = Command::new("valgrind")
        .args(["-q", "--tool=callgrind", "--dump-line=no"])
        .args(["--toggle-collect=cost::measured", "--dump-after=cost::measured"])
        .arg(format!("--callgrind-out-file={}", folder.join("callgrind").display()))
        .arg(std::env::current_exe().ok()?)
        .arg("--counted")
        .status();
    let total = |number: usize| -> Option<f64> {
        let text = std::fs::read_to_string(file(number)).ok()?;
        text.lines().find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok()).filter(|count| *count > 0.0)
    };
    // None counted means that the function was not found, in a binary without names for example.
    let counts = status.is_ok_and(|status| status.success()).then(|| (1..=all().len()).map(total).collect());
    let _ = std::fs::remove_dir_all(&folder);
    counts.flatten()
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    // The first one builds the gate's automaton; later ones share it.
    let start = Instant::now();
    let rules = RuleSet::builtin();
    let built = start.elapsed();
    if arguments.first().is_some_and(|argument| argument == "--counted") {
        // One case by name, for a look at where it goes: callgrind_annotate.
        let is_meant = |case: &&Case| arguments.get(1).is_none_or(|name| case.name == *name);
        black_box(all().iter().filter(is_meant).map(|case| measured(case, &rules)).sum::<usize>());
        return ExitCode::SUCCESS;
    }
    println!("{:60} {:10.2} ms", "the rules", built.as_secs_f64() * 1e3);
    let counts = instructions();
    let page = page();
    let count = counts.as_ref().and_then(|counts| counts.first());
    let count = count.map_or("valgrind is not here".to_owned(), |count| format!("{count} instructions"));
    println!("{:60} {:10.2} µs  {count}", page.name, page.time(&rules, 20_000).as_secs_f64() * 1e6);
    for file in &arguments {
        recorded(&rules, file);
    }
    let bad = table(&rules, counts.as_deref().and_then(|counts| counts.get(1..)));
    if bad > 0 {
        eprintln!(
            "{bad} cost more than {MOST} × as much a byte as harmless text, or of twice the size more than {TWICE} ×"
        );
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Prints what each case costs; says how many cost too much. Without counts it goes by time.
fn table(rules: &RuleSet, counts: Option<&[f64]>) -> usize {
    let (half, whole) = (cases(SIZE / 2), cases(SIZE));
    println!("\n{:60} {:>8} {:>12} {:>6} {:>6}", "a byte of", "ns", "instructions", "×", "twice");
    let mut base = None;
    let mut bad = 0;
    for (number, (small, large)) in half.iter().zip(&whole).enumerate() {
        let [small_time, large_time] = [small, large].map(|case| case.time(rules, 5).as_secs_f64() * 1e9);
        let count = |at: usize| counts.and_then(|counts| counts.get(at)).copied();
        let counted = count(number).zip(count(half.len() + number));
        let (small_cost, large_cost) = counted.unwrap_or((small_time, large_time));
        let [small_size, large_size] = [small, large].map(|case| case.size as f64);
        let factor = large_cost / large_size / *base.get_or_insert(large_cost / large_size);
        // As if the larger had exactly twice as many bytes.
        let twice = 2.0 * (large_cost / large_size) / (small_cost / small_size);
        let is_bad = factor > MOST || twice > TWICE && counted.is_some();
        bad += usize::from(is_bad);
        let count = counted.map_or("-".to_owned(), |(_, count)| format!("{:.1}", count / large_size));
        let mark = if is_bad { "  too dear" } else { "" };
        let time = large_time / large_size;
        println!("{:60} {time:8.2} {count:>12} {factor:6.1} {twice:6.2}{mark}", large.name);
    }
    bad
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

/// The average over the requests of a file; bodies in Base64 count as none.
fn recorded(rules: &RuleSet, file: &str) {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let cases: Vec<_> = text
        .lines()
        .map(|line| {
            let Line { request } = serde_json::from_str(line).unwrap_or_else(|error| panic!("{file}: {error}"));
            let mut pairs = vec![(":method".to_owned(), request.method), (":path".to_owned(), request.path)];
            pairs.extend(request.headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)));
            let head = Head::new(pairs.into_iter().collect());
            Case { name: String::new(), head, body: request.body.unwrap_or_default().into_bytes(), size: 0 }
        })
        .collect();
    let once = || {
        let start = Instant::now();
        black_box(cases.iter().map(|case| measured(case, rules)).sum::<usize>());
        start.elapsed()
    };
    let best = (0..5).map(|_| once()).min().unwrap_or_default();
    println!("{file:60} {:10.2} µs on average of {}", best.as_secs_f64() * 1e6 / cases.len() as f64, cases.len());
}
