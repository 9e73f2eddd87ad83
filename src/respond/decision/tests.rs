//! Is the right one of several responses chosen?

use super::*;
use crate::clock::Span;
use crate::config;
use crate::exchange::headers::Headers;
use crate::incident::record::Record;
use crate::incident::restriction::Reason;
use crate::incident::strength::Strength;
use crate::incident::user::User;
use crate::keyed_hash::Key;

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

/// How a user stands who has no incident; `written` adds what a test needs.
fn stance(written: impl FnOnce(&mut Stance)) -> Stance {
    let id = Key::from_passphrase("k").digest("user", &[b"a"]);
    let user = User { id, name: "a".into(), source: "header:x-user-id".into(), strength: Strength::Vouched };
    let mut stance = Record::new(user).stance();
    written(&mut stance);
    stance
}

fn blocked(reason: Reason, is_dry: bool) -> Stance {
    stance(|stance| {
        stance.restrictions.block.begin(Span::from_secs(60).duration(), false, is_dry, reason, NOW);
    })
}

fn redirected() -> Stance {
    stance(|stance| {
        stance.restrictions.redirect.begin(Span::from_secs(60).duration(), false, false, Reason::Band, NOW);
    })
}

fn head(target: &str) -> Head {
    Head::new([(":method", "GET"), (":path", target), (":authority", "shop.example")].into_iter().collect::<Headers>())
}

fn check(respond: &str, stance: &Stance, enforced: bool, expected: (Option<(Action, u16)>, Option<Action>)) {
    let entries: Respond = config::from_json(respond).unwrap();
    let decision = entries.decide(stance, &head("/shop"), false, enforced, NOW);
    let answer = decision.answer.map(|answer| (answer.action, answer.status));
    assert_eq!((answer, decision.would), expected, "{respond} enforced: {enforced}");
}

#[test]
fn a_running_block_is_answered_as_the_entry_says() {
    let (band, dry) = (blocked(Reason::Band, false), blocked(Reason::Band, true));
    let (block, would) = (|status| (Some((Action::Block, status)), None), (None, Some(Action::Block)));
    check(r#"[{"block": {"status": 429}}]"#, &band, true, block(429));
    check(r#"[{"block": {}}]"#, &band, true, block(403));
    // The incident was closed, or no entry is left: it has an end of its own.
    check("[]", &band, true, block(403));
    check(r#"[{"match": {"group": "staff"}, "block": {"status": 429}}]"#, &band, true, block(403));
    // Only counted.
    check(r#"[{"block": {"status": 429}}]"#, &dry, true, would);
    check(r#"[{"block": {"status": 429}}]"#, &band, false, would);
    // The status of what is not on trial.
    check(r#"[{"dry_run": true, "block": {"status": 429}}, {"block": {"status": 451}}]"#, &band, true, block(451));
    check("[]", &stance(|_| ()), true, (None, None));
}

#[test]
fn an_order_comes_before_all_entries() {
    let mut both = redirected();
    both.restrictions.block = blocked(Reason::Operator, false).restrictions.block;
    let respond = r#"[{"redirect": {"to": "/login"}}, {"block": {"status": 429}}]"#;
    check(respond, &both, true, (Some((Action::Block, 429)), None));
    both.restrictions.block = blocked(Reason::Band, false).restrictions.block;
    check(respond, &both, true, (Some((Action::Redirect, 303)), None));
}

#[test]
fn a_redirect_spares_its_target() {
    let rows = [
        ("/login", "/login", false),
        ("/login", "/login?next=/shop", false),
        ("/login", "/login/submit", false),
        ("/login?from=risk", "/login", false),
        ("/login", "/logins", true),
        ("/login", "/shop?x=/login", true),
        // What a server may read as another path.
        ("/login", "/login/../shop", true),
        ("/login", "/login/%2e%2e/shop", true),
        ("/login", "/login;x", true),
        ("/login", "/login//shop", true),
        ("https://id.example/login", "/login", true),
        ("https://shop.example/login", "/login", false),
        ("https://shop.example", "/", false),
        ("https://shop.example", "/shop", true),
        ("https://shop.example/", "/", false),
        ("/", "/", false),
        ("/", "/shop", true),
        ("https://shop.example:8443/login", "/login", false),
        ("/reauth/", "/reauth/", false),
        ("/reauth/", "/reauth/step", false),
        ("/reauth/", "/reauth", false),
        ("/reauth/", "/reauthenticate", true),
    ];
    for (to, target, is_redirected) in rows {
        let respond: Respond =
            config::from_json(&format!(r#"[{{"redirect": {{"to": "{to}", "status": 307}}}}]"#)).unwrap();
        let answer = respond.decide(&redirected(), &head(target), false, true, NOW).answer;
        assert_eq!(answer.is_some(), is_redirected, "{to} {target}");
        if let Some(Answer { status, headers, .. }) = answer {
            assert!(status == 307 && headers.contains(&("location", to.to_owned())), "{headers:?}");
        }
    }
}

#[test]
fn a_status_that_asks_to_wait_says_how_long() {
    for (status, expected) in [(429, Some("60")), (503, Some("60")), (403, None)] {
        let respond: Respond = config::from_json(&format!(r#"[{{"block": {{"status": {status}}}}}]"#)).unwrap();
        let answer = respond.decide(&blocked(Reason::Band, false), &head("/"), false, true, NOW).answer.unwrap();
        let wait = answer.headers.iter().find(|(name, _)| *name == "retry-after").map(|(_, value)| value.as_str());
        assert_eq!(wait, expected, "{status}");
    }
}

#[test]
fn what_is_spared_is_not_refused_unless_it_was_ordered() {
    let respond: Respond = config::from_json(r#"[{"block": {}}]"#).unwrap();
    for (reason, expected) in [(Reason::Band, false), (Reason::Operator, true)] {
        let mut decision = respond.decide(&blocked(reason, false), &head("/"), false, true, NOW);
        decision.spare();
        assert_eq!(decision.answer.is_some(), expected, "{reason:?}");
    }
}
