//! Does `riskctl check` say what Envoy would not verify of a receiver? What it says was seen in a real Envoy.

use std::path::Path;

use super::riskctl;

const WEBHOOK: &str = "webhook: {cluster: hook, url: 'https://hooks.example.com/risk', secret_env: S}";
const CONTEXT: &str = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext";
const CA: &str = "trusted_ca: {filename: /ca.pem}";
const NAME: &str = "match_typed_subject_alt_names: [{san_type: DNS, matcher: {exact: hooks.example.com}}]";

/// The consequences.
const READ: &str = "alerts travel in plain text, to whoever answers at that address; ";
const ANYBODY: &str = "an alert may be delivered to whoever answers at that address; ";
const ANY_NAME: &str = "an alert may be delivered to whoever answers at that address with any certificate of that CA; ";

/// An Envoy file with one channel and one cluster, whose lines are these.
fn file(channel: &str, address: &str, cluster: &str, beside: &str) -> String {
    format!(
        r#"
static_resources:
  listeners:
    - name: edge
      filter_chains:
        - typed_config: {{"@type": type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm, config: {{
            name: user_risk_filter, failure_policy: FAIL_RELOAD,
            vm_config: {{environment_variables: {{host_env_keys: [S]}}}},
            configuration: {{"@type": type.googleapis.com/google.protobuf.Struct, value: {{notify: [{{{channel}}}]}}}}}}}}
  clusters:
    - name: hook
      load_assignment: {{endpoints: [{{lb_endpoints: [{{endpoint: {{address: {{socket_address: {{address: {address}, port_value: 443}}}}}}}}]}}]}}
      {cluster}
  {beside}
"#
    )
}

/// A `transport_socket` with this in its `UpstreamTlsContext`.
fn socket(context: &str) -> String {
    format!("{{name: tls, typed_config: {{\"@type\": {CONTEXT}, {context}}}}}")
}

fn with(context: &str) -> String {
    format!("transport_socket: {}", socket(context))
}

fn validation(context: &str) -> String {
    format!("common_tls_context: {{validation_context: {{{context}}}}}")
}

/// The warnings, without what stands before the channel's path.
fn warnings(file: &str) -> Vec<String> {
    let (code, out, err) = riskctl(&["check", "-"], &[], file);
    assert_eq!(code, 0, "warnings are no mistakes: {out}{err}\n{file}");
    // Line and column stand before the listener.
    let lines =
        out.lines().filter_map(|line| Some(line.strip_prefix("warning: -:")?.split_once(": listener edge: ")?.1));
    lines.map(str::to_owned).collect()
}

fn check(name: &str, file: &str, expected: &[String]) {
    assert_eq!(warnings(file), expected, "{name}\n{file}");
}

#[test]
fn a_cluster_of_an_https_url_verifies_who_answers() {
    let (sni, compare) = ("sni: hooks.example.com", "auto_sni_san_validation: true");
    let ca = validation(CA);
    let accept = "trust_chain_verification: ACCEPT_UNTRUSTED";
    let says = |what: &str| vec![format!("notify[0].webhook: cluster `hook` {what}")];
    let no_name = |mend: &str| says(&format!("checks no name in the certificate: {ANY_NAME}{mend}"));
    let no_ca = says(&format!(
        "trusts no CA and so takes any certificate: {ANYBODY}in its UpstreamTlsContext write {sni}, {compare}, \
         common_tls_context: {{validation_context: {{trusted_ca: {{filename: /etc/ssl/certs/ca-certificates.crt}}}}}}"
    ));
    let compare_it = no_name(&format!("add to its UpstreamTlsContext: {compare}"));
    let no_sni = says(&format!(
        "sends no SNI, without which auto_sni_san_validation checks no name in the certificate: {ANY_NAME}in its \
         UpstreamTlsContext write {sni}, {compare}"
    ));
    let any = says(&format!(
        "takes any certificate: {ANYBODY}remove trust_chain_verification: ACCEPT_UNTRUSTED from its validation_context"
    ));
    let never = says(
        "checks the name but trusts no CA: Envoy refuses to start or every handshake fails, and nothing arrives; add to its \
         validation_context: trusted_ca: {filename: /etc/ssl/certs/ca-certificates.crt}",
    );
    let options = |options: &str| {
        let kind = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
        format!(
            "\n      typed_extension_protocol_options: {{{kind}: {{upstream_http_protocol_options: {{{options}}}}}}}"
        )
    };
    let rows = [
        ("the README's", with(&format!("{sni}, {compare}, {ca}")), vec![]),
        ("a matcher", with(&validation(&format!("{CA}, {NAME}"))), vec![]),
        ("a matcher, no SNI to compare", with(&format!("{compare}, {}", validation(&format!("{CA}, {NAME}")))), vec![]),
        ("a pin", with(&validation("verify_certificate_hash: [aa]")), vec![]),
        ("SPIFFE", with(&validation("custom_validator_config: {name: spiffe}")), vec![]),
        ("the url's host", with(&ca) + &options("auto_sni: true, auto_san_validation: true"), vec![]),
        ("the url's host as SNI", with(&format!("{compare}, {ca}")) + &options("auto_sni: true"), vec![]),
        (
            "a secret by SDS",
            with("common_tls_context: {validation_context_sds_secret_config: {name: ca, sds_config: {ads: {}}}}"),
            vec![],
        ),
        ("another kind", "transport_socket: {name: alts, typed_config: {\"@type\": alts}}".to_owned(), vec![]),
        ("an aggregate", "cluster_type: {name: envoy.clusters.aggregate}".to_owned(), vec![]),
        ("no name", with(&format!("{sni}, {ca}")), compare_it.clone()),
        ("no name, switched off", with(&format!("{sni}, auto_sni_san_validation: false, {ca}")), compare_it.clone()),
        ("no name, no SNI", with(&ca), no_name(&format!("in its UpstreamTlsContext write {sni}, {compare}"))),
        ("no SNI to compare", with(&format!("{compare}, {ca}")), no_sni.clone()),
        ("no host name for it", with(&format!("auto_host_sni: true, {compare}, {ca}")), no_sni),
        (
            "the host's name",
            format!("type: STRICT_DNS\n      {}", with(&format!("auto_host_sni: true, {compare}, {ca}"))),
            vec![],
        ),
        ("no CA", with(sni), no_ca.clone()),
        ("no CA in it", with(&format!("{sni}, {}", validation(""))), no_ca),
        ("any chain", with(&format!("{sni}, {compare}, {}", validation(&format!("{CA}, {accept}")))), any.clone()),
        ("any chain, a pin", with(&validation(&format!("{CA}, {accept}, verify_certificate_hash: [aa]"))), any),
        ("a name, no CA", with(sni) + &options("auto_san_validation: true"), never.clone()),
        ("an SNI to compare, no CA", with(&format!("{sni}, {compare}")), never),
    ];
    for (name, cluster, expected) in rows {
        check(name, &file(WEBHOOK, "192.0.2.1", &cluster, ""), &expected);
    }
}

#[test]
fn a_socket_may_be_wrapped_or_be_one_of_several() {
    let good = format!("sni: h, auto_sni_san_validation: true, {}", validation(CA));
    let bad = format!("sni: h, {}", validation(CA));
    let wrapped = |inner: &str| {
        format!(
            "transport_socket: {{name: proxy, typed_config: {{\"@type\": proxy, transport_socket: {}}}}}",
            socket(inner)
        )
    };
    let several = |fit: &str, inner: &str, default: &str| {
        format!(
            "transport_socket_matches: [{{name: mesh, match: {{{fit}}}, transport_socket: {}}}]\n      {default}",
            socket(inner)
        )
    };
    let no_name = |socket: &str| {
        format!(
            "notify[0].webhook: cluster `hook`{socket} checks no name in the certificate: {ANY_NAME}add to its \
             UpstreamTlsContext: auto_sni_san_validation: true"
        )
    };
    let of_match = || no_name(" (transport_socket_matches `mesh`)");
    let rows = [
        ("wrapped", wrapped(&good), vec![]),
        ("wrapped, no name", wrapped(&bad), vec![no_name("")]),
        (
            "QUIC",
            format!(
                "transport_socket: {{typed_config: {{\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.quic.v3.QuicUpstreamTransport, upstream_tls_context: {{{bad}}}}}}}"
            ),
            vec![no_name("")],
        ),
        ("both good", several("a: b", &good, &with(&good)), vec![]),
        ("the match", several("a: b", &bad, &with(&good)), vec![of_match()]),
        ("the default", several("a: b", &good, &with(&bad)), vec![no_name("")]),
        ("both", several("a: b", &bad, &with(&bad)), vec![of_match()]),
        ("the match fits all", several("", &good, ""), vec![]),
    ];
    for (name, cluster, expected) in rows {
        check(name, &file(WEBHOOK, "192.0.2.1", &cluster, ""), &expected);
    }
    let found = warnings(&file(WEBHOOK, "192.0.2.1", &several("a: b", &good, ""), ""));
    assert!(matches!(found.as_slice(), [one] if one.contains("has no TLS")), "what fits no match: {found:?}");
}

#[test]
fn a_secret_of_the_file_is_looked_into() {
    let by_name = "common_tls_context: {validation_context_sds_secret_config: {name: ca}}";
    let combined = format!(
        "common_tls_context: {{combined_validation_context: {{default_validation_context: {{{NAME}}}, \
         validation_context_sds_secret_config: {{name: ca}}}}}}"
    );
    let secret = format!("secrets: [{{name: ca, validation_context: {{{CA}}}}}]");
    let rows = [
        (with(by_name), &secret, "checks no name in the certificate"),
        (with(by_name), &"secrets: [{name: ca, validation_context: {}}]".to_owned(), "trusts no CA"),
        (with(&combined), &secret, ""),
    ];
    for (cluster, beside, expected) in rows {
        let found = warnings(&file(WEBHOOK, "192.0.2.1", &cluster, beside));
        assert!(found.len() == usize::from(!expected.is_empty()), "{cluster}: {found:?}");
        assert!(found.iter().all(|line| line.contains(expected)), "{cluster}: {found:?}");
    }
}

#[test]
fn plain_text_is_for_http_urls_and_this_machine() {
    let mend = |host: &str| {
        format!(
            "give it transport_socket: {{name: envoy.transport_sockets.tls, typed_config: {{\"@type\": {CONTEXT}, sni: {host}, \
             auto_sni_san_validation: true, common_tls_context: {{validation_context: {{trusted_ca: {{filename: \
             /etc/ssl/certs/ca-certificates.crt}}}}}}}}}}"
        )
    };
    let no_tls = |path: &str, host: &str| {
        vec![format!("{path}: cluster `hook` has no TLS, though the url is https://: {READ}{}", mend(host))]
    };
    let tls = with(&format!("sni: h, auto_sni_san_validation: true, {}", validation(CA)));
    let raw = "transport_socket: {name: envoy.transport_sockets.raw_buffer}";
    let manager = "alertmanager: {cluster: hook, url: 'http://alertmanager:9093'}";
    let slack = "slack: {cluster: hook, url_env: S}";
    let hint = "notify[0].alertmanager: url begins with http://, but cluster `hook` speaks TLS; write https://, or take the \
                cluster's transport_socket away if the receiver speaks plain HTTP";
    let rows = [
        ("no socket", WEBHOOK, "192.0.2.1", "", no_tls("notify[0].webhook", "hooks.example.com")),
        ("a raw one", WEBHOOK, "192.0.2.1", raw, no_tls("notify[0].webhook", "hooks.example.com")),
        ("a vendor's url is https", slack, "hooks.slack.com", "", no_tls("notify[0].slack", "hooks.slack.com")),
        ("no name is known", slack, "192.0.2.1", "", no_tls("notify[0].slack", "HOST")),
        ("this machine", WEBHOOK, "127.0.0.1", "", vec![]),
        ("this machine, IPv6", WEBHOOK, "'::1'", raw, vec![]),
        ("this machine by name", WEBHOOK, "localhost", "", vec![]),
        ("http", manager, "192.0.2.1", "", vec![]),
        ("http over TLS", manager, "192.0.2.1", &tls, vec![hint.to_owned()]),
    ];
    for (name, channel, address, cluster, expected) in rows {
        check(name, &file(channel, address, cluster, ""), &expected);
    }
    let mended = mend("hooks.example.com").replacen("give it ", "", 1);
    check("the mend, pasted", &file(WEBHOOK, "192.0.2.1", &mended, ""), &[]);
}

#[test]
fn clusters_from_elsewhere_are_not_guessed_at() {
    let elsewhere =
        file(WEBHOOK, "192.0.2.1", "", "").replace("- name: hook", "- name: other") + "dynamic_resources: {}\n";
    check("by xDS", &elsewhere, &[]);
    let beside = file(WEBHOOK, "192.0.2.1", "", "") + "dynamic_resources: {}\n";
    assert_eq!(warnings(&beside).len(), 1, "one that stands in the file is known, though others may come");
}

#[test]
fn a_configuration_as_json_text_is_read_too() {
    let text =
        r#"{\"notify\": [{\"webhook\": {\"cluster\": \"hook\", \"url\": \"https://h/\", \"secret_env\": \"S\"}}]}"#;
    let file = file(WEBHOOK, "192.0.2.1", "", "")
        .replace("protobuf.Struct", "protobuf.StringValue")
        .replace(&format!("value: {{notify: [{{{WEBHOOK}}}]}}"), &format!("value: \"{text}\""));
    assert_eq!(warnings(&file).len(), 1);
}

#[test]
fn the_path_is_the_channels_own() {
    let notify = format!("mode: learn, notify: [{{slack: {{cluster: far, url_env: S}}}}, {{name: qa, {WEBHOOK}}}]");
    let text = file(WEBHOOK, "192.0.2.1", "", "").replace(&format!("notify: [{{{WEBHOOK}}}]"), &notify);
    let found = warnings(&(text + "dynamic_resources: {}\n"));
    assert!(
        matches!(found.as_slice(), [one] if one.starts_with("notify[1].webhook: cluster `hook` has no TLS")),
        "{found:?}"
    );
}

/// The README's blocks of YAML: the filter, then the clusters.
fn readme() -> String {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let blocks: Vec<_> = text.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let [filter, clusters] = blocks[..] else { panic!("{blocks:?}") };
    let clusters: String = clusters.lines().map(|line| format!("  {line}\n")).collect();
    format!("{filter}static_resources:\n{clusters}")
}

/// Is the only warning, if any, that of the user header? The text beside them says how it is removed.
fn is_fine(out: &str) -> bool {
    out.lines()
        .all(|line| line.starts_with("ok: ") || line.contains(": nothing removes the header x-user-id that a client"))
}

#[test]
fn what_we_tell_people_to_paste_is_warned_of_by_nobody() {
    let out = riskctl(&["check", "-"], &[], &readme()).1;
    assert!(is_fine(&out), "{out}");
    let without =
        readme().lines().filter(|line| !line.contains("auto_sni_san_validation")).collect::<Vec<_>>().join("\n");
    let out = riskctl(&["check", "-"], &[], &without).1;
    assert!(out.contains("notify[0].webhook: cluster `my_webhook` checks no name in the certificate"), "{out}");
    for example in ["envoy/envoy.yaml", "examples/jwt-user/envoy.yaml", "examples/sds-secret/envoy.yaml"] {
        let out = riskctl(&["check", example], &[], "").1;
        assert!(is_fine(&out), "{example}: {out}");
    }
    let out = riskctl(&["check", "examples/jwt-user/envoy.yaml"], &[], "").1;
    assert!(out.starts_with("ok: "), "{out}");
}
