//! What does a running Envoy have? Its config dump, as the file that would have made it.
//!
//! Source: Envoy's API reference, `envoy.admin.v3.ConfigDump`.

use serde_json::{Value, json};

/// The listeners, clusters and secrets of a config dump under `static_resources`, wherever they came from; none if it is no dump.
pub(super) fn static_form(dump: &Value) -> Option<Value> {
    let parts = dump.get("configs")?.as_array()?;
    let of = |kind: &str| parts.iter().filter(move |part| is(part, kind)).collect::<Vec<_>>();
    let lists = |kind: &str, lists: &[&str], inner: &str| {
        let entries = of(kind).into_iter().flat_map(|part| lists.iter().filter_map(|name| part.get(*name)?.as_array()));
        let found: Vec<Value> = entries.flatten().filter_map(|entry| entry.pointer(inner).cloned()).collect();
        found
    };
    let mut listeners = lists("ListenersConfigDump", &["static_listeners"], "/listener");
    listeners.extend(lists("ListenersConfigDump", &["dynamic_listeners"], "/active_state/listener"));
    let clusters = lists("ClustersConfigDump", &["static_clusters", "dynamic_active_clusters"], "/cluster");
    let secrets = lists("SecretsConfigDump", &["static_secrets", "dynamic_active_secrets"], "/secret");
    (!of("ConfigDump").is_empty())
        .then(|| json!({"static_resources": {"listeners": listeners, "clusters": clusters, "secrets": secrets}}))
}

fn is(part: &Value, kind: &str) -> bool {
    part.get("@type").and_then(Value::as_str).is_some_and(|name| name.ends_with(kind))
}
