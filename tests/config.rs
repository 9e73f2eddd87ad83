//! Does each error in a configuration give exactly its line? One file for each, named after the error, beside the message.

#![allow(clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use user_risk_filter::plugin::config::{Config, Loaded};
use user_risk_filter::plugin::config_error::ConfigError;
use user_risk_filter::secret::{Secret, Variable};

/// What the example configuration's variables hold, as in the tests with Envoy.
fn environment(name: &str) -> Variable {
    match name {
        "RISK_WEBHOOK_SECRET" => Variable::Set(Secret::new("whsec_bGFiLW9ubHktbGFiLW9ubHktbGFiLW9ubHktbGFi")),
        "SLACK_WEBHOOK_URL" => Variable::Set(Secret::new("https://hooks.slack.com/services/T000/B000/XXXX")),
        "PAGERDUTY_ROUTING_KEY" => Variable::Set(Secret::new("0123456789abcdef0123456789abcdef")),
        "MAIL_API_KEY" => Variable::Set(Secret::new("SG.only-in-the-tests")),
        _ => Variable::Unset,
    }
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config").join(folder);
    let files = fs::read_dir(&folder).expect("the folder is there").map(|entry| entry.expect("readable").path());
    let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|end| end != "err")).collect();
    files.sort();
    assert!(!files.is_empty(), "no file in {}", folder.display());
    files
}

/// Reads it as Envoy would pass it on: YAML as a tree, JSON as text. Variables that `unset` names are not set.
fn load(file: &Path, unset: &str) -> Result<Loaded, ConfigError> {
    let text = fs::read_to_string(file).expect("readable");
    let lookup = |name: &str| match unset.contains(&format!("the variable {name} is not set")) {
        true => Variable::Unset,
        false => environment(name),
    };
    match file.extension().and_then(|end| end.to_str()) {
        Some("json") => Config::load(text.as_bytes(), &lookup),
        _ => Config::from_json(&serde_saphyr::from_str(&text).expect("YAML"), &lookup),
    }
}

#[test]
fn each_error_gets_its_line() {
    let mut wrong = Vec::new();
    for file in files("bad") {
        let message = file.with_extension("err");
        let expected = fs::read_to_string(&message).unwrap_or_default();
        let line = match load(&file, &expected) {
            Ok(_) => "it was accepted".to_owned(),
            Err(error) => format!("{error}\n"),
        };
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&message, &line).expect("writable");
        } else if line != expected {
            wrong.push(format!("{}\n  expected {expected}  but got  {line}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "write the lines anew with UPDATE_GOLDEN=1, then read the diff\n{}", wrong.join("\n"));
}

#[test]
fn what_is_valid_is_accepted() {
    for file in files("good") {
        if let Err(error) = load(&file, "") {
            panic!("{}: {error}", file.display());
        }
    }
}

#[test]
fn a_missing_secret_may_disable_its_channel_alone() {
    let text = r#"{"on_missing_secret": "disable_channel", "notify": [
        {"slack": {"cluster": "slack", "url_env": "NOT_SET"}},
        {"pagerduty": {"cluster": "pagerduty", "routing_key_env": "PAGERDUTY_ROUTING_KEY"}}]}"#;
    let Loaded { config, warnings } = Config::load(text.as_bytes(), &environment).expect("it is accepted");
    assert_eq!(config.notify.iter().map(|entry| entry.channel.kind()).collect::<Vec<_>>(), ["pagerduty"]);
    assert_eq!(warnings.len(), 1);
    let warning = "notify[0].slack.url_env: the variable NOT_SET is not set; add it to \
                   vm_config.environment_variables.host_env_keys, or, if it is there, set it where Envoy starts; the \
                   channel is disabled";
    assert_eq!(warnings[0].to_string(), warning);
}
