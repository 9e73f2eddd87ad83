//! Is a payload the one that the golden file shows?

use std::path::Path;

/// Compares with the file of that name beside this one.
pub(super) fn check_golden(file: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/notify").join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    if expected == found {
        return;
    }
    let (mut old, mut new) = (expected.lines(), found.lines());
    let mut diff = String::new();
    loop {
        match (old.next(), new.next()) {
            (None, None) => break,
            (old, new) if old == new => {}
            (old, new) => {
                old.into_iter().for_each(|line| diff.push_str(&format!("- {line}\n")));
                new.into_iter().for_each(|line| diff.push_str(&format!("+ {line}\n")));
            }
        }
    }
    panic!("tests/notify/{file} differs:\n{diff}If the new one is right: UPDATE_GOLDEN=1 cargo test --test notify");
}

/// The same JSON with a line for each member, which a reader of the golden files will want; in its order, which a parser
/// would lose.
pub(super) fn indent(json: &str) -> String {
    let mut indented = String::new();
    let (mut depth, mut in_string, mut escaped) = (0, false, false);
    for character in json.chars() {
        if in_string {
            indented.push(character);
            (escaped, in_string) = (character == '\\' && !escaped, character != '"' || escaped);
            continue;
        }
        match character {
            '{' | '[' => {
                depth += 1;
                indented.push(character);
                indented.push_str(&format!("\n{}", "  ".repeat(depth)));
            }
            '}' | ']' => {
                depth -= 1;
                indented.push_str(&format!("\n{}", "  ".repeat(depth)));
                indented.push(character);
            }
            ',' => indented.push_str(&format!(",\n{}", "  ".repeat(depth))),
            ':' => indented.push_str(": "),
            _ => {
                in_string = character == '"';
                indented.push(character);
            }
        }
    }
    indented + "\n"
}
