//! Which options are there, and what do they take? Asks the reader of the configuration itself, with values that are wrong.
//!
//! The tables of options (`options!`) answer an unknown name with all that they know, a value of the wrong kind with what they
//! expect, and a word that is none with all that there are. So what is learnt here is what the filter reads, and nothing has to be
//! written twice.

use serde_json::{Map, Value, json};
use user_risk_filter::plugin::config::Config;
use user_risk_filter::secret::Variable;

/// No option, and no word, is near to this.
const UNKNOWN: &str = "\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}";

/// Deeper than any option.
const DEEPEST: usize = 9;

/// How a message begins about a value of the wrong kind.
const KINDS: &[&str] = &[
    "is the text",
    "is the number",
    "is true",
    "is false",
    "is a list",
    "is a mapping",
    "is empty",
    "is not a text",
    "the configuration is a list",
];

/// A way into the configuration: from a value there to a whole configuration.
#[derive(Clone, Debug, Default)]
pub(super) struct Way(Vec<Step>);

#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Item,
}

/// What can stand somewhere.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// The options of a mapping, or the kinds of which it names one.
    pub(super) options: Vec<(String, Shape)>,
    /// Does a mapping here name exactly one of them?
    pub(super) is_choice: bool,
    /// Takes a mapping with any names.
    pub(super) is_open: bool,
    pub(super) items: Option<Box<Shape>>,
    /// Types of JSON that are taken, beside mappings and lists.
    pub(super) types: Vec<&'static str>,
    /// The words that are taken, if they are these only.
    pub(super) words: Vec<String>,
    /// The least and the most of a whole number.
    pub(super) bounds: Option<(u64, u64)>,
    /// What is expected, in the reader's words.
    pub(super) expected: String,
}

/// What the reader says about a value.
enum Answer {
    /// Something of this kind can't stand there.
    Refused(String),
    /// It can; what is wrong with it, if anything is.
    Taken(String, String),
}

impl Way {
    fn under(&self, step: Step) -> Self {
        Self(self.0.iter().cloned().chain([step]).collect())
    }

    /// The configuration in which `value` stands at this way's end.
    fn with(&self, value: Value) -> Value {
        self.0.iter().rev().fold(value, |inner, step| match step {
            Step::Key(key) => Value::Object(Map::from_iter([(key.clone(), inner)])),
            Step::Item => json!([inner]),
        })
    }

    /// The way as an error has it: `notify[0].slack`.
    fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.0 {
            match step {
                Step::Item => path.push_str("[0]"),
                Step::Key(key) if path.is_empty() => path.push_str(key),
                Step::Key(key) => path.push_str(&format!(".{key}")),
            }
        }
        path
    }

    fn ask(&self, value: Value) -> Answer {
        let Err(error) = Config::from_json(&self.with(value), &|_| Variable::Unread) else {
            return Answer::Taken(String::new(), String::new());
        };
        let is_refused = error.path() == self.path() && KINDS.iter().any(|start| error.message().starts_with(start));
        match is_refused {
            true => Answer::Refused(error.message().to_owned()),
            false => Answer::Taken(error.path().to_owned(), error.message().to_owned()),
        }
    }

    /// What can stand at this way's end.
    pub(super) fn shape(&self) -> Shape {
        let mut shape = Shape::default();
        if self.0.len() > DEEPEST {
            return shape;
        }
        let values = [
            ("null", Value::Null),
            ("boolean", json!(true)),
            ("boolean", json!(false)),
            ("number", json!(0.5)),
            ("string", json!(UNKNOWN)),
        ];
        for (kind, value) in values {
            match self.ask(value) {
                Answer::Refused(message) if shape.expected.is_empty() => {
                    shape.expected =
                        message.split_once("; write ").map_or(String::new(), |(_, words)| words.to_owned());
                }
                Answer::Refused(_) => {}
                Answer::Taken(path, message) => {
                    shape.types.push(kind);
                    shape.types.dedup();
                    if kind == "string" && path == self.path() && message.starts_with("unknown variant") {
                        shape.words = names(&message);
                    }
                    if kind == "number" {
                        shape.bounds = bounds(&message);
                    }
                }
            }
        }
        // Where everything is taken there is nothing to ask.
        if shape.types.len() == 4 {
            return shape;
        }
        if let Answer::Taken(..) = self.ask(json!([null])) {
            shape.items = Some(Box::new(self.under(Step::Item).shape()));
        }
        self.mapping(&mut shape);
        shape
    }

    /// What a mapping can hold.
    fn mapping(&self, shape: &mut Shape) {
        let Answer::Taken(path, message) = self.ask(json!({UNKNOWN: null})) else { return };
        let is_here = path.trim_end_matches('…').trim_end_matches('.') == self.path();
        if !(is_here && message.starts_with("unknown field")) {
            shape.is_open = true;
            return;
        }
        let Answer::Taken(_, both) = self.ask(json!({UNKNOWN: null, "\u{2}": null})) else { return };
        shape.is_choice = both.starts_with("names 2 things");
        let options = names(&message).into_iter().map(|name| {
            // A source of sources comes back to itself.
            let is_again = self.0.iter().any(|step| matches!(step, Step::Key(key) if *key == name));
            let inner = if is_again { Shape::default() } else { self.under(Step::Key(name.clone())).shape() };
            (name, inner)
        });
        shape.options = options.collect();
    }
}

/// The bounds of "0.5 is not a whole number from 1 to 8".
fn bounds(message: &str) -> Option<(u64, u64)> {
    let (_, range) = message.split_once("is not a whole number from ")?;
    let (least, most) = range.split_once(" to ")?;
    Some((least.parse().ok()?, most.parse().ok()?))
}

/// The names in back-quotes of "…, expected one of `a`, `b`".
fn names(message: &str) -> Vec<String> {
    let known = message.rsplit_once(", expected ").map_or("", |(_, known)| known);
    known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
