//! Are the references in the documentation what riskctl prints? Rules, schema, and the completion of shells.

use std::path::Path;
use std::{env, fs};

use serde_json::Value;

use super::riskctl;

/// Compares with a file of the documentation; with `UPDATE_GOLDEN=1` writes it anew.
fn documented(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(file);
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        text == expected,
        "docs/{file} is not what riskctl prints: write it anew with UPDATE_GOLDEN=1, then read the diff"
    );
}

#[test]
fn the_reference_of_rules_is_the_catalogue() {
    let (code, out, err) = riskctl(&["rules", "--markdown"], &[], "");
    assert_eq!((code, err.as_str()), (0, ""));
    documented("rules.md", &out);
}

#[test]
fn rules_are_listed_by_name_and_category_and_with_those_of_a_configuration() {
    let (_, out, _) = riskctl(&["rules", "--json", "xxe", "sqli.union-select"], &[], "");
    let rows: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(
        rows.len() > 1 && rows.iter().all(|row| row["category"] == "xxe" || row["rule"] == "sqli.union-select"),
        "{out}"
    );
    assert!(rows.iter().any(|row| row["severity"] == "critical" && row["appsensor"] == "CIE1"), "{out}");
    let own =
        "detect: {own: [{id: own.old, category: scanner, severity: low, literal: [old-admin], summary: the old page}]}";
    let (_, out, err) = riskctl(&["rules", "--config", "-", "own.old"], &[], own);
    assert_eq!(out.split_whitespace().collect::<Vec<_>>().join(" "), "own.old low the old page", "{err}");
    let (code, _, err) = riskctl(&["rules", "sqli.unionselect"], &[], "");
    let expected = "error: there is no rule and no category `sqli.unionselect`; did you mean `sqli.union-select`?\n";
    assert_eq!((code, err.as_str()), (1, expected));
}

#[test]
fn the_schema_is_what_the_filter_reads() {
    let (code, out, _) = riskctl(&["schema"], &[], "");
    assert_eq!(code, 0);
    documented("configuration.schema.json", &out);
    let schema: Value = serde_json::from_str(&out).unwrap();
    let at = |pointer: &str| schema.pointer(pointer).cloned().unwrap_or_default();
    let rows = [
        ("/properties/risk/properties/threshold/type", r#""number""#),
        ("/properties/risk/properties/stack", r#"{"description":"a number","maximum":8,"minimum":1,"type":"integer"}"#),
        ("/properties/on_missing_secret/enum", r#"["refuse","disable_channel"]"#),
        ("/properties/notify/items/properties/slack/properties/cluster/type", r#""string""#),
        ("/properties/notify/items/additionalProperties", "false"),
        ("/properties/user/properties/sources/items/maxProperties", "1"),
        (
            "/properties/user/properties/sources/items/properties/all/items/properties/jwt/properties/type/enum",
            r#"["text","number"]"#,
        ),
        ("/properties/probing/type", r#"["boolean","string","object"]"#),
        ("/properties/detect/properties/rules/type", r#""object""#),
        ("/properties/key_env/type", r#"["null","string"]"#),
    ];
    for (pointer, expected) in rows {
        assert_eq!(at(pointer).to_string(), expected, "{pointer}");
    }
}

#[test]
fn shells_are_told_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, out, err) = riskctl(&["completions", shell], &[], "");
        assert_eq!((code, err.as_str()), (0, ""), "{shell}");
        for command in ["replay", "check", "doctor", "init", "completions"] {
            assert!(out.contains(command), "{shell}: {command}");
        }
    }
}
