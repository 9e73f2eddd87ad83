//! `riskctl rules`: which rules are there? The catalogue, with what a configuration makes of it.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anstream::eprintln;
use comfy_table::Table;
use comfy_table::presets::NOTHING;
use serde::Serialize;
use user_risk_filter::detect::rule::Rule;
use user_risk_filter::detect::rule_set::RuleSet;

use crate::source;
use crate::terminal::{BAD, UNREADABLE};

/// Lists the rules: what each finds, its category and severity, and its detection point in OWASP AppSensor
///
/// Exits with 1 if there is no such rule or category, with 2 if the configuration can't be read.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  riskctl rules                        all rules
  riskctl rules sqli xss.script        those of a category, and one more
  riskctl rules --config envoy.yaml    … with the rules of a configuration's own
  riskctl rules --json | jq 'select(.severity == \"critical\") | .rule'")]
pub(crate) struct Arguments {
    /// Only these categories and rules
    names: Vec<String>,

    /// Use this configuration: an Envoy YAML file, or the plugin's own as YAML or JSON
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Print one JSON object per line
    #[arg(long, conflicts_with = "markdown")]
    json: bool,

    /// Print a page of documentation
    #[arg(long)]
    markdown: bool,
}

/// A rule as it is printed.
#[derive(Serialize)]
struct Row<'a> {
    rule: &'a str,
    category: &'static str,
    severity: &'static str,
    appsensor: &'a str,
    summary: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    names: &'a [&'a str],
    /// Does one act open an incident whatever the score?
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    conclusive: bool,
}

impl<'a> Row<'a> {
    fn new(rule: Rule<'a>) -> Self {
        Self {
            rule: rule.id,
            category: rule.category.slug(),
            severity: rule.severity.slug(),
            appsensor: rule.appsensor,
            summary: rule.summary,
            names: rule.names,
            conclusive: rule.conclusive,
        }
    }

    fn is_meant(&self, names: &[String]) -> bool {
        names.is_empty() || names.iter().any(|name| name == self.rule || name == self.category)
    }
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let config = match source::configuration(arguments.config.as_deref()) {
        Ok(config) => config,
        Err(why) => {
            eprintln!("{BAD}error{BAD:#}: {why}");
            return ExitCode::from(UNREADABLE);
        }
    };
    let rules = RuleSet::new(config.detect);
    let all: Vec<_> = rules.rules().map(Row::new).collect();
    let known = |name: &str| all.iter().any(|row| row.rule == name || row.category == name);
    if let Some(unknown) = arguments.names.iter().find(|name| !known(name)) {
        let names = all.iter().flat_map(|row| [row.rule, row.category]);
        let near = names.min_by_key(|name| strsim::damerau_levenshtein(name, unknown)).unwrap_or_default();
        eprintln!("{BAD}error{BAD:#}: there is no rule and no category `{unknown}`; did you mean `{near}`?");
        return ExitCode::FAILURE;
    }
    let rows: Vec<_> = all.into_iter().filter(|row| row.is_meant(&arguments.names)).collect();
    let text = match (arguments.json, arguments.markdown) {
        (true, _) => rows.iter().filter_map(|row| serde_json::to_string(row).ok()).collect::<Vec<_>>().join("\n"),
        (_, true) => markdown(&rows),
        _ => table(&rows),
    };
    // If the reader of a pipe is gone there is nobody to report it to.
    let _ = writeln!(anstream::stdout().lock(), "{text}").and_then(|()| io::stdout().flush());
    ExitCode::SUCCESS
}

fn table(rows: &[Row<'_>]) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING);
    for row in rows {
        table.add_row([row.rule, row.severity, row.summary]);
    }
    table.trim_fmt()
}

/// The reference in the documentation: a table for each category.
fn markdown(rows: &[Row<'_>]) -> String {
    let mut page = "# Rules\n\n\
        Made by `riskctl rules --markdown`; a test compares it. The points of a severity are under `risk.points` (by default low 1, medium 3,\n\
        high 5, critical 8); `detect.rules` switches rules and categories off or changes them ([configuration](configuration.md#detection)).\n\
        *AppSensor* is the detection point in OWASP AppSensor. A rule marked **!** opens an incident by itself, whatever the score.\n"
        .to_owned();
    let mut category = "";
    for row in rows {
        if category != row.category {
            category = row.category;
            let _ = write!(page, "\n## {category}\n\n| rule | severity | finds | AppSensor |\n|---|---|---|---|\n");
        }
        let mark = if row.conclusive { " **!**" } else { "" };
        let summary = row.summary.replace('|', "\\|").replace('<', "&lt;");
        let _ = writeln!(page, "| `{}`{mark} | {} | {summary} | {} |", row.rule, row.severity, row.appsensor);
    }
    page.truncate(page.trim_end().len());
    page
}
