//! `riskctl explain`: why does a request get its points? Each step of the scan.

mod account;
mod curl;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anstream::eprintln;
use user_risk_filter::detect::rule_set::RuleSet;
use user_risk_filter::detect::trace::ScanTrace;

use crate::request;
use crate::source;
use crate::terminal::{BAD, UNREADABLE};
use account::Account;

/// Explains what the filter sees in a request: what each field decodes to, which literals start which verifier, what the
/// verifier finds, and the points
///
/// The request is given as for curl, so a browser's "Copy as cURL" can be pasted after `riskctl explain`. Nothing is sent.
/// Exits with 0, even if the request is an attack; with 2 if it can't be read.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  riskctl explain \"/search?q=1'+OR+1=1--\"
  riskctl explain https://shop.example/login -H 'Referer: https://shop.example/' -d 'name=o%27brien'
  riskctl explain -X PUT -H 'Content-Type: application/json' -d @body.json /api/items
  riskctl explain --json --config envoy.yaml /")]
pub(crate) struct Arguments {
    #[command(flatten)]
    request: curl::Options,

    /// Print one JSON object
    #[arg(long)]
    json: bool,

    /// Show all fields, even those that contain no literal of the gate
    #[arg(long)]
    all: bool,

    /// Use this configuration: an Envoy YAML file, or the plugin's own as YAML or JSON
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match explain(arguments) {
        Ok(text) => {
            // If the reader of a pipe is gone there is nobody to report it to.
            let _ = writeln!(anstream::stdout().lock(), "{text}").and_then(|()| io::stdout().flush());
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{BAD}error{BAD:#}: {why}");
            ExitCode::from(UNREADABLE)
        }
    }
}

fn explain(arguments: &Arguments) -> Result<String, String> {
    let config = source::configuration(arguments.config.as_deref())?;
    let request = arguments.request.request()?;
    let rules = RuleSet::new(config.detect.clone());
    let (judged, story) = request::judge(&config, &rules, &request.head, &request.body, ScanTrace::default());
    let account = Account::new(&rules, &config, &judged, &story, arguments.all);
    if arguments.json {
        return serde_json::to_string_pretty(&account).map_err(|error| error.to_string());
    }
    Ok(account.to_string())
}
