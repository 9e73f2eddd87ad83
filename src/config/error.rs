//! What is wrong in a configuration, and where?

use std::fmt;

/// What is wrong with one of a room's options: the option's name (empty: what has the options) and a message to follow it. Never
/// a secret's value.
pub type OptionError = (&'static str, String);

/// What is wrong, and where. Boxed, because it is rare, and so that every result of reading stays small.
#[derive(Debug)]
pub struct Error(Box<(String, Vec<Step>)>);

/// A step into the value.
#[derive(Debug)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

impl Error {
    /// An error at the value that is being read; the message continues the path.
    #[cold]
    #[inline(never)]
    pub fn new(message: String) -> Self {
        Self(Box::new((message, Vec::new())))
    }

    /// A name that is none of those that are known here: the nearest one is named, or all, if none is near.
    #[cold]
    #[inline(never)]
    pub(crate) fn unknown(what: &str, name: &str, known: &[&str]) -> Self {
        match nearest(name, known) {
            Some(meant) => Self::new(format!("unknown {what} `{name}`; did you mean `{meant}`?")),
            None => Self::new(format!("unknown {what} `{name}`, expected {}", one_of(known))),
        }
    }

    /// The same error, seen from the mapping around it.
    #[cold]
    #[inline(never)]
    pub(crate) fn under(mut self, key: &str) -> Self {
        self.0.1.push(Step::Key(key.to_owned()));
        self
    }

    /// The same error, seen from the list around it.
    #[cold]
    #[inline(never)]
    pub(crate) fn at(mut self, index: usize) -> Self {
        self.0.1.push(Step::Index(index));
        self
    }

    /// The message, and the way there, from the inside out.
    pub(crate) fn into_parts(self) -> (String, Vec<Step>) {
        *self.0
    }
}

/// How much of a name may be mistyped: a letter in three.
const LETTERS_PER_SLIP: usize = 3;

/// The name that was probably meant, if one is near: few letters apart, or the same in capitals or with hyphens.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let plain = name.to_lowercase().replace('-', "_");
    let distance = |known: &&str| strsim::damerau_levenshtein(&plain, &known.replace('-', "_"));
    let meant = known.iter().min_by_key(|known| distance(known))?;
    (distance(meant) <= name.chars().count() / LETTERS_PER_SLIP).then_some(*meant)
}

/// Names to choose from, in words.
pub(crate) fn one_of(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [one] => one.clone(),
        [one, other] => format!("{one} or {other}"),
        several => format!("one of {}", several.join(", ")),
    }
}

impl From<String> for Error {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}

impl From<&str> for Error {
    fn from(message: &str) -> Self {
        Self::new(message.to_owned())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.0)
    }
}

impl std::error::Error for Error {}
