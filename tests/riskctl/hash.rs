//! Does `riskctl hash` say what messages say?

use user_risk_filter::keyed_hash::Key;
use user_risk_filter::plugin::config::Config;
use user_risk_filter::secret::Variable;

use super::riskctl;

const KEY: (&str, &str) = ("USER_RISK_KEY", "a passphrase\n");

/// The first digits of the hash that the filter has of this user.
fn hash(source: &str, parts: &[&str], digits: usize) -> String {
    let all: Vec<&[u8]> = [source].iter().chain(parts).map(|part| part.as_bytes()).collect();
    Key::from_passphrase("a passphrase").digest("user", &all).to_string()[..digits].to_owned()
}

#[test]
fn a_name_has_the_hash_that_messages_have() {
    let header = hash("header:x-user-id", &["4711"], 16);
    let jwt = hash("jwt:jwt_payload.sub", &["4711"], 16);
    let (tenant, address) =
        (hash("header:x-tenant+header:x-user-id", &["a/b", "jo"], 16), hash("address", &["192.0.2.7"], 8));
    let several = "user: {sources: [{header: x-user-id}, {cookie: sid}, {jwt: {}}]}";
    let composite = "user: {sources: [{all: [{header: x-tenant}, {header: x-user-id}]}]}";
    let rows = [
        ("", "4711", format!("{header}\n")),
        (several, "4711", format!("{header}  header:x-user-id\n{jwt}  jwt:jwt_payload.sub\n")),
        (composite, "a%2Fb/jo", format!("{tenant}\n")),
        (composite, "192.0.2.7", format!("{address}\n")),
    ];
    for (options, user, expected) in rows {
        let config = format!("key_env: USER_RISK_KEY\n{options}\n");
        Config::from_json(&serde_saphyr::from_str(&config).unwrap(), &|_| Variable::Unread).unwrap();
        let (code, out, err) = riskctl(&["hash", "--config", "-", user], &[KEY], &config);
        assert_eq!((code, out.as_str()), (0, expected.as_str()), "{options}: {err}");
    }
    let (code, out, _) = riskctl(&["hash", "--key-env", KEY.0, "4711"], &[KEY], "");
    assert_eq!((code, out), (0, format!("{header}\n")));
}

#[test]
fn without_the_key_nobody_is_looked_up() {
    let rows = [
        (&["hash", "--config", "-", "4711"][..], "{}", "has no key_env"),
        (&["hash", "--config", "-", "4711"], "key_env: USER_RISK_KEY", "the variable USER_RISK_KEY is not set here"),
        (&["hash", "--key-env", "OTHER", "4711"], "", "the variable OTHER is not set here"),
        (&["hash", "4711"], "", "--config <FILE>"),
        (&["hash", "--config", "-", "4711"], "key_env: [", "-: "),
    ];
    for (arguments, config, expected) in rows {
        let (code, out, err) = riskctl(arguments, &[], config);
        assert_eq!((code, out.as_str()), (2, ""), "{config}");
        assert!(err.contains(expected), "{config}: {err}");
    }
}

#[test]
fn two_listeners_with_the_same_filter_are_one_configuration() {
    let plugin = |configuration: &str| {
        format!(
            "{{http_filters: [{{typed_config: {{\"@type\": type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm, config: \
             {{name: user_risk_filter, vm_config: {{environment_variables: {{host_env_keys: [USER_RISK_KEY]}}}}, configuration: \
             {{\"@type\": type.googleapis.com/google.protobuf.Struct, value: {configuration}}}}}}}}}]}}"
        )
    };
    let file = |a: &str, b: &str| format!("filter_chains: [{}, {}]", plugin(a), plugin(b));
    let (one, other) = ("{key_env: USER_RISK_KEY}", "{key_env: USER_RISK_KEY, mode: learn}");
    let (code, out, err) = riskctl(&["hash", "--config", "-", "4711"], &[KEY], &file(one, one));
    assert_eq!((code, out), (0, format!("{}\n", hash("header:x-user-id", &["4711"], 16))), "{err}");
    let (code, _, err) = riskctl(&["hash", "--config", "-", "4711"], &[KEY], &file(one, other));
    assert_eq!(code, 2);
    assert!(err.contains("has 2 user_risk_filter that differ"), "{err}");
}
