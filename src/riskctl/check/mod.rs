//! `riskctl check`: would the filter accept this configuration? The same answer that Envoy gives when it loads it.

mod cluster;
mod tls;
mod vm;

use std::path::PathBuf;
use std::process::ExitCode;

use anstream::{eprintln, println};
use user_risk_filter::plugin::config::{Config, Loaded, Mode};
use user_risk_filter::plugin::config_error::ConfigError;

use crate::envoy::{self, Plugin};
use crate::source::{self, Environment};
use crate::terminal::{BAD, GOOD, ODD, UNREADABLE};

/// Checks a configuration: an Envoy YAML file with the filter in it, or the plugin's own configuration as YAML or JSON
///
/// Prints the line that Envoy would log for the first error of each plugin, and warns where a cluster would deliver alerts to
/// a server whose name it does not verify. Exits with 0 if the configuration is valid, even with warnings, 1 if it is not, 2
/// if the file can't be read.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  riskctl check envoy/envoy.yaml         every user_risk_filter in an Envoy file
  riskctl check --env envoy/envoy.yaml   … and the variables, as they are set here
  riskctl check plugin.json              the plugin's configuration alone
  kubectl get … -o yaml | riskctl check -")]
pub(crate) struct Arguments {
    /// The file; - for standard input
    file: PathBuf,

    /// Check the values of environment variables too, as they are set where riskctl runs
    #[arg(long)]
    env: bool,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let name = arguments.file.display();
    let tree = match source::tree(&arguments.file) {
        Ok(tree) => tree,
        Err(why) => {
            eprintln!("{BAD}error{BAD:#}: {name}: {why}");
            return ExitCode::from(UNREADABLE);
        }
    };
    let plugins = match envoy::plugins(&tree) {
        Ok(plugins) => plugins,
        Err(why) => {
            eprintln!("{BAD}error{BAD:#}: {name}: {why}");
            return ExitCode::FAILURE;
        }
    };
    let environment = if arguments.env { Environment::Whole } else { Environment::Unread };
    let good = match plugins {
        None => judge(&name.to_string(), Config::from_json(&tree, &|variable| environment.of(variable)), &[]),
        Some(plugins) => plugins.iter().fold(true, |good, plugin| {
            let loaded = source::load(plugin, environment);
            let loaded = loaded.and_then(|loaded| known_clusters(plugin, loaded));
            let odd = [vm::warnings(plugin), tls::warnings(&tree, plugin)].concat();
            judge(&format!("{name}: {}", plugin.listener), loaded, &odd) && good
        }),
    };
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Refuses a channel whose cluster is not in the file: Envoy would accept it, and nothing would ever arrive.
fn known_clusters(plugin: &Plugin, loaded: Loaded) -> Result<Loaded, ConfigError> {
    let Some(clusters) = &plugin.clusters else { return Ok(loaded) };
    let mut delivered = loaded
        .config
        .notify
        .iter()
        .map(|entry| &entry.channel)
        .map(|channel| (channel.kind(), channel.delivery().cluster));
    match delivered.find(|(_, cluster)| !clusters.contains(*cluster)) {
        Some((kind, cluster)) => {
            let message = format!("static_resources.clusters has no cluster `{cluster}`; add it, or nothing arrives");
            Err(ConfigError::new(format!("{kind}.cluster"), message))
        }
        None => Ok(loaded),
    }
}

/// Prints the verdict on one plugin, and returns whether its configuration is valid.
fn judge(label: &str, loaded: Result<Loaded, ConfigError>, odd: &[String]) -> bool {
    for warning in odd {
        println!("{ODD}warning{ODD:#}: {label}: {warning}");
    }
    match loaded {
        Ok(Loaded { config, warnings }) => {
            for warning in warnings {
                println!("{ODD}warning{ODD:#}: {label}: {warning}");
            }
            println!("{GOOD}ok{GOOD:#}: {label}: {}", summary(&config));
            true
        }
        Err(error) => {
            println!("{BAD}error{BAD:#}: {label}: {error}");
            false
        }
    }
}

fn summary(config: &Config) -> String {
    if config.mode == Mode::Off {
        return "mode off: the filter does nothing".to_owned();
    }
    if config.mode == Mode::Learn {
        return "mode learn: it scores and logs, notifies nobody, and reports once a day which incidents there would have been".to_owned();
    }
    let limits = config.risk.user_limits();
    let channels: Vec<_> = config
        .notify
        .iter()
        .map(|entry| &entry.channel)
        .map(|channel| format!("{} (cluster {})", channel.kind(), channel.delivery().cluster))
        .collect();
    let notified = if channels.is_empty() { "nobody, it is only logged".to_owned() } else { channels.join(", ") };
    format!("an increase of more than {} points within {} notifies {notified}", limits.threshold, config.risk.window())
}
