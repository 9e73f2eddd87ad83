//! How is a Slack channel told? By an incoming webhook: a fallback text and blocks.
//!
//! Source: <https://docs.slack.dev>, on incoming webhooks, Block Kit and its limits, and the formatting of text.
//! What a client wrote stands only in plain text or in code spans, where Slack's markup means nothing.

use serde::Serialize;

use crate::clock::Span;
use crate::incident::snapshot::{Snapshot, Transition};
use crate::notify::callout::Request;
use crate::notify::channel::endpoint::Endpoint;
use crate::notify::channel::{CLIENT, Delivery, Either, Mistake, default_timeout, headers, json};
use crate::notify::notice::deed::Deed;
use crate::notify::notice::words::{Counted, MoreRules, Readable, Times};
use crate::notify::notice::{Fact, Notice};
use crate::risk::crossing::Band;
use crate::secret::{FromEnv, Secret};
use crate::untrusted::{slack, slack_code};
use crate::written::options::options;

/// The options of Slack.
#[derive(Clone, Debug)]
pub struct Slack {
    cluster: String,
    url: Option<Secret>,
    url_env: Option<FromEnv>,
    timeout: Span,
}

options! { Slack { cluster, url, url_env, timeout = default_timeout() } }

/// Slack's limits, in characters, but for the first two: those keep the whole below about 13,000.
const TEXT_LIMIT: usize = 1500;
const FIELD_LIMIT: usize = 300;
const HEADER_LIMIT: usize = 150;
const SECTION_LIMIT: usize = 3000;

/// As many rules as are told, if their section has room for them.
const DEEDS: usize = 10;

impl Slack {
    pub(super) fn delivery(&self) -> Delivery<'_> {
        Delivery { cluster: &self.cluster, timeout: self.timeout.duration() }
    }

    pub(super) fn variable(&mut self) -> (&'static str, &mut Option<FromEnv>) {
        ("url_env", &mut self.url_env)
    }

    pub(super) fn identity(&self) -> Vec<&str> {
        vec![self.url().expose()]
    }

    pub(super) fn check(&self) -> Result<(), Mistake> {
        self.url().check(|url| Endpoint::parse(url).map(drop).map_err(str::to_owned))
    }

    pub(super) fn request(&self, notice: &Notice<'_>) -> Request {
        let endpoint = Endpoint::parse(self.url().expose()).unwrap_or_default();
        endpoint.request(headers([]), json(&Message::new(notice)))
    }

    fn url(&self) -> Either<'_> {
        Either { inline: ("url", &self.url), from_env: ("url_env", &self.url_env) }
    }
}

/// The body. `text` is what notifications and screen readers say.
#[derive(Serialize)]
struct Message {
    text: String,
    mrkdwn: bool,
    unfurl_links: bool,
    unfurl_media: bool,
    blocks: Vec<Block>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Block {
    Header {
        text: Text,
    },
    Section {
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<Text>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        fields: Vec<Text>,
    },
    Context {
        elements: Vec<Text>,
    },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Text {
    /// Shown as it is; `emoji` would make pictures of `:words:`.
    PlainText { text: String, emoji: bool },
    /// Formatted; `verbatim` keeps Slack from making links and mentions of plain words.
    Mrkdwn { text: String, verbatim: bool },
}

impl Message {
    fn new(notice: &Notice<'_>) -> Self {
        let headline = notice.headline();
        let (light, header) = (light(notice.snapshot), slack(&headline, HEADER_LIMIT - 3));
        let mut blocks = vec![Block::Header { text: Text::plain(format!("{light} {header}")) }];
        if header != slack(&headline, SECTION_LIMIT) {
            blocks.push(Block::section(Text::plain(slack(&headline, SECTION_LIMIT))));
        }
        let fields = notice.facts().iter().map(field).collect();
        blocks.push(Block::Section { text: None, fields });
        if let Some(deeds) = deeds(notice) {
            blocks.push(Block::section(Text::marked(deeds)));
        }
        blocks.push(Block::section(Text::marked(advice(notice))));
        let signature = format!("{} · {} · {CLIENT}", notice.snapshot.incident, Readable(notice.snapshot.at));
        blocks.push(Block::Context { elements: vec![Text::plain(signature)] });
        let text = format!("{light} {}", slack(&headline, TEXT_LIMIT));
        Self { text, mrkdwn: false, unfurl_links: false, unfurl_media: false, blocks }
    }
}

impl Block {
    fn section(text: Text) -> Self {
        Self::Section { text: Some(text), fields: Vec::new() }
    }
}

impl Text {
    fn plain(text: String) -> Self {
        Self::PlainText { text, emoji: false }
    }

    fn marked(text: String) -> Self {
        Self::Mrkdwn { text, verbatim: true }
    }
}

/// How bad it is, to be seen from afar.
fn light(snapshot: &Snapshot) -> &'static str {
    match (snapshot.transition, snapshot.band) {
        (Transition::Resolved, _) => "🟢",
        (_, Band::Warning) => "🟡",
        (_, Band::Error) => "🟠",
        (_, Band::Critical) => "🔴",
    }
}

fn field(fact: &Fact) -> Text {
    let spell = if fact.is_quoted { slack_code } else { slack };
    Text::marked(format!("*{}*\n{}", fact.label, spell(&fact.text, FIELD_LIMIT)))
}

/// A line for each rule, as many as the section holds; none where there are no rules.
fn deeds(notice: &Notice<'_>) -> Option<String> {
    let mut lines = String::new();
    let (deeds, mut left_out) = notice.deeds(DEEDS);
    for deed in &deeds {
        let line = line(deed);
        // Room for the last line.
        if lines.len() + line.len() + 40 > SECTION_LIMIT {
            left_out += 1;
        } else {
            lines.push_str(&line);
        }
    }
    if left_out > 0 {
        lines.push_str(&MoreRules(left_out).to_string());
    }
    Some(lines.trim_end().to_owned()).filter(|lines| !lines.is_empty())
}

fn line(deed: &Deed) -> String {
    let mut line = format!("• {}{}", slack_code(&deed.rule, FIELD_LIMIT), Times(deed.count));
    if !deed.route.is_empty() {
        line.push_str(&format!(" on {}", slack_code(&deed.route, FIELD_LIMIT)));
    }
    line.push_str(&format!(": {}, {}, {}\n", deed.category.title(), deed.severity, Counted(deed.points)));
    line
}

fn advice(notice: &Notice<'_>) -> String {
    let advice = slack(&notice.advice(), SECTION_LIMIT / 2);
    match notice.runbook() {
        // `|` would end the address.
        Some(url) => format!("{advice} <{}|Runbook>", slack(&url.replace('|', "%7C"), SECTION_LIMIT / 2)),
        None => advice,
    }
}
