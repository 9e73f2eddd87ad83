//! What does the scan of a request cost? Time, and instructions where valgrind is there: those repeat exactly.
//!
//! `cargo bench` measures. It fails if a byte of a hostile request costs more than ten times one of a harmless text, or
//! twice as many more than twice as much. `cargo bench -- FILE.jsonl` also takes the average over recorded requests (as
//! for `riskctl scan`; `.gz` too), and with `--harmless` before the file that is all, besides the harmless ones: a minute
//! instead of five. `--mebibyte` measures bodies of a mebibyte by time, `--verifiers` what a byte costs each verifier,
//! of the dearest shapes or of those that are named.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock"
)]

mod hostile;
mod mebibyte;
mod octets;
mod recorded;
mod signs;
mod verifiers;

use std::hint::black_box;
use std::process::{Command, ExitCode, Output};
use std::time::{Duration, Instant};

use hostile::{Case, cases};
use recorded::{order, page, recorded};
use user_risk_filter::detect::rule_set::RuleSet;
use user_risk_filter::detect::scan::Scan;
use user_risk_filter::read::field::Field;
use user_risk_filter::read::{self, Body};

/// How large a hostile request is, in bytes: as long as Envoy lets a head be.
const SIZE: usize = 60 * 1024;
/// So much dearer than a byte of harmless text may a hostile one be.
const MOST: f64 = 10.0;
/// So much dearer may a request be that is twice as large: a little more than twice, for what grows in steps.
const TWICE: f64 = 2.3;
/// A body comes in pieces of so many bytes, such as a proxy hands over.
const CHUNK: usize = 16 * 1024;
/// The limit of a body, in bytes.
const LIMIT: usize = 1024 * 1024;

/// What a request came to.
struct Looked {
    #[expect(dead_code, reason = "the compiler may not leave the scan out")]
    detections: usize,
    /// What was charged, in nanoseconds.
    work: u64,
}

impl Case {
    fn look(&self, rules: &RuleSet) -> Looked {
        let mut scan = Scan::new();
        scan.begin(rules, &self.head);
        scan.arrived(self.head.headers().size() + self.body.len());
        let mut sink = |field: Field<'_>| scan.push(rules, field);
        read::head(&self.head, &mut sink);
        if !self.body.is_empty() {
            let mut body = Body::new(&self.head, LIMIT);
            self.body.chunks(CHUNK).for_each(|chunk| body.push(chunk, &mut sink));
            body.finish(&mut sink);
        }
        Looked { detections: scan.detections().len(), work: scan.work() }
    }

    /// The shortest of some tries: what others do on this machine only adds.
    fn time(&self, rules: &RuleSet, rounds: u32) -> Duration {
        self.time_each(rules, rounds, 1)
    }

    /// The same of a request so short that reading the clock would count: each try is so many runs.
    fn time_each(&self, rules: &RuleSet, rounds: u32, runs: u32) -> Duration {
        let once = || {
            let start = Instant::now();
            (0..runs).for_each(|_| _ = measured(self, rules));
            start.elapsed() / runs
        };
        (0..rounds).map(|_| once()).min().unwrap_or_default()
    }
}

/// What is measured: callgrind counts while this runs, and writes down what it has counted when it ends.
#[inline(never)]
fn measured(case: &Case, rules: &RuleSet) -> Looked {
    black_box(case.look(rules))
}

/// What harmless requests are measured by themselves.
fn harmless() -> [Case; 2] {
    [page(), order()]
}

/// What is measured, in this order: the harmless ones, then all cases of half the size, then of the whole.
fn all() -> Vec<Case> {
    harmless().into_iter().chain(cases(SIZE / 2)).chain(cases(SIZE)).collect()
}

/// This program under callgrind, which counts while [`measured`] runs.
fn callgrind(more: &[String], arguments: &[&str]) -> Option<Output> {
    Command::new("valgrind")
        .args(["--tool=callgrind", "--dump-line=no", "--toggle-collect=cost::measured"])
        .args(more)
        .arg(std::env::current_exe().ok()?)
        .args(arguments)
        .output()
        .ok()
        .filter(|output| output.status.success())
}

/// How many instructions the first `number` of [`all`] take; nothing without valgrind.
fn instructions(number: usize) -> Option<Vec<f64>> {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("cost");
    std::fs::create_dir_all(&folder).ok()?;
    let file = folder.join("callgrind");
    let dumped = ["--dump-after=cost::measured".to_owned(), format!("--callgrind-out-file={}", file.display())];
    let done = callgrind(&dumped, &["--counted", &number.to_string()]);
    let total = |number: usize| -> Option<f64> {
        let text = std::fs::read_to_string(folder.join(format!("callgrind.{number}"))).ok()?;
        text.lines().find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok()).filter(|count| *count > 0.0)
    };
    // None counted means that the function was not found, in a binary without names for example.
    let counts = done.and_then(|_| (1..=number).map(total).collect());
    let _ = std::fs::remove_dir_all(&folder);
    counts
}

/// How many instructions the requests of a file take together; nothing without valgrind.
fn instructions_of(file: &str) -> Option<f64> {
    let output = callgrind(&["--callgrind-out-file=/dev/null".to_owned()], &["--counted-file", file])?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok()).filter(|count| *count > 0.0)
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    // The first one builds the gate's automaton; later ones share it.
    let start = Instant::now();
    let rules = RuleSet::builtin();
    let built = start.elapsed();
    let measure = |cases: &[Case]| cases.iter().for_each(|case| _ = black_box(measured(case, &rules)));
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--counted-file", file] => {
            measure(&recorded(file));
            return ExitCode::SUCCESS;
        }
        // So many, or one by name, for a look at where it goes: callgrind_annotate.
        ["--counted", which] => {
            let number = which.parse().unwrap_or(usize::MAX);
            let named = |case: &Case| number < usize::MAX || case.name == *which;
            measure(&all().into_iter().take(number).filter(named).collect::<Vec<_>>());
            return ExitCode::SUCCESS;
        }
        ["--verifiers", size, signs @ ..] => {
            verifiers::table(size.parse().unwrap_or(SIZE), signs);
            return ExitCode::SUCCESS;
        }
        ["--mebibyte", only @ ..] => return mebibyte::table(&rules, only),
        _ => {}
    }
    let (short, files): (Vec<_>, Vec<_>) = arguments.into_iter().partition(|argument| argument == "--harmless");
    let harmless = harmless();
    println!("{:60} {:10.2} ms", "the rules", built.as_secs_f64() * 1e3);
    let counts = instructions(if short.is_empty() { all().len() } else { harmless.len() });
    for (number, case) in harmless.iter().enumerate() {
        let count = counts.as_ref().and_then(|counts| counts.get(number)).copied();
        print(&case.name, case.time_each(&rules, 1_000, 20), count, "");
    }
    for file in &files {
        average(&rules, file);
    }
    if !short.is_empty() {
        return ExitCode::SUCCESS;
    }
    let bad = table(&rules, counts.as_deref().and_then(|counts| counts.get(harmless.len()..)));
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

/// The average over the requests of a file.
fn average(rules: &RuleSet, file: &str) {
    let cases = recorded(file);
    let number = cases.len().max(1);
    // Each by itself: over all of them together somebody always interrupts.
    let all: Duration = cases.iter().map(|case| case.time(rules, 5)).sum();
    let best = all / u32::try_from(number).unwrap_or(u32::MAX);
    let count = instructions_of(file).map(|count| (count / number as f64).round());
    print(file, best, count, &format!(", on average of {}", cases.len()));
}

fn print(name: &str, time: Duration, count: Option<f64>, more: &str) {
    let none = if cfg!(target_family = "wasm") { "" } else { "valgrind is not here" };
    let count = count.map_or(none.to_owned(), |count| format!("{count} instructions"));
    println!("{name:60} {:10.2} µs  {count}{more}", time.as_secs_f64() * 1e6);
}
