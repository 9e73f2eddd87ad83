//! What does it cost to queue an opening? With few and with many messages waiting, on one channel and on four.
//!
//! `cargo bench --bench delivery`. The cells are in memory here; Envoy adds a few microseconds to each access.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::time::{Duration, Instant};

use user_risk_filter::clock::Timestamp;
use user_risk_filter::incident::audience::Audience;
use user_risk_filter::incident::request::NamedRequest;
use user_risk_filter::incident::restriction::Restrictions;
use user_risk_filter::incident::snapshot::{IncidentId, Snapshot, Transition};
use user_risk_filter::keyed_hash::Key;
use user_risk_filter::notify::outbox::Outbox;
use user_risk_filter::points::Points;
use user_risk_filter::risk::band::Band;
use user_risk_filter::state::memory::Memory;

/// How many messages may wait on a channel.
const ROOM: u32 = 4096;

/// How many openings are measured in each row.
const ROUNDS: u64 = 200;

fn opening(key: &Key, number: u64) -> Snapshot {
    Snapshot {
        incident: IncidentId(key.digest("incident", &[&number.to_le_bytes()])),
        transition: Transition::Opened,
        ending: None,
        number: 1,
        at: Timestamp::from_millis(number),
        user: format!("user-{number}"),
        user_digest: key.digest("user", &[&number.to_le_bytes()]),
        source: "header:x-user-id".to_owned(),
        increase: Points::whole(16),
        threshold: Points::whole(10),
        window_millis: 86_400_000,
        band: Band::Warning,
        events: Vec::new(),
        requests: vec![NamedRequest { id: "b7b2c1a0-9d41-4a5e-8f0e-2d6c3e1f0a77".to_owned(), status: Some(403) }],
        addresses: Vec::new(),
        audience: Audience::default(),
        restrictions: Restrictions::default(),
    }
}

fn main() {
    let key = Key::from_passphrase("bench");
    println!("{:>8} {:>8} {:>12} {:>12}", "waiting", "channels", "median", "longest");
    for channels in [1_u8, 4] {
        let to: Vec<_> = (0..channels).map(|name| (key.digest("channel", &[&[name]]), Transition::Opened)).collect();
        for waiting in [0, 1024, 4096 - ROUNDS, 4096] {
            let (cells, outbox) = (Memory::default(), Outbox::new("b", ROOM, key.clone()));
            let post = |number: u64| {
                let snapshot = opening(&key, number);
                let start = Instant::now();
                outbox.post(&cells, &snapshot, &to, Timestamp::from_millis(number)).unwrap();
                start.elapsed()
            };
            (0..waiting).for_each(|number| _ = post(number));
            let mut times: Vec<Duration> = (waiting..waiting + ROUNDS).map(post).collect();
            times.sort_unstable();
            let median = times.get(times.len() / 2).copied().unwrap_or_default();
            let longest = times.last().copied().unwrap_or_default();
            println!("{waiting:>8} {channels:>8} {median:>12.1?} {longest:>12.1?}");
        }
    }
}
