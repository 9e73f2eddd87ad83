//! Does each reply find its operation, whole, cut or refused?

use super::*;
use crate::config;
use crate::fleet::feed::Kind;
use crate::keyed_hash::{Digest, Key};

fn options() -> StoreOptions {
    config::from_json(r#"{"redis": {"cluster": "risk_store"}}"#).unwrap()
}

fn user(name: &str) -> Digest {
    Key::from_passphrase("k").digest("user", &[name.as_bytes()])
}

fn swap(name: &str) -> Operation {
    let entry = Entry { kind: Kind::Opened, user: user(name), until: Timestamp::default() };
    let ttl = Duration::from_secs(60);
    Operation::Swap {
        user: user(name),
        expected: None,
        bytes: b"0123456789abcdefrecord".to_vec(),
        ttl,
        entry: Some(entry),
    }
}

fn operations() -> Vec<Operation> {
    let read = Operation::Read { user: user("a"), known: Some([7; 16]) };
    let feed = Operation::Feed { after: Position { millis: 5, number: 1 }, limit: 3 };
    vec![
        Operation::Clock { first: 41 },
        Operation::Live(9),
        Operation::Lives(vec![1, 2]),
        read,
        swap("b"),
        swap("c"),
        swap("d"),
        feed,
    ]
}

/// What a store answers to [`operations`], command by command: the records come last.
fn answer() -> Vec<Vec<u8>> {
    let entry = Entry { kind: Kind::Muted, user: user("x"), until: Timestamp::from_millis(8) };
    let mut feed = b"*2\r\n*2\r\n$3\r\n6-0\r\n*2\r\n$1\r\ne\r\n$25\r\n".to_vec();
    feed.extend(entry.to_bytes());
    feed.extend(b"\r\n*2\r\n$3\r\n7-2\r\n*2\r\n$1\r\ne\r\n$1\r\n?\r\n");
    vec![
        b"*2\r\n$10\r\n1700000000\r\n$6\r\n123456\r\n".to_vec(),
        b"$-1\r\n".to_vec(),
        b":42\r\n".to_vec(),
        b"+OK\r\n".to_vec(),
        b"*2\r\n$1\r\n1\r\n$-1\r\n".to_vec(),
        feed,
        b"*4\r\n:1\r\n:1\r\n$20\r\n0123456789abcdefOLD!\r\n:0\r\n".to_vec(),
    ]
}

fn outcomes() -> Vec<Outcome> {
    let entry = Entry { kind: Kind::Muted, user: user("x"), until: Timestamp::from_millis(8) };
    let at = |millis, number| Position { millis, number };
    vec![
        Outcome::Clock(Timestamp::from_millis(1_700_000_000_123), 42),
        Outcome::Noted,
        Outcome::Lives(vec![true, false]),
        Outcome::Unchanged,
        Outcome::Stored,
        Outcome::Found(Some(b"0123456789abcdefOLD!".to_vec())),
        Outcome::NoRoom,
        Outcome::Entries(vec![(at(6, 0), Some(entry)), (at(7, 2), None)]),
    ]
}

#[test]
fn each_reply_finds_its_operation() {
    let Answer { outcomes: found, refusal } = decode(&options(), &operations(), &answer().concat());
    assert_eq!((found, refusal), (outcomes(), None));
}

/// An answer that is cut anywhere: what is missing is unknown, and nothing is what it was not.
#[test]
fn a_cut_answer_says_less_and_never_something_else() {
    let whole = answer().concat();
    for length in 0..whole.len() {
        let Answer { outcomes: found, refusal } = decode(&options(), &operations(), &whole[..length]);
        for (found, known) in found.iter().zip(outcomes()) {
            assert!(*found == Outcome::Unknown || *found == known, "{length}: {found:?}");
        }
        assert_eq!(refusal, Some(Refusal::cut()), "{length}");
    }
}

#[test]
fn a_refused_command_leaves_the_others() {
    let mut replies = answer();
    replies[6] = b"-OOM command not allowed when used memory > 'maxmemory'.\r\n".to_vec();
    let Answer { outcomes: found, refusal } = decode(&options(), &operations(), &replies.concat());
    assert_eq!(found[3..7], [const { Outcome::Unknown }; 4]);
    assert_eq!((&found[..3], &found[7]), (&outcomes()[..3], &outcomes()[7]));
    assert!(refusal.unwrap().to_string().contains("maxmemory"));
    let denied = b"-NOAUTH Authentication required.\r\n".repeat(7);
    let Answer { outcomes: found, refusal } = decode(&options(), &operations(), &denied);
    assert!(found.iter().all(|outcome| *outcome == Outcome::Unknown));
    assert!(refusal.unwrap().to_string().contains("password_env"));
    let html = decode(&options(), &operations(), b"<html>hello</html>\r\n");
    assert!(html.refusal.unwrap().to_string().contains("no Redis"));
}

#[test]
fn a_call_is_pipelined_commands() {
    let call = encode(&options(), &[Operation::Clock { first: 41 }, swap("b")]);
    let mut rest = call.as_slice();
    let mut words = Vec::new();
    while !rest.is_empty() {
        let Ok(Reply::Array(command)) = resp::read(&mut rest) else { panic!("{}", call.escape_ascii()) };
        words.push(command.len());
    }
    // TIME; SET calls first NX; INCR calls; EVAL script 2 feed user room length expected bytes ttl entry.
    assert_eq!(words, [1, 4, 2, 3 + 2 + 2 + 4]);
    let mut with_password = options();
    with_password.redis.user = Some("urf".to_owned());
    let mut variable = crate::secret::FromEnv::try_from(Secret::new("PASSWORD")).unwrap();
    variable.resolve(&|_| crate::secret::Variable::Set(Secret::new("p4ss"))).unwrap();
    with_password.redis.password_env = Some(variable);
    let call = encode(&with_password, &[Operation::Clock { first: 41 }]);
    assert!(
        call.starts_with(b"*3\r\n$4\r\nAUTH\r\n$3\r\nurf\r\n$4\r\np4ss\r\n*1\r\n$4\r\nTIME"),
        "{}",
        call.escape_ascii()
    );
    let answer = [&b"+OK\r\n"[..], &answer()[..3].concat()].concat();
    assert_eq!(decode(&with_password, &[Operation::Clock { first: 41 }], &answer).outcomes, outcomes()[..1]);
}
