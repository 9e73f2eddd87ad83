//! Can the filter reach the store of its fleet? Its cluster has to be there, and to pass bytes through as they are.

use serde_json::Value;

use crate::manifest::resource::Plugin;

/// The connection pool that passes bytes through.
const TCP_POOL: &str = "envoy.extensions.upstreams.http.tcp.v3.TcpConnectionPoolProto";

/// What is wrong with the store's cluster; nothing if it is not in this file, but comes from elsewhere.
pub(super) fn mistake(tree: &Value, plugin: &Plugin, cluster: &str) -> Option<String> {
    if !plugin.clusters.as_ref()?.contains(cluster) {
        return Some(format!(
            "static_resources.clusters has no cluster `{cluster}`; add it as docs/fleet.md has it, or each proxy counts alone"
        ));
    }
    let clusters = tree.pointer("/static_resources/clusters")?.as_array()?;
    let found = clusters.iter().find(|one| one.get("name").and_then(Value::as_str) == Some(cluster))?;
    let pool = found.pointer("/upstream_config/typed_config/@type").and_then(Value::as_str).unwrap_or_default();
    (!pool.ends_with(TCP_POOL)).then(|| {
        format!(
            "cluster `{cluster}` speaks HTTP, and the store does not; give it upstream_config: {{name: \
             envoy.filters.connection_pools.http.tcp, typed_config: {{\"@type\": type.googleapis.com/{TCP_POOL}}}}}"
        )
    })
}
