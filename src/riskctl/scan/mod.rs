//! `riskctl scan`: what does the engine detect in recorded requests? Scans them on all cores, and keeps their order.

mod summary;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anstream::eprintln;
use rayon::prelude::*;
use serde::Serialize;
use user_risk_filter::detect::rule_set::RuleSet;
use user_risk_filter::plugin::config::Config;

use crate::input::Input;
use crate::log::Format;
use crate::request::{self, Case, Detected, Judged, Unseen};
use crate::source;
use crate::terminal::{BAD, UNREADABLE};

use summary::Summary;

/// How many lines are scanned at the same time: enough for all cores, and a bound on memory.
const BATCH: usize = 1024;

/// Scans recorded requests and prints the points that each would get on its own: one JSON object per line, in input order
///
/// A line of the input is one request: {"id", "class", "label", "request": {"method", "path", "headers": [[name,
/// value], …], "body" or "body_b64"}}. A line that can't be read is reported on standard error, and the rest is scanned.
/// Exits with 0 if all lines were scanned, 1 if some could not be, 2 if the file or the configuration can't be read.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  riskctl scan recorded.jsonl.gz                     one line for each request
  riskctl scan --summary recorded.jsonl              how many of each class and tier are detected
  riskctl scan --config envoy.yaml recorded.jsonl    with the rules and points of a configuration
  zcat *.gz | riskctl scan - | jq 'select(.points >= 3)'")]
pub(crate) struct Arguments {
    /// The requests, plain or compressed by gzip or Zstandard; - for standard input
    file: PathBuf,

    /// Print a table of rates instead: how many requests get 3 points or more, by class of attack and by tier of harmless ones
    #[arg(long)]
    summary: bool,

    /// Use this configuration: an Envoy YAML file, or the plugin's own as YAML or JSON
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let config = match source::configuration(arguments.config.as_deref()) {
        Ok(config) => config,
        Err(why) => {
            eprintln!("{BAD}error{BAD:#}: {why}");
            return ExitCode::from(UNREADABLE);
        }
    };
    let name = arguments.file.display();
    let shown = arguments.summary || !io::stdout().is_terminal();
    let scanned = Input::open(&arguments.file, shown).and_then(|input| scan(arguments, &config, input));
    match scanned {
        Ok(0) => ExitCode::SUCCESS,
        Ok(wrong) => {
            eprintln!("{BAD}error{BAD:#}: {name}: {wrong} of the lines could not be scanned");
            ExitCode::FAILURE
        }
        // The reader of the pipe has closed it.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{BAD}error{BAD:#}: {name}: {error}");
            ExitCode::from(UNREADABLE)
        }
    }
}

/// Scans all lines and returns how many could not be scanned.
fn scan(arguments: &Arguments, config: &Config, mut input: Input) -> io::Result<usize> {
    let rules = RuleSet::new(config.detect.clone());
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut summary = Summary::default();
    let (mut wrong, mut before) = (0, 0);
    loop {
        let lines = batch(&mut input)?;
        if lines.is_empty() {
            break;
        }
        let rows: Vec<_> = lines.par_iter().map(|line| row(config, &rules, line, arguments.summary)).collect();
        for (number, row) in (before + 1..).zip(rows) {
            match row {
                Ok(None) => {}
                Ok(Some(Row { text: Some(text), .. })) => writeln!(out, "{text}")?,
                Ok(Some(Row { case, judged, text: None })) => summary.add(&case, &judged),
                Err(why) => {
                    wrong += 1;
                    input.say(&format!("{BAD}error{BAD:#}: {}:{number}: {why}", arguments.file.display()));
                    let line = lines.get(number - before - 1).map_or(&[][..], Vec::as_slice);
                    if let Some(hint) = Format::hint(line).filter(|_| wrong == 1) {
                        input.say(&hint);
                    }
                }
            }
        }
        before += lines.len();
    }
    input.done();
    if arguments.summary {
        writeln!(out, "{summary}")?;
    }
    out.flush()?;
    Ok(wrong)
}

/// The next lines, without their line ends; empty at the end of the input.
fn batch(input: &mut Input) -> io::Result<Vec<Vec<u8>>> {
    let mut lines = Vec::new();
    while lines.len() < BATCH {
        let mut line = Vec::new();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        lines.push(line.trim_ascii().to_vec());
    }
    Ok(lines)
}

/// The result for one line.
struct Row {
    case: Case,
    judged: Judged,
    /// The line to print; none for the table.
    text: Option<String>,
}

/// Scans the request of a line; none if the line is empty.
fn row(config: &Config, rules: &RuleSet, line: &[u8], summary: bool) -> Result<Option<Row>, String> {
    if line.is_empty() {
        return Ok(None);
    }
    let case: Case = serde_json::from_slice(line).map_err(|error| {
        let position = format!("at line {} column", error.line());
        error.to_string().replace(&position, "at column")
    })?;
    let (judged, ()) = request::judge(config, rules, &case.request.head(), &case.request.body()?, ());
    let text = if summary { None } else { Some(text(rules, &case.id, &judged)?) };
    Ok(Some(Row { case, judged, text }))
}

fn text(rules: &RuleSet, id: &str, judged: &Judged) -> Result<String, String> {
    #[derive(Serialize)]
    struct Line<'a> {
        id: &'a str,
        points: serde_json::Value,
        detections: Vec<Detected<'a>>,
        #[serde(skip_serializing_if = "Unseen::is_nothing")]
        unseen: Unseen,
    }
    let detections = judged.detections.iter().map(|(detection, _)| Detected::new(rules, detection)).collect();
    let line = Line { id, points: judged.points().to_json(), detections, unseen: judged.unseen };
    serde_json::to_string(&line).map_err(|error| error.to_string())
}
