//! Is the VM set up well? Warnings about how the plugin's VM is configured, such as its `failure_policy`.

use crate::manifest::resource::{Kind, Plugin};

/// The warnings about the plugin's VM.
pub(super) fn warnings(plugin: &Plugin) -> Vec<String> {
    let option = match plugin.kind {
        Kind::Filter => "failure_policy",
        Kind::WasmPlugin => "spec.failStrategy",
        // It has no such option.
        Kind::ExtensionPolicy => return Vec::new(),
    };
    let reloads = plugin.failure_policy.as_deref() == Some("FAIL_RELOAD");
    let warning =
        format!("{option} is not FAIL_RELOAD: should the VM ever die, the worker would answer 503 from then on");
    if reloads { Vec::new() } else { vec![warning] }
}
