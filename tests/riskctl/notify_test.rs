//! Does `riskctl notify-test` show what would be sent, and send it to a real server?

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use super::{EXAMPLE, riskctl};

/// A server that answers one request with these bytes; what it got, once it is asked for.
struct Receiver {
    port: u16,
    got: std::thread::JoinHandle<String>,
}

impl Receiver {
    fn new(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let got = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let request = read(&mut stream);
            stream.write_all(answer.as_bytes()).unwrap();
            if answer.is_empty() {
                // It hangs for longer than the channel's timeout.
                std::thread::sleep(Duration::from_secs(2));
            }
            request
        });
        Self { port, got }
    }
}

fn read(stream: &mut TcpStream) -> String {
    let mut request = String::new();
    let mut buffer = [0; 65536];
    loop {
        let length = stream.read(&mut buffer).unwrap();
        request.push_str(&String::from_utf8_lossy(buffer.get(..length).unwrap()));
        if let Some((head, body)) = request.split_once("\r\n\r\n") {
            let expected =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if length == 0 || body.len() >= expected.unwrap_or(0) {
                return request;
            }
        }
    }
}

fn webhook(port: u16) -> String {
    format!(
        "notify: [{{name: team, webhook: {{cluster: c, url: \"http://127.0.0.1:{port}/secret-path?x=y\", timeout: 1s, \
         secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}}}}]"
    )
}

#[test]
fn what_would_be_sent_is_shown_without_secrets() {
    let variables = [
        ("RISK_WEBHOOK_SECRET", "whsec_bGFiLW9ubHktbGFiLW9ubHktbGFiLW9ubHktbGFi"),
        ("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T0LAB/B0LAB/onlyinthelaboratory"),
        ("PAGERDUTY_ROUTING_KEY", "0123456789abcdef0123456789abcdef"),
        ("MAIL_API_KEY", "SG.only-in-the-laboratory"),
    ];
    for (set, url) in
        [(&variables[..], "POST https://hooks.slack.com/<hidden>"), (&[], "POST <the URL's variable is not set here>")]
    {
        let (code, out, err) = riskctl(&["notify-test", "--config", EXAMPLE], set, "");
        assert_eq!((code, err.as_str()), (0, ""));
        for expected in [
            "notify[0] webhook (cluster receiver)",
            "notify[3] email (cluster mail)",
            url,
            "  POST https://api.sendgrid.com/v3/mail/send",
            "  authorization: <hidden>",
            "    \"text\": \"🟠 User 4711 rose by 21 points in 24 h: SQL injection × 2 on /search and path traversal on /files/{}\",",
        ] {
            assert!(out.contains(expected), "{expected} is not in\n{out}");
        }
        for (_, secret) in variables {
            let end = &secret[secret.len() - 12..];
            assert!(!out.contains(end), "{secret} in\n{out}");
        }
        assert!(!out.contains('\u{1b}'), "no colours where nobody sees them");
    }
}

#[test]
fn channels_and_states_are_chosen() {
    let slack = "notify: [{name: qa, slack: {cluster: c, url: \"https://hooks.slack.com/services/T/B/x\"}}]";
    let rows = [
        (&["--channel", "qa"][..], 0, "notify[0] slack \"qa\" (cluster c)\n  POST"),
        (&["--channel", "slack", "--state", "updated"], 0, "notify[0] slack \"qa\" (cluster c)\n  POST"),
        (
            &["--state", "resolved"],
            0,
            "notify[0] slack \"qa\" (cluster c): receives no message about incidents that are resolved (states)",
        ),
        (&["--channel", "email"], 2, "error: there is no such channel; there are slack, qa"),
        (&["--state", "gone"], 2, "error: invalid value 'gone'"),
    ];
    for (more, expected, start) in rows {
        let arguments: Vec<_> = ["notify-test", "--config", "-"].iter().chain(more).copied().collect();
        let (code, out, err) = riskctl(&arguments, &[], slack);
        assert_eq!(code, expected, "{more:?} {out}{err}");
        assert!(format!("{out}{err}").starts_with(start), "{more:?} {out}{err}");
    }
    let (code, _, err) = riskctl(&["notify-test", "--config", "-"], &[], "{}");
    assert_eq!((code, err.as_str()), (2, "error: the configuration notifies nobody: it has no channel under notify\n"));
}

#[test]
fn a_test_is_sent_and_the_answer_shown() {
    let rows = [
        ("HTTP/1.1 204 No Content\r\n\r\n", 0, "ok: notify[0] webhook \"team\" (cluster c): answered 204\n"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
            0,
            "ok: notify[0] webhook \"team\" (cluster c): answered 200 ok\n",
        ),
        (
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
            1,
            "error: notify[0] webhook \"team\" (cluster c): answered 302\n",
        ),
        (
            "HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\nno /secret-path?x=y here",
            1,
            "error: notify[0] webhook \"team\" (cluster c): answered 404 no <hidden> here\n",
        ),
        ("", 1, "error: notify[0] webhook \"team\" (cluster c): no answer: timeout: global\n"),
    ];
    for (answer, expected, line) in rows {
        let receiver = Receiver::new(answer);
        let (code, out, err) = riskctl(&["notify-test", "--config", "-", "--send"], &[], &webhook(receiver.port));
        let request = receiver.got.join().unwrap();
        assert_eq!((code, out.as_str()), (expected, line), "{err}");
        assert!(request.starts_with("POST /secret-path?x=y HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("\"summary\":\"[TEST] User riskctl-notify-test rose by 16 points"), "{request}");
        assert!(request.contains("webhook-signature: v1,"), "{request}");
    }
}

#[test]
fn no_answer_is_reported_without_the_url() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let (code, out, _) = riskctl(&["notify-test", "--config", "-", "--send"], &[], &webhook(port));
    assert_eq!(code, 1);
    assert!(out.contains("no answer: io: Connection refused") && !out.contains("secret-path"), "{out}");
}

#[test]
fn to_send_every_secret_has_to_be_there() {
    let (code, _, err) = riskctl(&["notify-test", "--config", EXAMPLE, "--send"], &[], "");
    assert_eq!(code, 2);
    assert!(err.contains("the variable RISK_WEBHOOK_SECRET is not set here"), "{err}");
}
