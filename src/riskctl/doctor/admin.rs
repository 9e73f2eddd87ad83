//! What does Envoy's admin interface answer? Its version, its configuration, its statistics.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;

/// The most that is read of an answer, in bytes: the dump of a large mesh has tens of megabytes.
const LARGEST: u64 = 512 << 20;

/// Envoy's admin interface.
pub(super) struct Admin {
    url: String,
    agent: Agent,
}

/// What it answers.
pub(super) struct Answers {
    pub(super) server: Value,
    /// The config dump as text.
    pub(super) dump: String,
    pub(super) stats: Value,
}

impl Admin {
    /// The interface at a URL, or at a host and port.
    pub(super) fn new(url: &str) -> Self {
        let url = url.trim_end_matches('/');
        let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
        let config = Agent::config_builder().timeout_global(Some(Duration::from_secs(30))).http_status_as_error(false);
        Self { url, agent: config.build().into() }
    }

    /// Asks everything.
    ///
    /// # Errors
    /// It does not answer, or something else does.
    pub(super) fn ask(&self) -> Result<Answers, String> {
        let server = self.json("/server_info")?;
        if server.get("version").is_none() {
            return Err(format!("{}/server_info: this is not Envoy's admin interface", self.url));
        }
        Ok(Answers { server, dump: self.text("/config_dump")?, stats: self.json("/stats?format=json")? })
    }

    fn json(&self, path: &str) -> Result<Value, String> {
        let text = self.text(path)?;
        serde_json::from_str(&text)
            .map_err(|_| format!("{}{path}: no JSON came; is this Envoy's admin interface?", self.url))
    }

    fn text(&self, path: &str) -> Result<String, String> {
        let url = format!("{}{path}", self.url);
        let mut answer = self.agent.get(&url).call().map_err(|error| format!("{url}: {error}"))?;
        match answer.status().as_u16() {
            200 => answer
                .body_mut()
                .with_config()
                .limit(LARGEST)
                .read_to_string()
                .map_err(|error| format!("{url}: {error}")),
            status => Err(format!("{url} answers {status}; is this Envoy's admin interface?")),
        }
    }
}
