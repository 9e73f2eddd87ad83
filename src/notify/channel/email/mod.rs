//! How is the whole team notified? By e-mail to a list of people; a filter speaks HTTP only, so through a mail API.

use crate::clock::{Span, Timestamp};
use crate::config::error::OptionError;
use crate::config::options::options;
use crate::notify::callout::{Finality, Request};
use crate::notify::channel::email::provider::{Provider, Sender};
use crate::notify::channel::endpoint::Endpoint;
use crate::notify::channel::notifier::{Delivery, Notifier, default_timeout};
use crate::notify::channel::secret_option::{SecretOption, check_key};
use crate::notify::delivery_policy::{PAGING, Rate};
use crate::notify::notice::message::Notice;
use crate::secret::{FromEnv, Secret};
use crate::text::untrusted;

pub mod letter;
mod page;
mod parts;
pub mod provider;

/// The options of e-mail.
#[derive(Clone, Debug)]
pub struct Email {
    cluster: String,
    provider: Provider,
    key: Option<Secret>,
    key_env: Option<FromEnv>,
    from: String,
    to: Vec<String>,
    /// The provider's own, where it is not given.
    url: Option<String>,
    /// Postmark's, its own `outbound` where it is not given.
    message_stream: Option<String>,
    timeout: Span,
}

options! { Email { cluster, provider, key, key_env, from, to, url, message_stream, timeout = default_timeout() } }

impl Notifier for Email {
    fn kind(&self) -> &'static str {
        "email"
    }

    fn delivery(&self) -> Delivery<'_> {
        Delivery { cluster: &self.cluster, timeout: self.timeout.duration() }
    }

    fn variables(&mut self) -> Vec<(&'static str, &mut FromEnv)> {
        self.key_env.as_mut().map(|variable| ("key_env", variable)).into_iter().collect()
    }

    fn identity(&self) -> Vec<&str> {
        let stream = self.message_stream.as_deref().unwrap_or_default();
        let sender = [self.provider.url(), self.url(), self.key().expose(), stream, &self.from];
        sender.into_iter().chain(self.to.iter().map(String::as_str)).collect()
    }

    fn check(&self) -> Result<(), OptionError> {
        Endpoint::parse(self.url()).map_err(|problem| ("url", problem.to_owned()))?;
        self.key().check(&check_key)?;
        check_address(&self.from).map_err(|message| ("from", message))?;
        self.check_stream().map_err(|message| ("message_stream", message.to_owned()))?;
        self.check_recipients().map_err(|message| ("to", message))
    }

    fn finality(&self) -> Finality {
        if self.provider == Provider::Postmark { Finality::Postmark } else { Finality::Vendor }
    }

    fn usual_rate(&self) -> Option<Rate> {
        Some(PAGING)
    }

    fn request(&self, notice: &Notice<'_>, _: Timestamp) -> Request {
        let stream = self.message_stream.as_deref().unwrap_or("outbound");
        let sender = Sender { key: self.key().expose(), from: &self.from, to: &self.to, stream };
        let (headers, body) = self.provider.mail(&sender, notice);
        Endpoint::parse(self.url()).unwrap_or_default().request(headers, body.into_bytes())
    }
}

impl Email {
    fn check_recipients(&self) -> Result<(), String> {
        let limit = self.provider.recipients_limit();
        if self.to.is_empty() {
            return Err("names nobody; list at least one address".to_owned());
        }
        if self.to.len() > limit {
            return Err(format!(
                "has {} addresses, but the provider takes {limit}; write to a mailing list",
                self.to.len()
            ));
        }
        for (at, address) in self.to.iter().enumerate() {
            check_address(address)?;
            // SendGrid refuses the whole message for it.
            if self.to.iter().take(at).any(|before| before.eq_ignore_ascii_case(address)) {
                return Err(format!("names `{address}` twice"));
            }
        }
        Ok(())
    }

    fn check_stream(&self) -> Result<(), &'static str> {
        let Some(stream) = &self.message_stream else { return Ok(()) };
        if self.provider != Provider::Postmark {
            return Err("is an option of Postmark; leave it out");
        }
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if stream.is_empty() || !stream.bytes().all(is_plain) {
            return Err("is no id of a message stream; copy it from the stream's settings, such as outbound");
        }
        Ok(())
    }

    fn url(&self) -> &str {
        self.url.as_deref().unwrap_or(self.provider.url())
    }

    fn key(&self) -> SecretOption<'_> {
        SecretOption { inline: ("key", &self.key), from_env: ("key_env", &self.key_env) }
    }
}

/// A bare address: `name@example.com`. The provider knows more; this finds slips, and whatever could end a header.
fn check_address(address: &str) -> Result<(), String> {
    let is_local = |local: &str| (1..=64).contains(&local.len());
    let is_domain = |domain: &str| {
        domain.contains('.')
            && domain.split('.').all(|label| {
                !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            })
    };
    let is_plain = address.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"(),:;<>[]\\".contains(&byte));
    match address.rsplit_once('@') {
        Some((local, domain))
            if is_plain && address.len() <= 254 && !local.contains('@') && is_local(local) && is_domain(domain) =>
        {
            Ok(())
        }
        _ => Err(format!("`{}` is not an e-mail address; write name@example.com", untrusted::clean(address, 80))),
    }
}
