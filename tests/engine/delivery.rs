//! What do operators see of the delivery, and do messages leave in time?

use super::*;

const SENT: &str = Counter::Sent.name();
const RETRIED: &str = Counter::Retried.name();
const FAILED: &str = Counter::Failed.name();
const DISPLACED: &str = Counter::Displaced.name();
const EXPIRED: &str = Counter::Expired.name();

/// An incident of this user, told at the next tick.
fn cross(proxy: &mut Proxy<'_>, user: &str) {
    proxy.get(0, user, UNION);
    proxy.get(1, user, COMMAND);
}

impl Proxy<'_> {
    /// A tick of the first worker, its calls answered like this.
    fn tick(&mut self, status: u16, retry_after: Option<&str>, body: &str) {
        self.on(0, Input::Tick);
        for (worker, pending_callout) in std::mem::take(&mut self.under_way) {
            let (retry_after, body) = (retry_after.map(str::to_owned), body.as_bytes().to_vec());
            self.on(worker, Input::Answered(pending_callout, Reply::Answer { status, retry_after, body }));
        }
    }

    /// What stands in the log about deliveries.
    fn said(&self, event: &str) -> Vec<&str> {
        let lines = self.lines.iter().filter(|line| line["event"] == event);
        lines.map(|line| line["what"].as_str().unwrap()).collect()
    }
}

#[test]
fn a_message_leaves_with_the_first_tick() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, &with(CHANNELS));
    cross(&mut proxy, "mallory");
    proxy.on(0, Input::Tick);
    assert_eq!(proxy.sent.len(), 2, "a tick is a quarter of a second");
}

/// The line that an operator acts on: status, the server's answer, who said it, and what follows from it.
#[test]
fn each_failure_is_a_line_to_act_on_and_counted_for_its_channel() {
    let stopped = "nothing more is sent to it until its options change";
    let refused = "the message is not sent again; check the channel's options";
    let rows = [
        (410, None, "channel_is_archived", "undelivered", format!("slack answered 410 channel_is_archived: {stopped}")),
        (403, None, "action_prohibited", "undelivered", format!("slack answered 403 action_prohibited: {stopped}")),
        (404, None, "no_team", "undelivered", format!("slack answered 404 no_team: {stopped}")),
        (400, None, "invalid_payload", "undelivered", format!("slack answered 400 invalid_payload: {refused}")),
        (401, None, "", "undelivered", format!("slack answered 401: {refused}")),
        (429, Some("7"), "", "retry", "slack answered 429; next try in 7s".to_owned()),
        (429, None, "rate_limited", "retry", "slack answered 429 rate_limited; next try in 1m".to_owned()),
        (503, Some("90"), "", "retry", "slack answered 503; next try in 1m 30s".to_owned()),
        (302, Some("2"), "", "retry", "slack answered 302; next try in 2s".to_owned()),
    ];
    for (status, retry_after, body, event, expected) in rows {
        let cells = Memory::default();
        let slack = r#""notify": [{"slack": {"cluster": "slack", "url": "https://hooks.slack.com/services/T/B/x"}}]"#;
        let mut proxy = Proxy::new(&cells, &with(slack));
        cross(&mut proxy, "mallory");
        proxy.tick(status, retry_after, body);
        assert_eq!(proxy.said(event), [expected.as_str()]);
        let counter = if event == "retry" { RETRIED } else { FAILED };
        assert_eq!(proxy.counts_for, BTreeMap::from([((0, counter), 1)]), "{status}");
        assert_eq!(proxy.counts[counter], 1);
    }
}

#[test]
fn a_stopped_channel_fails_what_comes_and_says_so() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, &with(CHANNELS));
    cross(&mut proxy, "mallory");
    proxy.tick(410, None, "channel_is_archived");
    proxy.now += 1000;
    cross(&mut proxy, "eve");
    proxy.tick(410, None, "");
    assert_eq!(proxy.sent.len(), 2, "{:?}", proxy.sent);
    assert_eq!(proxy.counts_for[&(1, FAILED)], 2);
    let failed = "slack: 1 message not sent (the opening of eve): the channel is stopped until its options change; \
                  the line of its last answer says why";
    assert!(proxy.said("notice").contains(&failed), "{:?}", proxy.said("notice"));
}

#[test]
fn a_full_queue_is_counted_for_its_channel_and_said() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, &with(&format!(r#""memory": {{"messages": 8}}, {CHANNELS}"#)));
    for user in 0..10 {
        proxy.now += 1000;
        cross(&mut proxy, &format!("u{user}"));
    }
    let displaced = "webhook: 1 message displaced (the opening of u0): as many wait as may, and what matters least makes \
                     room; see memory.messages";
    assert!(proxy.said("notice").contains(&displaced), "{:?}", proxy.said("notice"));
    assert_eq!((proxy.counts_for[&(0, DISPLACED)], proxy.counts_for[&(1, DISPLACED)]), (2, 2));
}

/// A channel whose cluster is missing answers at once: what has expired must not be sent all in one moment.
#[test]
fn what_has_expired_is_not_sent_and_is_one_line_a_step() {
    let cells = Memory::default();
    let slack = r#""notify": [{"give_up_after": "10s", "slack": {"cluster": "none", "url": "https://hooks.slack.com/services/T/B/x"}}]"#;
    let mut proxy = Proxy::new(&cells, &with(&format!(r#""memory": {{"messages": 1024}}, {slack}"#)));
    for user in 0..200 {
        cross(&mut proxy, &format!("u{user}"));
    }
    proxy.now += 60_000;
    for _ in 0..8 {
        proxy.on(0, Input::Tick);
        while let Some((worker, pending_callout)) = proxy.under_way.pop() {
            proxy.on(worker, Input::Answered(pending_callout, Reply::Nothing { why: "no such cluster" }));
        }
    }
    assert_eq!(proxy.sent, [], "no call for what has expired");
    assert_eq!((proxy.counts_for[&(0, EXPIRED)], proxy.counts[EXPIRED]), (200, 200));
    let lines: Vec<_> = proxy.said("notice").into_iter().filter(|line| line.contains("expired")).collect();
    assert!((1..=8).contains(&lines.len()), "{lines:?}");
    let number = |line: &&str| line.split(' ').nth(1).unwrap().parse::<u32>().unwrap();
    assert_eq!(lines.iter().map(number).sum::<u32>(), 200);
    assert!(lines[0].ends_with("more): not delivered within 10s"), "{}", lines[0]);
}

/// A dispatch that fails, as for a cluster that is not there, pauses as any failure does.
#[test]
fn a_call_that_cannot_be_sent_backs_off() {
    let cells = Memory::default();
    let slack = r#""notify": [{"slack": {"cluster": "none", "url": "https://hooks.slack.com/services/T/B/x"}}]"#;
    let mut proxy = Proxy::new(&cells, &with(slack));
    for user in 0..50 {
        cross(&mut proxy, &format!("u{user}"));
    }
    for _ in 0..20 {
        proxy.now += 50;
        proxy.on(0, Input::Tick);
        while let Some((worker, pending_callout)) = proxy.under_way.pop() {
            proxy.on(worker, Input::Answered(pending_callout, Reply::Nothing { why: "no such cluster" }));
        }
    }
    assert!((1..=5).contains(&proxy.sent.len()), "{} calls within a second", proxy.sent.len());
    let lines = proxy.said("retry");
    assert!(lines[0].contains("no such cluster (notify[0].slack.cluster: `none`)"), "{lines:?}");
}

#[test]
fn the_age_of_the_oldest_message_is_told_for_each_channel() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, &with(CHANNELS));
    cross(&mut proxy, "mallory");
    proxy.now += 500;
    proxy.tick(503, Some("60"), "");
    assert!(proxy.oldest.is_empty(), "not a second yet");
    for (after, age) in [(20_000, 20), (30_000, 50)] {
        proxy.now += after;
        proxy.tick(200, None, "ok");
        assert_eq!(proxy.oldest, BTreeMap::from([(0, age), (1, age)]));
    }
    proxy.now += 10_000;
    proxy.tick(200, None, "ok");
    assert_eq!(proxy.oldest, BTreeMap::from([(0, 0), (1, 0)]), "it has left");
    assert_eq!((proxy.counts_for[&(0, SENT)], proxy.counts_for[&(1, SENT)]), (1, 1));
}

#[test]
fn two_channels_of_a_kind_are_told_apart() {
    let slack = |name, url| format!(r#"{{{name}"slack": {{"cluster": "s", "url": "https://hooks.slack.com/{url}"}}}}"#);
    let notify = [slack("", "a"), slack("", "b"), slack(r#""name": "qa","#, "c"), slack("", "d")].join(",");
    let cells = Memory::default();
    let proxy = Proxy::new(&cells, &with(&format!(r#""notify": [{notify}]"#)));
    assert_eq!(proxy.workers[0].channels(), ["slack", "slack-2", "qa", "slack-3"]);
    let names: Vec<_> = Counter::OF_CHANNELS.iter().map(|counter| counter.name_for("qa")).collect();
    assert_eq!(names[0], "user_risk_filter_channel_messages_sent_total.channel.qa");
}
