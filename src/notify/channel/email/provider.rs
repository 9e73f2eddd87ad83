//! Which mail API? The request that each of them takes.
//!
//! Sources: SendGrid, "Mail Send", API v3; Resend, "Send Email"; Postmark, "Send a single email".

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::value::Value;
use crate::notify::channel::email::letter::Letter;
use crate::notify::channel::endpoint::{JSON, headers};
use crate::notify::notice::message::Notice;
use crate::text::json::Json;

/// A mail API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// SendGrid, API v3.
    SendGrid,
    /// Resend.
    Resend,
    /// Postmark.
    Postmark,
}

impl FromValue for Provider {
    fn read(value: &Value) -> Result<Self, Error> {
        value.word(&[("sendgrid", Self::SendGrid), ("resend", Self::Resend), ("postmark", Self::Postmark)])
    }
}

impl Provider {
    /// Where it listens.
    pub const fn url(self) -> &'static str {
        match self {
            Self::SendGrid => "https://api.sendgrid.com/v3/mail/send",
            Self::Resend => "https://api.resend.com/emails",
            Self::Postmark => "https://api.postmarkapp.com/email",
        }
    }

    /// How many people one request may reach.
    pub const fn recipients_limit(self) -> usize {
        match self {
            Self::SendGrid => 1000,
            Self::Resend | Self::Postmark => 50,
        }
    }

    /// Headers and body of the mail that carries `notice`.
    pub fn mail(self, sender: &Sender<'_>, notice: &Notice<'_>) -> (Vec<(&'static str, String)>, Json) {
        let letter = Letter::new(notice);
        let mut headers = headers(JSON);
        match self {
            Self::SendGrid | Self::Resend => headers.push(("authorization", format!("Bearer {}", sender.key))),
            Self::Postmark => {
                headers.extend([("accept", JSON.to_owned()), ("x-postmark-server-token", sender.key.to_owned())]);
            }
        }
        if self == Self::Resend {
            headers.push(("idempotency-key", notice.message_id.to_owned()));
        }
        let body = match self {
            Self::SendGrid => sendgrid(sender, &letter),
            Self::Resend => resend(sender, &letter),
            Self::Postmark => postmark(sender, &letter),
        };
        (headers, body)
    }
}

/// Who sends to whom.
pub struct Sender<'a> {
    /// The provider's key.
    pub key: &'a str,
    /// The sender's address.
    pub from: &'a str,
    /// The addresses of the team.
    pub to: &'a [String],
    /// Postmark's message stream.
    pub stream: &'a str,
}

fn sendgrid(sender: &Sender<'_>, letter: &Letter) -> Json {
    let address = |address: &str| Json::object(&[("email", Json::text(address))]);
    let content = |kind, text| Json::object(&[("type", Json::text(kind)), ("value", Json::text(text))]);
    let to: Vec<Json> = sender.to.iter().map(|to| address(to)).collect();
    Json::object(&[
        ("personalizations", Json::list(&[Json::object(&[("to", Json::list(&to))])])),
        ("from", address(sender.from)),
        ("subject", Json::text(&letter.subject)),
        // Plain text must come first (RFC 2046, 5.1.4; SendGrid refuses any other order).
        ("content", Json::list(&[content("text/plain", &letter.text), content("text/html", &letter.html)])),
        // The account's default would send the links through the provider: in an alert that looks like phishing.
        ("tracking_settings", Json::object(&[("click_tracking", Json::object(&[("enable", Json::number(&false))]))])),
    ])
}

fn resend(sender: &Sender<'_>, letter: &Letter) -> Json {
    Json::object(&[
        ("from", Json::text(sender.from)),
        ("to", Json::texts(sender.to)),
        ("subject", Json::text(&letter.subject)),
        ("text", Json::text(&letter.text)),
        ("html", Json::text(&letter.html)),
    ])
}

fn postmark(sender: &Sender<'_>, letter: &Letter) -> Json {
    Json::object(&[
        ("From", Json::text(sender.from)),
        ("To", Json::text(&sender.to.join(","))),
        ("Subject", Json::text(&letter.subject)),
        ("TextBody", Json::text(&letter.text)),
        ("HtmlBody", Json::text(&letter.html)),
        ("MessageStream", Json::text(sender.stream)),
        // As for SendGrid: links go where they say.
        ("TrackOpens", Json::number(&false)),
        ("TrackLinks", Json::text("None")),
    ])
}
