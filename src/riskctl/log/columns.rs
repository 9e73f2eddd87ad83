//! Which column of a log means what? The names that Envoy, meshes and servers give to the same thing.

use serde_json::{Map, Value};

use super::entry::Entry;
use super::time;
use super::unread::{NO_JSON, NO_PATH, NO_TIME, Unread};

/// Which columns name the user and the client's address, beyond those that are known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    /// Tried in order, in the spelling of [`plain`].
    user: Vec<String>,
    address: Option<String>,
}

/// What columns are called that hold the user's name.
const USERS: &[&str] = &["x_user_id", "user_id", "remote_user", "user", "username"];

const TIMES: &[&str] = &["start_time", "@timestamp", "timestamp", "time", "time_iso8601", "ts", "date"];
const METHODS: &[&str] = &["method", "request_method", "http_method", "verb"];
/// The path before a route rewrote it comes first.
const TARGETS: &[&str] = &[
    "x_envoy_original_path",
    "x_envoy_origin_path",
    "path",
    "request_path",
    "request_uri",
    "uri",
    "url",
    "request_url",
];
const QUERIES: &[&str] = &["query", "query_string", "args"];
const STATUSES: &[&str] = &["response_code", "status", "status_code", "http_status", "response_status"];
const ADDRESSES: &[&str] = &[
    "downstream_remote_address",
    "remote_address",
    "remote_addr",
    "client_ip",
    "remote_ip",
    "client_address",
    "source_address",
    "downstream_direct_remote_address",
];
const HOSTS: &[&str] = &["authority", "host", "http_host", "request_host", "vhost"];
/// Headers that logs call differently, and how they are called in a request.
const HEADERS: &[(&str, &str)] = &[
    ("user_agent", "user-agent"),
    ("http_user_agent", "user-agent"),
    ("referer", "referer"),
    ("referrer", "referer"),
    ("http_referer", "referer"),
    ("cookie", "cookie"),
    ("http_cookie", "cookie"),
    ("authorization", "authorization"),
    ("content_type", "content-type"),
    ("origin", "origin"),
    ("accept", "accept"),
    ("accept_language", "accept-language"),
    ("accept_encoding", "accept-encoding"),
    ("sec_fetch_site", "sec-fetch-site"),
    ("forwarded", "forwarded"),
    ("request_id", "x-request-id"),
    ("http_x_forwarded_for", "x-forwarded-for"),
];

impl Columns {
    /// The user is in the column `user`, or else in one that is called as users are, `header` first; the client's address
    /// in the column `address`.
    pub(crate) fn new(header: &str, user: Option<&str>, address: Option<&str>) -> Self {
        let user = match user {
            Some(user) => vec![plain(user)],
            None => std::iter::once(plain(header)).chain(USERS.iter().map(|name| (*name).to_owned())).collect(),
        };
        Self { user, address: address.map(plain) }
    }

    /// Is this a column that names the user?
    pub(super) fn is_user(&self, name: &str) -> bool {
        self.user.contains(&plain(name))
    }

    /// Is the client's address in a column of this name?
    pub(super) fn is_address(&self, name: &str) -> bool {
        self.address.as_deref() == Some(&plain(name))
    }

    /// Reads a line that is one JSON object, whatever its members are called and however deep they are.
    pub(super) fn entry(&self, line: &[u8]) -> Result<Entry, Unread> {
        let Ok(Value::Object(object)) = serde_json::from_slice(line) else { return Err(NO_JSON) };
        let mut flat = Vec::new();
        flatten(&object, 0, &mut flat);
        let text = |names: &[&str]| names.iter().find_map(|name| flat.iter().find(|(key, _)| key == name));
        let line = flat.iter().find(|(key, _)| key == "request").and_then(|(_, line)| request_line(line));
        let mut entry = Entry {
            time: text(TIMES).and_then(|(_, value)| moment(value)).ok_or(NO_TIME)?,
            status: text(STATUSES).and_then(|(_, value)| value.parse().ok()).filter(|status| *status > 0),
            method: text(METHODS).map(|(_, value)| value.clone().into_bytes()).unwrap_or_default(),
            ..Entry::default()
        };
        let mut target = text(TARGETS).map(|(_, value)| value.clone());
        if let Some((method, path)) = line {
            (entry.method, target) = (method.to_owned().into_bytes(), target.or(Some(path.to_owned())));
        }
        let (host, target) = split_url(target.ok_or(NO_PATH)?);
        entry.target = with_query(target, text(QUERIES).map(|(_, query)| query.as_str()));
        let host = host.or_else(|| text(HOSTS).map(|(_, host)| host.clone()));
        entry.add_header("host", host.unwrap_or_default().as_bytes());
        entry.route = text(&["route_name"]).map(|(_, name)| name.clone());
        entry.cluster = text(&["upstream_cluster"]).map(|(_, name)| name.clone());
        entry.user = self.user.iter().find_map(|name| flat.iter().find(|(key, _)| key == name)).map(|(_, v)| v.clone());
        entry.address = self.address_of(&flat);
        for (name, value) in &flat {
            if let Some(header) = header(name).filter(|_| !self.user.contains(name)) {
                entry.add_header(&header, value.as_bytes());
            }
        }
        Ok(entry)
    }

    fn address_of(&self, flat: &[(String, String)]) -> Option<String> {
        let named = |name: &str| flat.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        match &self.address {
            Some(name) => named(name).and_then(nearest),
            None => ADDRESSES.iter().find_map(|name| named(name)).map(str::to_owned),
        }
    }
}

/// The last address of a list as `x-forwarded-for` has it: the one that the nearest proxy vouches for.
pub(super) fn nearest(list: &str) -> Option<String> {
    let last = list.rsplit(',').next()?.trim();
    (!matches!(last, "" | "-")).then(|| last.to_owned())
}

/// Method and target of `GET /path HTTP/1.1`; the target may hold spaces.
pub(super) fn request_line(line: &str) -> Option<(&str, &str)> {
    let (method, rest) = line.split_once(' ')?;
    let target =
        rest.rsplit_once(' ').filter(|(_, version)| version.starts_with("HTTP/")).map_or(rest, |(path, _)| path);
    let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    (is_method && !target.is_empty()).then_some((method, target))
}

/// How a column's name is compared: in lower case, with underscores, without the colon of a pseudo-header.
fn plain(name: &str) -> String {
    name.trim_start_matches(':').to_ascii_lowercase().replace('-', "_")
}

/// The name of the header that a column holds.
fn header(name: &str) -> Option<String> {
    if let Some((_, header)) = HEADERS.iter().find(|(known, _)| *known == name) {
        return Some((*header).to_owned());
    }
    (name.starts_with("x_") && !name.starts_with("x_envoy_")).then(|| name.replace('_', "-"))
}

/// The texts of all members, inner ones too, under their own plain names.
fn flatten(object: &Map<String, Value>, depth: usize, flat: &mut Vec<(String, String)>) {
    for (name, value) in object {
        let value = match value {
            // Some servers write each header as a list of its values.
            Value::Array(values) => values.first().unwrap_or(&Value::Null),
            value => value,
        };
        match value {
            Value::String(text) if !matches!(text.as_str(), "" | "-") => flat.push((plain(name), text.clone())),
            Value::Number(number) => flat.push((plain(name), number.to_string())),
            Value::Object(inner) if depth < 4 => flatten(inner, depth + 1, flat),
            _ => {}
        }
    }
}

fn moment(text: &str) -> Option<user_risk_filter::clock::Timestamp> {
    time::any(text).or_else(|| time::common(text.trim_matches(['[', ']'])))
}

/// The host, if the target is a whole URL, and path and query.
pub(super) fn split_url(target: String) -> (Option<String>, String) {
    let Some((_, rest)) =
        target.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https" | "ws" | "wss"))
    else {
        return (None, target);
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let path = path.split('#').next().unwrap_or_default();
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    (Some(host.to_owned()), path)
}

fn with_query(target: String, query: Option<&str>) -> Vec<u8> {
    match query {
        Some(query) if !target.contains('?') => format!("{target}?{}", query.trim_start_matches('?')).into_bytes(),
        _ => target.into_bytes(),
    }
}
