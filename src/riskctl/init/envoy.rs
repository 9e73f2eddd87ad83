//! How does an Envoy file with the filter begin? One listener, one application, a cluster for each channel.

use super::channel::Channel;
use super::plugin::{Choices, User};

/// The whole file.
pub(super) fn file(choices: &Choices) -> String {
    let variables: Vec<_> = choices.notify.iter().map(|channel| channel.variable()).collect();
    let secrets = match choices.notify.is_empty() {
        true => String::new(),
        false => format!("# Secrets, as variables where Envoy starts:\n{}#\n", choices.secrets()),
    };
    let plugin = choices.indented(28, "jwt_payload", &|channel| channel.name().to_owned());
    let mut clusters: String = choices.notify.iter().map(|channel| cluster(*channel)).collect();
    if choices.user == User::Jwt {
        clusters.push_str(&tls_cluster("login", "login.example.com", 443, true));
    }
    let (strip, jwt) = (strip(&choices.user), jwt(&choices.user));
    format!(
        r#"# Envoy with user-risk-filter, made by riskctl init.
#
{secrets}#   riskctl check --env envoy.yaml && envoy -c envoy.yaml
#
# CHANGE marks what is only an example.

admin:
  address: {{socket_address: {{address: 127.0.0.1, port_value: 9901}}}}

static_resources:
  listeners:
    - name: edge
      address: {{socket_address: {{address: 0.0.0.0, port_value: 10000}}}}
      filter_chains:
        - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: edge
                use_remote_address: true          # the client's address is that of the connection
                normalize_path: true
                merge_slashes: true
                route_config:
                  virtual_hosts:
                    - name: app
                      domains: ["*"]
                      routes: [{{match: {{prefix: /}}, route: {{cluster: app}}}}]
{strip}                http_filters:
{jwt}                  - name: envoy.filters.http.wasm
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm
                      config:
                        name: user_risk_filter
                        failure_policy: FAIL_RELOAD   # should the module ever crash it is restarted, with its scores
                        vm_config:
                          vm_id: user_risk_filter
                          runtime: envoy.wasm.runtime.v8
                          code: {{local: {{filename: /etc/envoy/user_risk_filter.wasm}}}}
                          environment_variables: {{host_env_keys: [{variables}]}}
                        configuration:
                          "@type": type.googleapis.com/google.protobuf.Struct
                          value:
{plugin}                  - name: envoy.filters.http.router
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router

  clusters:
    - name: app                                   # CHANGE: your application
      type: STRICT_DNS
      load_assignment:
        cluster_name: app
        endpoints: [{{lb_endpoints: [{{endpoint: {{address: {{socket_address: {{address: 127.0.0.1, port_value: 8080}}}}}}}}]}}]
{clusters}"#,
        variables = variables.join(", "),
    )
}

/// Removes the user header that a client sends.
fn strip(user: &User) -> String {
    let User::Header(name) = user else { return String::new() };
    format!(
        r#"                # Whatever a client sends under this name goes, before any filter sees it; a filter of yours sets it again,
                # such as jwt_authn with claim_to_headers (examples/jwt-user) or ext_authz.
                early_header_mutation_extensions:
                  - name: envoy.http.early_header_mutation.header_mutation
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation
                      mutations: [{{remove: {name}}}]
"#
    )
}

/// Verifies tokens, before the filter asks for one.
fn jwt(user: &User) -> String {
    if *user != User::Jwt {
        return String::new();
    }
    r#"                  - name: envoy.filters.http.jwt_authn
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication
                      providers:
                        login:
                          issuer: https://login.example.com                       # CHANGE, here and in its cluster
                          remote_jwks:
                            http_uri: {uri: "https://login.example.com/.well-known/jwks.json", cluster: login, timeout: 5s}
                            async_fetch: {}
                          payload_in_metadata: jwt_payload
                      rules:
                        - match: {prefix: /}
                          requires: {requires_any: {requirements: [{provider_name: login}, {allow_missing: {}}]}}
"#
    .to_owned()
}

/// A channel's cluster.
pub(super) fn cluster(channel: Channel) -> String {
    let (host, port) = channel.host();
    tls_cluster(channel.name(), host, port, channel.is_example())
}

/// A cluster that accepts only the certificate of its host.
fn tls_cluster(name: &str, host: &str, port: u16, is_example: bool) -> String {
    let mark = if is_example { "   # CHANGE the host" } else { "" };
    format!(
        r#"    - name: {name}{mark}
      type: LOGICAL_DNS
      load_assignment:
        cluster_name: {name}
        endpoints: [{{lb_endpoints: [{{endpoint: {{address: {{socket_address: {{address: {host}, port_value: {port}}}}}}}}}]}}]
      transport_socket:
        name: envoy.transport_sockets.tls
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
          sni: {host}
          auto_sni_san_validation: true           # the certificate must be for this name
          common_tls_context: {{validation_context: {{trusted_ca: {{filename: /etc/ssl/certs/ca-certificates.crt}}}}}}
"#
    )
}
