//! What does a recorded request hold? The format of the corpora, and what the engine makes of one request alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use user_risk_filter::detect::scan::{Detection, RuleSet, Scan};
use user_risk_filter::engine::config::Config;
use user_risk_filter::engine::stream::BODY_LIMIT;
use user_risk_filter::exchange::Head;
use user_risk_filter::read::{self, Body};
use user_risk_filter::risk::exchange;
use user_risk_filter::risk::points::Points;

/// One line of a corpus. What else stands in it is not looked at.
#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) class: String,
    #[serde(default)]
    pub(crate) label: String,
    pub(crate) request: Request,
}

/// A request as it was on the wire.
#[derive(Default, Deserialize)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) headers: Vec<(String, String)>,
    #[serde(default)]
    pub(crate) body: Option<String>,
    #[serde(default)]
    pub(crate) body_b64: Option<String>,
}

impl Request {
    /// The head as Envoy has it: names in lower case, the host as a pseudo-header.
    pub(crate) fn head(&self) -> Head {
        let pseudo = [(":method".to_owned(), &self.method), (":path".to_owned(), &self.path)];
        let named = self.headers.iter().map(|(name, value)| match name.to_ascii_lowercase().as_str() {
            "host" => (":authority".to_owned(), value),
            name => (name.to_owned(), value),
        });
        Head::new(pseudo.into_iter().chain(named).collect())
    }

    /// The bytes of the body.
    pub(crate) fn body(&self) -> Result<Vec<u8>, String> {
        match (&self.body, &self.body_b64) {
            (_, Some(coded)) => {
                STANDARD.decode(coded).map_err(|error| format!("request.body_b64 is not Base64: {error}"))
            }
            (Some(body), None) => Ok(body.clone().into_bytes()),
            (None, None) => Ok(Vec::new()),
        }
    }
}

/// What the engine makes of a request that is its user's first.
pub(crate) struct Judged {
    pub(crate) points: Points,
    pub(crate) detections: Vec<Detection>,
}

/// Reads a request as the filter would, whole at once.
pub(crate) fn judge(config: &Config, rules: &RuleSet, head: &Head, body: &[u8]) -> Judged {
    let mut scan = Scan::new();
    let mut sink = |field: read::Field<'_>| scan.push(rules, field);
    read::head(head, &mut sink);
    if !body.is_empty() {
        let mut reader = Body::new(head, BODY_LIMIT);
        reader.push(body, &mut sink);
        reader.finish(&mut sink);
    }
    let detections = exchange::ranked(rules, scan.take());
    Judged { points: exchange::alone(&config.risk, rules, &detections), detections }
}
