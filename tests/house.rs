//! Does each line stand in its room? The rules of ARCHITECTURE.md that a program can check.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, the lowest floor first; a file imports only from rooms before its own, or from its own.
const FLOORS: &[&str] = &[
    "config",
    "points",
    "clock",
    "secret",
    "keyed_hash",
    "sort",
    "text",
    "exchange",
    "state",
    "read",
    "decode",
    "detect",
    "risk",
    "incident",
    "watch",
    "identity",
    "notify",
    "respond",
    "console",
    "fleet",
    "plugin",
    "learn",
    "worker",
    "upkeep",
    "engine",
    "filter",
];

/// The most lines that a file has, tests included.
const LONGEST: usize = 320;

/// The Rust files below these folders of the crate, in order.
fn files(folders: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders: Vec<_> = folders.iter().map(|name| Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension().and_then(|end| end.to_str()) {
                _ if path.is_dir() => folders.push(path),
                Some("rs") => found.push(path),
                _ => {}
            }
        }
    }
    assert!(found.len() > 10, "the files are there");
    found.sort();
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string()
}

/// The names of modules that lead to a file: `src/notify/queue/mod.rs` is `notify`, `queue`. What stands in `lib.rs` or at
/// the top of the command line has the name of its folder, or none.
fn module(path: &Path) -> Vec<String> {
    let below = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap().with_extension("");
    let mut names: Vec<_> = below.iter().map(|name| name.to_str().unwrap().to_owned()).collect();
    if names.last().is_some_and(|name| ["mod", "lib", "main"].contains(&name.as_str())) {
        names.pop();
    }
    names
}

/// A path in a file's code, from the top of `src`, and where it stands.
struct Import {
    path: Vec<String>,
    line: usize,
}

/// All that the code of the file names by `crate::` or `super::`, in `use` or elsewhere. Its comments and its tests are
/// left out.
fn imports(path: &Path, text: &str) -> Vec<Import> {
    let own = module(path);
    let krate: &[String] = if own.first().is_some_and(|room| room == "riskctl") { &own[..1] } else { &[] };
    let code: Vec<&str> = text
        .lines()
        .take_while(|line| *line != "mod tests {")
        .map(|line| line.find("//").map_or(line, |comment| &line[..comment]))
        .collect();
    let code = code.join("\n");
    let mut found = Vec::new();
    for (start, keyword) in code.match_indices("crate::").chain(code.match_indices("super::")) {
        let before = code[..start].chars().next_back();
        let is_visibility = code[..start].ends_with("pub(in ");
        if is_visibility || before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let parent = || own[..own.len().saturating_sub(1)].to_vec();
        let base = if keyword == "crate::" { krate.to_vec() } else { parent() };
        let mut paths = Vec::new();
        expand(&code[start + keyword.len()..], base, &mut paths);
        let line = code[..start].matches('\n').count() + 1;
        found.extend(paths.into_iter().map(|path| Import { path, line }));
    }
    found
}

/// The paths of a tree as `use` has it, `a::{b, c::{self, d}}`, each behind `base`; what is left of the code after it.
fn expand<'a>(mut code: &'a str, mut base: Vec<String>, paths: &mut Vec<Vec<String>>) -> &'a str {
    loop {
        code = code.trim_start();
        if let Some(mut inside) = code.strip_prefix('{') {
            loop {
                inside = inside.trim_start().trim_start_matches(',').trim_start();
                if inside.is_empty() {
                    return inside;
                }
                if let Some(rest) = inside.strip_prefix('}') {
                    return rest;
                }
                inside = expand(inside, base.clone(), paths);
                let end = inside.find([',', '}']).unwrap_or(inside.len());
                inside = &inside[end..];
            }
        }
        let end = code.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(code.len());
        let (name, rest) = code.split_at(end);
        match name {
            "self" | "" => {}
            "super" => drop(base.pop()),
            name => base.push(name.to_owned()),
        }
        match rest.strip_prefix("::") {
            Some(rest) => code = rest,
            None => {
                paths.push(base);
                return rest;
            }
        }
    }
}

#[test]
fn paths_are_read_as_the_compiler_does() {
    let code = "use crate::a::{self, b::{C, d}, e};\n// use crate::no::x;\nlet x = super::h::I::new();\n\
                use super::super::j;\npub(in crate::no) mod k;\n#[cfg(test)]\nmod tests {\n    use crate::no::y;\n";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/room/inner/mod.rs");
    let found: BTreeSet<String> =
        imports(&file, code).iter().map(|import| format!("{} {}", import.line, import.path.join("::"))).collect();
    let expected = ["1 a", "1 a::b::C", "1 a::b::d", "1 a::e", "3 room::h::I::new", "4 j"];
    assert_eq!(found, expected.map(str::to_owned).into());
}

#[test]
fn files_import_only_from_lower_floors() {
    let floor = |room: &str| FLOORS.iter().position(|name| *name == room);
    let mut wrong = Vec::new();
    for path in files(&["src"]) {
        // `lib.rs` lists all rooms; the command line stands beside the house and sees only what is public.
        let Some(room) = module(&path).first().filter(|room| *room != "riskctl").cloned() else { continue };
        let own = floor(&room).unwrap_or_else(|| panic!("the room {room} has no floor: name it here"));
        for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            let Some((_, import)) = line.split_once("crate::") else { continue };
            let name = import.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
            if floor(name).is_some_and(|imported| imported > own) {
                wrong.push(format!("{}:{}: {}", shown(&path), number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "upward imports:\n{}", wrong.join("\n"));
}

/// Each type that the library's sort is used with is some 6 kB that V8 compiles at each start (decision 50).
#[test]
fn what_becomes_the_module_is_sorted_by_one_copy_of_the_library_s_sort() {
    let is_tests =
        |path: &Path| path.components().any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs")));
    let mut wrong = Vec::new();
    for path in files(&["src"]).into_iter().filter(|path| !is_tests(path) && !path.ends_with("src/sort.rs")) {
        if module(&path).first().is_some_and(|room| room == "riskctl") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let lines = code.lines().enumerate().filter(|(_, line)| line.contains(".sort_") || line.contains(".sort()"));
        wrong.extend(lines.map(|(number, line)| format!("{}:{}: {}", shown(&path), number + 1, line.trim())));
    }
    assert!(wrong.is_empty(), "use crate::sort:\n{}", wrong.join("\n"));
}

/// Which file of a room imports which other one, and by which line.
type Imports = BTreeMap<Vec<String>, BTreeMap<Vec<String>, String>>;

/// What the files of each room import from other files of the same room. Modules of tests may look at anything.
fn inside_rooms() -> Imports {
    let mut texts: BTreeMap<Vec<String>, (PathBuf, String)> = files(&["src"])
        .into_iter()
        .map(|path| (module(&path), (path.clone(), fs::read_to_string(path).unwrap())))
        .collect();
    for (path, text) in texts.values().cloned().collect::<Vec<_>>() {
        let lines: Vec<_> = text.lines().collect();
        for pair in lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]") {
            if let Some(name) = pair[1].strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')) {
                let tests = [module(&path), vec![name.to_owned()]].concat();
                texts.retain(|module, _| !module.starts_with(&tests));
            }
        }
    }
    let mut edges = Imports::new();
    for (own, (path, text)) in texts.iter().filter(|(own, _)| !own.is_empty()) {
        for Import { path: imported, line } in imports(path, text) {
            let known = (1..=imported.len()).rev().find_map(|end| texts.get_key_value(&imported[..end]));
            let Some((target, _)) = known.filter(|(target, _)| *target != own && target[0] == own[0]) else { continue };
            let code = text.lines().nth(line - 1).unwrap_or_default().trim();
            let edge = || format!("  {}:{line}: {code}", shown(path));
            edges.entry(own.clone()).or_default().entry(target.clone()).or_insert_with(edge);
        }
    }
    assert!(edges.len() > 30, "imports are found");
    edges
}

#[test]
fn files_of_a_room_import_each_other_in_no_circle() {
    let edges = inside_rooms();
    let mut circles = BTreeMap::new();
    for (from, targets) in &edges {
        for (to, line) in targets {
            if let Some(back) = way(&edges, to, from) {
                let lines = back.windows(2).map(|pair| edges[pair[0]][pair[1]].as_str());
                let lines: Vec<_> = std::iter::once(line.as_str()).chain(lines).collect();
                circles.entry(back.into_iter().collect::<BTreeSet<_>>()).or_insert(lines.join("\n"));
            }
        }
    }
    let circles: Vec<_> = circles.into_values().collect();
    assert!(circles.is_empty(), "{} circles:\n{}", circles.len(), circles.join("\n\n"));
}

/// A `mod.rs` stands above the files of its folder: it may import from them, so they import nothing of it.
#[test]
fn files_import_nothing_from_the_mod_rs_above_them() {
    let edges = inside_rooms();
    let upward = |own: &[String], target: &[String]| own.len() > target.len() && own.starts_with(target);
    let all = edges.iter().flat_map(|(own, targets)| targets.iter().map(move |(target, line)| (own, target, line)));
    let wrong: Vec<_> = all.filter(|(own, target, _)| upward(own, target)).map(|(_, _, line)| line.as_str()).collect();
    assert!(wrong.is_empty(), "{} imports:\n{}", wrong.len(), wrong.join("\n"));
}

/// The shortest way along the imports.
fn way<'a>(edges: &'a Imports, from: &'a Vec<String>, to: &[String]) -> Option<Vec<&'a Vec<String>>> {
    let mut ways = VecDeque::from([vec![from]]);
    let mut seen = BTreeSet::from([from]);
    while let Some(way) = ways.pop_front() {
        let last = *way.last()?;
        if last == to {
            return Some(way);
        }
        for next in edges.get(last).into_iter().flat_map(|targets| targets.keys()) {
            if seen.insert(next) {
                ways.push_back(way.iter().copied().chain([next]).collect());
            }
        }
    }
    None
}

#[test]
fn files_begin_with_what_they_answer() {
    let mut wrong = Vec::new();
    for path in files(&["src", "tests", "benches", "fuzz"]).iter().filter(|path| !shown(path).contains("/target/")) {
        let text = fs::read_to_string(path).unwrap();
        let first = text.lines().next().unwrap_or_default();
        let summary: Vec<_> = text.lines().map_while(|line| line.strip_prefix("//! ")).collect();
        if !first.starts_with("//! ") || !summary.join(" ").ends_with(['.', '?', ':', '`']) {
            wrong.push(format!("{}: {first}", shown(path)));
        }
    }
    assert!(wrong.is_empty(), "no question and no sentence at the top of:\n{}", wrong.join("\n"));
}

#[test]
fn files_stay_short() {
    let lines = |path: &PathBuf| fs::read_to_string(path).unwrap().lines().count();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let long = files(&["src", "tests", "benches", "build"])
        .into_iter()
        .chain([root.join("build.rs")])
        .map(|path| (lines(&path), path))
        .filter(|(lines, _)| *lines > LONGEST);
    let long: Vec<_> = long.map(|(lines, path)| format!("{}: {lines} lines", shown(&path))).collect();
    assert!(long.is_empty(), "more than {LONGEST} lines:\n{}", long.join("\n"));
}

#[test]
fn only_one_file_is_unsafe() {
    let is_unsafe = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        text.lines().any(|line| line.split("//").next().is_some_and(|code| code.contains("unsafe ")))
    };
    let found: Vec<_> = files(&["src"]).into_iter().filter(is_unsafe).map(|path| shown(&path)).collect();
    assert_eq!(found, ["src/filter/host/abi.rs"]);
}
