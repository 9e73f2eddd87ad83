//! What does a program receive about malicious requests? All that were attributed since the last message.

use crate::notify::batch::Batch;
use crate::notify::detected::{Culprit, Detected};
use crate::notify::notice::message::USER_LIMIT;
use crate::notify::notice::phrasing::word;
use crate::notify::notice::service::Service;
use crate::text::untrusted;

/// One message about malicious requests. Whatever of it a client wrote comes out of here cleaned and cut.
pub struct Report<'a> {
    /// The message's id, constant over tries: `[A-Za-z0-9_]+`.
    pub message_id: &'a str,
    /// The requests.
    pub batch: &'a Batch,
    /// The service that the proxy protects.
    pub service: &'a Service,
    /// How a user is called here.
    pub name: &'a dyn Fn(&Culprit) -> String,
}

impl Report<'_> {
    /// The requests, in the order in which they came to their ends.
    pub fn requests(&self) -> Vec<Detected> {
        let clean = |mut one: Detected| {
            one.request_id = word(&one.request_id);
            one.route = word(&one.route);
            if let Some(user) = &mut one.user {
                user.name = untrusted::clean(&(self.name)(user), USER_LIMIT);
                user.source = word(&user.source);
            }
            one.rules.iter_mut().for_each(|matched| matched.rule = word(&matched.rule));
            one
        };
        self.batch.requests().into_iter().map(clean).collect()
    }
}
