//! `riskctl notify-test`: what would each channel send, and does it arrive?

mod example;
mod send;
mod show;

use std::path::PathBuf;
use std::process::ExitCode;

use anstream::{eprintln, println};
use clap::ValueEnum;
use user_risk_filter::clock::Timestamp;
use user_risk_filter::console::Console;
use user_risk_filter::incident::snapshot::Transition;
use user_risk_filter::keyed_hash::Key;
use user_risk_filter::notify::callout::Request;
use user_risk_filter::notify::notice::message::Notice;
use user_risk_filter::notify::subscription::Subscription;
use user_risk_filter::plugin::config::Config;

use crate::source::{self, Environment};
use crate::terminal::{BAD, UNREADABLE};

/// Shows what each channel would send about an example incident, or sends a marked test message
///
/// Without --send nothing is sent; secrets are read from the environment if they are set there, and hidden. With --send each
/// message is marked `[TEST]` and goes straight to the channel's URL. Envoy sends through its clusters, so this proves the
/// URL, the key and the format; two requests with the text user-risk-filter-test prove the rest. Exits with 0 if all is
/// well, 1 if a channel refuses, 2 if the configuration can't be used.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  riskctl notify-test --config envoy.yaml                          what would arrive?
  riskctl notify-test --config envoy.yaml --channel slack --send   does it arrive?
  riskctl notify-test --config envoy.yaml --channel pagerduty --state resolved --send")]
pub(crate) struct Arguments {
    /// The configuration: an Envoy file or the plugin's own; - for standard input
    #[arg(long, value_name = "FILE")]
    config: PathBuf,

    /// Only this channel, given by its name or its kind
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,

    /// What happened to the incident
    #[arg(long, value_enum, default_value = "opened")]
    state: State,

    /// Send the message over the network
    #[arg(long)]
    send: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum State {
    Opened,
    Updated,
    Resolved,
}

impl State {
    fn transition(self) -> Transition {
        match self {
            Self::Opened => Transition::Opened,
            Self::Updated => Transition::Updated,
            Self::Resolved => Transition::Resolved,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let pick = |config: &Config| chosen(config, arguments);
    let read = match arguments.send {
        true => source::complete_for(&arguments.config, &pick),
        // Showing a message needs no secret.
        false => source::complete(&arguments.config, Environment::AsSet).and_then(|config| {
            let indexes = pick(&config)?;
            Ok((config, indexes))
        }),
    };
    match read.map(|(config, chosen)| test(&config, &chosen, arguments)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{BAD}error{BAD:#}: {why}");
            ExitCode::from(UNREADABLE)
        }
    }
}

/// The indexes of the channels to test.
///
/// # Errors
/// There is no such channel, or none at all.
fn chosen(config: &Config, arguments: &Arguments) -> Result<Vec<usize>, String> {
    let names =
        |entry: &Subscription| [Some(entry.channel.kind()), entry.route.name()].map(|name| name.map(str::to_owned));
    let is_meant = |entry: &Subscription| arguments.channel.is_none() || names(entry).contains(&arguments.channel);
    let meant = config.notify.iter().enumerate().filter(|(_, entry)| is_meant(entry));
    let indexes: Vec<_> = meant.map(|(index, _)| index).collect();
    let all: Vec<_> = config.notify.iter().flat_map(names).flatten().collect();
    match (indexes.is_empty(), all.is_empty()) {
        (false, _) => Ok(indexes),
        (true, true) => Err("the configuration notifies nobody: it has no channel under notify".to_owned()),
        (true, false) => Err(format!("there is no such channel; there are {}", all.join(", "))),
    }
}

/// Shows or sends the messages, and returns whether all went well.
fn test(config: &Config, chosen: &[usize], arguments: &Arguments) -> bool {
    let now = now();
    let transition = arguments.state.transition();
    let mut good = true;
    for index in chosen {
        let Some(entry) = config.notify.get(*index) else { continue };
        let title = show::title(*index, entry);
        if !entry.route.takes(transition) {
            println!("{title}: receives no message about incidents that are {} (states)\n", transition.slug());
            continue;
        }
        let request = request(config, entry, arguments, now);
        if arguments.send {
            good &= send::send(&title, entry, request, now);
        } else {
            show::show(&title, entry, &request);
        }
    }
    good
}

fn request(config: &Config, entry: &Subscription, arguments: &Arguments, now: Timestamp) -> Request {
    // Without a key the hash is the same each time, so that a test of `resolved` ends the alert of a test of `opened`.
    let key = Key::from_passphrase(config.key().map_or("notify-test", |key| key.expose()));
    let (state, privacy) = (arguments.state.transition(), config.privacy);
    let incident = example::incident(state, arguments.send, &config.risk, &key, now);
    let snapshot = privacy.veiled(entry.route.users().unwrap_or(privacy.users), incident);
    let message_id = format!("msg_test_{}", now.as_millis());
    let Config { service, links, admin, .. } = config;
    let console = admin.as_ref().map(Console::path);
    entry
        .channel
        .request(&Notice { message_id: &message_id, snapshot: &snapshot, service, links, console, rollup: None }, now)
}

#[expect(clippy::disallowed_methods, reason = "the command line has no caller to ask for the time")]
fn now() -> Timestamp {
    Timestamp::from(std::time::SystemTime::now())
}
