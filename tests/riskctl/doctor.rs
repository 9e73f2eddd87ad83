//! Does `riskctl doctor` tell a sick Envoy from one that is well? Answers as a real one gives them, by a server of the test's own.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use serde_json::{Value, json};

use super::riskctl;

/// An Envoy in which nothing is wrong.
fn well() -> (Value, Value) {
    let manager = json!({
        "normalize_path": true,
        "early_header_mutation_extensions": [{"typed_config": {"mutations": [{"remove": "x-user-id"}]}}],
        "http_filters": [{"typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
            "config": {"name": "user_risk_filter", "failure_policy": "FAIL_RELOAD",
                "vm_config": {"environment_variables": {"host_env_keys": ["S"]}},
                "configuration": {"@type": "type.googleapis.com/google.protobuf.Struct", "value":
                    {"notify": [{"webhook": {"cluster": "hook", "url": "http://h/", "secret_env": "S"}}]}}}}}],
    });
    let listener = json!({"name": "edge", "filter_chains": [{"filters": [{"typed_config": manager}]}]});
    let cluster = json!({"name": "hook", "type": "STRICT_DNS", "load_assignment": {"endpoints": [{"lb_endpoints": [
        {"endpoint": {"address": {"socket_address": {"address": "h", "port_value": 80}}}}]}]}});
    let dump = json!({"configs": [
        {"@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump", "bootstrap": {}},
        {"@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump", "static_clusters": [{"cluster": cluster}]},
        {"@type": "type.googleapis.com/envoy.admin.v3.ListenersConfigDump", "static_listeners": [{"listener": listener}]},
    ]});
    let stats = json!({
        "wasm.envoy.wasm.runtime.v8.active": 4,
        "cluster.hook.membership_total": 1,
        "cluster.hook.membership_healthy": 1,
        "wasmcustom.user_risk_filter_malicious_requests_total": 7,
        "wasmcustom.user_risk_filter_detections_total": 9,
        "wasmcustom.user_risk_filter_events_total": 7,
        "wasmcustom.user_risk_filter_messages_sent_total": 2,
    });
    (dump, stats)
}

/// What `doctor` says of an Envoy with this dump and these statistics; its lines that are not ok.
fn doctor(dump: &Value, stats: &Value) -> (i32, Vec<String>) {
    let stats: Vec<_> =
        stats.as_object().unwrap().iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    let stats = json!({"stats": stats}).to_string();
    let (server, dump) =
        (json!({"version": "abc/1.40.0/Clean/RELEASE/BoringSSL", "state": "LIVE"}).to_string(), dump.to_string());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            let first = lines.next().unwrap_or_default();
            lines.take_while(|line| !line.is_empty()).for_each(drop);
            let body = match first.split(' ').nth(1) {
                Some("/server_info") => &server,
                Some("/config_dump") => &dump,
                _ => &stats,
            };
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all((head + body).as_bytes());
        }
    });
    let (code, out, err) = riskctl(&["doctor", &address], &[], "");
    assert_eq!(err, "");
    (code, out.lines().filter(|line| !line.starts_with("ok: ")).map(str::to_owned).collect())
}

#[test]
fn a_well_envoy_has_nothing_to_complain_about() {
    let (dump, stats) = well();
    assert_eq!(doctor(&dump, &stats), (0, Vec::new()));
}

/// A name, which statistics are different, the exit status, and how what is said begins.
type Row = (&'static str, &'static [(&'static str, u64)], i32, &'static str);

#[test]
fn what_is_wrong_is_said_with_its_consequence() {
    let rows: &[Row] = &[
        ("dead", &[("wasm.envoy.wasm.runtime.v8.active", 0)], 1, "error: no wasm VM runs"),
        ("restarted", &[("wasm.user_risk_filter.vm_reload_success", 3)], 1, "error: the VM has died: 3 times"),
        ("refused", &[("listener_manager.lds.update_rejected", 1)], 1, "error: Envoy refused 1 listener updates"),
        (
            "no such name",
            &[("cluster.hook.membership_total", 0), ("cluster.hook.update_failure", 5)],
            1,
            "error: notify[0].webhook: cluster `hook` has no endpoint: its host name could not be resolved",
        ),
        (
            "unhealthy",
            &[("cluster.hook.membership_healthy", 0)],
            1,
            "error: notify[0].webhook: cluster `hook` has no healthy endpoint",
        ),
        (
            "breaker",
            &[("cluster.hook.circuit_breakers.default.rq_open", 1)],
            1,
            "error: notify[0].webhook: cluster `hook` has its circuit breaker open",
        ),
        (
            "refuses",
            &[("cluster.hook.upstream_cx_connect_fail", 1)],
            1,
            "error: notify[0].webhook: cluster `hook` could not connect",
        ),
        (
            "waiting",
            &[("wasmcustom.user_risk_filter_channel_oldest_seconds.channel.webhook", 300)],
            1,
            "error: webhook: a message has waited for 300 s",
        ),
        (
            "lost",
            &[("wasmcustom.user_risk_filter_messages_failed_total", 1)],
            1,
            "error: messages were lost: 1 failed (2 delivered)",
        ),
        (
            "nobody",
            &[("wasmcustom.user_risk_filter_events_total", 0)],
            1,
            "error: 7 malicious requests, and none counted for anybody",
        ),
        (
            "evicted",
            &[("wasmcustom.user_risk_filter_records_evicted_total", 1)],
            0,
            "warning: 1 users with points made room",
        ),
    ];
    for (name, changes, code, expected) in rows {
        let (dump, mut stats) = well();
        for (stat, value) in *changes {
            stats[stat] = json!(value);
        }
        let found = doctor(&dump, &stats);
        assert!(found.0 == *code && found.1.len() == 1 && found.1[0].starts_with(expected), "{name}: {found:?}");
    }
}

#[test]
fn the_configuration_that_runs_is_checked() {
    let edit = |pointer: &str, key: &str, value: Value| {
        let (mut dump, stats) = well();
        dump.pointer_mut(pointer).unwrap()[key] = value;
        doctor(&dump, &stats)
    };
    let manager = "/configs/2/static_listeners/0/listener/filter_chains/0/filters/0/typed_config";
    let config = format!("{manager}/http_filters/0/typed_config/config");
    let rows = [
        (edit(manager, "normalize_path", json!(false)), 0, "warning: listener edge: normalize_path is off"),
        (
            edit(manager, "early_header_mutation_extensions", json!([])),
            0,
            "warning: listener edge: nothing removes the header",
        ),
        (
            edit(&config, "failure_policy", json!("FAIL_CLOSED")),
            0,
            "warning: listener edge: failure_policy is not FAIL_RELOAD",
        ),
        (edit(&config, "name", json!("other")), 1, "error: no listener of this Envoy has user_risk_filter"),
        (
            edit("/configs/1/static_clusters/0/cluster", "name", json!("hok")),
            1,
            "error: listener edge: notify[0].webhook.cluster: ",
        ),
    ];
    for ((code, lines), expected, start) in rows {
        assert!(code == expected && lines.iter().any(|line| line.starts_with(start)), "{start}: {lines:?}");
    }
}

#[test]
fn what_is_no_envoy_is_said() {
    let (code, _, err) = riskctl(&["doctor", "127.0.0.1:1"], &[], "");
    assert!(code == 2 && err.starts_with("error: http://127.0.0.1:1/server_info: "), "{err}");
}
