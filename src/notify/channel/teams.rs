//! How is a message posted to Microsoft Teams? To a workflow's address: one Adaptive Card 1.4.
//!
//! Sources: Microsoft, "Create incoming webhooks with Workflows" and "Format cards in Teams"; the schema of Adaptive Cards.
//! What a client wrote stands only in text runs, which know no Markdown.

use std::time::Duration;

use crate::clock::{Span, Timestamp};
use crate::config::error::OptionError;
use crate::config::options::options;
use crate::incident::snapshot::Transition;
use crate::notify::callout::Request;
use crate::notify::channel::endpoint::Endpoint;
use crate::notify::channel::endpoint::{CLIENT, JSON, headers};
use crate::notify::channel::notifier::{Delivery, Notifier, default_timeout};
use crate::notify::channel::secret_option::SecretOption;
use crate::notify::delivery_policy::{PAGING, Rate};
use crate::notify::notice::fact::Fact;
use crate::notify::notice::link::Link;
use crate::notify::notice::message::Notice;
use crate::notify::notice::phrasing::{Counted, MoreRules, Readable, Times};
use crate::notify::notice::rule_summary::RuleSummary;
use crate::risk::band::Band;
use crate::secret::{FromEnv, Secret};
use crate::text::json::{Json, NOTHING};

/// The options of Microsoft Teams.
#[derive(Clone, Debug)]
pub struct Teams {
    cluster: String,
    url: Option<Secret>,
    url_env: Option<FromEnv>,
    timeout: Span,
}

options! { Teams { cluster, url, url_env, timeout = default_timeout() } }

/// The largest message, in bytes: Teams takes 28 KB.
const MESSAGE_LIMIT: usize = 28_000;

/// As many buttons as Teams shows.
const ACTIONS: usize = 6;

/// As many rules as are sent, if the message has room for them.
const RULES_SHOWN: usize = 20;

impl Notifier for Teams {
    fn kind(&self) -> &'static str {
        "teams"
    }

    fn delivery(&self) -> Delivery<'_> {
        Delivery { cluster: &self.cluster, timeout: self.timeout.duration() }
    }

    fn identity(&self) -> Vec<&str> {
        vec![self.url().expose()]
    }

    fn variables(&mut self) -> Vec<(&'static str, &mut FromEnv)> {
        self.url_env.as_mut().map(|variable| ("url_env", variable)).into_iter().collect()
    }

    fn check(&self) -> Result<(), OptionError> {
        self.url().check(&|url| Endpoint::parse(url).map(drop).map_err(str::to_owned))
    }

    /// Four messages a second.
    fn spacing(&self) -> Duration {
        Duration::from_millis(250)
    }

    fn usual_rate(&self) -> Option<Rate> {
        Some(PAGING)
    }

    fn request(&self, notice: &Notice<'_>, _: Timestamp) -> Request {
        let endpoint = Endpoint::parse(self.url().expose()).unwrap_or_default();
        endpoint.request(headers(JSON), message(notice).into_bytes())
    }
}

impl Teams {
    fn url(&self) -> SecretOption<'_> {
        SecretOption { inline: ("url", &self.url), from_env: ("url_env", &self.url_env) }
    }
}

/// The message with as many rules as there is room for.
fn message(notice: &Notice<'_>) -> Json {
    let mut sent = RULES_SHOWN;
    loop {
        let card = Json::object(&[
            ("contentType", Json::text("application/vnd.microsoft.card.adaptive")),
            ("content", card(notice, sent)),
        ]);
        let message = Json::object(&[("type", Json::text("message")), ("attachments", Json::list(&[card]))]);
        if message.len() <= MESSAGE_LIMIT || sent == 0 {
            return message;
        }
        sent /= 2;
    }
}

fn card(notice: &Notice<'_>, sent: usize) -> Json {
    let headline = notice.headline();
    let fact = |fact: &Fact| line(&[bold(&format!("{}: ", fact.label)), run(&fact.text)]);
    let facts: Vec<Json> = notice.facts().iter().map(fact).collect();
    let (rule_summaries, left_out) = notice.rule_summaries(sent);
    let mut rules: Vec<Json> = rule_summaries.iter().map(rule).collect();
    if left_out > 0 {
        rules.push(line(&[run(&MoreRules(left_out).to_string())]));
    }
    let open = |link: &Link| {
        Json::object(&[
            ("type", Json::text("Action.OpenUrl")),
            ("title", Json::text(&link.text)),
            ("url", Json::text(&link.url)),
        ])
    };
    let actions: Vec<Json> = notice.links().iter().take(ACTIONS).map(open).collect();
    let mute = |mute: String| paragraph(NOTHING, &[bold("Mute for 2 h: "), code(&mute)]);
    let signature = format!("{} · {} · {CLIENT}", notice.snapshot.incident, Readable(notice.snapshot.at));
    Json::object(&[
        ("$schema", Json::text("http://adaptivecards.io/schemas/adaptive-card.json")),
        ("type", Json::text("AdaptiveCard")),
        ("version", Json::text("1.4")),
        ("fallbackText", Json::text(&headline)),
        ("msteams", Json::object(&[("width", Json::text("Full"))])),
        (
            "body",
            Json::list(&[
                container(style(notice), &[line(&[bold(&headline)])]),
                container("default", &facts),
                if rules.is_empty() { NOTHING } else { container("emphasis", &rules) },
                paragraph(NOTHING, &[run(&notice.advice())]),
                notice.mute().map_or(NOTHING, mute),
                paragraph(NOTHING, &[subtle(&signature)]),
            ]),
        ),
        ("actions", Json::list(&actions).if_any()),
    ])
}

/// How bad it is, as a colour.
fn style(notice: &Notice<'_>) -> &'static str {
    match (notice.snapshot.transition, notice.snapshot.band) {
        (Transition::Resolved, _) => "good",
        (_, Band::Warning) => "warning",
        (_, Band::Error | Band::Critical) => "attention",
    }
}

/// `sqli.union-select × 2 on /search: SQL injection, critical, 16 points`.
fn rule(summary: &RuleSummary) -> Json {
    let on = if summary.route.is_empty() { "" } else { " on " };
    let what = format!(": {}, {}, {}", summary.category.title(), summary.severity, Counted(summary.points));
    line(&[code(&summary.rule), run(&format!("{}{on}", Times(summary.count))), code(&summary.route), run(&what)])
}

fn container(style: &str, items: &[Json]) -> Json {
    Json::object(&[("type", Json::text("Container")), ("style", Json::text(style)), ("items", Json::list(items))])
}

/// A line close to the one before.
fn line(runs: &[Json]) -> Json {
    paragraph(Json::text("Small"), runs)
}

fn paragraph(spacing: Json, runs: &[Json]) -> Json {
    Json::object(&[("type", Json::text("RichTextBlock")), ("spacing", spacing), ("inlines", Json::list(runs))])
}

fn run(text: &str) -> Json {
    formatted(text, "", NOTHING)
}

fn bold(text: &str) -> Json {
    formatted(text, "weight", Json::text("Bolder"))
}

fn code(text: &str) -> Json {
    formatted(text, "fontType", Json::text("Monospace"))
}

fn subtle(text: &str) -> Json {
    formatted(text, "isSubtle", Json::number(&true))
}

/// A run of text; without a text there is none.
fn formatted(text: &str, how: &str, value: Json) -> Json {
    if text.is_empty() {
        return NOTHING;
    }
    Json::object(&[("type", Json::text("TextRun")), ("text", Json::text(text)), (how, value)])
}
