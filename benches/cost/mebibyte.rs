//! What does a body of a mebibyte cost, by time? Hostile shapes against harmless text, bytes that are no text against a copy.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use user_risk_filter::detect::rule_set::RuleSet;

use crate::CHUNK;
use crate::hostile::{At, Case, FORM, HARMLESS, JSON, PARTS, TEXT, XML, case};

/// How large a body is, in bytes: the limit by default.
const SIZE: usize = 1 << 20;
/// So much dearer than harmless text of that size may a hostile body be.
const MOST: f64 = 5.0;
/// So much dearer than copying it and searching it for one byte may a body be that is no text; a part also for its end.
const MOST_COPIES: f64 = 3.0;
/// Tries; the shortest counts. What is no text takes less than a millisecond.
const ROUNDS: u32 = 3;
const ROUNDS_OF_OCTETS: u32 = 30;

/// Where, what comes first, and what then comes again and again. `{n}` is a number that counts.
#[rustfmt::skip]
const SHAPES: &[(At, &str, &str)] = &[
    (FORM, "", "\n"), (FORM, "", "\r\n"), (FORM, "", "\n "), (FORM, "a=", "%0a"), (FORM, "a=", "%0a+"), (TEXT, "", "\n"), (TEXT, "", "\r\n"), (TEXT, "", "\n;"),
    (JSON, "[\"", "\\n"), (JSON, "[\"", "\\r\\n"), (JSON, "[", "\"';id\","), (JSON, "[", "\"';{n}\","), (JSON, "[\"", "\\n;"), (JSON, "[", "\"${\","), (JSON, "[", "\"<a b={n}>\","),
    (TEXT, "", "${"), (FORM, "", "${"), (FORM, "a=", "$%7b"), (JSON, "[\"", "${"), (TEXT, "", "';id "), (TEXT, "", "|a"), (TEXT, "", ";{n} "), (TEXT, "", "$({n}"), (TEXT, "", "`{n}` "),
    (XML, "<a>", "<b c='\"'>"), (XML, "<a ", "b{n}=\"'\" "), (XML, "<a ", "b{n}=\";id\" "), (XML, "<a>", "&amp;"), (XML, "<a>", "&amp;amp;lt;"), (XML, "<a>", "&#{n};"), (TEXT, "", "&amp;amp;lt;"), (TEXT, "", "&#x27;"),
    (FORM, "", "u{n}=http://a/?b='&"), (FORM, "", "u=http://a/{n}%3fb%3d%27&"), (FORM, "", "p{n}=%27{n}&"), (FORM, "u=/?", "p{n}=%27{n}%26"), (FORM, "", "u{n}=//127.1/&"),
    (PARTS, "", "--b\r\ncontent-disposition: form-data; name=a{n}\r\n\r\n';id\r\n"), (PARTS, "--b\r\ncontent-disposition: form-data; name=a\r\n\r\n", "\r\n"), (PARTS, "--b\r\n", "a{n}:'\r\n"),
    (TEXT, "", "union select "), (TEXT, "", "select #a\n"), (FORM, "a=", "union%2f**%2fselect+"), (TEXT, "", "<a "), (TEXT, "", "<a x='"), (TEXT, "", "'or 1="), (TEXT, "", "{{"), (TEXT, "", "../"), (TEXT, "", "a(b("), (TEXT, "", "\\u0027"), (JSON, "[", "\"{\\\"a\\\":\\\"';id\\\"}\","),
    // What `./build.sh bench dearest` found.
    (TEXT, "", "base64 -d\n"), (TEXT, "", "powershell -e \n"), (TEXT, "", "<script{%<svg onload="), (FORM, "", "echo =1&"), (FORM, "a=", "{%rO0AB"), (FORM, "", "a=echo {%rO0AB&"),
    (JSON, "[", "\"base64 -d\","), (JSON, "{\"query\":\"", "cat {{"), (XML, "<a>", "exec(&lt;\\on=\"<b>"),
];

/// Shapes that are packed: so many bytes come out.
const PACKED: &[(&str, &str)] = &[("", "\n"), ("", "a=%0a&"), ("", "';id ")];

/// Prints what each costs; fails if one is too dear. With arguments only those whose name holds one of them.
pub(crate) fn table(rules: &RuleSet, only: &[&str]) -> ExitCode {
    let (at, first, part) = HARMLESS;
    let harmless = case(at, first, part, SIZE);
    let base = time(&harmless, rules);
    println!("{:60} {:>9} {:>6} {:>9}", "a body of a mebibyte", "ms", "×", "charged");
    println!("{:60} {:9.2} {:6.1}", harmless.name, base.as_secs_f64() * 1e3, 1.0);
    let shapes = SHAPES.iter().map(|(at, first, part)| case(*at, first, part, SIZE));
    let packed =
        PACKED.iter().map(|(first, part)| case(At::Packed("application/x-www-form-urlencoded"), first, part, SIZE));
    let mut bad = 0;
    for case in shapes.chain(packed) {
        if !only.is_empty() && !only.iter().any(|part| case.name.contains(part)) {
            continue;
        }
        bad += usize::from(row(rules, &case, time(&case, rules), base, MOST));
    }
    for case in crate::octets::cases(SIZE) {
        if !only.is_empty() && !only.iter().any(|part| case.name.contains(part)) {
            continue;
        }
        // As a filter takes it over, piece by piece, and one pass that looks for one byte; a part's end is looked for besides.
        let ends = |chunk: &[u8]| if case.is_part() { memchr::memmem::find_iter(chunk, b"--").count() } else { 0 };
        let copied = |chunk: &[u8]| {
            let copy = black_box(chunk.to_vec());
            memchr::memchr_iter(b'<', &copy).count() + ends(&copy)
        };
        let copy =
            shortest(ROUNDS_OF_OCTETS, || case.body.chunks(CHUNK).for_each(|chunk| _ = black_box(copied(chunk))));
        let looked = shortest(ROUNDS_OF_OCTETS, || _ = black_box(case.look(rules)));
        bad += usize::from(row(rules, &case, looked, copy, MOST_COPIES));
    }
    if bad > 0 {
        eprintln!(
            "{bad} cost more than {MOST} × harmless text of that size, or {MOST_COPIES} × copying and searching what is no text"
        );
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn row(rules: &RuleSet, case: &Case, time: Duration, base: Duration, most: f64) -> bool {
    let factor = time.as_secs_f64() / base.as_secs_f64();
    let is_bad = factor > most;
    let mark = if is_bad { "  too dear" } else { "" };
    println!(
        "{:60} {:9.2} {factor:6.1} {:9.2}{mark}",
        case.name,
        time.as_secs_f64() * 1e3,
        case.look(rules).work as f64 / 1e6
    );
    is_bad
}

fn time(case: &Case, rules: &RuleSet) -> Duration {
    shortest(ROUNDS, || _ = black_box(case.look(rules)))
}

fn shortest(rounds: u32, mut run: impl FnMut()) -> Duration {
    let once = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..rounds).map(once).min().unwrap_or_default()
}
