//! How is a message posted to Slack? By an incoming webhook: a fallback text and blocks.
//!
//! Source: <https://docs.slack.dev>, on incoming webhooks, Block Kit and its limits, and the formatting of text.
//! What a client wrote stands only in plain text or in code spans, where Slack's markup means nothing.

use std::time::Duration;

use crate::clock::{Span, Timestamp};
use crate::config::error::OptionError;
use crate::config::options::options;
use crate::incident::snapshot::{Snapshot, Transition};
use crate::notify::callout::{Finality, Request};
use crate::notify::channel::endpoint::Endpoint;
use crate::notify::channel::endpoint::{CLIENT, JSON, headers};
use crate::notify::channel::notifier::{Delivery, Notifier, default_timeout};
use crate::notify::channel::secret_option::SecretOption;
use crate::notify::delivery_policy::{PAGING, Rate};
use crate::notify::notice::fact::Fact;
use crate::notify::notice::message::Notice;
use crate::notify::notice::phrasing::{Counted, MoreRules, Readable, Times};
use crate::notify::notice::rule_summary::RuleSummary;
use crate::risk::band::Band;
use crate::secret::{FromEnv, Secret};
use crate::text::json::{Json, NOTHING};
use crate::text::untrusted::{slack, slack_code};

/// The options of Slack.
#[derive(Clone, Debug)]
pub struct Slack {
    cluster: String,
    url: Option<Secret>,
    url_env: Option<FromEnv>,
    timeout: Span,
}

options! { Slack { cluster, url, url_env, timeout = default_timeout() } }

/// Slack's limits, in characters.
const HEADER_LIMIT: usize = 150;
const SECTION_LIMIT: usize = 3000;
const MESSAGE_LIMIT: usize = 13_000;
/// Ours, which leave room in a message for everything.
const TEXT_LIMIT: usize = 700;
const FIELD_LIMIT: usize = 300;
const HEADLINE_LIMIT: usize = 1200;
const ADVICE_LIMIT: usize = 1200;
const LINKS_LIMIT: usize = 2500;

/// As many rules as are sent, if their section has room for them.
const RULES_SHOWN: usize = 10;

impl Notifier for Slack {
    fn kind(&self) -> &'static str {
        "slack"
    }

    fn delivery(&self) -> Delivery<'_> {
        Delivery { cluster: &self.cluster, timeout: self.timeout.duration() }
    }

    fn variables(&mut self) -> Vec<(&'static str, &mut FromEnv)> {
        self.url_env.as_mut().map(|variable| ("url_env", variable)).into_iter().collect()
    }

    fn identity(&self) -> Vec<&str> {
        vec![self.url().expose()]
    }

    fn check(&self) -> Result<(), OptionError> {
        self.url().check(&|url| Endpoint::parse(url).map(drop).map_err(str::to_owned))
    }

    /// One message a second.
    fn spacing(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn finality(&self) -> Finality {
        Finality::VendorAddress
    }

    fn usual_rate(&self) -> Option<Rate> {
        Some(PAGING)
    }

    fn request(&self, notice: &Notice<'_>, _: Timestamp) -> Request {
        let endpoint = Endpoint::parse(self.url().expose()).unwrap_or_default();
        endpoint.request(headers(JSON), body(notice))
    }
}

impl Slack {
    fn url(&self) -> SecretOption<'_> {
        SecretOption { inline: ("url", &self.url), from_env: ("url_env", &self.url_env) }
    }
}

/// The message, with as many rules as there is room for.
fn body(notice: &Notice<'_>) -> Vec<u8> {
    let mut sent = RULES_SHOWN;
    loop {
        let body = message(notice, sent);
        // A character has a byte or more.
        if body.len() <= MESSAGE_LIMIT || sent == 0 || body.characters() <= MESSAGE_LIMIT {
            return body.into_bytes();
        }
        sent /= 2;
    }
}

/// The body. `text` is what notifications and screen readers say.
fn message(notice: &Notice<'_>, sent: usize) -> Json {
    let headline = notice.headline();
    let (light, header) = (light(notice.snapshot), slack(&headline, HEADER_LIMIT - 3));
    let whole = slack(&headline, HEADLINE_LIMIT);
    let fields: Vec<Json> = notice.facts().iter().map(field).collect();
    let mute = |mute: String| format!("*Mute for 2 h*\n{}", slack_code(&mute, SECTION_LIMIT / 2));
    let signature = format!("{} · {} · {CLIENT}", notice.snapshot.incident, Readable(notice.snapshot.at));
    let section = |text: String| if text.is_empty() { NOTHING } else { block("section", "text", marked(&text)) };
    let blocks = [
        block("header", "text", plain(&format!("{light} {header}"))),
        if header == whole { NOTHING } else { block("section", "text", plain(&whole)) },
        block("section", "fields", Json::list(&fields)),
        section(rule_summaries(notice, sent)),
        section(slack(&notice.advice(), ADVICE_LIMIT)),
        section(links(notice)),
        section(notice.mute().map(mute).unwrap_or_default()),
        block("context", "elements", Json::list(&[plain(&signature)])),
    ];
    Json::object(&[
        ("text", Json::text(&format!("{light} {}", slack(&headline, TEXT_LIMIT)))),
        ("mrkdwn", Json::number(&false)),
        ("unfurl_links", Json::number(&false)),
        ("unfurl_media", Json::number(&false)),
        ("blocks", Json::list(&blocks)),
    ])
}

fn block(kind: &str, member: &str, content: Json) -> Json {
    Json::object(&[("type", Json::text(kind)), (member, content)])
}

/// Shown as it is; `emoji` would make pictures of `:words:`.
fn plain(text: &str) -> Json {
    Json::object(&[("type", Json::text("plain_text")), ("text", Json::text(text)), ("emoji", Json::number(&false))])
}

/// Formatted; `verbatim` keeps Slack from making links and mentions of plain words.
fn marked(text: &str) -> Json {
    Json::object(&[("type", Json::text("mrkdwn")), ("text", Json::text(text)), ("verbatim", Json::number(&true))])
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

fn field(fact: &Fact) -> Json {
    let spell = if fact.is_quoted { slack_code } else { slack };
    marked(&format!("*{}*\n{}", fact.label, spell(&fact.text, FIELD_LIMIT)))
}

/// A line for each rule, as many as the section holds.
fn rule_summaries(notice: &Notice<'_>, sent: usize) -> String {
    let mut lines = String::new();
    let (rule_summaries, mut left_out) = notice.rule_summaries(sent);
    for summary in &rule_summaries {
        let line = line(summary);
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
    lines.trim_end().to_owned()
}

fn line(summary: &RuleSummary) -> String {
    let mut line = format!("• {}{}", slack_code(&summary.rule, FIELD_LIMIT), Times(summary.count));
    if !summary.route.is_empty() {
        line.push_str(&format!(" on {}", slack_code(&summary.route, FIELD_LIMIT)));
    }
    line.push_str(&format!(": {}, {}, {}\n", summary.category.title(), summary.severity, Counted(summary.points)));
    line
}

/// The links, as many as there is room for: half a link is none.
fn links(notice: &Notice<'_>) -> String {
    let mut line = String::new();
    for link in notice.links() {
        let link = format!("<{}|{}>", slack(&link.url, LINKS_LIMIT), slack(&link.text, FIELD_LIMIT));
        if line.len() + link.len() < LINKS_LIMIT {
            line.push_str(if line.is_empty() { "" } else { " · " });
            line.push_str(&link);
        }
    }
    line
}
