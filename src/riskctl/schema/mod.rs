//! `riskctl schema`: what may a configuration hold? As a JSON Schema, for editors that complete and check while one writes.

mod probe;

use std::io::{self, Write};
use std::process::ExitCode;

use serde_json::{Map, Value, json};

use probe::{Shape, Way};

/// Prints the JSON Schema of the plugin's configuration, from which editors complete options and mark mistakes
///
/// It says which options there are and of which types; riskctl check knows more.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  riskctl schema > user-risk-filter.schema.json
  # yaml-language-server: $schema=user-risk-filter.schema.json      the first line of the plugin's configuration as YAML")]
pub(crate) struct Arguments {}

pub(crate) fn run(_: &Arguments) -> ExitCode {
    // If the reader of a pipe is gone there is nobody to report it to.
    let _ = writeln!(io::stdout().lock(), "{}", text());
    ExitCode::SUCCESS
}

fn text() -> String {
    let mut schema = of(&Way::default().shape());
    if let Value::Object(members) = &mut schema {
        members.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        members.insert("title".to_owned(), json!("user-risk-filter"));
        members.insert(
            "description".to_owned(),
            json!("The configuration of the filter; docs/configuration.md explains it."),
        );
    }
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}

/// The schema of what can stand somewhere.
fn of(shape: &Shape) -> Value {
    let mut schema = Map::new();
    let mut types: Vec<&str> = shape.types.clone();
    if let Some(items) = &shape.items {
        types.push("array");
        schema.insert("items".to_owned(), of(items));
    }
    if shape.is_open {
        types.push("object");
    }
    if !shape.options.is_empty() {
        types.push("object");
        let options = shape.options.iter().map(|(name, inner)| (name.clone(), of(inner)));
        schema.insert("properties".to_owned(), Value::Object(options.collect()));
        schema.insert("additionalProperties".to_owned(), json!(false));
        if shape.is_choice {
            schema.insert("minProperties".to_owned(), json!(1));
            schema.insert("maxProperties".to_owned(), json!(1));
        }
    }
    if let Some((least, most)) = shape.bounds {
        types.iter_mut().filter(|kind| **kind == "number").for_each(|kind| *kind = "integer");
        schema.insert("minimum".to_owned(), json!(least));
        schema.insert("maximum".to_owned(), json!(most));
    }
    let words = shape.words.iter().map(|word| json!(word));
    match types.as_slice() {
        ["string"] if !shape.words.is_empty() => drop(schema.insert("enum".to_owned(), words.collect())),
        ["null", "string"] if !shape.words.is_empty() => {
            schema.insert("enum".to_owned(), words.chain([Value::Null]).collect());
        }
        // Everything is taken; or a text of a form that was not guessed, such as 64KiB.
        [] | ["null"] | ["null", "boolean", "number", "string", ..] => {}
        [one] => drop(schema.insert("type".to_owned(), json!(one))),
        several => drop(schema.insert("type".to_owned(), json!(several))),
    }
    if !shape.expected.is_empty() {
        schema.insert("description".to_owned(), json!(shape.expected));
    }
    Value::Object(schema)
}
