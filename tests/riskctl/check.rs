//! Does `riskctl check` see every mistake, say where it stands, and understand what operators have?

use super::riskctl;

/// What `check` prints about this text, and its exit status.
fn check(text: &str) -> (i32, Vec<String>) {
    let (code, out, err) = riskctl(&["check", "-"], &[], text);
    (code, out.lines().chain(err.lines()).map(str::to_owned).collect())
}

/// The line without the place in the file.
fn unplaced(line: &str) -> String {
    let mut parts: Vec<&str> = line.splitn(5, ':').collect();
    if parts.get(2).is_some_and(|line| line.parse::<u32>().is_ok()) {
        parts.drain(2..4);
    }
    parts.join(":")
}

/// Do the lines begin so, one for each expectation, with or without the place?
fn expect(name: &str, text: &str, code: i32, expected: &[&str]) {
    let found = check(text);
    let fits = found.1.len() == expected.len()
        && found
            .1
            .iter()
            .zip(expected)
            .all(|(line, expected)| line.starts_with(expected) || unplaced(line).starts_with(expected));
    assert!(found.0 == code && fits, "{name}: {found:#?}\nexpected {expected:#?}");
}

#[test]
fn all_mistakes_are_told_at_once_where_they_stand() {
    let text = "\
mode: monitr
risk: {threshhold: 5, window: 24}
user:
  sources:
    - {header: x-user-id}
    - {heder: x-tenant}
notify:
  - webhook: {clustr: a, url: 'https://h.example/', secret_env: S}
  - slack: {cluster: b, url_env: https://hooks.slack.com/services/T/B/XXXXXXXXXXXXXXXX}
  - {name: ops, pagerduty: {cluster: c, routing_key_env: K}, stats: [opened]}
groups:
  - {match: {users: [a]}, notify: [ops]}
memory: null
";
    let expected = [
        "error: -:1:1: mode: `monitr` is not a mode",
        "error: -:2:8: risk.threshhold: unknown field `threshhold`; did you mean `threshold`?",
        "error: -:2:23: risk.window: is the number 24; write a span of time",
        "error: -:6:7: user.sources[1]: unknown field `heder`; did you mean `header`?",
        "error: -:8:15: notify[0].webhook.clustr: unknown field `clustr`; did you mean `cluster`?",
        "error: -:9:25: notify[1].slack.url_env: is not the name of an environment variable",
        "error: -:10:62: notify[2].stats: unknown field `stats`; did you mean `states`?",
        "error: -:13:1: memory: is empty; write a mapping of options",
    ];
    let (code, mut found) = check(text);
    found.sort_by_key(|line| line.split(':').nth(2).and_then(|line| line.parse::<usize>().ok()));
    let fits = found.len() == expected.len() && found.iter().zip(expected).all(|(line, start)| line.starts_with(start));
    assert!(code == 1 && fits, "{found:#?}");
    assert!(!found.concat().contains("XXXX"), "a secret is not repeated");
}

/// A listener with these HTTP filters around ours.
fn listener(before: &str, options: &str, after: &str) -> String {
    format!(
        r#"
static_resources:
  listeners:
    - name: edge
      filter_chains:
        - filters:
            - typed_config:
                early_header_mutation_extensions: [{{typed_config: {{mutations: [{{remove: x-user-id}}]}}}}]
                http_filters:
                  {before}
                  - typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm
                      config:
                        name: user_risk_filter
                        failure_policy: FAIL_RELOAD
                        vm_config: {{environment_variables: {{host_env_keys: [T]}}}}
                        configuration: {{"@type": type.googleapis.com/google.protobuf.Struct, value: {{{options}}}}}
                  {after}
  clusters:
    - {{name: orig, type: ORIGINAL_DST, lb_policy: CLUSTER_PROVIDED}}
    - {{name: empty, type: STRICT_DNS}}
"#
    )
}

const ROUTER: &str = r#"- typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}"#;
const JWT: &str =
    r#"- typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication}"#;
const OK: &str = "ok: -: listener edge: ";

#[test]
fn a_place_where_it_cannot_work_is_seen() {
    let unstripped = |text: String| text.replace("remove: x-user-id", "remove: x-other");
    let hook = |cluster: &str| format!("notify: [{{slack: {{cluster: {cluster}, url_env: T}}}}]");
    let rows: [(&str, String, i32, &[&str]); 8] = [
        ("in its place", listener(JWT, "", ROUTER), 0, &[OK]),
        ("behind the router", listener(ROUTER, "", ""), 1, &["error: -: listener edge: stands behind the router"]),
        (
            "before jwt_authn",
            listener("", "", &format!("{JWT}\n                  {ROUTER}")),
            0,
            &["warning: -: listener edge: stands before jwt_authn", OK],
        ),
        (
            "a header that anybody can send",
            unstripped(listener("", "", ROUTER)),
            0,
            &["warning: -: listener edge: nothing removes the header x-user-id", OK],
        ),
        ("no header at all", unstripped(listener("", "user: {sources: [{cookie: sid}]}", ROUTER)), 0, &[OK]),
        (
            "a console without a listener",
            listener("", "admin: {path: /.x, token_env: T}", ROUTER),
            0,
            &["warning: -: listener edge: admin: this listener does not allow the console", OK],
        ),
        (
            "a cluster without an address of its own",
            listener("", &hook("orig"), ROUTER),
            1,
            &[
                "warning: -: listener edge: notify[0].slack: cluster `orig` has no TLS",
                "error: -: listener edge: notify[0].slack.cluster: cluster `orig` is ORIGINAL_DST",
            ],
        ),
        (
            "a cluster without endpoints",
            listener("", &hook("empty"), ROUTER),
            1,
            &[
                "warning: -: listener edge: notify[0].slack: cluster `empty` has no TLS",
                "error: -: listener edge: notify[0].slack.cluster: cluster `empty` has no endpoint",
            ],
        ),
    ];
    for (name, text, code, expected) in rows {
        let text: String =
            text.lines().filter(|line| !line.trim().is_empty()).map(|line| format!("{line}\n")).collect();
        expect(name, &format!("\n{text}"), code, expected);
    }
    let holding = "mode: protect, respond: [{at: warning, block_attacks: {status: 403}, hold_bodies: 64KiB}]";
    let held = listener("", holding, ROUTER);
    expect(
        "bodies that are not held",
        &held,
        0,
        &["warning: -: listener edge: respond: with hold_bodies every request with a body would wait", OK],
    );
    let held = held.replace(
        "name: user_risk_filter",
        "name: user_risk_filter\n                        allow_on_headers_stop_iteration: true",
    );
    expect("bodies that are held", &held, 0, &[OK]);
    let allowed = listener("", "admin: {path: /.x, token_env: T}", ROUTER)
        .replace("- name: edge", "- name: edge\n      metadata: {filter_metadata: {user-risk: {admin: true}}}");
    expect("a console on the listener meant for it", &allowed, 0, &[OK]);
}

const WASM_PLUGIN: &str = "
apiVersion: extensions.istio.io/v1alpha1
kind: WasmPlugin
metadata: {name: user-risk-filter, namespace: istio-system}
spec:
  url: oci://registry.example.com/user-risk-filter:0.1.0
  failStrategy: FAIL_RELOAD
  vmConfig: {env: [{name: SET, valueFrom: HOST}]}
  pluginConfig:
    notify:
      - slack: {cluster: a, url_env: UNSET}
";
const POLICY: &str = "
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyExtensionPolicy
metadata: {name: user-risk}
spec:
  wasm:
    - {name: other, config: {a: 1}}
    - {name: user-risk-filter, env: {hostKeys: [SET]}, config: {risk: {threshold: 20}, notfy: []}}
";
const FILTER: &str = "
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: user-risk}
spec:
  configPatches:
    - patch:
        value:
          typed_config:
            '@type': type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm
            config:
              name: user_risk_filter
              failure_policy: FAIL_RELOAD
              configuration: {'@type': type.googleapis.com/google.protobuf.Struct, value: {mode: learn, x: 1}}
";
const CONFIG_MAP: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: edge}
data:
  other.txt: hello
  envoy.yaml: |
    # a comment
    http_filters:
      - typed_config:
          '@type': type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm
          config: {name: user_risk_filter, failure_policy: FAIL_RELOAD, configuration: {'@type': type.googleapis.com/google.protobuf.Struct, value: {user: {sources: [{cookie: a}]}, x: 1}}}
";
const SERVICE: &str = "
# Source: chart/templates/service.yaml
apiVersion: v1
kind: Service
metadata: {name: a}
";

#[test]
fn resources_of_meshes_are_understood_alone_in_lists_and_in_what_helm_renders() {
    let plugin = "WasmPlugin istio-system/user-risk-filter: notify[0].slack.url_env: the variable UNSET is not set; add it to \
                  spec.vmConfig.env as {name: UNSET, valueFrom: HOST}";
    let policy = "EnvoyExtensionPolicy user-risk: notfy: unknown field `notfy`; did you mean `notify`?";
    expect("WasmPlugin", WASM_PLUGIN, 1, &[&format!("error: -:11:29: {plugin}")]);
    expect("EnvoyExtensionPolicy", POLICY, 1, &[&format!("error: -:8:88: {policy}")]);
    expect("EnvoyFilter", FILTER, 1, &["error: -:14:105: the filter: x: unknown field `x`, expected one of"]);
    expect("ConfigMap", CONFIG_MAP, 1, &["error: - (ConfigMap edge, envoy.yaml):12:182: the filter: x: unknown"]);
    let all = [SERVICE, WASM_PLUGIN, POLICY, SERVICE].join("---");
    expect("Helm", &all, 1, &[&format!("error: -:16:29: {plugin}"), &format!("error: -:24:88: {policy}")]);
    let indented = |text: &str| {
        text.trim().lines().map(|line| format!("    {line}\n")).collect::<String>().replacen("    ", "  - ", 1)
    };
    let list = format!(
        "apiVersion: v1\nkind: List\nitems:\n{}{}",
        indented(SERVICE.trim()).replace("  - #", "  - \n   #"),
        indented(POLICY)
    );
    expect("kubectl", &list, 1, &[&format!("error: -:15:92: {policy}")]);
    expect("nothing of ours", SERVICE, 1, &["error: -: no user_risk_filter in any of its 1 documents"]);
    let file: serde_json::Value = serde_saphyr::from_str(&listener("", "x: 1", ROUTER)).unwrap();
    let (edge, cluster) = (&file["static_resources"]["listeners"][0], serde_json::json!({"name": "hook"}));
    let json = serde_json::json!({"configs": [
        {"@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump", "bootstrap": file},
        {"@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump", "dynamic_active_clusters": [{"cluster": cluster}]},
        {"@type": "type.googleapis.com/envoy.admin.v3.ListenersConfigDump", "dynamic_listeners": [{"active_state": {"listener": edge}}]},
    ]});
    expect("a config dump", &json.to_string(), 1, &["error: -: listener edge: x: unknown field `x`, expected one of"]);
}

#[test]
fn every_form_that_envoy_takes_is_taken() {
    let with = |kind: &str, value: &str| {
        format!(
            "http_filters: [{{typed_config: {{'@type': type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm, config: \
             {{name: user_risk_filter, failure_policy: FAIL_RELOAD, configuration: {{'@type': \
             type.googleapis.com/google.protobuf.{kind}{value}}}}}}}}}]"
        )
    };
    let rows = [
        ("Empty", "", 0),
        ("BytesValue", "", 0),
        ("BytesValue", ", value: eyJtb2RlIjogImxlYXJuIn0=", 0),
        ("BytesValue", ", value: '%'", 1),
        ("StringValue", ", value: '{\"mode\": \"learn\"}'", 0),
        ("StringValue", ", value: {mode: learn}", 1),
        ("Any", "", 1),
    ];
    for (kind, value, expected) in rows {
        let (code, lines) = check(&with(kind, value));
        assert_eq!(code, expected, "{kind}{value}: {lines:?}");
    }
    let deep = format!("{{\"a\": {}{}}}", "[".repeat(200), "]".repeat(200));
    let (_, lines) = check(&with("StringValue", &format!(", value: '{deep}'")));
    assert!(lines.concat().contains("is nested deeper than 128 levels; no option is"), "{lines:?}");
}
