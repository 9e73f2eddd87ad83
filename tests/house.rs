//! Does each line stand in its room? The rules of ARCHITECTURE.md that a program can check.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, the lowest floor first; a file imports only from rooms before its own, or from its own.
const FLOORS: &[&str] = &[
    "config",
    "points",
    "clock",
    "secret",
    "keyed_hash",
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
    "console",
    "plugin",
    "learn",
    "worker",
    "upkeep",
    "engine",
    "filter",
];

/// No file is longer, tests included.
const LONGEST: usize = 450;

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
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
    assert!(found.len() > 30, "the sources are there");
    found
}

/// The room in which a file stands: the first name below `src`.
fn room(path: &Path) -> String {
    let below = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let first = below.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn files_import_only_from_lower_floors() {
    let mut wrong = Vec::new();
    for path in sources() {
        let room = room(&path);
        // The story of all rooms, and the command line, which stands beside the house and sees only what is public.
        if room == "lib" || room == "riskctl" {
            continue;
        }
        let floor = FLOORS.iter().position(|name| *name == room);
        let floor =
            floor.unwrap_or_else(|| panic!("the room {room} has no floor: name it here and in ARCHITECTURE.md"));
        for line in fs::read_to_string(&path).unwrap().lines() {
            let Some((_, import)) = line.split_once("crate::") else { continue };
            let name = import.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
            if FLOORS.iter().position(|floor| *floor == name).is_some_and(|imported| imported > floor) {
                wrong.push(format!("{}: {}", path.display(), line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "upward imports:\n{}", wrong.join("\n"));
}

#[test]
fn files_begin_with_their_question_and_stay_short() {
    let mut wrong = Vec::new();
    for path in sources() {
        let text = fs::read_to_string(&path).unwrap();
        let first = text.lines().next().unwrap_or_default();
        if !first.starts_with("//! ") {
            wrong.push(format!("{}: does not begin with the question that it answers", path.display()));
        }
        let lines = text.lines().count();
        if lines > LONGEST {
            wrong.push(format!("{}: {lines} lines", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_one_file_is_unsafe() {
    let with = |path: &PathBuf| fs::read_to_string(path).unwrap().contains("unsafe {");
    let unsafe_files: Vec<_> = sources().into_iter().filter(with).collect();
    assert_eq!(unsafe_files.len(), 1, "{unsafe_files:?}");
    assert!(unsafe_files[0].ends_with("filter/host/abi.rs"));
}
