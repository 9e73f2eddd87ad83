//! Is the VM set up well? Warnings about how the plugin's VM is configured, such as its `failure_policy`.

use crate::envoy::Plugin;

/// The warnings about the plugin's VM.
pub(super) fn warnings(plugin: &Plugin) -> Vec<String> {
    let reloads = plugin.failure_policy.as_deref() == Some("FAIL_RELOAD");
    let warning = "failure_policy is not FAIL_RELOAD: should the VM ever die, the worker would answer 503 from then on";
    if reloads { Vec::new() } else { vec![warning.to_owned()] }
}
