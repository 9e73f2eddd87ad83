//! Would the filter take this configuration? The same answer as Envoy's, before Envoy is asked.

mod cluster;
mod tls;

use std::path::PathBuf;
use std::process::ExitCode;

use anstream::{eprintln, println};
use anstyle::{AnsiColor, Style};
use user_risk_filter::plugin::config::{Config, Loaded, Mode};
use user_risk_filter::plugin::config_error::ConfigError;

use crate::envoy::{self, Plugin};
use crate::source::{self, Environment};

const GOOD: Style = AnsiColor::Green.on_default().bold();
/// How the word `error` looks.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
const ODD: Style = AnsiColor::Yellow.on_default().bold();

/// The exit status for a file that could not be looked at, as for wrong arguments.
pub(crate) const UNREADABLE: u8 = 2;

/// Checks a configuration: an Envoy YAML file with the filter in it, or the plugin's own configuration as YAML or JSON
///
/// Prints the line that Envoy would log for the first mistake of each plugin, and warns where a cluster would deliver alerts
/// to a server whose name it does not verify. Exits with 0 if the configuration is good, also with warnings, 1 if it is not,
/// 2 if the file can't be read.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  riskctl check envoy/envoy.yaml         every user_risk_filter in an Envoy file
  riskctl check --env envoy/envoy.yaml   … and the values of the variables, as set here
  riskctl check plugin.json              the plugin's configuration alone
  kubectl get … -o yaml | riskctl check -")]
pub(crate) struct Arguments {
    /// The file; - for standard input
    file: PathBuf,

    /// Look at the values of environment variables too, as set where riskctl runs
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
            let odd = [plugin.warnings.clone(), tls::warnings(&tree, plugin)].concat();
            judge(&format!("{name}: {}", plugin.place), loaded, &odd) && good
        }),
    };
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Refuses a channel whose cluster is not in the file: Envoy would take it, and nothing would ever arrive.
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

/// Says how it is; whether it is good.
fn judge(place: &str, loaded: Result<Loaded, ConfigError>, odd: &[String]) -> bool {
    for warning in odd {
        println!("{ODD}warning{ODD:#}: {place}: {warning}");
    }
    match loaded {
        Ok(Loaded { config, warnings }) => {
            for warning in warnings {
                println!("{ODD}warning{ODD:#}: {place}: {warning}");
            }
            println!("{GOOD}ok{GOOD:#}: {place}: {}", summary(&config));
            true
        }
        Err(mistake) => {
            println!("{BAD}error{BAD:#}: {place}: {mistake}");
            false
        }
    }
}

fn summary(config: &Config) -> String {
    if config.mode == Mode::Off {
        return "mode off: the filter does nothing".to_owned();
    }
    if config.mode == Mode::Learn {
        return "mode learn: it scores and logs, tells nobody, and says once a day what it would have told".to_owned();
    }
    let limits = config.risk.user_limits();
    let channels: Vec<_> = config
        .notify
        .iter()
        .map(|entry| &entry.channel)
        .map(|channel| format!("{} (cluster {})", channel.kind(), channel.delivery().cluster))
        .collect();
    let told = if channels.is_empty() { "nobody, the log only".to_owned() } else { channels.join(", ") };
    format!("an increase of more than {} points within {} is told to {told}", limits.threshold, config.risk.window())
}
