//! The log line of a malicious request.

use crate::clock::Timestamp;
use crate::detect::detection::Whose;
use crate::engine::account::{Account, Finding, Party};
use crate::engine::response::Response;
use crate::exchange::head::Head;
use crate::incident::weighing::ActOutcome;
use crate::notify::privacy::Logged;
use crate::respond::decision::Action;
use crate::text::json::{Json, NOTHING};
use crate::worker::log_line::{LONGEST, id, line, notified_as};

/// The line about a malicious request.
pub(super) fn malicious_request(
    head: &Head,
    account: &Account,
    party: &Party,
    response: &Response,
    called: Option<&Logged<'_>>,
    status: Option<u16>,
    now: Timestamp,
) -> String {
    let rule = |finding: &Finding| {
        Json::object(&[
            ("rule", Json::text(&finding.rule)),
            ("category", Json::text(finding.category.slug())),
            ("severity", Json::text(finding.severity.slug())),
            ("confidence", Json::text(finding.confidence.slug())),
            ("target", Json::text(&finding.target)),
            ("points", Json::number(&finding.points())),
            ("counted_before", Json::number(&(finding.outcome == Some(ActOutcome::CountedBefore)))),
        ])
    };
    let standing = party.standing.as_ref();
    let is_victim = party.whose == Whose::Exchange && head.is_cross_site();
    line(&[
        ("event", Json::text("malicious_request")),
        ("time", Json::text(&now.to_string())),
        ("request_id", id(head.request_id())),
        ("method", shaped(head.method(), |byte| byte.is_ascii_uppercase())),
        ("host", shaped(head.authority(), |byte| byte.is_ascii_alphanumeric() || b"-._:[]".contains(byte))),
        ("route", Json::text(&account.route)),
        ("address", Json::text_if_any(&account.logged_address)),
        // Null where the request got no answer.
        ("status", or_null(status.as_ref(), |status| Json::number(status))),
        ("user", or_null(called, |called| Json::text(&called.user))),
        ("notified_as", notified_as(called)),
        ("source", or_null(party.user(), |user| Json::text(&user.source))),
        ("points", Json::number(&party.points())),
        ("increase", or_null(standing, |standing| Json::number(&standing.increase))),
        ("threshold", or_null(standing, |standing| Json::number(&standing.limits.threshold))),
        // What was done about the request, or would have been.
        ("action", Json::text_if_any(response.answered.map_or("", Action::slug))),
        ("would", Json::text_if_any(response.would.map_or("", Action::slug))),
        // The configuration says so: nobody's score.
        ("ignored", if_true(party.ignored.is_some())),
        // Another site made the browser send it.
        ("possible_victim", if_true(is_victim)),
        ("rules", Json::list(&party.findings.iter().map(rule).collect::<Vec<_>>())),
    ])
}

fn or_null<T>(value: Option<&T>, write: impl FnOnce(&T) -> Json) -> Json {
    value.map_or_else(Json::null, write)
}

fn if_true(truth: bool) -> Json {
    if truth { Json::number(&truth) } else { NOTHING }
}

/// What a client sent, if it has the shape of what it should be; `{}` otherwise.
fn shaped(bytes: &[u8], is_fit: impl Fn(&u8) -> bool) -> Json {
    if bytes.len() <= LONGEST && bytes.iter().all(is_fit) { id(bytes) } else { Json::text("{}") }
}
