//! How is the console of a running filter asked? By HTTP, with the token in a header.

use std::time::Duration;

use serde_json::Value;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, http};

/// Where the console is on its listener, unless the URL has a path.
const PATH: &str = "/.user-risk";

/// The console of a running filter.
pub(super) struct Client {
    url: String,
    token: String,
    agent: Agent,
}

/// Why something was not done.
pub(super) struct Refused {
    pub(super) why: String,
    /// Did the console say so? Otherwise it could not be asked.
    pub(super) is_answer: bool,
}

impl Refused {
    /// It was not even asked.
    pub(super) fn before(why: &str) -> Self {
        Self { why: why.to_owned(), is_answer: false }
    }
}

impl Client {
    /// The console at a URL, or at a host and port.
    pub(super) fn new(url: &str, token: String) -> Self {
        let url = url.trim_end_matches('/');
        let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
        let has_path = url.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
        let config = Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(30)))
            .http_status_as_error(false)
            // The token goes to nobody else.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build());
        Self { url: if has_path { url } else { format!("{url}{PATH}") }, token, agent: config.build().into() }
    }

    /// What the console shows.
    pub(super) fn ask(&self, name: &str, parameters: &[(&str, &str)]) -> Result<Value, Refused> {
        let url = format!("{}/{name}", self.url);
        let request = self.agent.get(&url).header("x-user-risk-token", &self.token);
        Self::read(&url, request.query_pairs(parameters.iter().copied()).call())
    }

    /// What the console answers to an order.
    pub(super) fn order(&self, name: &str, parameters: &[(&str, &str)]) -> Result<Value, Refused> {
        let url = format!("{}/{name}", self.url);
        let request = self.agent.post(&url).header("x-user-risk-token", &self.token);
        Self::read(&url, request.query_pairs(parameters.iter().copied()).send_empty())
    }

    fn read(url: &str, answer: Result<http::Response<Body>, ureq::Error>) -> Result<Value, Refused> {
        let mut answer = answer.map_err(|error| Refused::before(&format!("{url}: {error}")))?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string().unwrap_or_default();
        let body: Value = serde_json::from_str(&text).unwrap_or_default();
        let said = body.get("error").and_then(Value::as_str);
        match (status, said) {
            (200, _) if body.is_object() => Ok(body),
            (401, _) => Err(Refused::before("that is not the console's token")),
            (_, Some(said)) => Err(Refused { why: said.to_owned(), is_answer: true }),
            _ => Err(Refused::before(&format!(
                "{url} answers {status}: is the console on this listener, and below this path?"
            ))),
        }
    }
}
