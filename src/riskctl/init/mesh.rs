//! How do the resources of a mesh begin? Istio's with a ServiceEntry for each host, Envoy Gateway's with a patch that adds clusters.

use super::channel::Channel;
use super::envoy;
use super::plugin::{Choices, User};

/// A `WasmPlugin`, and what makes its clusters. Istio 1.27 or newer: older ones know no `FAIL_RELOAD`.
pub(super) fn istio(choices: &Choices) -> String {
    let cluster = |channel: Channel| format!("\"outbound|{}||{}\"", channel.host().1, channel.host().0);
    let plugin = choices.indented(4, "payload", &cluster);
    let env = |channel: &Channel| format!("      - {{name: {}, valueFrom: HOST}}\n", channel.variable());
    let variables: String = choices.notify.iter().map(env).collect();
    let variables = if variables.is_empty() { variables } else { format!("  vmConfig:\n    env:\n{variables}") };
    let secrets = match choices.notify.is_empty() {
        true => String::new(),
        false => format!(
            "# Secrets, as variables of the gateway's pods (spec.template.spec.containers[].env, from a Secret):\n{}#\n",
            choices.secrets()
        ),
    };
    let hosts: String = choices.notify.iter().map(|channel| host(*channel)).collect();
    let strip = istio_strip(&choices.user);
    format!(
        "# user-risk-filter in the gateways of an Istio mesh (1.27 or newer), made by riskctl init.\n#\n{secrets}\
         # CHANGE marks what is only an example.\n\
         apiVersion: extensions.istio.io/v1alpha1\n\
         kind: WasmPlugin\n\
         metadata:\n  name: user-risk-filter\n  namespace: istio-system\n\
         spec:\n\
         \x20 selector: {{matchLabels: {{istio: ingressgateway}}}}\n\
         \x20 url: oci://registry.example.com/user-risk-filter:0.1.0   # CHANGE\n\
         \x20 phase: AUTHZ              # after authentication: the token is verified, and the user header is set\n\
         \x20 failStrategy: FAIL_RELOAD # should the module ever crash it is restarted, with its scores\n\
         {variables}\
         \x20 pluginConfig:\n{plugin}{strip}{hosts}"
    )
}

/// Removes the user header that a client sends.
fn istio_strip(user: &User) -> String {
    let User::Header(name) = user else { return String::new() };
    format!(
        r#"---
# Whatever a client sends under this name goes, before any filter sees it; something of yours sets it again, such as the
# outputClaimToHeaders of a RequestAuthentication.
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata:
  name: user-risk-filter-strip
  namespace: istio-system
spec:
  workloadSelector: {{labels: {{istio: ingressgateway}}}}
  configPatches:
    - applyTo: NETWORK_FILTER
      match: {{context: GATEWAY, listener: {{filterChain: {{filter: {{name: envoy.filters.network.http_connection_manager}}}}}}}}
      patch:
        operation: MERGE
        value:
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
            early_header_mutation_extensions:
              - name: envoy.http.early_header_mutation.header_mutation
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation
                  mutations: [{{remove: {name}}}]
"#
    )
}

/// What makes the cluster `outbound|443||HOST`, with TLS that accepts only the host's certificate.
fn host(channel: Channel) -> String {
    let (host, port) = channel.host();
    let name = host.replace('.', "-");
    let mark = if channel.is_example() { "   # CHANGE the host" } else { "" };
    format!(
        r#"---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {{name: {name}, namespace: istio-system}}
spec:
  hosts: [{host}]{mark}
  location: MESH_EXTERNAL
  resolution: DNS
  ports: [{{number: {port}, name: https, protocol: HTTPS}}]
---
# Istio checks no name where sni is given without subjectAltNames.
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {{name: {name}, namespace: istio-system}}
spec:
  host: {host}
  trafficPolicy:
    tls: {{mode: SIMPLE, sni: {host}, caCertificates: system, subjectAltNames: [{host}]}}
"#
    )
}

/// An `EnvoyExtensionPolicy`, and a patch with its clusters: Envoy Gateway makes none for what an extension calls.
pub(super) fn envoy_gateway(choices: &Choices) -> String {
    let plugin = choices.indented(8, "login", &|channel| format!("user-risk-{}", channel.name()));
    let variables: Vec<_> = choices.notify.iter().map(|channel| channel.variable()).collect();
    let env = if variables.is_empty() {
        String::new()
    } else {
        format!("      env: {{hostKeys: [{}]}}\n", variables.join(", "))
    };
    let secrets = match choices.notify.is_empty() {
        true => String::new(),
        false => format!(
            "# Secrets, as variables of the proxies' pods (EnvoyProxy, spec.provider.kubernetes.envoyDeployment.container.env):\n{}#\n",
            choices.secrets()
        ),
    };
    let strip = match &choices.user {
        User::Header(name) => format!(
            "---\n# Whatever a client sends under this name goes, before any filter sees it; a SecurityPolicy with claimToHeaders sets it again.\n\
             apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: ClientTrafficPolicy\nmetadata: {{name: user-risk-strip}}\nspec:\n  \
             targetRefs: [{{group: gateway.networking.k8s.io, kind: Gateway, name: eg}}]   # CHANGE\n  \
             headers: {{earlyRequestHeaders: {{remove: [{name}]}}}}\n"
        ),
        _ => String::new(),
    };
    format!(
        "# user-risk-filter in Envoy Gateway, made by riskctl init.\n#\n{secrets}\
         # CHANGE marks what is only an example.\n\
         apiVersion: gateway.envoyproxy.io/v1alpha1\n\
         kind: EnvoyExtensionPolicy\n\
         metadata: {{name: user-risk-filter}}\n\
         spec:\n\
         \x20 targetRefs: [{{group: gateway.networking.k8s.io, kind: Gateway, name: eg}}]   # CHANGE\n\
         \x20 wasm:\n\
         \x20   - name: user-risk-filter\n\
         \x20     rootID: user_risk_filter\n\
         \x20     failOpen: false\n\
         \x20     code: {{type: Image, image: {{url: registry.example.com/user-risk-filter:0.1.0}}}}   # CHANGE\n\
         {env}\
         \x20     config:\n{plugin}{strip}{}",
        patch(&choices.notify)
    )
}

/// Adds the clusters of the channels. Needs `extensionApis: {enableEnvoyPatchPolicy: true}` in the EnvoyGateway configuration.
fn patch(channels: &[Channel]) -> String {
    if channels.is_empty() {
        return String::new();
    }
    let patches: String = channels
        .iter()
        .map(|channel| {
            let name = format!("user-risk-{}", channel.name());
            let cluster = envoy::cluster(*channel).replacen("    - name: ", "      name: user-risk-", 1);
            let cluster = cluster.replace("cluster_name: ", "cluster_name: user-risk-");
            let value: String = cluster.lines().map(|line| format!("      {line}\n")).collect();
            format!(
                "    - type: type.googleapis.com/envoy.config.cluster.v3.Cluster\n      name: {name}\n      operation:\n        \
                 op: add\n        path: \"\"\n        value:\n{value}"
            )
        })
        .collect();
    format!(
        "---\n# The clusters of the channels. Needs extensionApis: {{enableEnvoyPatchPolicy: true}} in the EnvoyGateway configuration.\n\
         apiVersion: gateway.envoyproxy.io/v1alpha1\n\
         kind: EnvoyPatchPolicy\n\
         metadata: {{name: user-risk-clusters}}\n\
         spec:\n\
         \x20 targetRef: {{group: gateway.networking.k8s.io, kind: Gateway, name: eg}}   # CHANGE\n\
         \x20 type: JSONPatch\n\
         \x20 jsonPatches:\n{patches}"
    )
}
