//! Where can a reader go from here? To the log, to the user, to the console: by the operator's own addresses.

use serde::Serialize;

use crate::incident::snapshot::Transition;
use crate::notify::notice::message::{Notice, USER_LIMIT};
use crate::notify::notice::phrasing::word;
use crate::text::untrusted;

/// An address for people, and what it leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// What it leads to, as much as fits on a button.
    pub text: String,
    /// The address: printable ASCII without quotes, angle brackets and bars, so that it ends where it ends.
    pub url: String,
}

/// What leads to the runbook.
pub const RUNBOOK: &str = "Runbook";
/// The longest address that is sent; a longer one is left out, as half a link is useless.
const URL_LIMIT: usize = 1200;
/// The longest command.
const COMMAND_LIMIT: usize = 600;
/// The length of a mute to paste.
const MUTE: &str = "2h";
/// As many digits of a user's hash as the console is asked for.
const ID_DIGITS: usize = 16;

impl Notice<'_> {
    /// All that a reader may follow: the runbook, the console's page of the user, the user elsewhere, each request.
    pub fn links(&self) -> Vec<Link> {
        let runbook = self.runbook().map(|url| Link { text: RUNBOOK.to_owned(), url: bounded(url) });
        let console = self.console_link().map(|url| Link { text: "Console".to_owned(), url });
        let mut links: Vec<Link> = runbook.into_iter().chain(console).collect();
        // A hash leads nowhere.
        if self.rollup.is_none()
            && !self.is_address()
            && !self.snapshot.user_digest.to_string().starts_with(&self.snapshot.user)
        {
            let user = untrusted::clean(&self.snapshot.user, USER_LIMIT);
            let url = filled(&self.links.user, "{user}", &user);
            links.extend(url.map(|url| Link { text: "User".to_owned(), url }));
        }
        links.extend(self.requests().iter().filter_map(|request| self.log_link(&request.id)));
        links
    }

    /// Where the log has this request.
    pub fn log_link(&self, request_id: &str) -> Option<Link> {
        let url = filled(&self.links.log, "{request_id}", request_id)?;
        let start: String = request_id.chars().take(8).collect();
        Some(Link { text: format!("Request {}", word(&start)), url })
    }

    /// Where the console is, if the operator says how it is reached.
    pub fn console_url(&self) -> Option<String> {
        let at = self.links.console.trim_end_matches('/');
        let path = self.console.filter(|_| !at.is_empty())?;
        Some(bounded(&format!("{at}{path}"))).filter(|url| url.len() <= URL_LIMIT)
    }

    /// The user's page in the console, or its list where the message is about many. Of what a client wrote nothing is in it.
    fn console_link(&self) -> Option<String> {
        let page = if self.rollup.is_some() { String::new() } else { format!("/{}", self.user_id()) };
        Some(format!("{}#/users{page}", self.console_url()?)).filter(|url| url.len() <= URL_LIMIT)
    }

    /// As many digits of the user's hash as the console is asked for.
    fn user_id(&self) -> String {
        self.snapshot.user_digest.to_string().chars().take(ID_DIGITS).collect()
    }

    /// The command that mutes the user, to paste into a shell where the console's token is. Of what a client wrote
    /// nothing is in it: the user stands there by the hash.
    pub fn mute(&self) -> Option<String> {
        let is_open = self.rollup.is_none() && self.snapshot.transition != Transition::Resolved;
        let path = self.console.filter(|_| is_open)?;
        let is_plain =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/:._~[]-".contains(&byte));
        let at = if self.links.console.is_empty() { "$CONSOLE" } else { self.links.console.trim_end_matches('/') };
        if !is_plain(path) || at != "$CONSOLE" && !is_plain(at) {
            return None;
        }
        let id = self.user_id();
        let command = format!(
            "curl -X POST -H \"authorization: Bearer $TOKEN\" \
             \"{at}{path}/mute?id={id}&for={MUTE}&who=$USER&why=being+looked+into\""
        );
        Some(command).filter(|command| command.len() <= COMMAND_LIMIT)
    }
}

/// The template with the value in its place; none where there is no template, where the value is none that was kept
/// whole, or where the whole would be too long to be sent.
fn filled(template: &str, variable: &str, value: &str) -> Option<String> {
    let is_whole = !value.contains(['…', char::REPLACEMENT_CHARACTER]);
    // A browser would take dots for a way up.
    let is_dots = value.bytes().all(|byte| byte == b'.');
    if template.is_empty() || is_dots || !is_whole {
        return None;
    }
    let url = bounded(&template.replace(variable, &escaped(value)));
    Some(url).filter(|url| url.len() <= URL_LIMIT)
}

/// Percent-coded but for what may stand anywhere in an address (RFC 3986, 2.3).
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => escaped.push(char::from(byte)),
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

/// An operator's address without the characters that would end it somewhere: `|` in Slack, `<` and quotes elsewhere.
fn bounded(url: &str) -> String {
    let ends = |byte: u8| b"|<>\"'`\\^{}()[]".contains(&byte);
    let mut bounded = String::new();
    let (scheme, rest) = url.split_at(url.find("://").map_or(0, |at| at + 3));
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    bounded.push_str(scheme);
    bounded.push_str(host);
    for character in path.chars() {
        match u8::try_from(character).ok().filter(|byte| ends(*byte)) {
            Some(byte) => bounded.push_str(&format!("%{byte:02X}")),
            None => bounded.push(character),
        }
    }
    bounded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::notice::links::Links;

    #[test]
    fn an_address_is_filled_in_whole_or_not_at_all() {
        let (log, none) = ("https://logs/?q=id:%22{request_id}%22", None);
        let rows = [
            (log, "b7b2c1a0-9d41", Some("https://logs/?q=id:%22b7b2c1a0-9d41%22")),
            (log, "a b/c?d&<\"'ä", Some("https://logs/?q=id:%22a%20b%2Fc%3Fd%26%3C%22%27%C3%A4%22")),
            ("", "a", none),
            (log, "", none),
            (log, "..", none),
            (log, "cut…", none),
            (log, "odd\u{fffd}", none),
            ("https://[::1]/a'(b)|{request_id}", "x", Some("https://[::1]/a%27%28b%29%7Cx")),
        ];
        for (template, id, expected) in rows {
            assert_eq!(filled(template, "{request_id}", id).as_deref(), expected, "{template} {id}");
        }
        assert_eq!(filled(log, "{request_id}", &"ä".repeat(300)), None);
    }

    #[test]
    fn links_are_addresses_with_a_place_for_what_is_looked_for() {
        let wrong = "is not a URL; write https://host/path";
        let rows = [
            ("log", "https://logs/{request_id}", None),
            ("log", "logs/{request_id}", Some(wrong)),
            ("log", "https://logs/", Some("has no {request_id} in its path or query; write where it belongs")),
            ("log", "https://{request_id}.logs/", Some(wrong)),
            ("log", "https://l{request_id}/", Some("has no {request_id} in its path or query; write where it belongs")),
            ("user", "https://shop/{user}", None),
            ("user", "https://shop/{request_id}", Some("has no {user} in its path or query; write where it belongs")),
            ("console", "http://10.0.0.7:10003", None),
            ("console", "http://h/?x", Some("has a query or a fragment; write https://host:port")),
            ("console", "10.0.0.7:10003", Some(wrong)),
        ];
        for (option, url, expected) in rows {
            let mut links = Links::default();
            match option {
                "log" => links.log = url.to_owned(),
                "user" => links.user = url.to_owned(),
                _ => links.console = url.to_owned(),
            }
            let found = links.check();
            assert_eq!(
                found.as_ref().err().map(|(at, what)| (*at, what.as_str())),
                expected.map(|what| (option, what)),
                "{url}"
            );
        }
    }
}
