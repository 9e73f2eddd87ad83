//! Are wrong options refused, with a mend, and never with a secret's value?

use super::*;
use crate::config;
use crate::notify::subscription::Subscription;
use crate::secret::Secret;
use crate::secret::Variable;

/// 32 letters and digits.
const ROUTING_KEY: &str = "0123456789abcdef0123456789ABCDEF";
/// 24 bytes.
const SIGNING_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A channel from JSON; the variable `GOOD` holds `value`, `UNREAD` is not looked at, all others are unset.
fn channel(json: &str, value: &str) -> Result<Channel, String> {
    let entry: Subscription = config::from_json(json).map_err(|error| error.to_string())?;
    let mut channel = entry.channel;
    for (option, variable) in channel.variables() {
        let lookup = |name: &str| match name {
            "GOOD" => Variable::Set(Secret::new(value)),
            "UNREAD" => Variable::Unread,
            _ => Variable::Unset,
        };
        variable.resolve(&lookup).map_err(|message| format!("{option}: {message}"))?;
    }
    channel.check().map_err(|(option, message)| format!("{option}: {message}"))?;
    Ok(channel)
}

#[test]
fn good_options_pass() {
    let email = r#""cluster":"c","key":"k","from":"a@example.com""#;
    let rows = [
        (r#"{"webhook":{"cluster":"c","url":"https://h/p","secret_env":"GOOD"}}"#.to_owned(), SIGNING_SECRET),
        (
            format!(
                r#"{{"webhook":{{"cluster":"c","url":"https://h/p","secret":"{SIGNING_SECRET} {SIGNING_SECRET}"}}}}"#
            ),
            "",
        ),
        (r#"{"webhook":{"cluster":"c","url":"https://h/p","secret_env":"UNREAD","timeout":"3s"}}"#.to_owned(), ""),
        (r#"{"slack":{"cluster":"c","url_env":"GOOD"}}"#.to_owned(), "https://hooks.slack.com/services/T/B/x\n"),
        (r#"{"pagerduty":{"cluster":"c","routing_key_env":"GOOD"}}"#.to_owned(), ROUTING_KEY),
        (format!(r#"{{"email":{{{email},"provider":"sendgrid","to":["b@example.com","c@example.com"]}}}}"#), ""),
        (format!(r#"{{"email":{{{email},"provider":"resend","to":["b+c@mail.example.com"]}}}}"#), ""),
        (format!(r#"{{"email":{{{email},"provider":"postmark","message_stream":"alerts-1","to":["b@c.de"]}}}}"#), ""),
        (format!(r#"{{"webhook":{{"cluster":"c","url":"https://h/","secrets":["{SIGNING_SECRET}"]}}}}"#), ""),
        (
            r#"{"webhook":{"cluster":"c","url":"https://h/","format":"cloudevents","secrets_env":["GOOD","UNREAD"]}}"#
                .to_owned(),
            SIGNING_SECRET,
        ),
        (
            r#"{"webhook":{"cluster":"c","url":"https://h/","format":"sqreen","secret_env":"GOOD"}}"#.to_owned(),
            "0123456789abcdef",
        ),
        (r#"{"teams":{"cluster":"c","url_env":"GOOD"}}"#.to_owned(), "https://h/workflows/x?sig=y"),
        (r#"{"alertmanager":{"cluster":"c","url":"http://alertmanager:9093"}}"#.to_owned(), ""),
        (
            r#"{"alertmanager":{"cluster":"c","url":"https://h/prefix/","authorization_env":"GOOD"}}"#.to_owned(),
            "Basic dXNlcjpwYXNz",
        ),
    ];
    for (json, value) in rows {
        channel(&json, value).unwrap_or_else(|error| panic!("{json}: {error}"));
    }
}

#[test]
fn wrong_options_are_refused_with_a_mend() {
    let secret = "is no signing secret; write whsec_ and then 24 to 64 random bytes in Base64, \
                  for example the output of: echo whsec_$(openssl rand -base64 32)";
    let sqreen = "is no key of a Sqreen webhook; write 16 to 256 characters without a space, as the receiver has them, for \
                  example the output of: openssl rand -hex 32";
    let key = "is not the 32 letters and digits of an integration key; copy it from the PagerDuty service's \
               Integrations tab, Events API v2";
    let rows = [
        (r#""webhook":{"cluster":"c","url":"https://h/","secret_env":"GOOD"}"#, format!("secret_env: {secret}")),
        (r#""webhook":{"cluster":"c","url":"https://h/","secret":"whsec_c2hvcnQ="}"#, format!("secret: {secret}")),
        (r#""webhook":{"cluster":"c","url":"https://h/","secret":"whsec_%"}"#, format!("secret: {secret}")),
        (r#""webhook":{"cluster":"c","url":"https://h/"}"#, ": needs secret or secret_env".to_owned()),
        (
            r#""webhook":{"cluster":"c","url":"https://h/","secret":"s","secret_env":"GOOD"}"#,
            "secret_env: stands beside secret; keep one of them".to_owned(),
        ),
        (
            r#""webhook":{"cluster":"c","url":"h/p","secret_env":"GOOD"}"#,
            "url: is not a URL; write https://host/path".to_owned(),
        ),
        (
            r#""webhook":{"cluster":"","url":"https://h/","secret_env":"GOOD"}"#,
            "cluster: is empty; name a cluster of the proxy".to_owned(),
        ),
        (
            r#""webhook":{"cluster":"c","url":"https://h/","secret_env":"GOOD","timeout":"2m"}"#,
            "timeout: is longer than 60 s; write 60s or less".to_owned(),
        ),
        (
            r#""webhook":{"cluster":"c","url":"https://h/","secrets":["whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX","s"]}"#,
            format!("secrets: has one that {secret}"),
        ),
        (r#""webhook":{"cluster":"c","url":"https://h/","secrets":[]}"#, ": needs secret or secret_env".to_owned()),
        (
            r#""webhook":{"cluster":"c","url":"https://h/","secrets_env":["GOOD"],"secrets":["s"]}"#,
            "secrets_env: stands beside secrets; keep one of them".to_owned(),
        ),
        (
            r#""webhook":{"cluster":"c","url":"https://h/","format":"sqreen","secret":"hunter2"}"#,
            format!("secret: {sqreen}"),
        ),
        (r#""teams":{"cluster":"c"}"#, ": needs url or url_env".to_owned()),
        (
            r#""alertmanager":{"cluster":"c","url":"http://h/api/v2/alerts"}"#,
            "url: is not where Alertmanager is; write it without /api/v2/alerts and without a query".to_owned(),
        ),
        (
            r#""alertmanager":{"cluster":"c","url":"http://h","authorization_env":"GOOD"}"#,
            "authorization_env: is not the value of an authorization header; write Bearer and a token, or Basic and Base64"
                .to_owned(),
        ),
        (
            r#""email":{"cluster":"c","provider":"resend","key_env":"GOOD","from":"a@b.c","to":["a@b.c"],"message_stream":"x"}"#,
            "message_stream: is an option of Postmark; leave it out".to_owned(),
        ),
        (
            r#""email":{"cluster":"c","provider":"postmark","key_env":"GOOD","from":"a@b.c","to":["a@b.c"],"message_stream":"My stream"}"#,
            "message_stream: is no id of a message stream; copy it from the stream's settings, such as outbound".to_owned(),
        ),
        (r#""slack":{"cluster":"c"}"#, ": needs url or url_env".to_owned()),
        (r#""slack":{"cluster":"c","url_env":"GOOD"}"#, "url_env: is not a URL; write https://host/path".to_owned()),
        (
            r#""slack":{"cluster":"c","url":"https://hunter2 "}"#,
            "url: has a character that no URL has; percent-encode it".to_owned(),
        ),
        (
            r#""slack":{"cluster":"c","url_env":"BAD"}"#,
            "url_env: the variable BAD is not set; add it to vm_config.environment_variables.host_env_keys, or, if it is \
             there, set it where Envoy starts"
                .to_owned(),
        ),
        (r#""pagerduty":{"cluster":"c","routing_key":"hunter2"}"#, format!("routing_key: {key}")),
        (r#""pagerduty":{"cluster":"c"}"#, ": needs routing_key or routing_key_env".to_owned()),
        (
            r#""email":{"cluster":"c","provider":"resend","key_env":"GOOD","from":"a@example.com","to":[]}"#,
            "to: names nobody; list at least one address".to_owned(),
        ),
        (
            r#""email":{"cluster":"c","provider":"resend","key_env":"GOOD","from":"a@b.c","to":["a@b.c","A@b.c"]}"#,
            "to: names `A@b.c` twice".to_owned(),
        ),
        (
            r#""email":{"cluster":"c","provider":"resend","key_env":"GOOD","from":"Risk <a@b.c>","to":["a@b.c"]}"#,
            "from: `Risk <a@b.c>` is not an e-mail address; write name@example.com".to_owned(),
        ),
        (
            r#""email":{"cluster":"c","provider":"resend","key":"hunter2\n","from":"a@b.c","to":["a@b.c"]}"#,
            "key: is not a key: it is empty or has a space or a character beyond ASCII".to_owned(),
        ),
    ];
    for (json, expected) in rows {
        let error = channel(&format!("{{{json}}}"), "hunter2").map(drop).unwrap_err();
        assert_eq!(error, expected, "{json}");
        assert!(!error.contains("hunter2"));
    }
}

#[test]
fn unknown_and_missing_options_are_named() {
    let rows = [
        (r#"{"slack":{"cluster":"c","urll":"x"}}"#, "unknown field `urll`"),
        (r#"{"slack":{"url":"https://h/"}}"#, "`cluster` is missing"),
        (
            r#"{"email":{"cluster":"c","provider":"mailgun"}}"#,
            "unknown variant `mailgun`, expected one of `sendgrid`, `resend`, `postmark`",
        ),
        (r#"{"pager":{}}"#, "unknown field `pager`, expected one of `name`, `states`, `min_band`"),
    ];
    for (json, expected) in rows {
        let error = channel(json, "").map(drop).unwrap_err();
        assert!(error.contains(expected), "{json}: {error}");
    }
}

#[test]
fn addresses_cannot_end_a_header() {
    let rows = ["a@b.c\r\nbcc: x@y.z", "a b@c.d", "a@b", "@b.c", "a@.c", "a,b@c.d", "a@b@c.d", "a@b_c.d", "ä@b.c", ""];
    for address in rows {
        let json = serde_json::json!({"email": {
            "cluster": "c", "provider": "sendgrid", "key": "k", "from": "a@b.c", "to": [address],
        }});
        let error = channel(&json.to_string(), "").map(drop).unwrap_err();
        assert!(error.ends_with("is not an e-mail address; write name@example.com"), "{error}");
        assert!(!error.contains(['\r', '\n']), "{error}");
    }
}

#[test]
fn secrets_do_not_print() {
    let json = format!(r#"{{"webhook":{{"cluster":"c","url":"https://h/p","secret":"{SIGNING_SECRET}"}}}}"#);
    let printed = format!("{:?}", channel(&json, "").unwrap());
    assert!(printed.contains("<secret>") && !printed.contains("MfKQ"), "{printed}");
}

#[test]
fn other_options_are_another_channel() {
    let key = Key::from_passphrase("k");
    let identity = |json: &str| channel(json, "https://h/p").unwrap().identity(&key);
    let inline = identity(r#"{"slack":{"cluster":"c","url":"https://h/p"}}"#);
    assert_eq!(inline, identity(r#"{"slack":{"cluster":"c","url_env":"GOOD","timeout":"3s"}}"#));
    assert_ne!(inline, identity(r#"{"slack":{"cluster":"c","url":"https://h/q"}}"#));
    assert_ne!(inline, identity(r#"{"slack":{"cluster":"d","url":"https://h/p"}}"#));
}
