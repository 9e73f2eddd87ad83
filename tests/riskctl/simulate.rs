//! Does a simulation show what the filter would do? The program itself, run on recorded days.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::run;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/riskctl/simulate")
}

/// Runs `riskctl simulate` in the tests' folder: exit status, standard output, standard error.
fn simulate(arguments: &[&str], input: &str) -> (i32, String, String) {
    run(&folder(), &[&["simulate"], arguments].concat(), &[], input)
}

/// Compares with a file; with `UPDATE_GOLDEN=1` writes it anew.
fn golden(file: &str, text: &str) {
    let path = folder().join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, expected, "{file}: write it anew with UPDATE_GOLDEN=1, then read the diff");
}

#[test]
fn a_day_is_a_chart_and_a_list_for_each_user() {
    let (code, out, err) = simulate(&["--config", "channels.yaml", "day.jsonl"], "");
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(!out.contains('\u{1b}'), "no colours where nobody sees them");
    golden("day.txt", &out);
}

#[test]
fn programs_get_an_object_a_user_and_one_a_day() {
    let (code, out, _) = simulate(&["--json", "--learn", "day.jsonl"], "");
    assert_eq!(code, 0);
    golden("day.json", &out);
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let opened = lines.iter().filter_map(|line| line["timeline"].as_array()).flatten();
    assert!(opened.clone().any(|entry| entry["event"] == "opened"));
    assert!(opened.into_iter().all(|entry| entry["notified"].is_null()), "mode: learn notifies nobody");
    let (_, one, _) = simulate(&["--json", "--user", "alice", "day.jsonl"], "");
    assert_eq!((one.lines().count(), one.contains("\"user\":\"alice\"")), (1, true));
}

#[test]
fn the_threshold_is_that_of_the_configuration() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("simulate-risk.yaml");
    for (options, incidents) in [("{}", 1), ("risk: {threshold: 30}", 0), ("detect: {rules: {xss: off}}", 1)] {
        fs::write(&file, options).unwrap();
        let (_, out, err) = simulate(&["--config", file.to_str().unwrap(), "day.jsonl"], "");
        assert!(out.contains(&format!(", incidents: {incidents}")), "{options}: {out}{err}");
    }
    fs::write(&file, "mode: \"off\"").unwrap();
    let (code, _, err) = simulate(&["--config", file.to_str().unwrap(), "day.jsonl"], "");
    assert_eq!((code, err.starts_with("error: mode: off does nothing")), (2, true), "{err}");
}

#[test]
fn a_line_that_cannot_be_read_is_named_and_the_rest_is_played() {
    let time = r#""time": "2026-01-02T03:04:05Z""#;
    let rule = r#""user": "a", "rule": "sqli.union-select""#;
    let rows = [
        (format!(r#"{{"time": "now", {rule}}}"#), "time: `now` is none; write UTC as in 2026-01-02T03:04:05Z"),
        (format!(r#"{{{rule}}}"#), "missing field `time`"),
        (format!(r#"{{{time}, {rule}, "severty": "low"}}"#), "unknown field `severty`, expected one of `time`, `user`"),
        (format!(r#"{{{time}, {rule}, "severity": "bad"}}"#), "severity: `bad` is none; write low, medium, high"),
        (format!(r#"{{{time}, {rule}, "target": "x:y"}}"#), "target: `x:y` is none; write it as in the log"),
        (
            format!(r#"{{{time}, "user": "a", "rule": "sqli"}}"#),
            "rule: there is no rule `sqli`; write it as in the log",
        ),
        (format!(r#"{{{time}, "request": {{"path": "/"}}}}"#), "missing field `method`"),
        ("{\"time\": ".to_owned(), "EOF while parsing a value at column "),
        ("[]".to_owned(), "is no JSON object; write one per line"),
    ];
    for (line, expected) in rows {
        let input = format!("\n{line}\n{{{time}, {rule}}}");
        let (code, out, err) = simulate(&["-"], &input);
        assert_eq!(code, 1, "{line}");
        assert!(err.starts_with(&format!("error: -:2: {expected}")), "{line}: {err}");
        assert!(err.ends_with("error: -: 1 of the lines could not be played\n"), "{err}");
        assert!(out.ends_with("users with points: 1, incidents: 0\n"), "{out}");
    }
    let (code, _, err) = simulate(&["nowhere.jsonl"], "");
    assert_eq!((code, err.starts_with("error: nowhere.jsonl: No such file")), (2, true), "{err}");
}

/// More incidents than the log or a channel takes in a second: the time line has all of them, each notified once per channel.
#[test]
fn a_burst_loses_nothing() {
    let rules = ["sqli.union-select", "rce.command", "log4shell.lookup"];
    let line = |user: usize, rule: &str| {
        format!(r#"{{"time": "2026-01-02T03:04:05Z", "user": "u{user}", "rule": "{rule}", "target": "query:q{user}"}}"#)
    };
    let input: Vec<_> = (0..40).flat_map(|user| rules.iter().map(move |rule| line(user, rule))).collect();
    let (code, out, err) = simulate(&["--json", "--config", "channels.yaml", "-"], &input.join("\n"));
    assert_eq!((code, err.as_str()), (0, ""));
    let users: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(users.len(), 40);
    for user in users {
        let timeline = user["timeline"].as_array().unwrap();
        let of = |event: &str| timeline.iter().filter(|entry| entry["event"] == event).collect::<Vec<_>>();
        assert_eq!(["in", "opened", "updated", "resolved", "out"].map(|event| of(event).len()), [3, 1, 1, 1, 3]);
        assert_eq!(of("opened")[0]["notified"].as_array().unwrap().len(), 2, "{user}");
        assert_eq!(of("out")[2]["increase"], 0);
    }
}

#[test]
fn help_has_an_example_of_a_line() {
    let (code, out, _) = simulate(&["--help"], "");
    assert_eq!(code, 0);
    assert!(out.contains("\"rule\": \"rce.command\"") && out.contains("--learn"), "{out}");
}
