//! `riskctl doctor`: is the filter of a running Envoy well? Asks Envoy's admin interface, and says what is wrong.

mod admin;
mod findings;
mod stats;

use std::process::ExitCode;

use anstream::{eprintln, println};

use crate::terminal::{BAD, GOOD, ODD, UNREADABLE};
use admin::Admin;
use findings::{Finding, Level};

/// Examines the filter in a running Envoy by its admin interface: is its VM alive, is its place right, can channels be reached, do
/// messages arrive, is somebody ever known as a user
///
/// Reads only. Exits with 0 if nothing is wrong, even with warnings, 1 if something is, 2 if Envoy can't be asked.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  riskctl doctor localhost:9901
  kubectl port-forward -n istio-system deploy/istio-ingressgateway 15000 & riskctl doctor http://localhost:15000
  riskctl doctor --json localhost:9901 | jq 'select(.level != \"ok\")'")]
pub(crate) struct Arguments {
    /// Where Envoy's admin interface listens
    url: String,

    /// Print one JSON object per line
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let found = match Admin::new(&arguments.url).ask() {
        Ok(answers) => findings::all(&answers),
        Err(why) => {
            eprintln!("{BAD}error{BAD:#}: {why}");
            return ExitCode::from(UNREADABLE);
        }
    };
    for Finding { level, text } in &found {
        if arguments.json {
            println!("{}", serde_json::json!({"level": level.slug(), "text": text}));
            continue;
        }
        let style = match level {
            Level::Ok => GOOD,
            Level::Warning => ODD,
            Level::Error => BAD,
        };
        println!("{style}{}{style:#}: {text}", level.slug());
    }
    let is_wrong = found.iter().any(|finding| finding.level == Level::Error);
    if is_wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
