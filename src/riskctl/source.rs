//! Which file is meant, and what does it hold? `-` is standard input; JSON is YAML too.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use serde_json::Value;
use user_risk_filter::engine::config::{Config, Loaded};
use user_risk_filter::secret::Variable;

use crate::envoy::{self, Form};

/// The text of a file.
pub(crate) fn text(file: &Path) -> Result<String, String> {
    let mut text = String::new();
    if file.as_os_str() == "-" {
        io::stdin().read_to_string(&mut text).map_err(|error| error.to_string())?;
    } else {
        text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    }
    Ok(text)
}

/// The tree that a file holds. An empty file is an empty configuration.
pub(crate) fn tree(file: &Path) -> Result<Value, String> {
    match serde_saphyr::from_str(&text(file)?).map_err(|error| error.to_string().replacen("error: ", "", 1))? {
        Value::Null => Ok(Value::Object(serde_json::Map::new())),
        tree => Ok(tree),
    }
}

/// The configuration to detect by: that of the file, or the defaults. Secrets are not looked up.
///
/// # Errors
/// The file can't be read, the configuration is wrong, or there are several in it.
pub(crate) fn configuration(file: Option<&Path>) -> Result<Config, String> {
    let Some(file) = file else { return Ok(Config::default()) };
    let named = |why: String| format!("{}: {why}", file.display());
    let tree = tree(file).map_err(named)?;
    let unread = |_: &str| Variable::Unread;
    let loaded = match envoy::plugins(&tree).map_err(named)?.as_deref() {
        None => Config::from_json(&tree, &unread),
        Some([plugin]) => match &plugin.configuration {
            Form::Text(text) => Config::load(text.as_bytes(), &unread),
            Form::Tree(tree) => Config::from_json(tree, &unread),
        },
        Some(several) => {
            let count = several.len();
            return Err(named(format!(
                "has {count} user_risk_filter; give the configuration of one, in a file of its own"
            )));
        }
    };
    loaded.map(|Loaded { config, .. }| config).map_err(|mistake| named(mistake.to_string()))
}
