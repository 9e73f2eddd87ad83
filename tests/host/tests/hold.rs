//! Is a request whose body is held back judged before anything of it goes on, however its pieces come?

use std::rc::Rc;

use fake_host::exchange::Exchange;
use fake_host::host::REQUEST_BODY;
use fake_host::vm::{Artefact, Callback, Vm};

/// What a callback answers for a request that stays where it is.
const PAUSE: u32 = 1;

const CONFIGURATION: &str = r#"{
    "mode": "protect", "user": {"sources": [{"header": "x-user-id"}]},
    "respond": [{"block_attacks": {}, "hold_bodies": "4KiB"}]
}"#;

/// A server may read far more at once than is held back.
#[test]
fn a_body_whose_first_piece_is_longer_than_what_is_held_is_judged_before_it_goes_on() {
    let artefact = Artefact::built().unwrap();
    let (attack, rest) = (b"q=1'+UNION+SELECT+password+FROM+users--+&rest=", vec![b'a'; 20_000]);
    let harmless = [&b"q=shoes&rest="[..], &rest].concat();
    let (first, attack) = ([&attack[..], &rest].concat(), [&rest[..], &b"&"[..], attack, b"a"].concat());
    for (name, body, pieces, refused) in [
        ("an attack in front", &first, vec![first.len()], true),
        ("an attack at the end of what came", &attack, vec![attack.len()], true),
        ("an attack in the second piece", &attack, vec![1_000, attack.len()], true),
        ("harmless", &harmless, vec![harmless.len()], false),
        ("harmless, in two pieces", &harmless, vec![1_000, harmless.len()], false),
    ] {
        let mut vm = Vm::new(&artefact, &Rc::default(), &[], 1).unwrap();
        assert!(vm.start(1, CONFIGURATION).unwrap(), "{:?}", vm.host().lines);
        for (context, path) in [(2, "/?q=1'+UNION+SELECT+password+FROM+users--"), (3, "/?q=;cat+/etc/passwd")] {
            Exchange::get(path, "mallory").play(&mut vm, context, 1).unwrap();
        }
        vm.host().responses.clear();
        let mut exchange = Exchange::post("/upload", "mallory", "application/x-www-form-urlencoded", body);
        // Under the id of an earlier one it would be the same request, seen by another filter.
        exchange.head.retain(|(header, _)| header != b"x-request-id");
        vm.host().scene = exchange.request_scene();
        vm.call(Callback::ContextCreate(4, 1)).unwrap();
        assert_eq!(vm.call(Callback::RequestHeaders(4, false)).unwrap(), PAUSE, "{name}: the head is held");
        let mut action = PAUSE;
        for size in pieces {
            assert_eq!(action, PAUSE, "{name}: held up to here");
            // What is held is handed over again, with what is new.
            vm.host().scene.buffers.insert(REQUEST_BODY, body[..size].to_vec());
            action = vm.call(Callback::RequestBody(4, size as u32, false)).unwrap();
        }
        let statuses: Vec<_> = vm.host().responses.iter().map(|response| response.status).collect();
        let expected = if refused { vec![403] } else { vec![] };
        assert_eq!((action == PAUSE, statuses), (refused, expected), "{name}");
    }
}
