//! Does a client guess the names of parameters? Very many of them in a request, in one request after the other.
//!
//! Tools that look for hidden parameters send some hundred names at a time. Nobody else does, but for a few large forms,
//! whose names are the same each time.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::detect::signal::Signal;
use crate::read::field::Field;
use crate::read::target::Target;
use crate::sort::sort;
use crate::watch::history::History;

/// With more different names than this a request is looked at.
const MANY: usize = 100;

/// So many names of a user on one route are likely guesses, and so many surely are.
const LIKELY: u32 = 900;
const SURE: u32 = 3000;

/// For so long names are added up.
const WINDOW: Duration = Duration::from_secs(5 * 60);

/// Large forms are signalled once in so long a time.
const FORM: Duration = Duration::from_secs(24 * 60 * 60);

/// The most names of a request that are counted.
const MOST: usize = 4096;

/// A step of a history: the lower bits are the number of names, the upper ones stand for which.
const NUMBER: u32 = 0xfff;

/// The names of a request's parameters, as hashes.
#[derive(Debug, Default)]
pub struct Names(Vec<u32>);

impl Names {
    /// Looks at a field. Digits make no difference: `item[1]` and `item[2]` are one name.
    pub fn see(&mut self, field: Field<'_>) {
        let is_parameter = matches!(field.target, Target::Query | Target::Form) && !field.name.is_empty();
        if is_parameter && self.0.len() < MOST {
            self.0.push(hash(field.name));
        }
    }

    /// Could they be more than a form has?
    pub fn are_many(&self) -> bool {
        self.0.len() > MANY
    }

    /// What these names are in a history; none if they are not many.
    pub fn step(&mut self) -> Option<u32> {
        if !self.are_many() {
            return None;
        }
        self.keep_different();
        let number = u32::try_from(self.0.len()).unwrap_or(NUMBER).min(NUMBER);
        // In any order they are the same names.
        let which =
            self.0.iter().fold(0_u32, |all, name| all.wrapping_add((name ^ name >> 15).wrapping_mul(0x9e37_79b9)));
        self.are_many().then_some(which & !NUMBER | number)
    }

    /// Keeps one of each, by a table with open addressing: sorting costs five times as much. Names that are made to meet are sorted.
    fn keep_different(&mut self) {
        let mut table = vec![0; 2 * self.0.len().next_power_of_two()];
        let mask = table.len() - 1;
        let mut probes = 8 * self.0.len();
        let mut different = Vec::with_capacity(self.0.len());
        for name in &self.0 {
            let mut at = *name as usize & mask;
            while let Some(place) = table.get_mut(at) {
                match *place {
                    0 => {
                        *place = *name;
                        different.push(*name);
                        break;
                    }
                    same if same == *name => break,
                    _ if probes == 0 => {
                        sort(&mut self.0);
                        return self.0.dedup();
                    }
                    _ => (at, probes) = ((at + 1) & mask, probes - 1),
                }
            }
        }
        self.0 = different;
    }
}

/// A request with many names has come. Says whether the history changed, and what it means.
pub fn on_names(history: &mut History, step: u32, now: Timestamp) -> (bool, Option<Signal>) {
    history.forget(now, WINDOW);
    if history.has(step) {
        return (false, None);
    }
    history.add(now, step);
    let number: u32 = history.steps_within(now, WINDOW).map(|step| step & NUMBER).sum();
    let due = [
        (SURE, Signal::ParametersSweep, WINDOW),
        (LIKELY, Signal::ParametersMany, WINDOW),
        (0, Signal::ParametersForm, FORM),
    ];
    let found =
        due.into_iter().find(|(least, signal, period)| number >= *least && history.signal_once(*signal, now, *period));
    (true, found.map(|(_, signal, _)| signal))
}

/// FNV-1a, never 0. Collisions only make a count too small.
fn hash(name: &[u8]) -> u32 {
    let letters = name.iter().filter(|byte| !byte.is_ascii_digit());
    letters.fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyed_hash::Key;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// The signals of requests, a second apart, each with these names.
    fn signals(requests: usize, names: impl Fn(usize) -> Vec<String>) -> Vec<(usize, Signal)> {
        let mut history = History::new(Key::from_passphrase("k").digest("user", &[]));
        let mut found = Vec::new();
        for request in 0..requests {
            let mut seen = Names::default();
            for name in names(request) {
                let field = Field { target: Target::Query, name: name.as_bytes(), value: b"1", encoded: true };
                seen.see(field);
            }
            let now = Timestamp::from_millis(1_000_000 + request as u64 * 1000);
            let signal = seen.step().and_then(|step| on_names(&mut history, step, now).1);
            found.extend(signal.map(|signal| (request + 1, signal)));
        }
        found
    }

    /// A name of letters only.
    fn word(number: usize) -> String {
        (0..4).map(|place| char::from(b'a' + (number / 26_usize.pow(place) % 26) as u8)).collect()
    }

    proptest! {
        /// Also of hashes that are made to meet in the table.
        #[test]
        fn one_of_each_name_is_kept(hashes in prop::collection::vec((1_u32..60, prop::bool::ANY), 0..400)) {
            let hashes: Vec<_> = hashes.into_iter().map(|(hash, meets)| if meets { hash << 20 } else { hash }).collect();
            let expected: BTreeSet<_> = hashes.iter().copied().collect();
            let mut names = Names(hashes);
            names.keep_different();
            prop_assert_eq!(names.0.len(), expected.len());
            prop_assert_eq!(names.0.into_iter().collect::<BTreeSet<_>>(), expected);
        }
    }

    #[test]
    fn guesses_are_told_from_large_forms() {
        use Signal::{ParametersForm, ParametersMany, ParametersSweep};
        type Row<'a> = (&'a str, usize, Box<dyn Fn(usize) -> Vec<String>>, &'a [(usize, Signal)]);
        let rows: [Row<'_>; 5] = [
            ("an ordinary form", 50, Box::new(|_| (0..100).map(word).collect()), &[]),
            ("a large one, often", 50, Box::new(|_| (0..150).map(word).collect()), &[(1, ParametersForm)]),
            ("a table", 50, Box::new(|_| (0..900).map(|row| format!("item[{row}]")).collect()), &[]),
            (
                "a tool's guesses",
                20,
                Box::new(|request| (0..250).map(|name| word(request * 250 + name)).collect()),
                &[(1, ParametersForm), (4, ParametersMany), (12, ParametersSweep)],
            ),
            ("all in one", 1, Box::new(|_| (0..4000).map(word).collect()), &[(1, ParametersSweep)]),
        ];
        for (what, requests, names, expected) in rows {
            assert_eq!(signals(requests, names), expected, "{what}");
        }
    }
}
