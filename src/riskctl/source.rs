//! Which configuration does a file hold? Reads YAML or JSON, from a file or standard input (`-`).

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use serde_json::{Value, json};
use user_risk_filter::plugin::config::{Config, Loaded};
use user_risk_filter::secret::{Secret, Variable};

use crate::log::entry::USER_HEADER;
use crate::manifest::document::{self, Document};
use crate::manifest::plugin;
use crate::manifest::resource::{Form, MODULE, Plugin};

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

/// The documents of a file. An empty file is one without anything.
///
/// # Errors
/// It can't be read or parsed.
pub(crate) fn documents(file: &Path) -> Result<Vec<Document>, String> {
    document::all(&text(file)?)
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

/// What is known of a variable that the filter asks for.
pub(crate) fn variable(plugin: &Plugin, environment: Environment, variable: &str) -> Variable {
    match (plugin.key_values.get(variable), plugin.host_env_keys.contains(variable)) {
        (Some(value), _) => Variable::Set(Secret::new(value)),
        (None, true) => environment.of(variable),
        (None, false) => Variable::Unset,
    }
}

/// The configuration of a file without its secrets, or the defaults: enough to detect and score.
///
/// # Errors
/// The file can't be read, its configuration is invalid, or it has several that differ.
pub(crate) fn configuration(file: Option<&Path>) -> Result<Config, String> {
    let Some(file) = file else { return Ok(Config::default()) };
    Source::of(file)?.load(&|_| Environment::Unread)
}

/// As [`configuration`], for logs that have the user's name in a column: the name of the header in which the filter looks for it
/// first. Where it looks in no header, it does in [`USER_HEADER`] instead of the configured sources. `exclusions` are added to
/// those of the configuration.
///
/// # Errors
/// As [`configuration`].
pub(crate) fn named_by_header(file: Option<&Path>, exclusions: &[Value]) -> Result<(Config, String), String> {
    let mut source = match file {
        Some(file) => Source::of(file)?,
        None => Source { name: String::new(), form: Form::Tree(json!({})), plugin: None },
    };
    // What is wrong with it is said of what was written.
    source.load(&|_| Environment::Unread)?;
    let mut value = source.value();
    let mut header = USER_HEADER.to_owned();
    if let Some(sources) = value.pointer_mut("/user/sources") {
        let named = sources.as_array().into_iter().flatten().find_map(|source| source.get("header")?.as_str());
        match named {
            Some(name) => header = name.to_ascii_lowercase(),
            None => *sources = json!([{"header": USER_HEADER}]),
        }
    }
    if !exclusions.is_empty()
        && let Some(options) = value.as_object_mut()
        && let Some(detect) = options.entry("detect").or_insert_with(|| json!({})).as_object_mut()
        && let Some(list) = detect.entry("exclude").or_insert_with(|| json!([])).as_array_mut()
    {
        list.extend_from_slice(exclusions);
    }
    source.form = Form::Tree(value);
    Ok((source.load(&|_| Environment::Unread)?, header))
}

/// The configuration of a file, with its secrets.
///
/// # Errors
/// As [`configuration`], or a secret is missing in the `environment`.
pub(crate) fn complete(file: &Path, environment: Environment) -> Result<Config, String> {
    Source::of(file)?.load(&|_| environment)
}

/// As [`complete`], where only the secrets of those channels have to be there that `chosen` picks from the configuration.
///
/// # Errors
/// As [`complete`], or those of `chosen`.
pub(crate) fn complete_for(
    file: &Path,
    chosen: &dyn Fn(&Config) -> Result<Vec<usize>, String>,
) -> Result<(Config, Vec<usize>), String> {
    let source = Source::of(file)?;
    let indexes = chosen(&source.load(&|_| Environment::AsSet)?)?;
    let value = source.value();
    let mut needed = Vec::new();
    for index in &indexes {
        variables(value.pointer(&format!("/notify/{index}")).unwrap_or(&Value::Null), &mut needed);
    }
    let environment = |name: &str| match needed.iter().any(|variable| variable == name) {
        true => Environment::Whole,
        false => Environment::AsSet,
    };
    Ok((source.load(&environment)?, indexes))
}

/// The names of the variables in the options of a channel.
fn variables(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (option, value) in map {
                match value {
                    Value::String(name) if option.ends_with("_env") => found.push(name.clone()),
                    value => variables(value, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| variables(value, found)),
        _ => {}
    }
}

/// The configuration of ours in a file: of several plugins that are configured alike, one; or the file itself.
struct Source {
    name: String,
    form: Form,
    plugin: Option<Plugin>,
}

impl Source {
    fn of(file: &Path) -> Result<Self, String> {
        let name = file.display().to_string();
        let found = documents(file).and_then(|documents| alone(&documents));
        let (form, plugin) = found.map_err(|why| format!("{name}: {why}"))?;
        Ok(Self { name, form, plugin })
    }

    /// Reads it as the filter does; `environment` says of each variable how it is looked up.
    fn load(&self, environment: &dyn Fn(&str) -> Environment) -> Result<Config, String> {
        let lookup = |name: &str| match (&self.plugin, environment(name)) {
            (_, Environment::Unread) => Variable::Unread,
            (Some(plugin), environment) => variable(plugin, environment, name),
            (None, environment) => environment.of(name),
        };
        let loaded = match &self.form {
            Form::Text(text) => Config::load(text.as_bytes(), &lookup),
            Form::Tree(value) => Config::from_json(value, &lookup),
        };
        loaded.map(|Loaded { config, .. }| config).map_err(|error| format!("{}: {error}", self.name))
    }

    /// Its value, whichever form it has.
    fn value(&self) -> Value {
        match &self.form {
            Form::Text(text) => serde_json::from_str(text).unwrap_or_default(),
            Form::Tree(value) => value.clone(),
        }
    }
}

fn alone(documents: &[Document]) -> Result<(Form, Option<Plugin>), String> {
    let mut plugins = Vec::new();
    for document in documents {
        match plugin::plugins(&document.value)? {
            Some(found) => plugins.extend(found),
            None if documents.len() == 1 => return Ok((Form::Tree(document.value.clone()), None)),
            None => {}
        }
    }
    let count = plugins.len();
    let Some(plugin) = plugins.pop() else {
        return Err(format!("no {} in this file", MODULE));
    };
    match plugins.iter().all(|other| other.is_configured_as(&plugin)) {
        true => Ok((plugin.configuration.clone(), Some(plugin))),
        false => Err(format!(
            "has {count} user_risk_filter that differ; give the configuration of one, in a file of its own"
        )),
    }
}
