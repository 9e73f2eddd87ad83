//! Where in a document is the filter? Every plugin of ours, with what Envoy would pass to it.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::mesh;
use super::resource::{Form, Kind, MODULE, Plugin, is_our_name};

const WASM: &str = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm";
const STRUCT: &str = "type.googleapis.com/google.protobuf.Struct";
const TEXT: &str = "type.googleapis.com/google.protobuf.StringValue";
const BYTES: &str = "type.googleapis.com/google.protobuf.BytesValue";
const EMPTY: &str = "type.googleapis.com/google.protobuf.Empty";

/// The plugins of ours in a document; none if it is no file of Envoy and no resource that holds plugins.
///
/// # Errors
/// It is an Envoy file without the filter, or with a configuration in a form that Envoy would refuse.
pub(crate) fn plugins(tree: &Value) -> Result<Option<Vec<Plugin>>, String> {
    if let Some(found) = mesh::plugins(tree) {
        return Ok(Some(found));
    }
    let mut found = Vec::new();
    collect(tree, &Around::default(), &mut found);
    let is_envoy = ["static_resources", "dynamic_resources", "resources", "filter_chains", "http_filters", "configs"];
    let is_resource = tree.get("apiVersion").is_some() && tree.get("kind").is_some();
    if found.is_empty() && !is_resource && !is_envoy.iter().any(|key| tree.get(key).is_some()) {
        return Ok(None);
    }
    let ours: Vec<_> = found.iter().filter(|(_, config)| is_ours(config)).collect();
    if ours.is_empty() && is_resource {
        return Ok(Some(Vec::new()));
    }
    if ours.is_empty() {
        return Err(format!(
            "no {MODULE} in this Envoy file: no HTTP filter of the type {WASM} names it as its module, name or root_id"
        ));
    }
    let clusters = clusters(tree);
    ours.into_iter()
        .map(|(around, config)| plugin(around, config, clusters.as_ref()))
        .collect::<Result<_, _>>()
        .map(Some)
}

/// What stands around a filter.
#[derive(Clone, Debug)]
struct Around {
    pointer: String,
    label: String,
    manager: Option<(String, usize)>,
    listener: Option<String>,
}

impl Default for Around {
    fn default() -> Self {
        Self { pointer: String::new(), label: "the filter".to_owned(), manager: None, listener: None }
    }
}

/// The `config` of every wasm filter, each with what stands around it.
fn collect<'a>(tree: &'a Value, around: &Around, found: &mut Vec<(Around, &'a Value)>) {
    let step = |key: &str| format!("{}/{}", around.pointer, key.replace('~', "~0").replace('/', "~1"));
    match tree {
        Value::Object(map) => {
            if map.get("@type").and_then(Value::as_str) == Some(WASM) {
                let around = Around { pointer: step("config"), ..around.clone() };
                found.extend(map.get("config").map(|config| (around, config)));
                return;
            }
            let mut around = around.clone();
            if map.contains_key("filter_chains")
                && let Some(name) = map.get("name").and_then(Value::as_str)
            {
                (around.label, around.listener) = (format!("listener {name}"), Some(around.pointer.clone()));
            }
            let filters = map.get("http_filters").and_then(Value::as_array);
            for (index, filter) in filters.into_iter().flatten().enumerate() {
                let manager = Some((around.pointer.clone(), index));
                let pointer = format!("{}/{index}", step("http_filters"));
                collect(filter, &Around { pointer, manager, ..around.clone() }, found);
            }
            for (key, value) in map.iter().filter(|(key, _)| *key != "http_filters" || filters.is_none()) {
                collect(value, &Around { pointer: step(key), ..around.clone() }, found);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                collect(value, &Around { pointer: step(&index.to_string()), ..around.clone() }, found);
            }
        }
        _ => {}
    }
}

fn is_ours(config: &Value) -> bool {
    let texts = ["/name", "/root_id", "/vm_config/code/local/filename", "/vm_config/code/remote/http_uri/uri"];
    texts.iter().filter_map(|at| config.pointer(at)?.as_str()).any(is_our_name)
}

fn plugin(around: &Around, config: &Value, clusters: Option<&BTreeSet<String>>) -> Result<Plugin, String> {
    let variables = config.pointer("/vm_config/environment_variables");
    let host_env_keys = variables.and_then(|variables| variables.get("host_env_keys")?.as_array());
    let key_values = variables.and_then(|variables| variables.get("key_values")?.as_object());
    let configuration = form(config.get("configuration")).map_err(|why| format!("{}: {why}", around.label))?;
    Ok(Plugin {
        label: around.label.clone(),
        kind: Kind::Filter,
        configuration,
        at: format!("{}/configuration/value", around.pointer),
        manager: around.manager.clone(),
        listener: around.listener.clone(),
        host_env_keys: host_env_keys.into_iter().flatten().filter_map(|key| Some(key.as_str()?.to_owned())).collect(),
        key_values: key_values
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect(),
        clusters: clusters.cloned(),
        failure_policy: config.get("failure_policy").and_then(Value::as_str).map(str::to_owned),
        may_hold: config.get("allow_on_headers_stop_iteration") == Some(&Value::Bool(true)),
    })
}

/// How the configuration is handed over, as Envoy takes it apart.
fn form(configuration: Option<&Value>) -> Result<Form, String> {
    let empty = || Form::Tree(Value::Object(Map::new()));
    let Some(any) = configuration else { return Ok(empty()) };
    match (any.get("@type").and_then(Value::as_str), any.get("value")) {
        (Some(EMPTY), _) => Ok(empty()),
        (Some(TEXT | BYTES), None) => Ok(Form::Text(String::new())),
        (Some(TEXT), Some(Value::String(text))) => Ok(Form::Text(text.clone())),
        (Some(TEXT), Some(_)) => Err(format!("configuration: a StringValue holds a text; for YAML write {STRUCT}")),
        (Some(BYTES), Some(value)) => {
            let bytes = value.as_str().and_then(|text| STANDARD.decode(text).ok());
            let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
            text.map(Form::Text)
                .ok_or_else(|| format!("configuration: a BytesValue holds Base64; for YAML write {STRUCT}"))
        }
        (Some(STRUCT), value) => Ok(value.cloned().map_or_else(empty, Form::Tree)),
        (Some(other), _) => Err(format!("configuration: {other} is none of {STRUCT}, {TEXT}, {BYTES} and {EMPTY}")),
        (None, _) => Err(format!("configuration: has no @type; write {STRUCT}")),
    }
}

/// The names of all clusters, if the file alone says which there are.
fn clusters(tree: &Value) -> Option<BTreeSet<String>> {
    if tree.get("dynamic_resources").is_some() {
        return None;
    }
    let clusters = tree.pointer("/static_resources/clusters")?.as_array()?;
    Some(clusters.iter().filter_map(|cluster| Some(cluster.get("name")?.as_str()?.to_owned())).collect())
}
