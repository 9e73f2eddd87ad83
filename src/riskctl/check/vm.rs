//! Is the VM set up well? Warnings about how the plugin's VM is configured, such as its `failure_policy`.

use user_risk_filter::plugin::config::{Config, Mode};

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

/// The warning that Envoy would never hand over the bodies that the configuration holds.
pub(super) fn unheld(plugin: &Plugin, config: &Config) -> Option<String> {
    if config.mode != Mode::Protect || plugin.may_hold {
        return None;
    }
    config.respond.held_bytes()?;
    let mend = match plugin.kind {
        Kind::Filter => "write allow_on_headers_stop_iteration: true beside failure_policy (Envoy 1.35 or newer)",
        Kind::WasmPlugin | Kind::ExtensionPolicy => {
            "this resource has no option for it; configure the filter with an EnvoyFilter or EnvoyPatchPolicy instead"
        }
    };
    Some(format!(
        "respond: with hold_bodies every request with a body would wait for ever: Envoy hands over no body while the head is held; {mend}"
    ))
}
