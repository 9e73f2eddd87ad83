//! The filter's own log lines: what it detected, as it wrote it.
//!
//! A line holds rules and targets but no values, so whether two of them were the same act is known only where the line says so
//! (`counted_before`).

use serde::Deserialize;
use user_risk_filter::detect::category::Severity;
use user_risk_filter::read::target::Target;

use super::entry::{Entry, Found};
use super::time;
use super::unread::{NO_TIME, NOT_MALICIOUS, Unread};

/// How a line of the filter begins, wherever Envoy's log has put it.
const START: &[u8] = b"{\"event\":\"";

#[derive(Deserialize)]
struct Line {
    event: String,
    time: String,
    method: String,
    host: String,
    route: String,
    status: Option<u16>,
    user: Option<String>,
    source: Option<String>,
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    rule: String,
    severity: String,
    target: String,
    #[serde(default)]
    counted_before: bool,
}

/// Is the line the filter's?
pub(super) fn is(line: &[u8]) -> bool {
    memchr::memmem::find(line, START).is_some()
}

/// Reads a line.
pub(super) fn read(line: &[u8]) -> Result<Entry, Unread> {
    let json = memchr::memmem::find(line, START).and_then(|at| line.get(at..)).ok_or(NOT_MALICIOUS)?;
    // Envoy may go on behind it.
    let mut lines = serde_json::Deserializer::from_slice(json).into_iter::<Line>();
    let Some(Ok(line)) = lines.next() else { return Err(NOT_MALICIOUS) };
    if line.event != "malicious_request" {
        return Err(NOT_MALICIOUS);
    }
    // Of IPv6 the line has the network: `2001:db8::/64`.
    let network = line.user.as_ref().filter(|_| line.source.as_deref() == Some("address"));
    let address = network.map(|network| network.split('/').next().unwrap_or_default().to_owned());
    let user = line.user.clone().filter(|_| address.is_none());
    let new = line.rules.into_iter().filter(|rule| !rule.counted_before);
    let found = new.filter_map(|rule| {
        let (kind, name) = rule.target.split_once(':').unwrap_or((&rule.target, ""));
        let target = Target::ALL.iter().copied().find(|known| known.slug() == kind)?;
        Some(Found {
            severity: Severity::from_slug(&rule.severity),
            target,
            name: name.to_owned(),
            value: None,
            user: user.clone(),
            rule: rule.rule.clone(),
        })
    });
    let mut entry = Entry {
        time: time::any(&line.time).ok_or(NO_TIME)?,
        method: line.method.into_bytes(),
        found: found.collect(),
        status: line.status,
        user,
        address,
        ..Entry::default()
    };
    entry.add_header("host", line.host.as_bytes());
    // A template is no path; as a name it stays what it is.
    (entry.target, entry.route) = (b"/".to_vec(), Some(line.route));
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    const NAMED: &str = r#"{"event":"malicious_request","time":"2026-01-02T03:04:05.678Z","request_id":"6a3d","method":"GET","host":"shop.example","route":"/users/{}","status":200,"user":"4711","source":"header:x-user-id","points":8,"increase":8,"threshold":10,"rules":[{"rule":"sqli.union-select","category":"sqli","severity":"critical","target":"query:q","points":8,"counted_before":false},{"rule":"sqli.tautology","category":"sqli","severity":"high","target":"query:q","points":0,"counted_before":true}]}"#;

    #[test]
    fn lines_are_found_wherever_they_stand() {
        let seen = "2026-01-02T03:04:05.678Z GET / 200";
        let rest = "route=/users/{} :authority=shop.example found=sqli.union-select:query:q";
        let named = format!("{seen} user=4711 {rest} by 4711");
        let read = |line: &[u8], _: &_| read(line);
        check("bare", read, NAMED, &named);
        let wrapped = format!(
            "[2026-01-02 03:04:05.678][12][warning][wasm] [source/extensions/common/wasm/context.cc:1195] wasm log user_risk_filter: {NAMED}"
        );
        check("in Envoy's log", read, &wrapped, &named);
        let address = NAMED.replace("4711", "2001:db8::/64").replace("header:x-user-id", "address");
        check("an address", read, &address, &format!("{seen} 2001:db8:: {rest} by the client"));
        let other = NAMED.replace("malicious_request", "incident_opened");
        for line in [other.as_str(), "[2026-01-02][1][info] starting", "{\"event\":\"started\"}"] {
            assert_eq!(super::read(line.as_bytes()), Err(NOT_MALICIOUS), "{line}");
        }
    }
}
