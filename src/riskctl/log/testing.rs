//! What the tests of all formats share: an entry in one line.

use super::columns::Columns;
use super::entry::Entry;
use super::unread::Unread;

/// Time, method, target, status, address, user, route, cluster, headers, body and detections: those that are there.
pub(super) fn shown(entry: &Entry) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut parts = vec![entry.time.to_string(), text(&entry.method), text(&entry.target)];
    parts.extend(entry.status.map(|status| status.to_string()));
    parts.extend(entry.address.clone());
    let named = [("user", &entry.user), ("route", &entry.route), ("cluster", &entry.cluster)];
    parts.extend(named.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref()?))));
    parts.extend(entry.headers.iter().map(|(name, value)| format!("{name}={}", text(value))));
    parts.extend(entry.body.iter().map(|body| format!("body={}", text(body))));
    parts.extend(entry.found.iter().map(|found| {
        let user = found.user.as_deref().unwrap_or("the client");
        format!("found={}:{}:{} by {user}", found.rule, found.target.slug(), found.name)
    }));
    parts.join(" ")
}

/// Reads a line that is good.
pub(super) fn check(name: &str, read: impl Fn(&[u8], &Columns) -> Result<Entry, Unread>, line: &str, expected: &str) {
    let columns = Columns::new("x-user-id", None, None);
    let found = read(line.as_bytes(), &columns).map(|entry| shown(&entry));
    assert_eq!(found.as_deref(), Ok(expected), "{name}: {line}");
}

/// Reads a line that is none.
pub(super) fn unread(read: impl Fn(&[u8], &Columns) -> Result<Entry, Unread>, line: &str, expected: &str) {
    let columns = Columns::new("x-user-id", None, None);
    assert_eq!(read(line.as_bytes(), &columns), Err(expected), "{line}");
}
