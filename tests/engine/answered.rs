//! Do messages say how the requests were answered?

use serde_json::json;

use user_risk_filter::exchange::headers::Headers;
use user_risk_filter::exchange::proxy::Known;

use super::*;

impl Proxy<'_> {
    /// A request of this id up to its answer.
    fn ask(&mut self, id: &str, target: &str) -> Stream {
        let mut stream = Stream::default();
        let head = [(":method", "GET"), (":path", target), ("x-user-id", "mallory"), ("x-request-id", id)];
        self.on(0, Input::Stream(&mut stream, Part::Head(Head::new(head.into_iter().collect()))));
        self.on(0, Input::Stream(&mut stream, Part::Mark(Mark::Complete, &Known::default())));
        stream
    }

    /// Its answer.
    fn answer(&mut self, mut stream: Stream, status: u16) {
        let known = Known::default().answering(status, Headers::default());
        for mark in [Mark::Answered, Mark::End] {
            self.on(0, Input::Stream(&mut stream, Part::Mark(mark, &known)));
        }
    }

    /// The requests that the webhook's message number `at` names.
    fn named(&self, at: usize) -> serde_json::Value {
        let message: serde_json::Value = serde_json::from_str(&self.bodies[at]).unwrap();
        message["data"]["requests"].clone()
    }
}

const WEBHOOK: &str = r#""notify": [{"webhook": {"cluster": "receiver", "url": "https://h.example/risk",
    "secret": "whsec_bGFiLW9ubHktbGFiLW9ubHktbGFiLW9ubHktbGFi"}}], "admin": {"token_env": "TOKEN"}"#;

#[test]
fn a_message_has_the_status_of_each_request_also_of_the_one_that_crossed() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, &with(WEBHOOK));
    let first = proxy.ask("r1", UNION);
    proxy.answer(first, 403);
    let crossing = proxy.ask("r2", COMMAND);
    assert_eq!(proxy.hastened, 0, "the message waits for the answer, as long as the next tick lets it");
    proxy.answer(crossing, 200);
    assert_eq!(proxy.hastened, 1);
    let repeated = proxy.ask("r3", COMMAND);
    proxy.answer(repeated, 500);
    proxy.deliver(200);
    assert_eq!(proxy.named(0), json!([{"id": "r2", "status": 200}, {"id": "r1", "status": 403}]), "r3 counted nothing");
}

#[test]
fn what_is_sent_before_the_answer_lacks_its_status_and_a_retry_is_the_same() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, &with(WEBHOOK));
    let first = proxy.ask("r1", UNION);
    let crossing = proxy.ask("r2", COMMAND);
    proxy.answer(first, 403);
    proxy.deliver(503);
    proxy.answer(crossing, 200);
    proxy.now += 3_600_000;
    proxy.deliver(200);
    assert_eq!(proxy.bodies.len(), 2);
    assert_eq!(proxy.named(0), json!([{"id": "r2"}, {"id": "r1", "status": 403}]));
    assert_eq!(proxy.bodies[1], proxy.bodies[0]);
    // The incident's next message has it.
    let third = proxy.ask("r3", JNDI);
    proxy.answer(third, 404);
    proxy.deliver(200);
    let [third, second] = [json!({"id": "r3", "status": 404}), json!({"id": "r2", "status": 200})];
    assert_eq!(proxy.named(2), json!([third, second, {"id": "r1", "status": 403}]));
}
