//! Where in an Envoy file is the filter? Every plugin of ours, with what Envoy would pass to it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

const WASM: &str = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm";
const STRUCT: &str = "type.googleapis.com/google.protobuf.Struct";
const TEXT: &str = "type.googleapis.com/google.protobuf.StringValue";

/// What identifies our module, in a file's name, the plugin's name or its root id.
const MODULE: &str = "user_risk_filter";

/// One plugin of ours.
#[derive(Debug)]
pub(crate) struct Plugin {
    /// The listener that contains it, for messages.
    pub(crate) listener: String,
    /// Its configuration.
    pub(crate) configuration: Form,
    /// Variables that Envoy passes on from its own environment.
    pub(crate) host_env_keys: BTreeSet<String>,
    /// Variables whose value is in the file.
    pub(crate) key_values: BTreeMap<String, String>,
    /// The clusters of the file; none if Envoy may get others from elsewhere.
    pub(crate) clusters: Option<BTreeSet<String>>,
    /// What happens when the VM dies, if the file says so.
    pub(crate) failure_policy: Option<String>,
}

impl Plugin {
    /// Has the other one the same configuration and environment?
    pub(crate) fn is_configured_as(&self, other: &Self) -> bool {
        let all = |plugin: &Self| (plugin.host_env_keys.clone(), plugin.key_values.clone());
        self.configuration == other.configuration && all(self) == all(other)
    }
}

/// In which form the plugin gets its configuration.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// JSON text.
    Text(String),
    /// Native YAML.
    Tree(Value),
}

/// The plugins of ours in an Envoy file; none if it is not an Envoy file.
///
/// # Errors
/// It is an Envoy file without the filter, or with a configuration in a form that Envoy would refuse.
pub(crate) fn plugins(tree: &Value) -> Result<Option<Vec<Plugin>>, String> {
    let mut found = Vec::new();
    collect(tree, "the filter", &mut found);
    let is_envoy = ["static_resources", "dynamic_resources", "resources", "filter_chains", "http_filters"];
    if found.is_empty() && !is_envoy.iter().any(|key| tree.get(key).is_some()) {
        return Ok(None);
    }
    let ours: Vec<_> = found.iter().filter(|(_, config)| is_ours(config)).collect();
    if ours.is_empty() {
        return Err(format!(
            "no {MODULE} in this Envoy file: no HTTP filter of the type {WASM} names it as its module, name or root_id"
        ));
    }
    let clusters = clusters(tree);
    ours.into_iter()
        .map(|(listener, config)| plugin(listener, config, clusters.as_ref()))
        .collect::<Result<_, _>>()
        .map(Some)
}

/// The `config` of every wasm filter, each with its listener.
fn collect<'a>(tree: &'a Value, listener: &str, found: &mut Vec<(String, &'a Value)>) {
    match tree {
        Value::Object(map) => {
            if map.get("@type").and_then(Value::as_str) == Some(WASM) {
                found.extend(map.get("config").map(|config| (listener.to_owned(), config)));
                return;
            }
            let name = map.get("name").and_then(Value::as_str).filter(|_| map.contains_key("filter_chains"));
            let listener = name.map_or_else(|| listener.to_owned(), |name| format!("listener {name}"));
            map.values().for_each(|value| collect(value, &listener, found));
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, listener, found)),
        _ => {}
    }
}

fn is_ours(config: &Value) -> bool {
    let texts = ["/name", "/root_id", "/vm_config/code/local/filename", "/vm_config/code/remote/http_uri/uri"];
    texts.iter().filter_map(|at| config.pointer(at)?.as_str()).any(|text| text.replace('-', "_").contains(MODULE))
}

fn plugin(listener: &str, config: &Value, clusters: Option<&BTreeSet<String>>) -> Result<Plugin, String> {
    let variables = config.pointer("/vm_config/environment_variables");
    let host_env_keys = variables.and_then(|variables| variables.get("host_env_keys")?.as_array());
    let key_values = variables.and_then(|variables| variables.get("key_values")?.as_object());
    let configuration = match config.get("configuration") {
        None => Form::Tree(Value::Object(serde_json::Map::new())),
        Some(any) => match (any.get("@type").and_then(Value::as_str), any.get("value")) {
            (Some(TEXT), None) => Form::Text(String::new()),
            (Some(TEXT), Some(Value::String(text))) => Form::Text(text.clone()),
            (Some(TEXT), Some(_)) => {
                return Err(format!("{listener}: configuration: a StringValue holds a text; for YAML write {STRUCT}"));
            }
            (Some(STRUCT), value) => {
                Form::Tree(value.cloned().unwrap_or_else(|| Value::Object(serde_json::Map::new())))
            }
            (Some(other), _) => {
                return Err(format!("{listener}: configuration: {other} is neither {STRUCT} nor {TEXT}"));
            }
            (None, _) => return Err(format!("{listener}: configuration: has no @type; write {STRUCT}")),
        },
    };
    Ok(Plugin {
        listener: listener.to_owned(),
        configuration,
        host_env_keys: host_env_keys.into_iter().flatten().filter_map(|key| Some(key.as_str()?.to_owned())).collect(),
        key_values: key_values
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect(),
        clusters: clusters.cloned(),
        failure_policy: config.get("failure_policy").and_then(Value::as_str).map(str::to_owned),
    })
}

/// The names of all clusters, if the file alone says which there are.
fn clusters(tree: &Value) -> Option<BTreeSet<String>> {
    if tree.get("dynamic_resources").is_some() {
        return None;
    }
    let clusters = tree.pointer("/static_resources/clusters")?.as_array()?;
    Some(clusters.iter().filter_map(|cluster| Some(cluster.get("name")?.as_str()?.to_owned())).collect())
}
