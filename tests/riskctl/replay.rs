//! Does a replay say what the filter would have done? The program itself, run on logs in every format.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;

use super::run;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/riskctl/replay")
}

/// Runs `riskctl replay` in the tests' folder: exit status, standard output, standard error.
fn replay(arguments: &[&str], input: &str) -> (i32, String, String) {
    run(&folder(), &[&["replay"], arguments].concat(), &[], input)
}

fn json(arguments: &[&str], input: &str) -> Value {
    let (code, out, err) = replay(&[&["--json"], arguments].concat(), input);
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{arguments:?}: {code} {error}: {out}{err}"))
}

/// Compares with a file; with `UPDATE_GOLDEN=1` writes it anew.
fn golden(file: &str, text: &str) {
    let path = folder().join(file);
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, expected, "{file}: write it anew with UPDATE_GOLDEN=1, then read the diff");
}

fn temporary(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

#[test]
fn a_log_becomes_a_report_with_what_to_tune() {
    let (code, out, err) = replay(&["--config", "channels.yaml", "--tune", "access.log"], "");
    assert_eq!((code, err.as_str()), (1, "error: 1 of the lines could not be read\n"));
    assert!(!out.contains('\u{1b}'), "no colours where nobody sees them");
    golden("access.txt", &out);
}

#[test]
fn programs_get_one_object() {
    let (code, out, _) = replay(&["--config", "channels.yaml", "--json", "access.log"], "");
    assert_eq!(code, 1);
    golden("access.json", &out);
}

#[test]
fn the_page_fetches_nothing_runs_nothing_and_escapes_every_name() {
    let page = temporary("replay.html");
    let hostile = r#"192.0.2.7 - "><script>alert(1)</script>&' [03/Jan/2026:09:01:00 +0000] "GET /run?cmd=%3Bcat+/etc/passwd HTTP/1.1" 200 1 "-" "-"
192.0.2.7 - "><script>alert(1)</script>&' [03/Jan/2026:09:02:00 +0000] "GET /?q=1%27+union+select+1,2-- HTTP/1.1" 200 1 "-" "-"
<script>alert(2)</script>
"#;
    let (_, _, err) = replay(&["--html", page.to_str().unwrap(), "access.log", "-"], hostile);
    let text = fs::read_to_string(&page).unwrap();
    for wanted in
        ["&lt;b&gt;eve&lt;/b&gt;", "&lt;script&gt;alert(1)", "<svg ", "prefers-color-scheme:dark", "default-src 'none'"]
    {
        assert!(text.contains(wanted), "{wanted}: {err}");
    }
    for refused in ["<script", "<b>eve", "http://", "src=", "href=", "url(", "onerror=\""] {
        assert!(!text.contains(refused), "{refused}");
    }
}

/// The same request in each format: a UNION SELECT of the user 4711, or of the address 192.0.2.7 where a format has no user.
const FORMATS: &[(&str, &str, &str)] = &[
    (
        "an access log in JSON",
        "4711",
        r#"{"start_time":"2026-01-02T03:04:05.678Z","method":"GET","path":"/?q=1%27+union+select+1,2--","response_code":200,"downstream_remote_address":"192.0.2.7:4","x-user-id":"4711"}"#,
    ),
    (
        "Istio's access log in JSON",
        "192.0.2.7",
        r#"{"start_time":"2026-01-02T03:04:05.678Z","method":"GET","path":"/?q=1%27+union+select+1,2--","response_code":200,"downstream_remote_address":"192.0.2.7:4","requested_server_name":null,"upstream_transport_failure_reason":null}"#,
    ),
    (
        "Envoy's access log as text",
        "192.0.2.7",
        r#"[2026-01-02T03:04:05.310Z] "GET /?q=1%27+union+select+1,2-- HTTP/2" 204 - 154 0 226 100 "10.0.35.28, 192.0.2.7" "nsq2" "cc21d9b0" "locations" "tcp://192.0.2.1:80""#,
    ),
    (
        "nginx's or Apache's combined format",
        "4711",
        r#"192.0.2.7 - 4711 [02/Jan/2026:03:04:05 +0000] "GET /?q=1%27+union+select+1,2-- HTTP/1.1" 200 612 "-" "-""#,
    ),
    (
        "recorded requests",
        "4711",
        r#"{"time":"2026-01-02T03:04:05Z","request":{"method":"GET","path":"/?q=1%27+union+select+1,2--","headers":[["X-User-Id","4711"]]}}"#,
    ),
    ("recorded requests", "4711", r#"{"time":"2026-01-02T03:04:05Z","user":"4711","rule":"sqli.union-select"}"#),
    (
        "the filter's own log",
        "4711",
        r#"[2026][warning] wasm log: {"event":"malicious_request","time":"2026-01-02T03:04:05.678Z","method":"GET","host":"a","route":"/","status":200,"user":"4711","source":"header:x-user-id","points":8,"increase":8,"threshold":10,"rules":[{"rule":"sqli.union-select","category":"sqli","severity":"critical","target":"query:q","points":8,"counted_before":false}]}"#,
    ),
    (
        "a HAR",
        "browser",
        r#"{"log":{"entries":[{"startedDateTime":"2026-01-02T03:04:05Z","request":{"method":"GET","url":"https://a.example/?q=1%27+union+select+1,2--","headers":[]},"response":{"status":200,"headers":[]}}]}}"#,
    ),
];

#[test]
fn every_format_is_known_by_looking() {
    for (format, user, line) in FORMATS {
        let report = json(&["-"], line);
        let first = &report["top_users"][0];
        let found = (report["files"][0]["format"].as_str(), first["user"].as_str(), first["points"].as_f64());
        assert_eq!(found, (Some(*format), Some(*user), Some(8.0)), "{line}");
        assert_eq!(report["rules"][0]["rule"], "sqli.union-select", "{line}");
    }
}

#[test]
fn packed_files_and_several_at_once_are_one_log_in_order() {
    let text = fs::read_to_string(folder().join("access.log")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let (first, second) = (temporary("replay-1.gz"), temporary("replay-2.zst"));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(lines[..6].join("\n").as_bytes()).unwrap();
    fs::write(&first, packed.finish().unwrap()).unwrap();
    fs::write(&second, zstd::encode_all(lines[6..].join("\n").as_bytes(), 1).unwrap()).unwrap();
    let whole = json(&["access.log"], "");
    // The later one first, as a shell's `*` has it.
    let parts = json(&[second.to_str().unwrap(), first.to_str().unwrap()], "");
    for member in ["incidents", "opened", "thresholds", "rules", "by_day", "late"] {
        assert_eq!(whole[member], parts[member], "{member}");
    }
}

#[test]
fn a_file_that_breaks_off_counts_up_to_there() {
    let text =
        fs::read_to_string(folder().join("access.log")).unwrap().replace("this is no log line\n", "").repeat(400);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    packed.write_all(text.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let file = temporary("replay-cut.gz");
    fs::write(&file, &packed[..packed.len() / 2]).unwrap();
    let (code, out, err) = replay(&["--json", file.to_str().unwrap()], "");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert!(code == 1 && err.contains("replay-cut.gz: ") && err.ends_with("; what came before it counts\n"), "{err}");
    assert!(report["requests"].as_u64().unwrap() > 1000 && report["broken"][0].is_string(), "{out}");
}

#[test]
fn columns_can_be_named() {
    let line = r#"{"start_time":"2026-01-02T03:04:05Z","path":"/?q=1%27+union+select+1,2--","sub":"anna","downstream_remote_address":"10.0.0.1:1","x_forwarded_for":"203.0.113.9, 192.0.2.7"}"#;
    let rows = [
        (&["-"][..], "10.0.0.1"),
        (&["--user-field", "sub", "-"], "anna"),
        (&["--address-field", "X-Forwarded-For", "-"], "192.0.2.7"),
    ];
    for (arguments, user) in rows {
        assert_eq!(json(arguments, line)["top_users"][0]["user"], user, "{arguments:?}");
    }
    let config = temporary("replay-jwt.yaml");
    fs::write(&config, "user: {sources: [{jwt: {claim: [sub]}}]}").unwrap();
    let report = json(&["--config", config.to_str().unwrap(), "--user-field", "sub", "-"], line);
    assert_eq!(report["top_users"][0]["user"], "anna", "a token is not in the log, but its user is");
}

#[test]
fn what_cannot_be_read_is_said() {
    let rows: [(&[&str], &str, &str); 4] = [
        (&["nowhere.log"], "", "error: nowhere.log: No such file"),
        (&["-"], "hello\nworld\n", "error: -: none of its first lines is in a format that is known; --format says"),
        (&["--format", "har", "-"], "{}", ""),
        (&["--format", "har", "-"], "{\"log\": [", "error: -: is no HAR: "),
    ];
    for (arguments, input, expected) in rows {
        let (code, _, err) = replay(arguments, input);
        assert!(err.starts_with(expected), "{arguments:?}: {err}");
        assert_eq!(code, if expected.is_empty() { 0 } else { 2 }, "{arguments:?}");
    }
    let config = temporary("replay-off.yaml");
    fs::write(&config, "mode: \"off\"").unwrap();
    let (code, _, err) = replay(&["--config", config.to_str().unwrap(), "access.log"], "");
    assert_eq!((code, err.starts_with("error: mode: off does nothing")), (2, true), "{err}");
}

#[test]
fn commands_for_recorded_requests_name_the_format_that_they_saw() {
    for command in ["scan", "simulate"] {
        let (_, _, err) = run(&folder(), &[command, "access.log"], &[], "");
        let hint = "this looks like nginx's or Apache's combined format: riskctl replay reads it\n";
        assert_eq!(err.matches(hint).count(), 1, "{command}: {err}");
    }
}
