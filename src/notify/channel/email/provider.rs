//! Which mail API? The request that each of them takes.
//!
//! Sources: SendGrid, "Mail Send", API v3; Resend, "Send Email".

use serde::Serialize;

use crate::notify::channel::email::letter::Letter;
use crate::notify::channel::{headers, json};
use crate::notify::notice::Notice;
use crate::written::Written;
use crate::written::error::Error;
use crate::written::tree::Tree;

/// A mail API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// SendGrid, API v3.
    SendGrid,
    /// Resend.
    Resend,
}

impl Written for Provider {
    fn read(tree: &Tree) -> Result<Self, Error> {
        tree.word(&[("sendgrid", Self::SendGrid), ("resend", Self::Resend)])
    }
}

impl Provider {
    /// Where it listens.
    pub const fn url(self) -> &'static str {
        match self {
            Self::SendGrid => "https://api.sendgrid.com/v3/mail/send",
            Self::Resend => "https://api.resend.com/emails",
        }
    }

    /// How many people one request may reach.
    pub const fn recipients_limit(self) -> usize {
        match self {
            Self::SendGrid => 1000,
            Self::Resend => 50,
        }
    }

    /// Headers and body of the mail that tells `notice`.
    pub fn mail(
        self,
        key: &str,
        from: &str,
        to: &[String],
        notice: &Notice<'_>,
    ) -> (Vec<(&'static str, String)>, Vec<u8>) {
        let letter = Letter::new(notice);
        let authorization = ("authorization", format!("Bearer {key}"));
        match self {
            Self::SendGrid => (headers([authorization]), json(&SendGridMail::new(from, to, &letter))),
            Self::Resend => {
                let idempotency = ("idempotency-key", notice.message_id.to_owned());
                (headers([authorization, idempotency]), json(&ResendMail::new(from, to, &letter)))
            }
        }
    }
}

#[derive(Serialize)]
struct SendGridMail<'a> {
    personalizations: [Envelope<'a>; 1],
    from: Address<'a>,
    subject: &'a str,
    content: [Content<'a>; 2],
    tracking_settings: Tracking,
}

#[derive(Serialize)]
struct Envelope<'a> {
    to: Vec<Address<'a>>,
}

#[derive(Serialize)]
struct Address<'a> {
    email: &'a str,
}

#[derive(Serialize)]
struct Content<'a> {
    r#type: &'static str,
    value: &'a str,
}

/// The account's default would send the link to the runbook through the provider: in an alert that looks like phishing.
#[derive(Serialize)]
struct Tracking {
    click_tracking: Switch,
}

#[derive(Serialize)]
struct Switch {
    enable: bool,
}

impl<'a> SendGridMail<'a> {
    fn new(from: &'a str, to: &'a [String], letter: &'a Letter) -> Self {
        Self {
            personalizations: [Envelope { to: to.iter().map(|email| Address { email }).collect() }],
            from: Address { email: from },
            subject: &letter.subject,
            // Plain text must come first (RFC 2046, 5.1.4; SendGrid refuses any other order).
            content: [
                Content { r#type: "text/plain", value: &letter.text },
                Content { r#type: "text/html", value: &letter.html },
            ],
            tracking_settings: Tracking { click_tracking: Switch { enable: false } },
        }
    }
}

#[derive(Serialize)]
struct ResendMail<'a> {
    from: &'a str,
    to: &'a [String],
    subject: &'a str,
    text: &'a str,
    html: &'a str,
}

impl<'a> ResendMail<'a> {
    fn new(from: &'a str, to: &'a [String], letter: &'a Letter) -> Self {
        Self { from, to, subject: &letter.subject, text: &letter.text, html: &letter.html }
    }
}
