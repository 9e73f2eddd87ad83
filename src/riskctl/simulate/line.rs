//! What can a line of the input be? A recorded request, or a detection that was already made, each with its time.

use serde::Deserialize;
use serde_json::Value;
use user_risk_filter::clock::Timestamp;
use user_risk_filter::detect::category::Severity;
use user_risk_filter::exchange::head::Head;
use user_risk_filter::exchange::headers::Headers;
use user_risk_filter::exchange::proxy::Known;
use user_risk_filter::read::target::Target;

use crate::request::Request;

/// Something that happened.
pub(super) struct Happening {
    pub(super) time: Timestamp,
    pub(super) number: usize,
    pub(super) what: What,
}

/// What happened.
pub(super) enum What {
    /// A request was sent.
    Request { head: Head, body: Vec<u8>, proxy: Box<Known> },
    /// Something was detected.
    Detected(Box<Detected>),
}

/// A detection that was already made.
pub(super) struct Detected {
    pub(super) user: String,
    pub(super) rule: String,
    pub(super) severity: Option<Severity>,
    pub(super) target: Target,
    pub(super) name: String,
    pub(super) value: String,
    pub(super) head: Head,
    pub(super) proxy: Known,
}

/// A line with a request. Other members are ignored, as in `riskctl scan`.
#[derive(Deserialize)]
struct Recorded {
    time: String,
    request: Request,
    #[serde(default)]
    address: Option<String>,
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    response_headers: Vec<(String, String)>,
}

/// A line with a detection.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    time: String,
    user: String,
    rule: String,
    severity: Option<String>,
    route: Option<String>,
    value: Option<String>,
    target: Option<String>,
}

impl Happening {
    /// Reads a line; `number` is for messages.
    ///
    /// # Errors
    /// What is wrong with it, and how to fix it.
    pub(super) fn read(line: &[u8], number: usize) -> Result<Self, String> {
        let value: Value = serde_json::from_slice(line).map_err(|error| {
            let position = format!("at line {} column", error.line());
            error.to_string().replace(&position, "at column")
        })?;
        if !value.is_object() {
            return Err("is no JSON object; write one per line".to_owned());
        }
        let (time, what) = match value.get("request") {
            Some(_) => request(serde_json::from_value(value).map_err(|error| error.to_string())?)?,
            None => event(serde_json::from_value(value).map_err(|error| error.to_string())?, number)?,
        };
        Ok(Self { time, number, what })
    }
}

fn request(line: Recorded) -> Result<(Timestamp, What), String> {
    let body = line.request.body()?;
    let mut proxy = line.address.map_or_else(Known::default, |address| Known::default().with_address(address));
    if line.status.is_some() || !line.response_headers.is_empty() {
        let named = line.response_headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
        proxy = proxy.answering(line.status.unwrap_or(200), named.collect::<Headers>());
    }
    Ok((moment(&line.time)?, What::Request { head: line.request.head(), body, proxy: Box::new(proxy) }))
}

fn event(line: Event, number: usize) -> Result<(Timestamp, What), String> {
    let severity = line.severity.map(|name| {
        let severity = Severity::from_slug(&name);
        severity.ok_or_else(|| format!("severity: `{name}` is none; write low, medium, high or critical"))
    });
    let target = line.target.unwrap_or_else(|| "query".to_owned());
    let (kind, name) = target.split_once(':').unwrap_or((&target, ""));
    let kind = Target::ALL.iter().copied().find(|known| known.slug() == kind).ok_or_else(|| {
        format!("target: `{target}` is none; write it as in the log, for example query:id, cookie:sid or path")
    })?;
    let (path, proxy) = match line.route {
        Some(route) if !route.starts_with('/') => ("/".to_owned(), Known::default().with_route(route)),
        route => (route.unwrap_or_else(|| "/".to_owned()), Known::default()),
    };
    let detected = Detected {
        user: line.user,
        rule: line.rule,
        severity: severity.transpose()?,
        target: kind,
        name: name.to_owned(),
        // Without a value each line is an act of its own.
        value: line.value.unwrap_or_else(|| format!("line {number}")),
        head: Head::new([(":path".to_owned(), path)].into_iter().collect()),
        proxy,
    };
    Ok((moment(&line.time)?, What::Detected(Box::new(detected))))
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let time = humantime::parse_rfc3339(text).map_err(|_| {
        format!("time: `{text}` is none; write UTC as in 2026-01-02T03:04:05Z or 2026-01-02T03:04:05.678Z")
    })?;
    Ok(Timestamp::from(time))
}
