//! Is the filter where it can do its work? Its place among the HTTP filters, who sets the user header, and what the console needs.
//!
//! Source: Envoy's documentation of `HttpConnectionManager`: filters run in their order and end with the router; headers of early
//! mutations change before any filter runs, those of routes after all of them.

use serde_json::Value;
use user_risk_filter::plugin::config::Config;

use crate::manifest::resource::{Form, Kind, Plugin};

const ROUTER: &str = "envoy.extensions.filters.http.router.v3.Router";
const JWT: &str = "envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication";
/// Filters that may set or remove a header themselves.
const SETTERS: &[&str] = &["jwt_authn", "ext_authz", "header_mutation", "oauth2", "lua", "ext_proc"];

/// What is wrong with the filter's place.
pub(super) struct Misplaced {
    pub(super) text: String,
    /// A JSON pointer into the document.
    pub(super) pointer: String,
    /// Does it never work so?
    pub(super) is_error: bool,
}

/// What is wrong with the place of a filter in an Envoy file. Resources of meshes say too little to tell.
pub(super) fn misplaced(tree: &Value, plugin: &Plugin, config: &Config) -> Vec<Misplaced> {
    let mut found = Vec::new();
    let mut add = |pointer: String, is_error: bool, text: String| found.push(Misplaced { text, pointer, is_error });
    if let Some((manager, index)) = &plugin.manager
        && let Some(options) = tree.pointer(manager)
    {
        let filters: Vec<&Value> = list(options.get("http_filters")).collect();
        let own = format!("{manager}/http_filters/{index}");
        let position = |kind: &str| filters.iter().position(|filter| is(filter, kind));
        if position(ROUTER).is_some_and(|router| router < *index) {
            add(
                own.clone(),
                true,
                "stands behind the router and never sees a request; put it before envoy.filters.http.router".to_owned(),
            );
        }
        if position(JWT).is_some_and(|jwt| jwt > *index) {
            let what = "stands before jwt_authn, so no token has been verified when it looks: a jwt source never names anybody, and a \
                        header from claim_to_headers is not there yet; put it behind envoy.filters.http.jwt_authn";
            add(own.clone(), false, what.to_owned());
        }
        let before = filters.get(..*index).unwrap_or_default();
        for header in headers(&plugin.configuration) {
            if !is_stripped(options, before, &header) {
                let text = format!(
                    "nothing removes the header {header} that a client sends, so anybody can raise another user's score; add to \
                     the connection manager early_header_mutation_extensions with mutations: [{{remove: {header}}}], as in \
                     examples/jwt-user"
                );
                add(own.clone(), false, text);
            }
        }
    }
    if config.admin.is_some()
        && plugin.kind == Kind::Filter
        && let Some(listener) = &plugin.listener
        && tree.pointer(&format!("{listener}/metadata/filter_metadata/user-risk/admin")) != Some(&Value::Bool(true))
    {
        let text = "admin: this listener does not allow the console: requests under its path get 404; on the listener meant for it \
                    write metadata: {filter_metadata: {user-risk: {admin: true}}}";
        add(format!("{}/admin", plugin.at), false, text.to_owned());
    }
    found
}

/// The headers that name users, in lower case.
fn headers(form: &Form) -> Vec<String> {
    let read = match form {
        Form::Tree(value) => value.clone(),
        Form::Text(text) => serde_json::from_str(text).unwrap_or_default(),
    };
    let Some(sources) = read.pointer("/user/sources") else { return vec!["x-user-id".to_owned()] };
    let parts = list(Some(sources)).flat_map(|source| match source.get("all") {
        Some(all) => list(Some(all)).collect(),
        None => vec![source],
    });
    parts.filter_map(|source| Some(source.get("header")?.as_str()?.to_ascii_lowercase())).collect()
}

/// Does something see to it that a client can't send the header? The early mutations of the connection manager, or a filter before
/// ours that names the header.
fn is_stripped(manager: &Value, before: &[&Value], header: &str) -> bool {
    let early = manager.get("early_header_mutation_extensions").is_some_and(|early| names(early, header));
    let is_setter = |filter: &&&Value| {
        let kind = kind(filter).to_owned();
        SETTERS.iter().any(|setter| kind.contains(setter))
    };
    early || before.iter().filter(is_setter).any(|filter| names(filter, header) && !is(filter, JWT))
}

/// Does the text of a header stand anywhere in it?
fn names(value: &Value, header: &str) -> bool {
    match value {
        Value::String(text) => text.to_ascii_lowercase().contains(header),
        Value::Array(list) => list.iter().any(|inner| names(inner, header)),
        Value::Object(map) => map.values().any(|inner| names(inner, header)),
        _ => false,
    }
}

fn is(filter: &Value, kind_of: &str) -> bool {
    kind(filter).ends_with(kind_of)
}

fn kind(filter: &Value) -> &str {
    filter.pointer("/typed_config/@type").and_then(Value::as_str).unwrap_or_default()
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}
