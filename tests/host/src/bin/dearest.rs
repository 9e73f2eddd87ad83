//! Which body costs the module most for each byte? Climbs from the known signs to dearer shapes, by Wasmtime's fuel.
//!
//! The same shapes in the same order on every machine, as long as it runs; `./build.sh bench dearest [MINUTES [SEED]]`. What is
//! dear becomes a row of `benches/cost/mebibyte.rs`, which fails above five times harmless text by V8's time.

#![allow(clippy::disallowed_methods, reason = "how long it searches is its argument")]

use std::env::args;
use std::rc::Rc;
use std::time::{Duration, Instant};

use fake_host::exchange::Exchange;
use fake_host::vm::{Artefact, Vm};
use wasmtime::Result;

#[path = "../../../../benches/cost/signs.rs"]
mod signs;
use signs::SIGNS;

/// How large a body is, in bytes: so large that the constant part of the budget is spent early.
const SIZE: usize = 256 << 10;
/// The most signs of a shape.
const LONGEST: usize = 8;
/// So many of the best at each place are kept and changed further.
const KEPT: usize = 6;
const HARMLESS: &str = "It was a dark and stormy night. ";

/// What else is in a shape: words of languages, single bytes, and `{n}`, which counts.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "{n}", "a", "id", "cat ", "select ", "from ", " or ", "and ", "1", "0", " ", "\t", "\0", "%", "'", ",", ":", ")", "]", "}", ">", "\\", "/", "!", "@", "^", "~",
    "<script", "<svg onload=", "onerror=", "<!--#exec ", "exec(", "eval(", "system(", "/etc/passwd", "file://", "gopher://", "localhost", "127.1", "[::]", "169.254.169.254",
    "jndi:", "${jndi:", "${lower:", "#{", "__proto__", "constructor", "O:8:\"", "rO0AB", "java.lang.", "{$ne:", "$where", "(|(", ")(", "*)(uid=", "count(/*)", "/../", "..%2f", "%2e%2e/",
    "%27", "%3c", "%u0027", "\u{ff1c}", "&lt;", "&#x3c;", "&amp;", "\\x27", "\\u003c", "0x2e", "waitfor delay ", "sleep(", "/**/", "like ", "case when ", "||chr(", "GET / HTTP/1.1\r\n", "set-cookie:", "bcc:",
    "powershell -e ", "wget http://a|sh", "&&", ">&", "{{7*7}}", "<%=", "<#assign ", "[[", "]]", "match (n) ", "{__schema", "fragment a on b", "import os", "echo ", "$IFS", "base64 -d", "U0VMRUNU",
];

/// Where a shape stands: what comes first, around each shape, and whether JSON escapes it.
struct Place {
    name: &'static str,
    kind: &'static str,
    first: &'static str,
    before: &'static str,
    behind: &'static str,
    is_json: bool,
}

const fn place(name: &'static str, kind: &'static str, [first, before, behind]: [&'static str; 3]) -> Place {
    Place { name, kind, first, before, behind, is_json: false }
}

const fn json(name: &'static str, around: [&'static str; 3]) -> Place {
    Place { is_json: true, ..place(name, "application/json", around) }
}

const FORM: &str = "application/x-www-form-urlencoded";
const PARTS: &str = "multipart/form-data; boundary=b";
const PLACES: &[Place] = &[
    place("text", "text/plain", ["", "", ""]),
    place("lines", "text/plain", ["", "", "\n"]),
    place("form: one value", FORM, ["a=", "", ""]),
    place("form: values", FORM, ["", "a=", "&"]),
    place("form: names", FORM, ["", "", "=1&"]),
    json("JSON: one string", ["[\"", "", ""]),
    json("JSON: strings", ["[", "\"", "\","]),
    json("JSON: names", ["{", "\"", "\":1,"]),
    json("JSON: a query", ["{\"query\":\"", "", ""]),
    place("XML: text", "application/xml", ["<a>", "", "<b>"]),
    place("XML: attributes", "application/xml", ["<a ", "b=\"", "\" "]),
    place("parts", PARTS, ["", "--b\r\ncontent-disposition: form-data; name=a\r\n\r\n", "\r\n"]),
    place("a file", PARTS, ["--b\r\ncontent-disposition: form-data; name=a; filename=a.bin\r\n\r\n", "", ""]),
    place("names of files", PARTS, ["", "--b\r\ncontent-disposition: form-data; name=a; filename=\"", "\"\r\n\r\n"]),
    place("data", "application/x-protobuf", ["\0\x01\x02", "\0\x12\x02", ""]),
    place("octets", "application/octet-stream", ["\0\x01\x02", "\0\x12\x02", ""]),
    place("a picture", "image/png", ["\u{89}PNG\r\n", "", ""]),
];

/// A shape and what a byte of it costs.
#[derive(Clone)]
struct Found {
    cost: f64,
    signs: Vec<usize>,
}

fn main() -> Result<()> {
    let mut arguments = args().skip(1).filter_map(|argument| argument.parse::<f64>().ok());
    let minutes = arguments.next().unwrap_or(1.0);
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ arguments.next().unwrap_or(0.0).to_bits().rotate_left(7));
    let mut module = Measured::new(Artefact::built()?)?;
    let end = Instant::now() + Duration::from_secs_f64(minutes * 60.0);
    let base = module.cost(&PLACES[0], HARMLESS)?;
    println!("{base:.0} for each byte of harmless text; times that, the dearest at each place:");
    let mut best: Vec<Vec<Found>> = PLACES.iter().map(|_| Vec::new()).collect();
    let mut tried = 0;
    while Instant::now() < end {
        let at = tried % PLACES.len();
        let signs = next(tried / PLACES.len(), at, &best, &mut random);
        tried += 1;
        if signs.is_empty() || signs.len() > LONGEST || best[at].iter().any(|found| found.signs == signs) {
            continue;
        }
        let cost = module.cost(&PLACES[at], &spelled(&signs))? / base;
        best[at].push(Found { cost, signs });
        best[at].sort_by(|one, other| other.cost.total_cmp(&one.cost));
        best[at].truncate(KEPT);
    }
    println!("{tried} tries");
    for (place, found) in PLACES.iter().zip(&best) {
        for Found { cost, signs } in found.iter().take(3) {
            println!("{cost:6.2}  {:18} {:?}", place.name, spelled(signs));
        }
    }
    Ok(())
}

/// What is tried next at a place: each sign by itself, then changes of the best, also of those at other places.
fn next(round: usize, at: usize, best: &[Vec<Found>], random: &mut Random) -> Vec<usize> {
    let all = SIGNS.len() + WORDS.len();
    if round < all {
        return vec![round];
    }
    let from = if random.below(4) == 0 { random.below(best.len()) } else { at };
    let Some(found) = best[from].get(random.below(best[from].len())) else { return Vec::new() };
    let mut signs = found.signs.clone();
    for _ in 0..=random.below(2) {
        let place = random.below(signs.len() + 1);
        match random.below(5) {
            0 if place < signs.len() => drop(signs.remove(place)),
            1 if place < signs.len() => signs[place] = random.below(all),
            2 => {
                let other = best[random.below(best.len())].first().map_or(Vec::new(), |other| other.signs.clone());
                signs.truncate(place);
                signs.extend(other.into_iter().skip(random.below(2)));
            }
            _ => signs.insert(place, random.below(all)),
        }
    }
    signs
}

fn spelled(signs: &[usize]) -> String {
    signs.iter().filter_map(|sign| SIGNS.get(*sign).or_else(|| WORDS.get(sign - SIGNS.len()))).copied().collect()
}

/// The module, and how many exchanges it has seen.
struct Measured {
    artefact: Artefact,
    vm: Vm,
    seen: u32,
}

impl Measured {
    fn new(artefact: Artefact) -> Result<Self> {
        let vm = started(&artefact)?;
        Ok(Self { artefact, vm, seen: 0 })
    }

    /// The fuel for each byte of a body of this shape. Each has a user of its own.
    fn cost(&mut self, place: &Place, part: &str) -> Result<f64> {
        let mut body = place.first.to_owned();
        for number in 0_u32.. {
            let part = part.replace("{n}", &number.to_string());
            body.push_str(place.before);
            body.push_str(&if place.is_json { escaped(&part) } else { part });
            body.push_str(place.behind);
            if body.len() >= SIZE {
                break;
            }
        }
        if self.seen % 200 == 199 {
            self.vm = started(&self.artefact)?;
        }
        self.seen += 1;
        let exchange = Exchange::post("/", &format!("user-{}", self.seen), place.kind, body.as_bytes());
        self.vm.host().world.borrow_mut().advance(10);
        self.vm.take_fuel();
        exchange.play(&mut self.vm, self.seen + 1, 1)?;
        Ok(self.vm.take_fuel() as f64 / body.len() as f64)
    }
}

fn started(artefact: &Artefact) -> Result<Vm> {
    let mut vm = Vm::new(artefact, &Rc::default(), &[], 1)?;
    vm.start(1, r#"{"user": {"sources": [{"header": "x-user-id"}]}}"#)?;
    Ok(vm)
}

/// As the inside of a JSON string.
fn escaped(text: &str) -> String {
    text.chars()
        .map(|one| match one {
            '"' | '\\' => format!("\\{one}"),
            '\0'..' ' => format!("\\u{:04x}", one as u32),
            _ => one.to_string(),
        })
        .collect()
}

/// xorshift64: Marsaglia, Xorshift RNGs, 2003.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % limit.max(1)
    }
}
