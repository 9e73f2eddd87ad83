//! What does the plugin's own configuration say? The same for every proxy, as lines of YAML.

use std::str::FromStr;

use super::channel::Channel;

/// What was chosen.
pub(super) struct Choices {
    pub(super) user: User,
    pub(super) notify: Vec<Channel>,
    pub(super) threshold: u32,
}

/// Who a request's user is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum User {
    Header(String),
    Jwt,
    Cookie(String),
    Nobody,
}

impl FromStr for User {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        match text.split_once(':') {
            Some(("header", name)) if is_name(name) => Ok(Self::Header(name.to_ascii_lowercase())),
            Some(("cookie", name)) if is_name(name) => Ok(Self::Cookie(name.to_owned())),
            None if text == "jwt" => Ok(Self::Jwt),
            None if text == "none" => Ok(Self::Nobody),
            _ => Err(format!("`{text}` names no user; write header:x-user-id, jwt, cookie:sid or none")),
        }
    }
}

impl Choices {
    /// The configuration. `payload` is the key under which the proxy keeps a verified token; `cluster` names a channel's cluster.
    pub(super) fn lines(&self, payload: &str, cluster: &dyn Fn(Channel) -> String) -> Vec<String> {
        let mut lines = vec![
            "mode: learn                 # scores and logs, notifies nobody; change it to monitor when its daily line looks right".to_owned(),
            "user:".to_owned(),
        ];
        lines.push(match &self.user {
            User::Header(name) => format!("  sources: [{{header: {name}}}]   # which clients must not be able to send"),
            User::Jwt => {
                format!("  sources: [{{jwt: {{payload: {payload}, claim: [sub]}}}}]   # of the token that was verified")
            }
            User::Cookie(name) => format!("  sources: [{{cookie: {name}}}]   # only a keyed hash of it is kept"),
            User::Nobody => "  sources: []               # everything counts for the client's address".to_owned(),
        });
        lines.extend([
            "risk:".to_owned(),
            format!(
                "  threshold: {}             # an incident opens when somebody rises by more than this within 24 hours",
                self.threshold
            ),
            "detect:".to_owned(),
            "  exclude: []               # false alarms: riskctl replay --tune writes what to paste here".to_owned(),
        ]);
        match self.notify.is_empty() {
            true => lines.push("notify: []                  # nobody: incidents are only logged".to_owned()),
            false => lines.push("notify:".to_owned()),
        }
        for channel in &self.notify {
            let mark = if channel.is_example() { "   # CHANGE the host, here and in its cluster" } else { "" };
            lines.push(format!("  - {}{mark}", channel.entry(&cluster(*channel))));
        }
        lines
    }

    /// The lines, so many spaces to the right.
    pub(super) fn indented(&self, spaces: usize, payload: &str, cluster: &dyn Fn(Channel) -> String) -> String {
        let indent = " ".repeat(spaces);
        self.lines(payload, cluster).iter().map(|line| format!("{indent}{line}\n")).collect()
    }

    /// Comments that say which secrets have to be where Envoy starts.
    pub(super) fn secrets(&self) -> String {
        let line = |channel: &Channel| format!("#   {}: {}\n", channel.variable(), channel.secret());
        self.notify.iter().map(line).collect()
    }
}
