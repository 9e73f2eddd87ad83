//! `riskctl check`: would the filter accept this configuration? Every mistake at once, as Envoy would log it, and where it stands.

mod cluster;
mod mistakes;
mod placement;
mod reach;
mod store;
mod tls;
mod vm;

use std::path::PathBuf;
use std::process::ExitCode;

use anstream::{eprintln, println};
use user_risk_filter::plugin::config::{Config, Loaded, Mode};

use crate::manifest::document::Document;
use crate::manifest::plugin;
use crate::manifest::resource::{Form, Kind, MODULE, Plugin};
use crate::source::{self, Environment};
use crate::terminal::{BAD, GOOD, ODD, UNREADABLE};

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
                good &= own(&shown, document, environment);
            }
            Ok(None) => {}
            Ok(Some(plugins)) => {
                seen += plugins.len();
                for plugin in &plugins {
                    good &= of_plugin(&shown, document, plugin, environment);
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

/// What is said of one plugin.
#[derive(Default)]
struct Verdict {
    errors: Vec<(String, String)>,
    warnings: Vec<(String, String)>,
}

impl Verdict {
    /// Prints it, each line with its place, and returns whether there is no error.
    fn print(&self, file: &str, document: &Document, label: &str, summary: Option<String>) -> bool {
        let place = |pointer: &str| match document.place.of(pointer) {
            (0, _) => file.to_owned(),
            (line, column) => format!("{file}:{line}:{column}"),
        };
        let label = if label.is_empty() { String::new() } else { format!("{label}: ") };
        for (pointer, warning) in &self.warnings {
            println!("{ODD}warning{ODD:#}: {}: {label}{warning}", place(pointer));
        }
        for (pointer, error) in &self.errors {
            println!("{BAD}error{BAD:#}: {}: {label}{error}", place(pointer));
        }
        if let Some(summary) = summary.filter(|_| self.errors.is_empty()) {
            println!("{GOOD}ok{GOOD:#}: {file}: {label}{summary}");
        }
        self.errors.is_empty()
    }

    /// Takes in what loading came to. `base` is the pointer to the configuration.
    fn take(&mut self, loaded: Result<Loaded, Vec<mistakes::Mistake>>, base: &str, kind: Kind) -> Option<Config> {
        match loaded {
            Ok(Loaded { config, warnings }) => {
                self.warnings.extend(warnings.iter().map(|warning| (base.to_owned(), warning.to_string())));
                Some(config)
            }
            Err(mistakes) => {
                let text = |mistake: &mistakes::Mistake| in_words_of(kind, &mistake.text);
                let all = mistakes.iter().map(|mistake| (format!("{base}{}", mistake.pointer), text(mistake)));
                self.errors.extend(all);
                None
            }
        }
    }
}

/// A message of the filter, which knows only Envoy's options, in those of the resource.
fn in_words_of(kind: Kind, message: &str) -> String {
    const ENVOYS: &str = "vm_config.environment_variables.host_env_keys";
    let variable = message.split("the variable ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or("NAME");
    // Whether it is there is known here.
    let message = message.replace(", or, if it is there, set it where Envoy starts", "");
    if kind == Kind::Filter { message } else { message.replace(ENVOYS, &kind.variable_place(variable)) }
}

/// The verdict on a document that is the configuration itself.
fn own(file: &str, document: &Document, environment: Environment) -> bool {
    let mut verdict = Verdict::default();
    let loaded = mistakes::all(&Form::Tree(document.value.clone()), &|variable| environment.of(variable));
    let config = verdict.take(loaded, "", Kind::Filter);
    verdict.print(file, document, "", config.as_ref().map(summary))
}

/// The verdict on one plugin of a document.
fn of_plugin(file: &str, document: &Document, plugin: &Plugin, environment: Environment) -> bool {
    let mut verdict = Verdict::default();
    let tree = &document.value;
    verdict.warnings.extend(vm::warnings(plugin).into_iter().map(|warning| (plugin.at.clone(), warning)));
    let odd = tls::warnings(tree, plugin).into_iter();
    verdict.warnings.extend(odd.map(|(index, warning)| (format!("{}/notify/{index}", plugin.at), warning)));
    let loaded = mistakes::all(&plugin.configuration, &|name| source::variable(plugin, environment, name));
    let config = verdict.take(loaded, &plugin.at, plugin.kind);
    if let Some(config) = &config {
        for wrong in reach::unreachable(tree, plugin, &channels(config)) {
            verdict.errors.push((format!("{}/notify/{}/{}/cluster", plugin.at, wrong.index, wrong.kind), wrong.text));
        }
        let store = config.store.as_ref().map(|store| store.redis.cluster.as_str());
        if let Some(text) = store.and_then(|cluster| store::mistake(tree, plugin, cluster)) {
            verdict.errors.push((format!("{}/store", plugin.at), format!("store: {text}")));
        }
        for placement::Misplaced { text, pointer, is_error } in placement::misplaced(tree, plugin, config) {
            let list = if is_error { &mut verdict.errors } else { &mut verdict.warnings };
            list.push((pointer, text));
        }
    }
    verdict.print(file, document, &plugin.label, config.as_ref().map(summary))
}

/// The channels of a configuration: index, kind, cluster.
fn channels(config: &Config) -> Vec<(usize, &'static str, &str)> {
    let channels = config.notify.iter().map(|entry| &entry.channel).enumerate();
    channels.map(|(index, channel)| (index, channel.kind(), channel.delivery().cluster)).collect()
}

fn summary(config: &Config) -> String {
    if config.mode == Mode::Off {
        return "mode off: the filter does nothing".to_owned();
    }
    if config.mode == Mode::Learn {
        return "mode learn: it scores and logs, notifies nobody, and reports once a day which incidents there would have been".to_owned();
    }
    let limits = config.risk.user_limits();
    let channels: Vec<_> =
        channels(config).into_iter().map(|(_, kind, cluster)| format!("{kind} (cluster {cluster})")).collect();
    let notified = if channels.is_empty() { "nobody, it is only logged".to_owned() } else { channels.join(", ") };
    format!("an increase of more than {} points within {} notifies {notified}", limits.threshold, config.risk.window())
}
