//! How do meshes configure the filter? Istio's `WasmPlugin` and Envoy Gateway's `EnvoyExtensionPolicy`.
//!
//! Source: Istio's CRD `extensions.istio.io/v1alpha1`, Envoy Gateway's `gateway.envoyproxy.io/v1alpha1`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::resource::{Form, Kind, Plugin, is_our_name};

/// The plugins of ours in a resource of these kinds; none if it is of another kind.
pub(super) fn plugins(resource: &Value) -> Option<Vec<Plugin>> {
    match resource.get("kind")?.as_str()? {
        "WasmPlugin" => Some(wasm_plugin(resource).into_iter().collect()),
        "EnvoyExtensionPolicy" => Some(extension_policy(resource)),
        _ => None,
    }
}

fn wasm_plugin(resource: &Value) -> Option<Plugin> {
    let names = ["/spec/url", "/spec/pluginName", "/metadata/name"];
    names.iter().filter_map(|at| text(resource, at)).find(|name| is_our_name(name))?;
    let (mut host_env_keys, mut key_values) = (BTreeSet::new(), BTreeMap::new());
    for variable in list(resource.pointer("/spec/vmConfig/env")) {
        let Some(name) = text(variable, "/name") else { continue };
        match text(variable, "/valueFrom") {
            Some("HOST") => drop(host_env_keys.insert(name.to_owned())),
            _ => drop(key_values.insert(name.to_owned(), text(variable, "/value").unwrap_or_default().to_owned())),
        }
    }
    let policy = text(resource, "/spec/failStrategy").unwrap_or("FAIL_CLOSE").to_owned();
    Some(Plugin {
        label: label(resource),
        kind: Kind::WasmPlugin,
        configuration: tree(resource.pointer("/spec/pluginConfig")),
        at: "/spec/pluginConfig".to_owned(),
        manager: None,
        listener: None,
        host_env_keys,
        key_values,
        clusters: None,
        failure_policy: Some(policy),
        may_hold: false,
    })
}

fn extension_policy(resource: &Value) -> Vec<Plugin> {
    let is_ours = |wasm: &Value| {
        let names = ["/name", "/rootID", "/code/image/url", "/code/http/url"];
        names.iter().filter_map(|at| text(wasm, at)).any(is_our_name)
    };
    let all = list(resource.pointer("/spec/wasm")).enumerate().filter(|(_, wasm)| is_ours(wasm));
    all.map(|(index, wasm)| Plugin {
        label: label(resource),
        kind: Kind::ExtensionPolicy,
        configuration: tree(wasm.get("config")),
        at: format!("/spec/wasm/{index}/config"),
        manager: None,
        listener: None,
        host_env_keys: list(wasm.pointer("/env/hostKeys")).filter_map(|key| Some(key.as_str()?.to_owned())).collect(),
        key_values: BTreeMap::new(),
        clusters: None,
        failure_policy: None,
        may_hold: false,
    })
    .collect()
}

/// `WasmPlugin istio-system/user-risk-filter`.
fn label(resource: &Value) -> String {
    let kind = text(resource, "/kind").unwrap_or_default();
    let name = text(resource, "/metadata/name").unwrap_or_default();
    match text(resource, "/metadata/namespace") {
        Some(namespace) => format!("{kind} {namespace}/{name}"),
        None => format!("{kind} {name}"),
    }
}

fn tree(configuration: Option<&Value>) -> Form {
    Form::Tree(configuration.cloned().unwrap_or_else(|| Value::Object(Map::new())))
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}
