//! Can a callout reach the channel's cluster? Clusters that are not there, and those that a callout can't use.

use serde_json::Value;

use crate::manifest::resource::Plugin;

/// What is wrong with a channel's cluster.
pub(super) struct Unreachable {
    /// `notify[0].webhook.cluster`, and what is wrong.
    pub(super) text: String,
    /// The index of the channel.
    pub(super) index: usize,
    pub(super) kind: &'static str,
}

/// What is wrong with the clusters of these channels, each its index, kind and cluster. Only what the file contains is judged.
pub(super) fn unreachable(tree: &Value, plugin: &Plugin, channels: &[(usize, &'static str, &str)]) -> Vec<Unreachable> {
    let Some(clusters) = &plugin.clusters else { return Vec::new() };
    let wrong = |&(index, kind, cluster): &(usize, &'static str, &str)| {
        let why = match clusters.contains(cluster) {
            false => missing(cluster, clusters.iter().map(String::as_str)),
            true => unusable(tree, cluster)?,
        };
        Some(Unreachable { text: format!("notify[{index}].{kind}.cluster: {why}"), index, kind })
    };
    channels.iter().filter_map(wrong).collect()
}

fn missing<'a>(cluster: &str, known: impl Iterator<Item = &'a str>) -> String {
    let near = known.min_by_key(|name| strsim::damerau_levenshtein(name, cluster));
    let meant = near.filter(|name| strsim::damerau_levenshtein(name, cluster) <= cluster.chars().count() / 3);
    let hint = meant.map_or_else(|| "add it".to_owned(), |name| format!("did you mean `{name}`? Else add it"));
    format!("static_resources.clusters has no cluster `{cluster}`; {hint}, or nothing arrives")
}

/// Why a callout can't use a cluster that is there.
fn unusable(tree: &Value, name: &str) -> Option<String> {
    let clusters = tree.pointer("/static_resources/clusters")?.as_array()?;
    let cluster = clusters.iter().find(|cluster| cluster.get("name").and_then(Value::as_str) == Some(name))?;
    let kind = cluster.get("type").and_then(Value::as_str).unwrap_or("STATIC");
    let is_own = cluster.get("cluster_type").is_some();
    let endpoints = cluster.pointer("/load_assignment/endpoints").and_then(Value::as_array);
    let is_empty = endpoints.is_none_or(|all| {
        all.iter().all(|one| one.get("lb_endpoints").and_then(Value::as_array).is_none_or(Vec::is_empty))
    });
    match kind {
        "ORIGINAL_DST" => Some(format!(
            "cluster `{name}` is ORIGINAL_DST: it sends to where the client's connection went, and a callout has none; make a cluster \
             of type STRICT_DNS or LOGICAL_DNS with the receiver's address"
        )),
        "STATIC" | "STRICT_DNS" | "LOGICAL_DNS" if is_empty && !is_own => Some(format!(
            "cluster `{name}` has no endpoint, so nothing arrives; give it load_assignment with the receiver's address"
        )),
        _ => None,
    }
}
