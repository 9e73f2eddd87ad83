//! What is a plugin of ours, whichever resource configures it? Its configuration, its environment, and what stands around it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// What identifies our module, in a file's name, the plugin's name or its root id.
pub(crate) const MODULE: &str = "user_risk_filter";

/// One plugin of ours.
#[derive(Clone, Debug)]
pub(crate) struct Plugin {
    /// What contains it, for messages: `listener edge`.
    pub(crate) label: String,
    pub(crate) kind: Kind,
    /// Its configuration.
    pub(crate) configuration: Form,
    /// The JSON pointer to the configuration in the document.
    pub(crate) at: String,
    /// The JSON pointer to the connection manager that holds it, and its index among the HTTP filters.
    pub(crate) manager: Option<(String, usize)>,
    /// The JSON pointer to its listener.
    pub(crate) listener: Option<String>,
    /// Variables that Envoy passes on from its own environment.
    pub(crate) host_env_keys: BTreeSet<String>,
    /// Variables whose value is in the file.
    pub(crate) key_values: BTreeMap<String, String>,
    /// The clusters of the file; none if Envoy may get others from elsewhere.
    pub(crate) clusters: Option<BTreeSet<String>>,
    /// What happens when the VM dies, if the file says so.
    pub(crate) failure_policy: Option<String>,
    /// May the filter hold a request's head back (`allow_on_headers_stop_iteration`)? Bodies are held with it.
    pub(crate) may_hold: bool,
}

/// Which resource configures it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An HTTP filter of Envoy.
    Filter,
    /// Istio's `WasmPlugin`.
    WasmPlugin,
    /// Envoy Gateway's `EnvoyExtensionPolicy`.
    ExtensionPolicy,
}

impl Kind {
    /// Where a variable has to be named, so that the filter gets it.
    pub(crate) fn variable_place(self, variable: &str) -> String {
        match self {
            Self::Filter => "vm_config.environment_variables.host_env_keys".to_owned(),
            Self::WasmPlugin => format!("spec.vmConfig.env as {{name: {variable}, valueFrom: HOST}}"),
            Self::ExtensionPolicy => "spec.wasm[].env.hostKeys".to_owned(),
        }
    }
}

impl Plugin {
    /// Has the other one the same configuration and environment?
    pub(crate) fn is_configured_as(&self, other: &Self) -> bool {
        let all = |plugin: &Self| (plugin.host_env_keys.clone(), plugin.key_values.clone());
        self.configuration == other.configuration && all(self) == all(other)
    }
}

/// In which form the plugin gets its configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// JSON text.
    Text(String),
    /// Native YAML.
    Tree(Value),
}

/// Does a text name our module, with hyphens or underscores?
pub(super) fn is_our_name(text: &str) -> bool {
    text.replace('-', "_").contains(MODULE)
}
