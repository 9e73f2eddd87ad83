//! Can a client's text do anything in a message but be read? On every channel, decoded as its reader would.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use user_risk_filter::incident::request::NamedRequest;
use user_risk_filter::incident::snapshot::{Snapshot, Transition};
use user_risk_filter::notify::channel::Channel;
use user_risk_filter::notify::notice::links::Links;
use user_risk_filter::notify::notice::message::Notice;
use user_risk_filter::notify::notice::service::Service;
use user_risk_filter::text::untrusted::is_invisible;

use super::fixtures::{AT, alertmanager, email, pagerduty, slack, snapshot, teams, webhook_of};
use super::properties::{services, snapshots, strings, tags};

/// Every channel there is.
fn channels() -> Vec<Channel> {
    let webhooks = ["json", "cloudevents", "sqreen"].map(webhook_of);
    let mails = ["sendgrid", "resend", "postmark"].map(email);
    webhooks.into_iter().chain(mails).chain([slack(), pagerduty(), teams(), alertmanager()]).collect()
}

const CONSOLE: &str = "http://10.0.0.7:10003";
/// What says that a card is one.
const CARDS: &str = "http://adaptivecards.io/schemas/adaptive-card.json";

fn links() -> impl Strategy<Value = Links> {
    let logs = select(vec![
        "",
        "https://logs.example.com/?q=id:'{request_id}'&x=(a|b)<c>",
        "https://l/{request_id}{request_id}",
    ]);
    let users = select(vec!["", "https://shop.example.com/users/{user}?\"q\"={user}"]);
    (logs, users, any::<bool>()).prop_map(|(log, user, console)| Links {
        log: log.to_owned(),
        user: user.to_owned(),
        console: if console { CONSOLE.to_owned() } else { String::new() },
    })
}

/// What Envoy and clients make ids of requests.
fn requests() -> impl Strategy<Value = Vec<NamedRequest>> {
    let ids = prop_oneof!["[a-f0-9-]{36}", "[ -~]{0,64}", ".{0,40}", Just("../..".to_owned()), Just("…".to_owned())];
    let request = (ids, proptest::option::of(100..1000_u16)).prop_map(|(id, status)| NamedRequest { id, status });
    proptest::collection::vec(request, 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn what_a_client_wrote_is_text_and_nothing_else(
        mut snapshot in snapshots(), service in services(), links in links(), requests in requests(),
    ) {
        snapshot.requests = requests;
        let notice = Notice { message_id: "msg_1", snapshot: &snapshot, service: &service, links: &links, console: Some("/.user-risk"), rollup: None };
        let ours: Vec<String> = notice.links().into_iter().map(|link| link.url).collect();
        for url in &ours {
            prop_assert!(url.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>|\"'`\\()".contains(&byte)), "{}", url);
        }
        for channel in channels() {
            let request = channel.request(&notice, AT);
            for (name, value) in &request.headers {
                prop_assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{} {}", name, value);
            }
            let message: Value = serde_json::from_slice(&request.body).unwrap();
            let mut texts = Vec::new();
            strings(&message, &mut texts);
            for text in texts {
                let decoded = unescaped(text);
                let bad = decoded.chars().find(|c| is_invisible(*c) && *c != '\n');
                prop_assert_eq!(bad, None, "{} {:?}", channel.kind(), decoded);
                // A program gets the name as it is, to compare it.
                if channel.kind() == "webhook" && text == notice.user() {
                    continue;
                }
                if channel.kind() == "alertmanager" {
                    prop_assert!(!text.contains(['<', '>']), "what Slack would take for a mention: {}", text);
                }
                for url in urls(&decoded) {
                    let is_ours = ours.iter().any(|own| own == url) || service.runbook_url.starts_with(url) || url.starts_with(CONSOLE)
                        || url == CARDS;
                    prop_assert!(is_ours, "{} has a link of somebody's: {}", channel.kind(), url);
                }
            }
        }
    }

    #[test]
    fn slack_has_no_markup_but_ours(snapshot in snapshots(), service in services(), links in links()) {
        let notice = Notice { message_id: "msg_1", snapshot: &snapshot, service: &service, links: &links, console: Some("/.user-risk"), rollup: None };
        let own: Vec<String> = notice.links().into_iter().map(|link| format!("<{}|{}>", link.url.replace('&', "&amp;"), link.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))).collect();
        let body = slack().request(&notice, AT).body;
        prop_assert!(String::from_utf8_lossy(&body).chars().count() <= 13_000);
        let message: Value = serde_json::from_slice(&body).unwrap();
        let mut texts = Vec::new();
        strings(&message, &mut texts);
        for text in texts {
            let mut rest = text.to_owned();
            for link in &own {
                rest = rest.replace(link, "");
            }
            prop_assert!(!rest.contains(['<', '>']), "{}", rest);
            // `&` is the start of an escape, of which Slack knows three.
            let escapes = ["&amp;", "&lt;", "&gt;"].iter().map(|escape| rest.matches(escape).count()).sum::<usize>();
            prop_assert_eq!(rest.matches('&').count(), escapes, "{}", rest);
        }
        for block in message["blocks"].as_array().unwrap() {
            if block["text"]["type"] == "mrkdwn" {
                let quotes = block["text"]["text"].as_str().unwrap().matches('`').count();
                prop_assert_eq!(quotes % 2, 0, "a code span is open: {}", block);
            }
        }
    }

    #[test]
    fn mails_link_only_where_we_lead(snapshot in snapshots(), service in services(), links in links()) {
        let notice = Notice { message_id: "msg_1", snapshot: &snapshot, service: &service, links: &links, console: None, rollup: None };
        let ours: Vec<String> = notice.links().into_iter().map(|link| link.url).collect();
        let mail: Value = serde_json::from_slice(&email("resend").request(&notice, AT).body).unwrap();
        let page = mail["html"].as_str().unwrap();
        let hrefs: Vec<String> = page.split("href=\"").skip(1).map(|rest| unescaped(rest.split('"').next().unwrap())).collect();
        prop_assert_eq!(&hrefs, &ours);
        for tag in tags(page) {
            let name = tag.trim_start_matches('/').split([' ', '>']).next().unwrap();
            let known = ["!DOCTYPE", "html", "head", "meta", "title", "style", "div", "h2", "ul", "li", "pre", "code", "strong", "b", "body", "table", "tr", "td", "th", "span", "h1", "br", "p", "a"];
            prop_assert!(known.contains(&name), "<{}>", tag);
        }
        // No more of a header than one line, whatever is made of it.
        prop_assert!(!mail["subject"].as_str().unwrap().contains(|c: char| c.is_control()));
    }

    #[test]
    fn the_command_to_paste_is_ours_whoever_is_muted(snapshot in snapshots(), links in links()) {
        let service = Service::default();
        let notice = Notice { message_id: "msg_1", snapshot: &snapshot, service: &service, links: &links, console: Some("/.user-risk"), rollup: None };
        let at = if links.console.is_empty() { "$CONSOLE" } else { CONSOLE };
        let id = &snapshot.user_digest.to_string()[..16];
        let expected = (snapshot.transition != Transition::Resolved).then(|| format!(
            "curl -X POST -H \"authorization: Bearer $TOKEN\" \"{at}/.user-risk/mute?id={id}&for=2h&who=$USER&why=being+looked+into\""
        ));
        prop_assert_eq!(notice.mute(), expected);
    }
}

#[test]
fn a_console_that_a_shell_would_read_otherwise_is_not_pasted() {
    let snapshot: Snapshot = snapshot(Transition::Opened);
    let service = Service::default();
    for (console, path, is_told) in [
        ("", "/.user-risk", true),
        ("https://ops.example.com/", "/.user-risk", true),
        ("https://ops.example.com/$(reboot)", "/.user-risk", false),
        ("https://ops.example.com", "/`reboot`", false),
        ("https://ops.example.com", "/a\"b", false),
    ] {
        let links = Links { console: console.to_owned(), ..Links::default() };
        let notice = Notice {
            message_id: "msg_1",
            snapshot: &snapshot,
            service: &service,
            links: &links,
            console: Some(path),
            rollup: None,
        };
        assert_eq!(notice.mute().is_some(), is_told, "{console} {path}");
    }
}

#[test]
fn a_hash_leads_to_no_user() {
    let plain = snapshot(Transition::Opened);
    let hash = plain.user_digest.to_string();
    let (service, links) = (Service::default(), Links { user: "https://shop/{user}".to_owned(), ..Links::default() });
    for (user, expected) in [("4711", Some("https://shop/4711")), (&hash[..16], None), (&hash[..8], None), ("", None)] {
        let snapshot = Snapshot { user: user.to_owned(), ..plain.clone() };
        let notice = Notice {
            message_id: "m",
            snapshot: &snapshot,
            service: &service,
            links: &links,
            console: None,
            rollup: None,
        };
        let links = notice.links();
        assert_eq!(links.iter().find(|link| link.text == "User").map(|link| link.url.as_str()), expected);
    }
}

/// As a reader of HTML, or of Slack's escapes, has it.
fn unescaped(text: &str) -> String {
    let mut text = text.to_owned();
    for (escape, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")] {
        text = text.replace(escape, character);
    }
    text
}

/// All that a program would make a link of.
fn urls(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("://") {
        let start = text[..at]
            .rfind(|c: char| !c.is_ascii_alphanumeric())
            .map_or(0, |before| before + text[before..].chars().next().map_or(1, char::len_utf8));
        let end =
            text[at..].find(|c: char| c.is_whitespace() || "<>|\"'`".contains(c)).map_or(text.len(), |end| at + end);
        found.push(&text[start..end]);
    }
    found
}
