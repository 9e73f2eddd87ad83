//! What is a recorded request, and what does the engine detect in it? The format of recorded requests, and a scan of one alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use user_risk_filter::detect::detection::{Detection, Whose};
use user_risk_filter::detect::rule_set::RuleSet;
use user_risk_filter::detect::scan::Scan;
use user_risk_filter::detect::shape::Shape;
use user_risk_filter::detect::signal::Signal;
use user_risk_filter::detect::trace::Trace;
use user_risk_filter::exchange::head::Head;
use user_risk_filter::plugin::config::Config;
use user_risk_filter::points::Points;
use user_risk_filter::read::field::Field;
use user_risk_filter::read::target::Target;
use user_risk_filter::read::{self, Body};
use user_risk_filter::risk::exchange;

/// One line of a file of recorded requests. Other members are ignored.
#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) class: String,
    #[serde(default)]
    pub(crate) label: String,
    pub(crate) request: Request,
}

/// A request as the client sent it. A body under another name would be a request without one, in silence.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
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
    ///
    /// # Errors
    /// `body_b64` is not Base64.
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

/// What the engine detects in a request that is its user's first.
pub(crate) struct Judged {
    /// Each detection with the points that it adds, the most severe first.
    pub(crate) detections: Vec<(Detection, Points)>,
    pub(crate) unseen: Unseen,
}

/// How many bytes of a request were not scanned because of a cap, as the counters of the same names count them.
#[derive(Clone, Copy, Default, Serialize)]
pub(crate) struct Unseen {
    pub(crate) body_bytes_skipped: u64,
    pub(crate) value_bytes_skipped: u64,
}

impl Unseen {
    /// Was all of it scanned?
    pub(crate) fn is_nothing(&self) -> bool {
        self.body_bytes_skipped == 0 && self.value_bytes_skipped == 0
    }
}

impl Judged {
    /// The points of the whole exchange.
    pub(crate) fn points(&self) -> Points {
        self.detections.iter().map(|(_, points)| *points).sum()
    }
}

/// Scans a request as the filter would, in one piece, and records the steps in `trace`.
pub(crate) fn judge<T: Trace>(config: &Config, rules: &RuleSet, head: &Head, body: &[u8], trace: T) -> (Judged, T) {
    let mut scan = Scan::traced(trace);
    scan.begin(rules, head);
    scan.arrived(head.headers().size() + body.len());
    let mut sink = |field: Field<'_>| scan.push(rules, field);
    let mut unjoined = read::head(head, &mut sink);
    let (mut body_bytes_skipped, mut expands) = (0, false);
    if !body.is_empty() {
        let mut reader = Body::new(head, config.detect.body_limit());
        reader.push(body, &mut sink);
        reader.finish(&mut sink);
        body_bytes_skipped = reader.skipped();
        expands = reader.expands();
        unjoined += reader.unjoined();
    }
    scan.skip(unjoined);
    if expands {
        let field = Field { target: Target::Text, name: b"", value: b"", encoded: false };
        scan.note(rules, Signal::BodyExpands, field, Whose::Exchange);
    }
    let detections = exchange::ranked(rules, scan.take());
    let unseen = Unseen { body_bytes_skipped, value_bytes_skipped: scan.take_unseen() };
    let points = exchange::alone(&config.risk, rules, &detections);
    (Judged { detections: detections.into_iter().zip(points).collect(), unseen }, scan.into_trace())
}

/// A detection as it is printed.
#[derive(Serialize)]
pub(crate) struct Detected<'a> {
    pub(crate) rule: &'a str,
    pub(crate) category: &'static str,
    pub(crate) severity: &'static str,
    /// How sure it is.
    pub(crate) confidence: &'static str,
    /// The recogniser by which the value only shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) shown_as: Option<&'static str>,
    pub(crate) target: &'a str,
    pub(crate) reason: &'a str,
}

impl<'a> Detected<'a> {
    pub(crate) fn new(rules: &'a RuleSet, detection: &'a Detection) -> Self {
        let rule = rules.rule(detection.rule);
        let (category, severity) = (rule.category.slug(), detection.severity.slug());
        let (confidence, shown_as) = (detection.confidence.slug(), detection.shape.map(Shape::slug));
        Self {
            rule: rule.id,
            category,
            severity,
            confidence,
            shown_as,
            target: &detection.target,
            reason: detection.reason,
        }
    }
}
