//! Does the console let in whom it should, and do what it says?

use serde_json::Value;
use user_risk_filter::engine::Input;
use user_risk_filter::engine::stream::{Mark, Part, Stream};
use user_risk_filter::exchange::head::Head;
use user_risk_filter::exchange::proxy::Known;
use user_risk_filter::state::cells::Cells;
use user_risk_filter::state::memory::Memory;
use user_risk_filter::worker::effect::Effect;
use user_risk_filter::worker::metric::Counter;

use crate::{CHANNELS, COMMAND, Dying, Proxy, TOKEN, UNION, with};

/// Asks the console; on the listener that is for admins, or on another.
pub(crate) fn ask<C: Cells>(
    proxy: &mut Proxy<'_, C>,
    request: &str,
    token: &str,
    is_admin: bool,
) -> Option<(u16, Value)> {
    let (method, target) = request.split_once(' ').unwrap();
    let bearer = format!("Bearer {token}");
    let headers = [(":method", method), (":path", target), ("authorization", &bearer), ("x-user-id", "operator")];
    // Where `authorization` is another filter's, the token has a header of its own; of the two it is the one that counts.
    let other = ("x-user-risk-token", token);
    let headers = headers.into_iter().chain((method == "POST").then_some(other));
    let known =
        if is_admin { Known::default().with_listener_metadata("user-risk", &["admin"], [1]) } else { Known::default() };
    let mut stream = Stream::default();
    let mut answer = None;
    proxy.on(0, Input::Stream(&mut stream, Part::Head(Head::new(headers.collect()))));
    for mark in [Mark::Arrived, Mark::Complete, Mark::Answered, Mark::End] {
        if !proxy.workers[0].wants_mark(&stream, mark) {
            continue;
        }
        for effect in proxy.effects(0, Input::Stream(&mut stream, Part::Mark(mark, &known))) {
            match effect {
                Effect::Respond { status, body, .. } => {
                    answer = Some((status, serde_json::from_slice(&body).unwrap_or_default()));
                }
                effect => proxy.take(0, effect),
            }
        }
    }
    answer
}

fn console<C: Cells>(cells: &C) -> Proxy<'_, C> {
    Proxy::new(cells, &with(&format!(r#""admin": {{"token_env": "ADMIN_TOKEN"}}, {CHANNELS}"#)))
}

#[test]
fn only_the_right_listener_and_the_right_token_are_answered() {
    let cells = Memory::default();
    let mut proxy = console(&cells);
    let rows = [
        ("GET /.user-risk/incidents", TOKEN, true, Some(200)),
        ("GET /.user-risk/incidents", "another-token-of-16", true, Some(401)),
        ("GET /.user-risk/incidents", "", true, Some(401)),
        ("GET /.user-risk/incidents", TOKEN, false, Some(404)),
        ("GET /.user-risk", TOKEN, false, Some(404)),
        // The page is the same for everybody, and needs no token.
        ("GET /.user-risk", "", true, Some(200)),
        ("HEAD /.user-risk/?x", "", true, Some(200)),
        ("POST /.user-risk", "", true, Some(401)),
        ("GET /.user-risk/nothing", TOKEN, true, Some(404)),
        // Spelled otherwise it is nobody's: neither the console's nor the application's.
        ("GET /%2euser-risk/incidents", TOKEN, true, Some(404)),
        ("GET /x/../.user-risk/incidents", TOKEN, false, Some(404)),
        ("DELETE /.user-risk/user?user=a", TOKEN, true, Some(405)),
        // No path of the console: the application's.
        ("GET /.user-risks", TOKEN, true, None),
        ("GET /", TOKEN, true, None),
    ];
    for (request, token, is_admin, expected) in rows {
        let answer = ask(&mut proxy, request, token, is_admin);
        assert_eq!(answer.map(|(status, _)| status), expected, "{request} {token} {is_admin}");
    }
    assert!(proxy.lines.iter().all(|line| !line.to_string().contains("another-token")));
}

#[test]
fn an_operator_sees_why_and_ends_it() {
    let cells = Memory::default();
    let mut proxy = console(&cells);
    for attack in [UNION, COMMAND] {
        proxy.get(0, "mallory", attack);
    }
    proxy.deliver(200);
    let told = proxy.bodies.len();
    let (_, list) = ask(&mut proxy, "GET /.user-risk/incidents", TOKEN, true).unwrap();
    let incident = &list["incidents"][0];
    assert_eq!(
        (&incident["user"], &incident["increase"], &list["next"]),
        (&"mallory".into(), &16.into(), &Value::Null)
    );
    let id = incident["id"].as_str().unwrap()[..8].to_owned();
    let (_, user) = ask(&mut proxy, &format!("GET /.user-risk/user?id={id}"), TOKEN, true).unwrap();
    assert_eq!(user["rules"].as_array().unwrap().len(), 2);
    let nobody = ask(&mut proxy, "GET /.user-risk/user?user=nobody", TOKEN, true).unwrap();
    assert_eq!(nobody.0, 404);
    let close = "POST /.user-risk/close?user=mallory&who=jo&why=her+pentest%20of%20today";
    let (status, closed) = ask(&mut proxy, close, TOKEN, true).unwrap();
    assert_eq!((status, &closed["user"]["increase"], &closed["user"]["incident"]), (200, &16.into(), &Value::Null));
    let line = proxy.lines.iter().find(|line| line["event"] == "order").unwrap();
    assert_eq!(
        (&line["order"], &line["user"], &line["who"], &line["why"]),
        (&"close".into(), &"mallory".into(), &"jo".into(), &"her pentest of today".into())
    );
    for _ in 0..4 {
        proxy.now += 1000;
        proxy.deliver(200);
    }
    assert!(proxy.bodies[told..].iter().all(|body| body.contains("closed by hand")) && proxy.bodies.len() > told);
    let (_, list) = ask(&mut proxy, "GET /.user-risk/incidents", TOKEN, true).unwrap();
    assert_eq!(list["incidents"], Value::Array(Vec::new()));
    let (_, forgiven) = ask(&mut proxy, "POST /.user-risk/forgive?user=mallory&who=jo&why=x", TOKEN, true).unwrap();
    assert_eq!(forgiven["user"]["increase"], 0);
}

#[test]
fn a_muted_user_counts_and_is_not_told_of() {
    let cells = Memory::default();
    let mut proxy = console(&cells);
    proxy.get(0, "mallory", UNION);
    let (status, muted) =
        ask(&mut proxy, "POST /.user-risk/mute?user=mallory&for=2h&who=jo&why=x", TOKEN, true).unwrap();
    assert_eq!(status, 200);
    assert!(muted["user"]["muted_until"].is_string());
    proxy.get(0, "mallory", COMMAND);
    proxy.deliver(200);
    assert_eq!(proxy.bodies.len(), 0);
    assert!(proxy.lines.iter().any(|line| line["event"] == "incident_opened"), "the log has it");
}

#[test]
fn what_an_operator_asks_is_nobodys_act() {
    let cells = Memory::default();
    let mut proxy = console(&cells);
    ask(&mut proxy, "GET /.user-risk/user?user=1'%20UNION%20SELECT%20password%20FROM%20users--", TOKEN, true);
    assert!(proxy.lines.is_empty(), "{:?}", proxy.lines);
}

#[test]
fn a_mute_outlives_the_points() {
    let cells = Memory::default();
    let options = format!(
        r#""risk": {{"window": "10s"}}, "memory": {{"users": 8}}, "admin": {{"token_env": "ADMIN_TOKEN"}}, {CHANNELS}"#
    );
    let mut proxy = Proxy::new(&cells, &with(&options));
    proxy.get(0, "mallory", UNION);
    ask(&mut proxy, "POST /.user-risk/mute?user=mallory&for=2h&who=jo&why=x", TOKEN, true).unwrap();
    proxy.now += 20_000;
    proxy.get(0, "somebody else in the same bucket", UNION);
    for attack in [UNION, COMMAND] {
        proxy.get(0, "mallory", attack);
    }
    proxy.deliver(200);
    assert_eq!((proxy.bodies.len(), proxy.count(Counter::Opened)), (0, 1));
}

#[test]
fn an_order_that_took_effect_is_answered_as_done_though_the_index_cant_be_written() {
    let cells = Memory::default();
    let mut proxy = console(&cells);
    for attack in [UNION, COMMAND] {
        proxy.get(0, "mallory", attack);
    }
    let broken = Dying { cells: &cells, dead: &["/open/"] };
    let mut after = console(&broken);
    let (status, closed) = ask(&mut after, "POST /.user-risk/close?user=mallory&who=jo&why=x", TOKEN, true).unwrap();
    assert_eq!((status, &closed["user"]["incident"]), (200, &Value::Null));
}
