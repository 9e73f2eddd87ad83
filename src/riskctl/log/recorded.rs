//! Recorded requests and detections, as `riskctl scan` and `riskctl simulate` read them: whole requests, body and all.

use serde::Deserialize;
use serde_json::Value;
use user_risk_filter::clock::Timestamp;
use user_risk_filter::detect::category::Severity;
use user_risk_filter::read::target::Target;

use super::entry::{Entry, Found};
use crate::request::Request;

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

/// Reads a line.
///
/// # Errors
/// What is wrong with it, and how to fix it.
pub(crate) fn read(line: &[u8]) -> Result<Entry, String> {
    let value: Value = serde_json::from_slice(line).map_err(|error| {
        let position = format!("at line {} column", error.line());
        error.to_string().replace(&position, "at column")
    })?;
    if !value.is_object() {
        return Err("is no JSON object; write one per line".to_owned());
    }
    match value.get("request") {
        Some(_) => request(serde_json::from_value(value).map_err(|error| error.to_string())?),
        None => event(serde_json::from_value(value).map_err(|error| error.to_string())?),
    }
}

fn request(line: Recorded) -> Result<Entry, String> {
    let mut entry = Entry {
        time: moment(&line.time)?,
        body: Some(line.request.body()?),
        method: line.request.method.into_bytes(),
        target: line.request.path.into_bytes(),
        address: line.address,
        status: line.status,
        ..Entry::default()
    };
    for (name, value) in line.request.headers {
        let name = name.to_ascii_lowercase();
        let name = if name == "host" { ":authority".to_owned() } else { name };
        entry.headers.push((name, value.into_bytes()));
    }
    let named = line.response_headers.into_iter();
    entry.response_headers = named.map(|(name, value)| (name.to_ascii_lowercase(), value.into_bytes())).collect();
    Ok(entry)
}

fn event(line: Event) -> Result<Entry, String> {
    let severity = line.severity.map(|name| {
        let severity = Severity::from_slug(&name);
        severity.ok_or_else(|| format!("severity: `{name}` is none; write low, medium, high or critical"))
    });
    let target = line.target.unwrap_or_else(|| "query".to_owned());
    let (kind, name) = target.split_once(':').unwrap_or((&target, ""));
    let kind = Target::ALL.iter().copied().find(|known| known.slug() == kind).ok_or_else(|| {
        format!("target: `{target}` is none; write it as in the log, for example query:id, cookie:sid or path")
    })?;
    let (path, route) = match line.route {
        Some(route) if !route.starts_with('/') => ("/".to_owned(), Some(route)),
        route => (route.unwrap_or_else(|| "/".to_owned()), None),
    };
    let found = Found {
        rule: line.rule,
        severity: severity.transpose()?,
        target: kind,
        name: name.to_owned(),
        value: line.value,
        user: Some(line.user),
    };
    Ok(Entry { time: moment(&line.time)?, target: path.into_bytes(), route, found: vec![found], ..Entry::default() })
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let time = humantime::parse_rfc3339(text).map_err(|_| {
        format!("time: `{text}` is none; write UTC as in 2026-01-02T03:04:05Z or 2026-01-02T03:04:05.678Z")
    })?;
    Ok(Timestamp::from(time))
}
