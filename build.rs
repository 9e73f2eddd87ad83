//! How do the rules become code? Reads `src/detect/rules/*.toml`, refuses what is wrong, and writes static tables and the
//! gate's literals, so that at run time nothing is parsed. (The automaton is built from them when a VM starts, in a few
//! milliseconds: as a file it would be a tenth of the module.)

#[path = "src/detect/category.rs"]
#[allow(dead_code, unreachable_pub, reason = "only the words are needed here")]
mod category;
#[path = "build/console_page.rs"]
mod console_page;
#[path = "src/detect/matcher.rs"]
#[allow(dead_code, unreachable_pub, reason = "only the words are needed here")]
mod matcher;
#[path = "src/detect/probe.rs"]
#[allow(dead_code, unreachable_pub, reason = "only the words are needed here")]
mod probe;
#[path = "build/rule_file.rs"]
mod rule_file;
#[path = "src/detect/signal.rs"]
#[allow(dead_code, unreachable_pub, reason = "only the words are needed here")]
mod signal;
#[path = "src/read/target.rs"]
#[allow(dead_code, unreachable_pub, reason = "only the words are needed here")]
mod target;
#[path = "build/word.rs"]
mod word;

use category::{Category, Severity};
use matcher::{Evidence, Kind};
use probe::Probe;
use rule_file::{File, Rule};
use signal::Signal;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, process};
use word::{base64, variants};

/// The longest literal that a rule compares with a value as a whole, in bytes.
const WHOLE: usize = 63;

/// What the rules come to.
#[derive(Default)]
struct Tables {
    rules: String,
    examples: String,
    ids: BTreeSet<String>,
    probes: BTreeMap<String, BTreeSet<u16>>,
    evidence: BTreeMap<&'static str, u16>,
    signals: BTreeMap<&'static str, u16>,
    whole: Vec<(String, u16)>,
    proofs: Vec<String>,
    telltales: BTreeMap<String, usize>,
    answers: String,
    count: usize,
}

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var("OUT_DIR").unwrap_or_default());
    let leaves = [
        "src/detect/category.rs",
        "src/detect/matcher.rs",
        "src/detect/probe.rs",
        "src/detect/signal.rs",
        "src/read/target.rs",
    ];
    for input in ["build.rs", "src/detect/rules", console_page::FOLDER].into_iter().chain(leaves) {
        println!("cargo::rerun-if-changed={input}");
    }
    let made = generate(&root.join("src/detect/rules"), &out).and_then(|()| console_page::generate(&root, &out));
    if let Err(error) = made {
        eprintln!("{error}");
        process::exit(1);
    }
}

fn generate(folder: &Path, out: &Path) -> Result<(), String> {
    let listed = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<_> = listed.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.sort();
    let mut tables = Tables::default();
    for path in files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "toml")) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let text = fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
        let file: File = toml::from_str(&text).map_err(|error| format!("{name}: {error}"))?;
        for rule in &file.rule {
            tables.add(&file, rule).map_err(|error| format!("{name}: rule {}: {error}", rule.id))?;
        }
    }
    if let Some(missing) = Evidence::ALL.iter().find(|evidence| !tables.evidence.contains_key(evidence.name())) {
        return Err(format!("evidence {} has no rule: give one `verify = [\"{}\"]`", missing.name(), missing.name()));
    }
    if let Some(missing) = Signal::ALL.iter().find(|signal| !tables.signals.contains_key(signal.name())) {
        return Err(format!("signal {} has no rule: give one `signal = \"{}\"`", missing.name(), missing.name()));
    }
    tables.write(out)
}

impl Tables {
    fn add(&mut self, file: &File, rule: &Rule) -> Result<(), String> {
        let number = u16::try_from(self.count).map_err(|_| "there are too many rules")?;
        self.count += 1;
        let category = Category::from_slug(&file.category)
            .ok_or_else(|| format!("category `{}` is unknown: take one of category.rs", file.category))?;
        let severity = Severity::from_slug(&rule.severity)
            .ok_or_else(|| format!("severity `{}` is unknown: low, medium, high or critical", rule.severity))?;
        if !rule.id.starts_with(&format!("{}.", file.category)) {
            return Err(format!("the id has to start with `{}.`", file.category));
        }
        if !self.ids.insert(rule.id.clone()) {
            return Err("the id is taken: choose another".to_owned());
        }
        if let Some(name) = &rule.signal {
            let signal = Signal::ALL.iter().find(|signal| signal.name() == name);
            let signal = signal.ok_or_else(|| format!("signal: `{name}` is unknown: take one of signal.rs"))?;
            if self.signals.insert(signal.name(), number).is_some() {
                return Err(format!("signal: `{name}` belongs to another rule already"));
            }
        } else if rule.matches.is_empty() || rule.harmless.is_empty() {
            return Err("needs examples in `matches` and counter-examples in `harmless`".to_owned());
        }
        self.match_by(rule, number)?;
        self.prove(rule, number)?;
        let looks_at = variants(rule.targets.as_ref().unwrap_or(&file.targets))?;
        let line = format!(
            "    Rule {{ id: {:?}, category: Category::{category:?}, severity: Severity::{severity:?}, appsensor: {:?}, \
             summary: {:?}, targets: Targets::of(&[{}]), names: &{:?}, firm: {}, weak: {}, \
             mild: Targets::of(&[{}]), conclusive: {} }},\n",
            rule.id,
            rule.appsensor.as_ref().unwrap_or(&file.appsensor),
            rule.summary,
            looks_at.join(", "),
            rule.names,
            rule.firm,
            rule.weak,
            variants(&rule.mild)?.join(", "),
            rule.conclusive,
        );
        self.rules.push_str(&line);
        if !rule.answer.is_empty() {
            let _ = writeln!(self.answers, "    ({:?}, &{:?}, &{:?}),", rule.id, rule.matches, rule.harmless);
            return Ok(());
        }
        let first = looks_at.first().map_or("Target::Query", String::as_str);
        let name = rule.names.first().map_or("x", String::as_str);
        let _ = writeln!(
            self.examples,
            "    Example {{ rule: {:?}, target: {first}, name: {name:?}, matches: &{:?}, harmless: &{:?} }},",
            rule.id, rule.matches, rule.harmless
        );
        Ok(())
    }

    fn match_by(&mut self, rule: &Rule, number: u16) -> Result<(), String> {
        for name in &rule.verify {
            let evidence = Evidence::ALL
                .iter()
                .find(|evidence| evidence.name() == name)
                .ok_or_else(|| format!("verify: `{name}` is unknown: take one of matcher.rs"))?;
            if self.evidence.insert(evidence.name(), number).is_some() {
                return Err(format!("verify: `{name}` belongs to another rule already"));
            }
            let gates: [(_, fn(_) -> _); 3] =
                [(&rule.gate, Probe::Gate), (&rule.gate_word, Probe::GateWord), (&rule.gate_front, Probe::GateFront)];
            for (literals, probe) in gates {
                for literal in literals {
                    self.probe(literal, probe(evidence.verifier()))?;
                }
            }
        }
        let has_gate = [&rule.gate, &rule.gate_word, &rule.gate_front].iter().any(|gate| !gate.is_empty());
        if rule.verify.is_empty() == has_gate {
            return Err("`verify` and `gate` belong together".to_owned());
        }
        let mut any = !rule.verify.is_empty() || rule.signal.is_some() || !rule.answer.is_empty();
        for kind in Kind::ALL {
            let literals = match kind {
                Kind::Literal => &rule.literal,
                Kind::Word => &rule.word,
                Kind::Suffix => &rule.suffix,
                Kind::Prefix => &rule.prefix,
                Kind::Whole => &rule.whole,
                Kind::Segment => &rule.segment,
                Kind::File => &rule.file,
                Kind::Under => &rule.under,
                Kind::Product => &rule.product,
                Kind::Call => &rule.call,
            };
            for literal in literals {
                any = true;
                self.probe(literal, Probe::Rule(number, *kind))?;
                if *kind == Kind::Whole {
                    if literal.len() > WHOLE {
                        return Err(format!("whole: `{literal}` is longer than {WHOLE} bytes"));
                    }
                    self.whole.push((literal.clone(), number));
                }
            }
        }
        for word in &rule.base64 {
            any = true;
            for spelled in base64(word) {
                self.probe(&spelled, Probe::Rule(number, Kind::Literal))?;
            }
        }
        if any { Ok(()) } else { Err("matches nothing: give it `verify` with `gate`, or literals".to_owned()) }
    }

    fn prove(&mut self, rule: &Rule, number: u16) -> Result<(), String> {
        if rule.answer.is_empty() != rule.proves.is_empty() {
            return Err("`answer` and `proves` belong together".to_owned());
        }
        let mut proves = 0_u64;
        for word in &rule.proves {
            proves |= match (word.as_str(), Category::from_slug(word)) {
                ("any", _) => Category::ALL
                    .iter()
                    .filter(|category| !category.is_new_each_time())
                    .fold(0, |bits, category| bits | 1 << *category as u8),
                (_, Some(category)) => 1 << category as u8,
                _ => return Err(format!("proves: `{word}` is no category and not `any`")),
            };
        }
        for text in &rule.answer {
            if !(6..=64).contains(&text.len()) || text.chars().any(|letter| letter.is_ascii_uppercase()) {
                return Err(format!("answer: `{text}` is not 6 to 64 bytes in lower case"));
            }
            if self.telltales.insert(text.clone(), self.proofs.len()).is_some() {
                return Err(format!("answer: `{text}` belongs to another rule already"));
            }
        }
        if !rule.answer.is_empty() {
            let failed = rule.failed;
            self.proofs
                .push(format!("    Proof {{ rule: RuleId({number}), proves: {proves:#x}, failed: {failed} }},\n"));
        }
        Ok(())
    }

    fn probe(&mut self, literal: &str, probe: Probe) -> Result<(), String> {
        if literal.is_empty() || literal.chars().any(|letter| letter.is_ascii_uppercase()) {
            return Err(format!("`{literal}`: a literal is not empty and in lower case, as values are compared so"));
        }
        let code = probe.code().ok_or("there are more rules than a probe has numbers for")?;
        self.probes.entry(literal.to_owned()).or_default().insert(code);
        Ok(())
    }

    fn write(&self, out: &Path) -> Result<(), String> {
        let (literals, codes) = self.literals();
        let evidence: Vec<_> = Evidence::ALL
            .iter()
            .map(|evidence| self.evidence.get(evidence.name()).copied().unwrap_or_default().to_string())
            .collect();
        let signals: Vec<_> = Signal::ALL
            .iter()
            .map(|signal| self.signals.get(signal.name()).copied().unwrap_or_default().to_string())
            .collect();
        let mut whole: Vec<_> = self.whole.iter().collect();
        whole.sort_by_key(|(literal, _)| (literal.len(), literal.bytes().next()));
        // Where those of each length begin, and at last where they end.
        let starts: Vec<_> =
            (0..=WHOLE + 1).map(|length| whole.partition_point(|(literal, _)| literal.len() < length)).collect();
        let whole: String = whole.iter().map(|(literal, rule)| format!("(b{literal:?}, {rule}), ")).collect();
        let code = format!(
            "pub(super) static RULES: &[Rule<'static>] = &[\n{}];\npub(super) static CODES: &[u16] = &{codes:?};\n\
             pub(super) static EVIDENCE: &[u16] = &[{}];\npub(super) static SIGNALS: &[u16] = &[{}];\n\
             pub(super) static WHOLE: &[(&[u8], u16)] = &[{whole}];\n\
             pub(super) static WHOLE_STARTS: &[u16] = &{starts:?};\n\
             pub(super) static LITERALS: &[u8] = include_bytes!(concat!(env!(\"OUT_DIR\"), \"/literals.deflate\"));\n",
            self.rules,
            evidence.join(", "),
            signals.join(", ")
        );
        let write =
            |name: &str, bytes: &[u8]| fs::write(out.join(name), bytes).map_err(|error| format!("{name}: {error}"));
        write("rules.rs", code.as_bytes())?;
        write("literals.deflate", &literals)?;
        let telltales: String =
            self.telltales.iter().map(|(text, proof)| format!("    (b{text:?}, {proof}),\n")).collect();
        let code = format!(
            "static PROOFS: &[Proof] = &[\n{}];\nstatic TELLTALES: &[(&[u8], usize)] = &[\n{telltales}];\n",
            self.proofs.concat()
        );
        write("proofs.rs", code.as_bytes())?;
        let code = format!("static ANSWERS: &[(&str, &[&str], &[&str])] = &[\n{}];\n", self.answers);
        write("answers.rs", code.as_bytes())?;
        write("examples.rs", format!("static EXAMPLES: &[Example] = &[\n{}];\n", self.examples).as_bytes())
    }
}

impl Tables {
    /// The literals in order, a byte that no text has between two, packed: they are a tenth of the module's data, and what
    /// unpacks bodies is there. And for each what it stands for, as `literal.rs` reads it; the last one has the highest bit.
    fn literals(&self) -> (Vec<u8>, Vec<u16>) {
        let texts: Vec<&[u8]> = self.probes.keys().map(String::as_bytes).collect();
        let mut codes = Vec::new();
        for probes in self.probes.values() {
            codes.extend(probes);
            if let Some(last) = codes.last_mut() {
                *last |= probe::LAST;
            }
        }
        (miniz_oxide::deflate::compress_to_vec(&texts.join(&probe::BETWEEN), 10), codes)
    }
}
