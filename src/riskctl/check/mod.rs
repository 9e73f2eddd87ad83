//! `riskctl check`: would the filter accept this configuration? Every mistake at once, as Envoy would log it, and where it stands.

mod cluster;
mod mistakes;
mod placement;
mod reach;
mod store;
mod tls;
pub(crate) mod verdict;
mod vm;

use std::path::PathBuf;
use std::process::ExitCode;

use anstream::{eprintln, println};

use crate::manifest::document::Document;
use crate::manifest::plugin;
use crate::manifest::resource::MODULE;
use crate::source::{self, Environment};
use crate::terminal::{BAD, GOOD, ODD, UNREADABLE};
use verdict::Verdict;

/// Checks a configuration: an Envoy file with the filter in it, a WasmPlugin, EnvoyExtensionPolicy or EnvoyFilter, or the plugin's
/// own configuration as YAML or JSON
///
/// Prints every mistake with its line and column, as Envoy would log it, and warns of what would be accepted and regretted: a place
/// among the filters where it sees nothing, a user header that clients can forge, a cluster that would deliver alerts to a server
/// whose name it does not verify. A file may hold several documents, lists as kubectl prints them, what Helm renders, and Envoy's
/// config dump. Exits with 0 if all is valid, even with warnings, 1 if something is not, 2 if the file can't be read.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  riskctl check envoy/envoy.yaml         every user_risk_filter in an Envoy file
  riskctl check --env envoy/envoy.yaml   … and the variables, as they are set here
  riskctl check plugin.json              the plugin's configuration alone
  kubectl get wasmplugins,envoyfilters -A -o yaml | riskctl check -
  curl -s localhost:9901/config_dump | riskctl check -")]
pub(crate) struct Arguments {
    /// The file; - for standard input
    file: PathBuf,

    /// Check the values of environment variables too, as they are set where riskctl runs
    #[arg(long)]
    env: bool,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let name = arguments.file.display().to_string();
    let documents = match source::documents(&arguments.file) {
        Ok(documents) => documents,
        Err(why) => {
            eprintln!("{BAD}error{BAD:#}: {name}: {why}");
            return ExitCode::from(UNREADABLE);
        }
    };
    let environment = if arguments.env { Environment::Whole } else { Environment::Unread };
    let (mut good, mut seen) = (true, 0);
    for document in &documents {
        let shown = if document.label.is_empty() { name.clone() } else { format!("{name} ({})", document.label) };
        match plugin::plugins(&document.value) {
            Ok(None) if documents.len() == 1 => {
                seen += 1;
                let verdict = Verdict::on_configuration(document, environment);
                good &= print(&verdict, &shown, document, "");
            }
            Ok(None) => {}
            Ok(Some(plugins)) => {
                seen += plugins.len();
                for plugin in &plugins {
                    let verdict = Verdict::on(document, plugin, environment);
                    good &= print(&verdict, &shown, document, &plugin.label);
                }
            }
            Err(why) => {
                seen += 1;
                good = false;
                println!("{BAD}error{BAD:#}: {shown}: {why}");
            }
        }
    }
    if seen == 0 {
        println!("{BAD}error{BAD:#}: {name}: no {} in any of its {} documents", MODULE, documents.len());
        return ExitCode::FAILURE;
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints a verdict, each line with its place, and returns whether there is no error.
fn print(verdict: &Verdict, file: &str, document: &Document, label: &str) -> bool {
    let place = |pointer: &str| match document.place.of(pointer) {
        (0, _) => file.to_owned(),
        (line, column) => format!("{file}:{line}:{column}"),
    };
    let label = if label.is_empty() { String::new() } else { format!("{label}: ") };
    for (pointer, warning) in &verdict.warnings {
        println!("{ODD}warning{ODD:#}: {}: {label}{warning}", place(pointer));
    }
    for (pointer, error) in &verdict.errors {
        println!("{BAD}error{BAD:#}: {}: {label}{error}", place(pointer));
    }
    if let Some(summary) = verdict.summary().filter(|_| verdict.errors.is_empty()) {
        println!("{GOOD}ok{GOOD:#}: {file}: {label}{summary}");
    }
    verdict.errors.is_empty()
}
