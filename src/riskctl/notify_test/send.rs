//! Does a test message arrive? Sends one request over the network and judges the answer.

use std::io::Read;
use std::time::Duration;

use anstream::println;
use indicatif::ProgressBar;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};
use user_risk_filter::clock::Timestamp;
use user_risk_filter::notify::callout::{Reply, Request, Verdict};
use user_risk_filter::notify::subscription::Subscription;
use user_risk_filter::text::untrusted;

use crate::terminal::{BAD, GOOD};

/// The most of an answer that is read, in bytes, and shown, in UTF-16 units.
const READ: u64 = 4096;
const SHOWN: usize = 300;

/// Sends the request, prints the result, and returns whether it arrived.
pub(super) fn send(title: &str, entry: &Subscription, request: Request, now: Timestamp) -> bool {
    let waiting = ProgressBar::new_spinner().with_message(format!("waiting for {}", request.authority));
    waiting.enable_steady_tick(Duration::from_millis(100));
    let answer = post(&request, entry.channel.delivery().timeout);
    waiting.finish_and_clear();
    let (arrived, what) = match &answer {
        Ok(reply) => (reply.judge(entry.channel.finality(), now) == Verdict::Delivered, said(reply)),
        Err(why) => (false, why.clone()),
    };
    // Answers may repeat the request, and errors the URL.
    let what = untrusted::clean(&entry.channel.redacted(&what), SHOWN);
    if arrived {
        println!("{GOOD}ok{GOOD:#}: {title}: {what}");
    } else {
        println!("{BAD}error{BAD:#}: {title}: {what}");
    }
    arrived
}

/// The server's answer.
///
/// # Errors
/// There is none: why.
fn post(request: &Request, timeout: Duration) -> Result<Reply, String> {
    let config = Agent::config_builder()
        .timeout_global(Some(timeout))
        .http_status_as_error(false)
        // The filter follows no redirects either.
        .max_redirects(0)
        .max_redirects_will_error(false)
        // The machine's own trust store, so that a private receiver may have a private CA.
        .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build());
    let agent: Agent = config.build().into();
    let scheme = if request.is_secure { "https" } else { "http" };
    let mut post = agent.post(format!("{scheme}://{}{}", request.authority, request.path));
    for (name, value) in &request.headers {
        post = post.header(*name, value);
    }
    let mut answer = post.send(request.body.as_slice()).map_err(|error| format!("no answer: {error}"))?;
    let retry_after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut body = Vec::new();
    // The status decides; the body is only shown.
    let _ = answer.body_mut().as_reader().take(READ).read_to_end(&mut body);
    Ok(Reply::Answer { status: answer.status().as_u16(), retry_after, body })
}

fn said(reply: &Reply) -> String {
    match reply {
        Reply::Answer { status, body, .. } => {
            format!("answered {status} {}", String::from_utf8_lossy(body)).trim_end().to_owned()
        }
        Reply::Nothing { why } => (*why).to_owned(),
    }
}
