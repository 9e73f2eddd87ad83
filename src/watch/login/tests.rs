//! Are failed logins counted as they should be, and each signal given once?

use super::*;
use crate::config;
use crate::exchange::headers::Headers;
use crate::exchange::proxy::Known;
use crate::keyed_hash::Key;

fn login(more: &str) -> Login {
    let text = format!(r#"[{{"route": "/login", "user_field": "u"{more}}}]"#);
    config::from_json::<Logins>(&text).unwrap().0.remove(0)
}

fn history() -> History {
    History::new(Key::from_passphrase("k").digest("client", &[]))
}

#[test]
fn each_signal_comes_once_in_its_period() {
    use Signal::{LoginBruteForce, LoginCommonName, LoginFailures, LoginFlood, LoginNames, LoginStuffing};
    type Row<'a> = (&'a str, u64, u32, u64, &'a [(u64, Signal)]);
    let rows: [Row<'_>; 7] = [
        ("four mistakes", 4, 1, 1, &[]),
        ("somebody forgot the password", 20, 1, 10, &[(5, LoginFailures)]),
        ("and goes on for ten minutes", 60, 1, 10, &[(5, LoginFailures), (35, LoginFailures), (40, LoginFlood)]),
        (
            "one name, at speed",
            50,
            1,
            1,
            &[(5, LoginFailures), (10, LoginBruteForce), (20, LoginBruteForce), (40, LoginFlood)],
        ),
        ("too slow to count", 20, 1, 80, &[]),
        ("names, slowly", 20, 20, 20, &[(4, LoginNames), (5, LoginFailures), (19, LoginNames), (20, LoginFailures)]),
        (
            "stuffing for two minutes",
            130,
            200,
            1,
            &[
                (4, LoginNames),
                (5, LoginFailures),
                (10, LoginStuffing),
                (40, LoginFlood),
                (70, LoginStuffing),
                (130, LoginStuffing),
            ],
        ),
    ];
    for (what, number, names, seconds, expected) in rows {
        let (login, mut history, mut found) = (login(""), history(), Vec::new());
        for failure in 1..=number {
            let now = Timestamp::from_millis(1_000_000 + failure * seconds * 1000);
            let signal = login.on_failure(&mut history, failure as u32 % names, &[], now);
            found.extend(signal.map(|signal| (failure, signal)));
        }
        assert_eq!(found, expected, "{what}");
    }
    let (login, mut history) = (login(""), history());
    let mut fail =
        |second: u64| login.on_failure(&mut history, 1, &[LoginCommonName], Timestamp::from_millis(second * 1000));
    assert_eq!([fail(1000), fail(1001)], [Some(LoginCommonName), None]);
}

#[test]
fn a_name_that_many_clients_attack_is_told_of_the_one_that_crosses() {
    let (login, mut history) = (login(r#", "clients": 3"#), history());
    let mut fail =
        |client, second: u64| login.on_name(&mut history, client, false, Timestamp::from_millis(second * 1000));
    let expected = [None, None, None, Some(Signal::LoginClients), None];
    assert_eq!([fail(1, 1000), fail(1, 1001), fail(2, 1002), fail(3, 1003), fail(4, 1004)], expected);
}

#[test]
fn how_a_failure_looks() {
    let body = r#", "failure": {"status": [200], "body": "Wrong password"}"#;
    let header = r#", "failure": {"status": [302], "header": {"Location": "error="}}"#;
    let success = r#", "success": {"header": {"set-cookie": "sid="}}"#;
    type Row<'a> = (&'a str, u16, (&'a str, &'a str), &'a str, Option<bool>);
    let rows: [Row<'_>; 10] = [
        ("", 401, ("a", ""), "", Some(true)),
        ("", 200, ("a", ""), "", Some(false)),
        ("", 302, ("a", ""), "", Some(false)),
        ("", 500, ("a", ""), "", None),
        (body, 200, ("a", ""), "<p>Wrong password</p>", Some(true)),
        (body, 200, ("a", ""), "<p>Welcome</p>", Some(false)),
        (header, 302, ("location", "/login?error=1"), "", Some(true)),
        (header, 302, ("location", "/"), "", Some(false)),
        (success, 200, ("set-cookie", "sid=1"), "", Some(false)),
        (success, 200, ("a", ""), "", None),
    ];
    for (options, status, answer, body, expected) in rows {
        let proxy = Known::default().answering(status, Headers::from_iter([answer]));
        let login = login(options);
        assert_eq!(login.failed(login.judge(status, &proxy), body.as_bytes()), expected, "{options} {status}");
    }
}
