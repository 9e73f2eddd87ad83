//! Is what the documentation shows true? Each configuration is checked, each command exists, each link leads somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::riskctl;

/// A fenced block of code.
struct Block {
    file: PathBuf,
    line: usize,
    language: String,
    text: String,
}

impl Block {
    fn place(&self) -> String {
        format!("{}:{}", self.file.display(), self.line)
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every document, relative to the project's folder.
fn documents() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let path = folder.join(entry.unwrap().file_name());
            let name = path.file_name().unwrap().to_str().unwrap();
            let ours = !["target", "vendor", "node_modules"].contains(&name) && !name.starts_with('.');
            if root().join(&path).is_dir() {
                if ours {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(found.len() > 50, "{found:?}");
    found
}

fn blocks() -> Vec<Block> {
    let mut found = Vec::new();
    for file in documents() {
        let text = fs::read_to_string(root().join(&file)).unwrap();
        let mut open: Option<Block> = None;
        for (number, line) in text.lines().enumerate() {
            match (&mut open, line.trim_start().strip_prefix("```")) {
                (None, Some(language)) => {
                    let language = language.trim().to_owned();
                    open = Some(Block { file: file.clone(), line: number + 1, language, text: String::new() });
                }
                (Some(_), Some(_)) => found.extend(open.take()),
                (Some(block), None) => {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{} has a block that does not end", file.display());
    }
    found
}

#[test]
fn configurations_that_are_shown_are_valid() {
    let (_, schema, _) = riskctl(&["schema"], &[], "");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let options: BTreeSet<_> = schema["properties"].as_object().unwrap().keys().cloned().collect();
    let (mut checked, mut wrong) = (0, Vec::new());
    for block in blocks().iter().filter(|block| block.language == "yaml") {
        // `{…}` leaves out what another block shows.
        let text = block.text.replace("{…}", "{}");
        let parsed: Result<Value, _> = serde_saphyr::from_str(&text);
        let value = match parsed {
            Ok(value) => value,
            Err(error) => {
                wrong.push(format!("{} is no YAML: {error}", block.place()));
                continue;
            }
        };
        let is_configuration = value
            .as_object()
            .is_some_and(|members| !members.is_empty() && members.keys().all(|name| options.contains(name)));
        if is_configuration {
            checked += 1;
            let (code, out, err) = riskctl(&["check", "-"], &[], &text);
            let is_left_out = |line: &str| text != block.text && line.ends_with("is missing");
            let errors: Vec<_> = err.lines().filter(|line| line.contains("error:") && !is_left_out(line)).collect();
            if code > 1 || !errors.is_empty() || (code == 1 && text == block.text) {
                wrong.push(format!("{}: {out}{}", block.place(), errors.join("\n")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked >= 14, "only {checked} configurations were found");
}

#[test]
fn commands_that_are_shown_exist() {
    let (_, help, _) = riskctl(&["--help"], &[], "");
    let build = fs::read_to_string(root().join("build.sh")).unwrap();
    let (mut checked, mut wrong) = (0, Vec::new());
    for block in blocks().iter().filter(|block| block.language == "console") {
        for command in block.text.lines().filter_map(|line| line.strip_prefix("$ ")) {
            let command = command.split(" #").next().unwrap_or_default();
            for part in command.split(['|', ';', '&']) {
                let mut words = part.split_whitespace().skip_while(|word| word.contains('=') && !word.contains('/'));
                let Some(program) = words.next() else { continue };
                let Some(subcommand) = words.next() else { continue };
                if program.ends_with("build.sh") {
                    checked += 1;
                    if !build.contains(&format!("\n        {subcommand})")) && subcommand != "--help" {
                        wrong.push(format!("{}: there is no ./build.sh {subcommand}", block.place()));
                    }
                } else if program.ends_with("riskctl") {
                    checked += 1;
                    if !help.contains(&format!("\n  {subcommand} ")) {
                        wrong.push(format!("{}: there is no riskctl {subcommand}", block.place()));
                        continue;
                    }
                    let (_, known, _) = riskctl(&[subcommand, "--help"], &[], "");
                    let flags = words.filter_map(|word| word.strip_prefix("--")).filter(|flag| !flag.is_empty());
                    for flag in flags.map(|flag| flag.split('=').next().unwrap_or(flag)) {
                        if !known.contains(&format!("--{flag}")) {
                            wrong.push(format!("{}: riskctl {subcommand} has no --{flag}", block.place()));
                        }
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked >= 20, "only {checked} commands were found");
}

#[test]
fn no_figure_is_missing() {
    for file in documents() {
        let text = fs::read_to_string(root().join(&file)).unwrap();
        let gap = text
            .split('@')
            .skip(1)
            .step_by(2)
            .find(|word| (2..20).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase()));
        assert!(gap.is_none(), "{}: @{}@ is not filled in", file.display(), gap.unwrap_or_default());
    }
}

/// A heading's anchor, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let plain = heading.replace('`', "").to_lowercase();
    let kept = plain.chars().filter(|char| char.is_alphanumeric() || [' ', '-', '_'].contains(char));
    kept.map(|char| if char == ' ' { '-' } else { char }).collect()
}

fn anchors(path: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(path).unwrap();
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

#[test]
fn links_lead_somewhere() {
    let (mut checked, mut wrong) = (0, Vec::new());
    for file in documents() {
        let text = fs::read_to_string(root().join(&file)).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") || link.contains(char::is_whitespace) || link.is_empty() {
                continue;
            }
            let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => root().join(&file),
                path => root().join(file.parent().unwrap()).join(path),
            };
            checked += 1;
            if !target.exists() {
                wrong.push(format!("{}: {link} is not there", file.display()));
            } else if !fragment.is_empty() && target.is_file() && !anchors(&target).contains(fragment) {
                wrong.push(format!("{}: {path} has no heading for #{fragment}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked > 100, "only {checked} links were found");
}
