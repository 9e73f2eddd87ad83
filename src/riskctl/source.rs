//! Which configuration does a file hold? Reads YAML or JSON, from a file or standard input (`-`).

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use serde_json::{Value, json};
use user_risk_filter::plugin::config::{Config, Loaded};
use user_risk_filter::plugin::config_error::ConfigError;
use user_risk_filter::secret::{Secret, Variable};

use crate::envoy::{self, Form, Plugin};
use crate::log::entry::USER_HEADER;

/// The text of a file.
///
/// # Errors
/// It can't be read.
pub(crate) fn text(file: &Path) -> Result<String, String> {
    let mut text = String::new();
    if file.as_os_str() == "-" {
        io::stdin().read_to_string(&mut text).map_err(|error| error.to_string())?;
    } else {
        text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    }
    Ok(text)
}

/// The YAML or JSON value of a file. An empty file is an empty configuration.
///
/// # Errors
/// It can't be read or parsed.
pub(crate) fn tree(file: &Path) -> Result<Value, String> {
    match serde_saphyr::from_str(&text(file)?).map_err(|error| error.to_string().replacen("error: ", "", 1))? {
        Value::Null => Ok(Value::Object(serde_json::Map::new())),
        value => Ok(value),
    }
}

/// Which environment variables are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Environment {
    /// None: every variable counts as set and valid.
    Unread,
    /// Those that are set here; the rest count as set and valid.
    AsSet,
    /// All: one that is not set is an error.
    Whole,
}

impl Environment {
    /// What is known of a variable that Envoy passes to the filter.
    pub(crate) fn of(self, variable: &str) -> Variable {
        match (self, std::env::var(variable)) {
            (Self::AsSet | Self::Whole, Ok(value)) if !value.trim_end().is_empty() => Variable::Set(Secret::new(value)),
            (Self::Whole, _) => Variable::Missing,
            (Self::Unread | Self::AsSet, _) => Variable::Unread,
        }
    }
}

/// The configuration of a plugin, read as the filter reads it.
///
/// # Errors
/// The first error in it.
pub(crate) fn load(plugin: &Plugin, environment: Environment) -> Result<Loaded, ConfigError> {
    let lookup = |variable: &str| match (plugin.key_values.get(variable), plugin.host_env_keys.contains(variable)) {
        (Some(value), _) => Variable::Set(Secret::new(value)),
        (None, true) => environment.of(variable),
        (None, false) => Variable::Unset,
    };
    match &plugin.configuration {
        Form::Text(text) => Config::load(text.as_bytes(), &lookup),
        Form::Tree(value) => Config::from_json(value, &lookup),
    }
}

/// The configuration of a file without its secrets, or the defaults: enough to detect and score.
///
/// # Errors
/// The file can't be read, its configuration is invalid, or it has several that differ.
pub(crate) fn configuration(file: Option<&Path>) -> Result<Config, String> {
    let Some(file) = file else { return Ok(Config::default()) };
    let named = |why: String| format!("{}: {why}", file.display());
    let value = tree(file).map_err(named)?;
    let unread = |_: &str| Variable::Unread;
    let loaded = match alone(&value).map_err(named)? {
        None => Config::from_json(&value, &unread),
        Some(plugin) => match &plugin.configuration {
            Form::Text(text) => Config::load(text.as_bytes(), &unread),
            Form::Tree(value) => Config::from_json(value, &unread),
        },
    };
    loaded.map(|Loaded { config, .. }| config).map_err(|error| named(error.to_string()))
}

/// As [`configuration`], for logs that have the user's name in a column: the name of the header in which the filter looks for it
/// first. Where it looks in no header, it does in [`USER_HEADER`] instead of the configured sources.
///
/// # Errors
/// As [`configuration`].
pub(crate) fn named_by_header(file: Option<&Path>) -> Result<(Config, String), String> {
    let config = configuration(file)?;
    let unchanged = |config| Ok((config, USER_HEADER.to_owned()));
    let Some(file) = file.filter(|file| file.as_os_str() != "-") else { return unchanged(config) };
    let value = tree(file)?;
    let mut value = match alone(&value)?.map(|plugin| plugin.configuration) {
        None => value,
        Some(Form::Tree(value)) => value,
        Some(Form::Text(text)) => serde_json::from_str(&text).unwrap_or_default(),
    };
    let Some(sources) = value.pointer_mut("/user/sources") else { return unchanged(config) };
    let header = sources.as_array().into_iter().flatten().find_map(|source| source.get("header")?.as_str());
    if let Some(header) = header {
        return Ok((config, header.to_ascii_lowercase()));
    }
    *sources = json!([{"header": USER_HEADER}]);
    let loaded = Config::from_json(&value, &|_| Variable::Unread);
    loaded.map(|loaded| (loaded.config, USER_HEADER.to_owned())).map_err(|error| format!("{}: {error}", file.display()))
}

/// The configuration of a file, with its secrets.
///
/// # Errors
/// As [`configuration`], or a secret is missing in the `environment`.
pub(crate) fn complete(file: &Path, environment: Environment) -> Result<Config, String> {
    let named = |why: String| format!("{}: {why}", file.display());
    let value = tree(file).map_err(named)?;
    let loaded = match alone(&value).map_err(named)? {
        None => Config::from_json(&value, &|variable| environment.of(variable)),
        Some(plugin) => load(&plugin, environment),
    };
    loaded.map(|Loaded { config, .. }| config).map_err(|error| named(error.to_string()))
}

/// The plugin of ours in an Envoy file; of several that are configured alike, one. None if it is no Envoy file.
fn alone(value: &Value) -> Result<Option<Plugin>, String> {
    let Some(mut plugins) = envoy::plugins(value)? else { return Ok(None) };
    let count = plugins.len();
    let Some(plugin) = plugins.pop() else { return Ok(None) };
    match plugins.iter().all(|other| other.is_configured_as(&plugin)) {
        true => Ok(Some(plugin)),
        false => Err(format!(
            "has {count} user_risk_filter that differ; give the configuration of one, in a file of its own"
        )),
    }
}
