//! HAR, as a browser's developer tools save it: one JSON document, read an exchange at a time.
//!
//! Source: HTTP Archive 1.2 (<http://www.softwareishard.com/blog/har-12-spec/>).

use std::fmt;
use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::columns::{Columns, split_url};
use super::entry::Entry;
use super::time;
use super::unread::{NO_TIME, Unread};

/// A HAR has no client addresses. Whoever recorded it is one user, unless the requests name theirs.
const BROWSER: &str = "browser";

/// Reads the whole document and hands over each of its exchanges.
///
/// # Errors
/// It is no HAR; what was read before has been handed over.
pub(crate) fn read(
    input: impl Read,
    columns: &Columns,
    take: &mut dyn FnMut(Result<Entry, Unread>),
) -> Result<(), String> {
    let mut take = |exchange: Exchange| take(exchange.entry(columns));
    let mut json = serde_json::Deserializer::from_reader(input);
    Within { path: &["log", "entries"], take: &mut take }
        .deserialize(&mut json)
        .map_err(|error| format!("is no HAR: {error}"))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Exchange {
    started_date_time: String,
    request: Asked,
    #[serde(default)]
    response: Answered,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<Named>,
    post_data: Option<Posted>,
}

#[derive(Default, Deserialize)]
struct Answered {
    #[serde(default)]
    status: i64,
    #[serde(default)]
    headers: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Posted {
    #[serde(default)]
    text: String,
    #[serde(default)]
    mime_type: String,
    #[serde(default)]
    encoding: String,
}

impl Exchange {
    fn entry(self, columns: &Columns) -> Result<Entry, Unread> {
        let (host, target) = split_url(self.request.url);
        let mut entry = Entry {
            time: time::any(&self.started_date_time).ok_or(NO_TIME)?,
            method: self.request.method.into_bytes(),
            target: target.into_bytes(),
            // A request that was never answered has the status 0.
            status: u16::try_from(self.response.status).ok().filter(|status| *status > 0),
            ..Entry::default()
        };
        for Named { name, value } in self.request.headers {
            let name = name.to_ascii_lowercase();
            // Pseudo-headers of HTTP/2 repeat what stands elsewhere.
            if !name.starts_with(':') {
                entry.add_header(&name, value.as_bytes());
            }
        }
        if entry.header(":authority").is_none() {
            entry.add_header("host", host.unwrap_or_default().as_bytes());
        }
        let posted = self.request.post_data.unwrap_or(Posted {
            text: String::new(),
            mime_type: String::new(),
            encoding: String::new(),
        });
        if entry.header("content-type").is_none() {
            entry.add_header("content-type", posted.mime_type.as_bytes());
        }
        let coded = (posted.encoding == "base64").then(|| STANDARD.decode(&posted.text).ok()).flatten();
        entry.body = Some(coded.unwrap_or_else(|| posted.text.into_bytes()));
        let headers = self.response.headers.into_iter();
        entry.response_headers =
            headers.map(|Named { name, value }| (name.to_ascii_lowercase(), value.into_bytes())).collect();
        if !entry.headers.iter().any(|(name, _)| columns.is_user(name)) {
            entry.user = Some(BROWSER.to_owned());
        }
        Ok(entry)
    }
}

/// What stands below a path of members, without keeping what stands beside it.
struct Within<'a, F> {
    path: &'a [&'a str],
    take: &'a mut F,
}

impl<'de, F: FnMut(Exchange)> DeserializeSeed<'de> for Within<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.path.is_empty() { deserializer.deserialize_seq(self) } else { deserializer.deserialize_map(self) }
    }
}

impl<'de, F: FnMut(Exchange)> Visitor<'de> for Within<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{\"log\": {\"entries\": […]}}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Self { path, take } = self;
        while let Some(name) = members.next_key::<String>()? {
            match path {
                [first, rest @ ..] if name == *first => {
                    members.next_value_seed(Within { path: rest, take: &mut *take })?
                }
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(exchange) = items.next_element::<Exchange>()? {
            (self.take)(exchange);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::shown;
    use super::*;

    const HAR: &str = r#"{"log": {"version": "1.2", "creator": {"name": "Firefox"}, "pages": [], "entries": [
        {"startedDateTime": "2026-01-02T04:04:05.678+01:00", "time": 12, "request": {"method": "POST", "url": "https://shop.example/a?b=c#d",
         "headers": [{"name": ":path", "value": "/a"}, {"name": "Cookie", "value": "s=1"}], "postData": {"mimeType": "text/plain", "text": "x=1"}},
         "response": {"status": 200, "headers": [{"name": "Server", "value": "x"}]}},
        {"startedDateTime": "2026-01-02T03:04:06Z", "request": {"method": "GET", "url": "https://shop.example", "headers": [{"name": "X-User-Id", "value": "7"}]},
         "response": {"status": 0}}]}}"#;

    fn all(text: &str) -> (Vec<String>, Result<(), String>) {
        let mut found = Vec::new();
        let columns = Columns::new("x-user-id", None, None);
        let end = read(text.as_bytes(), &columns, &mut |entry| found.push(shown(&entry.unwrap())));
        (found, end)
    }

    #[test]
    fn exchanges_are_read_one_by_one() {
        let (found, end) = all(HAR);
        let expected = [
            "2026-01-02T03:04:05.678Z POST /a?b=c 200 user=browser cookie=s=1 :authority=shop.example content-type=text/plain body=x=1",
            "2026-01-02T03:04:06.000Z GET / x-user-id=7 :authority=shop.example body=",
        ];
        assert_eq!((found, end), (expected.map(str::to_owned).to_vec(), Ok(())));
    }

    #[test]
    fn what_breaks_off_is_said_after_what_was_whole() {
        let (found, end) = all(&HAR[..HAR.len() - 60]);
        assert_eq!((found.len(), end.unwrap_err().starts_with("is no HAR: ")), (1, true));
        assert!(all("[]").1.is_err() && all("").1.is_err());
    }
}
