//! How does an alert get to Prometheus's Alertmanager? By its API v2: one alert a user and severity.
//!
//! Source: Prometheus, "Sending alerts" and the OpenAPI document of Alertmanager's API v2. An alert is what its labels are; of
//! an alert that it holds already, Alertmanager keeps the earlier start and the newer end.

use crate::clock::{Span, Timestamp};
use crate::config::error::Error;
use crate::config::error::OptionError;
use crate::config::from_value::FromValue;
use crate::config::options::options;
use crate::config::value::Value;
use crate::detect::confidence::Confidence;
use crate::incident::snapshot::Transition;
use crate::notify::callout::Request;
use crate::notify::channel::endpoint::Endpoint;
use crate::notify::channel::endpoint::{JSON, headers};
use crate::notify::channel::notifier::{Delivery, Notifier, default_timeout};
use crate::notify::channel::secret_option::SecretOption;
use crate::notify::notice::link::{Link, RUNBOOK};
use crate::notify::notice::message::Notice;
use crate::notify::notice::phrasing::MoreRules;
use crate::risk::band::Band;
use crate::secret::{FromEnv, Secret};
use crate::text::json::{Json, NOTHING};

/// An Alertmanager.
#[derive(Clone, Debug)]
pub struct Alertmanager {
    options: Options,
    /// The longest time between two messages about an incident that goes on.
    pub(super) repeat: Span,
}

impl FromValue for Alertmanager {
    fn read(value: &Value) -> Result<Self, Error> {
        Ok(Self { options: Options::read(value)?, repeat: Span::default() })
    }
}

#[derive(Clone, Debug)]
struct Options {
    cluster: String,
    /// Where it is, without `/api/v2/alerts`.
    url: String,
    authorization: Option<Secret>,
    authorization_env: Option<FromEnv>,
    timeout: Span,
}

options! { Options { cluster, url, authorization, authorization_env, timeout = default_timeout() } }

/// Below the URL that Alertmanager is known by.
const API: &str = "/api/v2/alerts";

/// The name of our alerts, for routes and silences.
const ALERT_NAME: &str = "UserRisk";

/// How long an alert outlives the last message about it: tries take time, and clocks differ.
const SLACK: Span = Span::from_secs(15 * 60);

/// As many rules as are sent.
const RULES_SHOWN: usize = 20;

impl Notifier for Alertmanager {
    fn kind(&self) -> &'static str {
        "alertmanager"
    }

    fn delivery(&self) -> Delivery<'_> {
        Delivery { cluster: &self.options.cluster, timeout: self.options.timeout.duration() }
    }

    fn identity(&self) -> Vec<&str> {
        vec![&self.options.url, self.authorization().expose()]
    }

    fn variables(&mut self) -> Vec<(&'static str, &mut FromEnv)> {
        self.options.authorization_env.as_mut().map(|variable| ("authorization_env", variable)).into_iter().collect()
    }

    fn check(&self) -> Result<(), OptionError> {
        let endpoint = Endpoint::parse(&self.options.url).map_err(|problem| ("url", problem.to_owned()))?;
        if endpoint.path.contains('?') || endpoint.path.ends_with(API) {
            return Err(("url", format!("is not where Alertmanager is; write it without {API} and without a query")));
        }
        self.authorization().check_if_any(&|value| {
            if value.split_once(' ').is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty())
                && value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
            {
                return Ok(());
            }
            Err("is not the value of an authorization header; write Bearer and a token, or Basic and Base64".to_owned())
        })
    }

    fn keeps_state(&self) -> bool {
        true
    }

    fn request(&self, notice: &Notice<'_>, now: Timestamp) -> Request {
        let mut headers = headers(JSON);
        let authorization = self.authorization().expose();
        if !authorization.is_empty() {
            headers.push(("authorization", authorization.to_owned()));
        }
        let mut request = Endpoint::parse(&self.options.url)
            .unwrap_or_default()
            .request(headers, self.alerts(notice, now).into_bytes());
        request.path = format!("{}{API}", request.path.trim_end_matches('/'));
        request
    }
}

impl Alertmanager {
    fn authorization(&self) -> SecretOption<'_> {
        SecretOption {
            inline: ("authorization", &self.options.authorization),
            from_env: ("authorization_env", &self.options.authorization_env),
        }
    }

    /// Severity is a label, since routes go by it: so an incident that comes into a higher band is another alert, and
    /// ends that of the lower one; an incident that is over ends all.
    fn alerts(&self, notice: &Notice<'_>, now: Timestamp) -> Json {
        let snapshot = notice.snapshot;
        let ended = |band: Band| match snapshot.transition {
            Transition::Opened => false,
            Transition::Updated => band < snapshot.band,
            Transition::Resolved => true,
        };
        let alerts = [Band::Warning, Band::Error, Band::Critical].map(|band| {
            if ended(band) {
                alert(notice, band, NOTHING, time(now))
            } else if band == snapshot.band {
                alert(notice, band, time(snapshot.at), time(self.until(notice)))
            } else {
                NOTHING
            }
        });
        Json::list(&alerts)
    }

    /// When it is over unless we say otherwise. Acts count for the window; of acts after this notice a message follows once
    /// the repeat interval is over, so the last act without a message by then is as old as this notice and that interval.
    fn until(&self, notice: &Notice<'_>) -> Timestamp {
        [notice.span(), self.repeat, SLACK].iter().fold(notice.snapshot.at, |until, span| until.after(span.duration()))
    }
}

fn alert(notice: &Notice<'_>, severity: Band, starts: Json, ends: Json) -> Json {
    let (rule_summaries, left_out) = notice.rule_summaries(RULES_SHOWN);
    let mut rules: String = rule_summaries.iter().map(|summary| format!("{summary}\n")).collect();
    if left_out > 0 {
        rules.push_str(&MoreRules(left_out).to_string());
    }
    // The runbook has its own place.
    let links = notice.links();
    let (runbook, origin): (Vec<_>, Vec<_>) = links.iter().partition(|link| link.text == RUNBOOK);
    let url = |links: &[&Link]| Json::text_if_any(links.first().map_or("", |link| &link.url));
    // Where the names of many come from is not known any more when they end; and an alert is what its labels are.
    let of_one = |text: String| if notice.rollup.is_some() { NOTHING } else { Json::text_if_any(&text) };
    let labels = [
        ("alertname", Json::text(ALERT_NAME)),
        ("severity", Json::text(severity.slug())),
        ("user", of_one(unmarked(&notice.user()))),
        // The same on all proxies with the same key: Alertmanager makes one of theirs.
        ("user_key", Json::text(&notice.snapshot.user_digest.to_string())),
        ("source", of_one(unmarked(&notice.source()))),
        ("service", Json::text_if_any(&unmarked(&notice.service.name()))),
        ("environment", Json::text_if_any(&unmarked(&notice.service.environment()))),
    ];
    let annotations = [
        ("summary", Json::text(&unmarked(&notice.headline()))),
        ("description", Json::text_if_any(&unmarked(rules.trim_end()))),
        ("advice", Json::text(&unmarked(&notice.advice()))),
        ("incident", Json::text(&notice.snapshot.incident.to_string())),
        ("requests", Json::text_if_any(&unmarked(&notice.requests_text(" ")))),
        ("addresses", Json::text_if_any(&unmarked(&notice.addresses().join(" ")))),
        ("confidence", of_one(notice.confidence().map_or("", Confidence::slug).to_owned())),
        ("mute", Json::text_if_any(&notice.mute().unwrap_or_default())),
        ("runbook_url", url(&runbook)),
    ];
    Json::object(&[
        ("labels", Json::object(&labels)),
        ("annotations", Json::object(&annotations)),
        ("startsAt", starts),
        ("endsAt", ends),
        ("generatorURL", url(&origin)),
    ])
}

/// Alertmanager hands texts on to Slack and others as they are, where `<!channel>` would call everybody. Who is meant
/// exactly, `user_key` says.
fn unmarked(text: &str) -> String {
    text.replace("://", "[:]//").replace('<', "‹").replace('>', "›")
}

fn time(at: Timestamp) -> Json {
    Json::text(&at.to_string())
}
