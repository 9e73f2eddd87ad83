//! `riskctl replay`: what would the filter have done with the traffic in these logs? Any access log, at any size.

mod batch;
mod coverage;
mod feed;
mod order;
mod page;
mod report;
mod show;
mod suspects;
mod svg;
mod tally;
mod thresholds;

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstream::eprintln;
use user_risk_filter::plugin::config::{Config, Mode};
use user_risk_filter::points::Points;

use crate::input::{self, Input};
use crate::log::columns::Columns;
use crate::log::{Format, har};
use crate::play::proxy::Proxy;
use crate::source;
use crate::terminal::{BAD, UNREADABLE};
use batch::{Scanned, Scanners};
use feed::{Feed, Source};
use order::{END, Order};
use report::{File, Policy, Report};
use show::Shown;
use tally::Tally;
use thresholds::Thresholds;

/// Reads access logs and says what the filter would have done: who would have crossed the threshold and when, who would have been
/// told, how often another threshold would have paged, which rules and routes did it, and what looks like false alarms
///
/// Reads Envoy's access logs (JSON and text), Istio's, nginx's and Apache's combined format, a browser's HAR, the filter's own log,
/// and recorded requests; compressed by gzip or Zstandard, or from standard input; several files are merged by time. Nothing is
/// sent. What the log lacks is said with its consequence. Exits with 0 if all lines were understood, 1 if some were not, 2 if a
/// file or the configuration can't be read.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  riskctl replay /var/log/nginx/access.log*                      with the defaults
  riskctl replay --config envoy.yaml --html report.html access.json.gz
  riskctl replay --tune access.log                               … and the exclusions to paste
  kubectl logs -n istio-system deploy/istio-ingressgateway | riskctl replay -
  riskctl replay --user-field sub --address-field x_forwarded_for access.json
  riskctl replay --json access.log | jq '.thresholds'")]
pub(crate) struct Arguments {
    /// The logs, plain or compressed by gzip or Zstandard; - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Use this configuration: an Envoy YAML file, or the plugin's own as YAML or JSON
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// The format of the logs, instead of looking
    #[arg(long)]
    format: Option<Format>,

    /// The column with the user's name, instead of the usual names
    #[arg(long, value_name = "NAME")]
    user_field: Option<String>,

    /// The column with the client's address, instead of the usual names; of a list the last one
    #[arg(long, value_name = "NAME")]
    address_field: Option<String>,

    /// Write the exclusions to paste for what looks like false alarms
    #[arg(long)]
    tune: bool,

    /// Print one JSON object
    #[arg(long)]
    json: bool,

    /// Write the report as a page into this file too: one file with charts, that fetches nothing
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let report = match replay(arguments) {
        Ok(report) => report,
        Err(why) => {
            eprintln!("{BAD}error{BAD:#}: {why}");
            return ExitCode::from(UNREADABLE);
        }
    };
    if let Some(file) = &arguments.html
        && let Err(error) = fs::write(file, page::page(&report))
    {
        eprintln!("{BAD}error{BAD:#}: {}: {error}", file.display());
        return ExitCode::from(UNREADABLE);
    }
    let text = match arguments.json {
        true => serde_json::to_string_pretty(&report).unwrap_or_default(),
        false => Shown { report: &report, tune: arguments.tune }.to_string(),
    };
    // If the reader of a pipe is gone there is nobody to report it to.
    let _ = writeln!(anstream::stdout().lock(), "{}", text.trim_end()).and_then(|()| io::stdout().flush());
    for broken in &report.broken {
        eprintln!("{BAD}error{BAD:#}: {broken}; what came before it counts");
    }
    let wrong = report.wrong();
    if wrong > 0 {
        eprintln!("{BAD}error{BAD:#}: {wrong} of the lines could not be read");
    }
    if wrong == 0 && report.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The report, and if it is asked for what to tune, what that would change: the logs are then read twice.
fn replay(arguments: &Arguments) -> Result<Report, String> {
    let mut report = replay_with(arguments, &[])?;
    let exclusions = report.false_alarms.iter().filter_map(|alarm| alarm.exclude.as_deref());
    let exclusions: Vec<_> = exclusions.filter_map(|text| serde_saphyr::from_str(text).ok()).collect();
    let is_there_twice = arguments.files.iter().all(|file| file.is_file());
    if arguments.tune && !exclusions.is_empty() && is_there_twice {
        report.tuned = Some(replay_with(arguments, &exclusions)?.incidents);
    }
    Ok(report)
}

/// What comes of it with these exclusions beside those of the configuration.
fn replay_with(arguments: &Arguments, exclusions: &[serde_json::Value]) -> Result<Report, String> {
    let (mut config, user_header) = source::named_by_header(arguments.config.as_deref(), exclusions)?;
    if config.mode == Mode::Off {
        return Err("mode: off does nothing, and so does a replay of it; write monitor or learn".to_owned());
    }
    // What it learns is reported anyway; who would be told is the question.
    config.mode = Mode::Monitor;
    let columns = Columns::new(&user_header, arguments.user_field.as_deref(), arguments.address_field.as_deref());
    let paths: Vec<&Path> = arguments.files.iter().map(PathBuf::as_path).collect();
    let bar = input::bar(&paths, io::stderr().is_terminal());
    let (mut files, mut sources) = (Vec::new(), Vec::new());
    for (at, path) in paths.iter().enumerate() {
        let name = path.display().to_string();
        let named = |error: io::Error| format!("{name}: {error}");
        let input = Input::open_within(path, &bar).map_err(named)?.into_bytes();
        let source = Source::new(input, at, arguments.format).map_err(named)?.ok_or_else(|| {
            format!(
                "{name}: none of its first lines is in a format that is known; --format says which it is, and \
                 riskctl replay --help which there are"
            )
        })?;
        files.push(File { format: source.format.words(), name });
        sources.push(source);
    }
    let mut run = Run::new(&config, &user_header, columns);
    let (documents, logs): (Vec<_>, Vec<_>) = sources.into_iter().partition(|source| source.format == Format::Har);
    for document in documents {
        let name = files.get(document.file).map(|file| file.name.clone()).unwrap_or_default();
        run.document(document).map_err(|error| format!("{name}: {error}"))?;
    }
    let broken = run.logs(logs);
    bar.finish_and_clear();
    let name = |file: usize| paths.get(file).map_or_else(String::new, |path| path.display().to_string());
    let broken = broken.into_iter().map(|(file, error)| format!("{}: {error}", name(file))).collect();
    Ok(Report { broken, ..run.report(files, &config) })
}

/// A replay under way.
struct Run {
    scanners: Scanners,
    order: Order,
    read: Scanned,
    real: Proxy,
    learning: Proxy,
    tally: Tally,
    thresholds: Thresholds,
}

impl Run {
    fn new(config: &Config, user_header: &str, columns: Columns) -> Self {
        let mut learning = config.clone();
        learning.mode = Mode::Learn;
        Self {
            scanners: Scanners::new(config, &learning, user_header, columns),
            order: Order::default(),
            read: Scanned::default(),
            real: Proxy::new(config.clone()),
            learning: Proxy::new(learning),
            tally: Tally::default(),
            thresholds: Thresholds::default(),
        }
    }

    /// Reads a document that has no lines.
    fn document(&mut self, source: Source) -> Result<(), String> {
        let file = source.file;
        let (mut read, mut number) = (Scanned::default(), 0);
        let (scanners, order) = (&self.scanners, &mut self.order);
        let end = har::read(source.into_bytes(), scanners.columns(), &mut |entry| {
            number += 1;
            read.lines += 1;
            scanners.entry(entry, file, number, &mut read);
            read.pairs.drain(..).for_each(|pair| order.push(pair));
        });
        self.read.count(&read);
        end
    }

    /// Reads logs to their end: the next blocks are read while the last ones are scanned. Returns what could not be read on.
    fn logs(&mut self, sources: Vec<Source>) -> Vec<(usize, io::Error)> {
        let mut feed = Feed::new(sources);
        let most = rayon::current_num_threads() * 2;
        let (mut blocks, mut until) = feed.next(most);
        while !blocks.is_empty() {
            let scanners = &self.scanners;
            let (next, scanned) = rayon::join(|| feed.next(most), || scanners.scan(blocks));
            for mut one in scanned {
                self.read.count(&one);
                one.pairs.drain(..).for_each(|pair| self.order.push(pair));
            }
            self.play(until);
            (blocks, until) = next;
        }
        self.play(END);
        self.real.end(&mut self.tally);
        self.learning.end(&mut self.thresholds);
        feed.broken
    }

    /// Plays what can't be overtaken any more.
    fn play(&mut self, until: user_risk_filter::clock::Timestamp) {
        for pair in self.order.ready(until) {
            self.real.play(pair.real, &mut self.tally);
            self.learning.play(pair.learning, &mut self.thresholds);
        }
    }

    fn report(self, files: Vec<File>, config: &Config) -> Report {
        let points = |points: Points| points.to_json().as_f64().unwrap_or_default();
        let policy = Policy {
            threshold: points(config.risk.user_limits().threshold),
            anonymous_threshold: points(config.risk.anonymous_limits().threshold),
            window: config.risk.window().to_string(),
        };
        Report::new(files, policy, self.read, self.tally, self.thresholds, self.order.late)
    }
}
