//! `riskctl simulate`: what would have happened? Plays recorded events against a configuration, at their own times.

mod chart;
mod life;
mod lives;
mod show;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anstream::eprintln;
use user_risk_filter::plugin::config::{Config, Mode};

use crate::input::Input;
use crate::log::entry::{Entry, USER_HEADER};
use crate::log::{Format, recorded};
use crate::play::proxy::Proxy;
use crate::play::scanner::Scanner;
use crate::source;
use crate::terminal::{BAD, UNREADABLE};
use lives::Lives;
use show::Shown;

/// A line of the input, and its number.
type Numbered = (u64, Entry);

/// Plays dated events or recorded requests and prints each user's time line: points in and out, incidents, and which
/// channels would have been notified. Nothing is sent
///
/// A line of the input is a detection that was already made: {"time": "2026-01-02T03:04:05Z", "user": "4711", "rule":
/// "sqli.union-select"}, optionally with "severity", "route", "target" ("query:q") and "value" (the same value at the same
/// target counts once; without a value each line is a new act). Or it is a request: {"time": …, "request": {"method", "path",
/// "headers": [[name, value], …], "body" or "body_b64"}}, optionally with "address", "status" and "response_headers". The
/// order of lines does not matter. A line that can't be read is reported on standard error, and the rest is played. Exits
/// with 0 if all lines were played, 1 if some could not be, 2 if the file or the configuration can't be read.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  riskctl simulate --config envoy.yaml events.jsonl          who would have been notified?
  riskctl simulate --user 4711 recorded.jsonl.gz             one user, with the defaults
  riskctl simulate --json events.jsonl | jq '.incidents'     one object per user
  riskctl simulate --learn events.jsonl                      and one line per day about other thresholds

  echo '{\"time\": \"2026-01-02T03:04:05Z\", \"user\": \"4711\", \"rule\": \"rce.command\"}' | riskctl simulate -")]
pub(crate) struct Arguments {
    /// The events, plain or compressed by gzip or Zstandard; - for standard input
    file: PathBuf,

    /// Play against this configuration: an Envoy YAML file, or the plugin's own as YAML or JSON
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Show only this user
    #[arg(long, value_name = "NAME")]
    user: Option<String>,

    /// Print one JSON object per line: one for each user, then one for each day of --learn
    #[arg(long)]
    json: bool,

    /// Play as with mode: learn: nobody is notified, and each day has a line about what other thresholds would have done
    #[arg(long)]
    learn: bool,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let name = arguments.file.display();
    let read = configuration(arguments).and_then(|config| {
        let (entries, wrong) = read(arguments).map_err(|error| format!("{name}: {error}"))?;
        Ok((config, entries, wrong))
    });
    let (config, entries, mut wrong) = match read {
        Ok(read) => read,
        Err(why) => {
            eprintln!("{BAD}error{BAD:#}: {why}");
            return ExitCode::from(UNREADABLE);
        }
    };
    let scanner = Scanner::new(config.clone(), USER_HEADER);
    let mut proxy = Proxy::new(config);
    let mut lives = Lives::new(proxy.window);
    let mut excluded = 0;
    for (number, entry) in &entries {
        match scanner.scan(entry, *number) {
            Ok(exchange) => {
                excluded += exchange.excluded;
                proxy.play(exchange, &mut lives);
            }
            Err(why) => {
                wrong += 1;
                eprintln!("{BAD}error{BAD:#}: {name}:{number}: {why}");
            }
        }
    }
    proxy.end(&mut lives);
    lives.end();
    // If the reader of a pipe is gone there is nobody to report it to.
    let _ = print(arguments, &lives, excluded);
    for complaint in &lives.complaints {
        eprintln!("the filter's log: {complaint}");
    }
    if wrong == 0 {
        return ExitCode::SUCCESS;
    }
    eprintln!("{BAD}error{BAD:#}: {name}: {wrong} of the lines could not be played");
    ExitCode::FAILURE
}

fn configuration(arguments: &Arguments) -> Result<Config, String> {
    let mut config = source::configuration(arguments.config.as_deref())?;
    if arguments.learn {
        config.mode = Mode::Learn;
    }
    if config.mode == Mode::Off {
        return Err("mode: off does nothing, and so does a simulation of it; write monitor or learn".to_owned());
    }
    Ok(config)
}

/// All lines that can be read, the earliest first, and the number of those that can't.
fn read(arguments: &Arguments) -> io::Result<(Vec<Numbered>, usize)> {
    let mut input = Input::open(&arguments.file, false)?;
    let (mut entries, mut wrong) = (Vec::new(), 0);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        match recorded::read(text) {
            Ok(entry) => entries.push((number, entry)),
            Err(why) => {
                wrong += 1;
                input.say(&format!("{BAD}error{BAD:#}: {}:{number}: {why}", arguments.file.display()));
                if let Some(hint) = Format::hint(text).filter(|_| wrong == 1) {
                    input.say(&hint);
                }
            }
        }
    }
    entries.sort_by_key(|(_, entry)| entry.time);
    Ok((entries, wrong))
}

fn print(arguments: &Arguments, told: &Lives, excluded: usize) -> io::Result<()> {
    let mut out = io::BufWriter::new(anstream::stdout().lock());
    let wanted = |user: &str| arguments.user.as_ref().is_none_or(|wanted| wanted == user);
    let lives = told.lives.iter().filter(|((_, user), _)| wanted(user));
    for (name, life) in lives.clone() {
        let shown = Shown { name, life };
        if arguments.json { writeln!(out, "{}", shown.to_json()?)? } else { writeln!(out, "{shown}")? }
    }
    for day in &told.learned {
        writeln!(out, "{day}")?;
    }
    if arguments.json {
        return out.flush();
    }
    let incidents: usize = lives.clone().map(|(_, life)| life.incidents()).sum();
    write!(out, "users with points: {}, incidents: {incidents}", lives.count())?;
    let rest = [(excluded, "excluded by the configuration"), (told.nobody, "without a known user")];
    for (number, what) in rest.into_iter().filter(|(number, _)| *number > 0) {
        write!(out, ", detections {what}: {number}")?;
    }
    writeln!(out)?;
    out.flush()
}
