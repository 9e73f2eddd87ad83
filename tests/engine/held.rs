//! Is a body held back until it is judged, and is what is let go judged before that?

use user_risk_filter::engine::Input;
use user_risk_filter::engine::stream::{Mark, Part, Stream};
use user_risk_filter::exchange::head::Head;
use user_risk_filter::exchange::headers::Headers;
use user_risk_filter::state::memory::Memory;
use user_risk_filter::worker::effect::Effect;

use crate::respond::{get, options};
use crate::{COMMAND, Proxy, UNION, known};

#[test]
fn a_body_is_held_until_it_is_judged() {
    let cells = Memory::default();
    let respond = r#"[{"block_attacks": {}, "hold_bodies": "1KiB"}]"#;
    let proxy = Proxy::new(&cells, &options("protect", respond));
    let monitored = known().with_route_metadata("user-risk", &["mode"], "monitor");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let rows = [
        ("a form", form, &known(), 10, true),
        ("as long as is held", form, &known(), 1024, true),
        ("too long", form, &known(), 1025, false),
        ("gRPC", ("content-type", "application/grpc+proto"), &known(), 10, false),
        ("an upgrade", ("upgrade", "websocket"), &known(), 10, false),
        ("a route that is only monitored", form, &monitored, 10, false),
    ];
    for (name, header, known, length, held) in rows {
        let mut stream = Stream::default();
        let head: Headers = [(":method", "POST"), (":path", "/"), header].into_iter().collect();
        proxy.effects(0, Input::Stream(&mut stream, Part::Head(Head::new(head))));
        proxy.workers[0].holds(&mut stream, known);
        proxy.effects(0, Input::Stream(&mut stream, Part::Chunk(&vec![b'a'; length])));
        assert_eq!(stream.is_held(), held, "{name}");
        proxy.effects(0, Input::Stream(&mut stream, Part::Mark(Mark::Complete, known)));
        assert!(!stream.is_held(), "{name}");
    }
}

/// The head stands before the proxy still: what crosses there can tell of itself, and is refused.
#[test]
fn what_is_released_is_judged_first() {
    let cells = Memory::default();
    let respond = r#"[{"block_attacks": {}, "hold_bodies": "1KiB", "headers": true}]"#;
    let mut proxy = Proxy::new(&cells, &options("protect", respond));
    for (body, status) in [("q=shoes", None), ("q=1'+UNION+SELECT+password+FROM+users--", Some(403))] {
        get(&mut proxy, 0, "mallory", UNION);
        get(&mut proxy, 0, "mallory", COMMAND);
        let mut stream = Stream::default();
        let form = ("content-type", "application/x-www-form-urlencoded");
        let head = [(":method", "POST"), (":path", "/"), ("x-user-id", "mallory"), form];
        proxy.effects(0, Input::Stream(&mut stream, Part::Head(Head::new(head.into_iter().collect()))));
        proxy.effects(0, Input::Stream(&mut stream, Part::Mark(Mark::Arrived, &known())));
        assert!(proxy.workers[0].holds(&mut stream, &known()));
        let body = format!("{body}&rest={}", "a".repeat(20_000));
        proxy.effects(0, Input::Stream(&mut stream, Part::Chunk(body.as_bytes())));
        assert!(!stream.is_held());
        let effects = proxy.effects(0, Input::Stream(&mut stream, Part::Mark(Mark::Released, &known())));
        let answered = effects.iter().find_map(|effect| match effect {
            Effect::Respond { status, .. } => Some(*status),
            _ => None,
        });
        assert_eq!(answered, status, "{body:.40}");
        let told = effects.iter().any(|effect| matches!(effect, Effect::SetState("user_risk.band", _)));
        assert_eq!(told, status.is_some(), "{body:.40}");
    }
}
