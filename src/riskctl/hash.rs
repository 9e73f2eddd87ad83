//! `riskctl hash`: by which hash do messages name this user?

use std::path::PathBuf;
use std::process::ExitCode;

use anstream::{eprintln, println};
use user_risk_filter::keyed_hash::Key;
use user_risk_filter::notify::privacy::{Privacy, Users};
use user_risk_filter::plugin::config::Config;

use crate::source::{self, Environment};
use crate::terminal::{BAD, UNREADABLE};

/// Prints the hash that stands for a user in messages and the log where `privacy` or a channel says `users: hashed`
///
/// The key is the value of the variable that the configuration's `key_env` names, or --key-env. Prints one line if the
/// configuration names users in one way; otherwise one for each source that could have a user of this name.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  USER_RISK_KEY=… riskctl hash --config envoy.yaml 4711
  USER_RISK_KEY=… riskctl hash --key-env USER_RISK_KEY 4711        with the default source, the header x-user-id
  USER_RISK_KEY=… riskctl hash --config envoy.yaml acme/alice      a name made of several sources (`all`)
  USER_RISK_KEY=… riskctl hash --config envoy.yaml 203.0.113.7     an address")]
pub(crate) struct Arguments {
    /// The name, as the header or the token has it
    user: String,

    /// The configuration: an Envoy file or the plugin's own
    #[arg(long, value_name = "FILE", required_unless_present = "key_env")]
    config: Option<PathBuf>,

    /// The environment variable that holds the key, instead of key_env of the configuration
    #[arg(long, value_name = "NAME")]
    key_env: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match hashes(arguments) {
        Ok(lines) => {
            lines.iter().for_each(|line| println!("{line}"));
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{BAD}error{BAD:#}: {why}");
            ExitCode::from(UNREADABLE)
        }
    }
}

fn hashes(arguments: &Arguments) -> Result<Vec<String>, String> {
    let config = match &arguments.config {
        Some(file) => source::complete(file, Environment::AsSet)?,
        None => Config::default(),
    };
    let key = Key::from_passphrase(&passphrase(arguments, &config)?);
    let users = config.user.candidates(arguments.user.as_bytes(), &key);
    let hashed = |source: &str, name: &str, id| Privacy::default().display_name(Users::Hashed, source, name, id);
    let named: Vec<_> = users.iter().map(|user| (hashed(&user.source, &user.name, &user.id), &user.source)).collect();
    match named.as_slice() {
        [] => Err("no source of the configuration could have a user of this name".to_owned()),
        [(hash, _)] => Ok(vec![hash.clone()]),
        several => Ok(several.iter().map(|(hash, source)| format!("{hash:16}  {source}")).collect()),
    }
}

fn passphrase(arguments: &Arguments, config: &Config) -> Result<String, String> {
    let Some(variable) = &arguments.key_env else {
        let name = config.key_variable().ok_or("the configuration has no key_env, so its key is random")?;
        let missing = || format!("the variable {name} is not set here; it holds the key (key_env)");
        return config.key().map(|key| key.expose().to_owned()).ok_or_else(missing);
    };
    let value = std::env::var(variable).unwrap_or_default();
    // The filter trims it too.
    match value.trim_end() {
        "" => Err(format!("the variable {variable} is not set here; it has to hold the key")),
        key => Ok(key.to_owned()),
    }
}
