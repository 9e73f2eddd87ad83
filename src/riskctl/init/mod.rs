//! `riskctl init`: a first configuration, commented, from a few questions or flags.

mod channel;
mod envoy;
mod mesh;
mod plugin;

use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anstream::eprintln;
use clap::ValueEnum;

use crate::terminal::{BAD, FAINT, HEADING, UNREADABLE};
use channel::Channel;
use plugin::{Choices, User};

/// Writes a first configuration with comments: an Envoy file, a WasmPlugin for Istio, or an EnvoyExtensionPolicy for Envoy Gateway
///
/// Asks what it was not told, if somebody is there to answer. What it writes passes riskctl check as it is; addresses and names to
/// replace are marked. Exits with 0, with 2 if the file can't be written or an answer makes no sense.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  riskctl init                                                   asks four questions
  riskctl init --for istio --notify slack,pagerduty > risk.yaml
  riskctl init --for envoy --user cookie:sid --notify webhook -o envoy.yaml")]
pub(crate) struct Arguments {
    /// What runs the filter
    #[arg(long = "for", value_name = "PROXY")]
    proxy: Option<Proxy>,

    /// Who a request's user is: header:NAME, jwt (the subject of a verified token), cookie:NAME, or none (the client's address)
    #[arg(long, value_name = "SOURCE")]
    user: Option<User>,

    /// Who is told: some of slack, teams, email, pagerduty, alertmanager, webhook
    #[arg(long, value_delimiter = ',')]
    notify: Option<Vec<Channel>>,

    /// Over how many points in 24 hours an incident opens
    #[arg(long, default_value_t = 10)]
    threshold: u32,

    /// The file to write; it must not exist. Otherwise standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What runs the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Proxy {
    /// Envoy alone, with a file
    Envoy,
    /// Istio: a WasmPlugin for the gateways
    Istio,
    /// Envoy Gateway: an EnvoyExtensionPolicy
    EnvoyGateway,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match configuration(arguments).and_then(|text| write(arguments, &text)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{BAD}error{BAD:#}: {why}");
            ExitCode::from(UNREADABLE)
        }
    }
}

fn configuration(arguments: &Arguments) -> Result<String, String> {
    let is_asked = arguments.proxy.is_none() && io::stdin().is_terminal();
    let question =
        |question: &str, default: &str| if is_asked { ask(question, default) } else { Ok(default.to_owned()) };
    let proxy = match arguments.proxy {
        Some(proxy) => proxy,
        None => Proxy::from_str(&question("What runs the filter? envoy, istio or envoy-gateway", "envoy")?, true)?,
    };
    let user = match &arguments.user {
        Some(user) => user.clone(),
        None => {
            question("Who is a request's user? header:NAME, jwt, cookie:NAME or none", "header:x-user-id")?.parse()?
        }
    };
    let notify = match &arguments.notify {
        Some(notify) => notify.clone(),
        None => question("Who is told? some of slack, teams, email, pagerduty, alertmanager, webhook", "slack")?
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(|name| Channel::from_str(name, true))
            .collect::<Result<_, _>>()?,
    };
    let threshold = arguments.threshold.max(1);
    let choices = Choices { user, notify, threshold };
    Ok(match proxy {
        Proxy::Envoy => envoy::file(&choices),
        Proxy::Istio => mesh::istio(&choices),
        Proxy::EnvoyGateway => mesh::envoy_gateway(&choices),
    })
}

fn write(arguments: &Arguments, text: &str) -> Result<(), String> {
    let Some(file) = &arguments.output else {
        // If the reader of a pipe is gone there is nobody to report it to.
        let _ = io::stdout().write_all(text.as_bytes());
        return Ok(());
    };
    let new = fs::File::create_new(file).and_then(|mut new| new.write_all(text.as_bytes()));
    new.map_err(|error| format!("{}: {error}", file.display()))?;
    eprintln!("wrote {}; next: riskctl check {}", file.display(), file.display());
    Ok(())
}

/// The answer to a question, or what it is by default.
fn ask(question: &str, default: &str) -> Result<String, String> {
    anstream::eprint!("{HEADING}{question}{HEADING:#} {FAINT}[{default}]{FAINT:#} ");
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(|error| error.to_string())?;
    let answer = answer.trim();
    Ok(if answer.is_empty() { default.to_owned() } else { answer.to_owned() })
}
