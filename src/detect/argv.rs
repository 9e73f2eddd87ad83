//! Which members of a request are a command line together: a program in one, its arguments in others?
//!
//! ```text
//! {"command": "sh", "args": ["-c", "id"]}   →  sh -c id
//! {"Cmd": ["chroot", "/mnt", "sh", …]}      →  chroot /mnt sh …
//! ```

use super::matcher::Evidence;
use super::verify::argv;
use crate::decode::percent;
use crate::read::base64;
use crate::read::field::Field;
use crate::read::target::Target;

/// A line is joined up to so many bytes.
const LONGEST: usize = 512;
/// The command line that the members of one object spell so far.
#[derive(Debug, Default)]
pub(super) struct Argv {
    line: Vec<u8>,
    /// The object whose members these are: the name up to its last part.
    object: Vec<u8>,
    /// Did a member hold the program, and did the line count as evidence already?
    named: bool,
    found: bool,
}

impl Argv {
    /// Adds a field; returns what the line with it is evidence of, once for each object. Costs next to nothing for a field
    /// with another name.
    pub(super) fn push(&mut self, field: Field<'_>) -> Option<Evidence> {
        let start = field.name.iter().rposition(|byte| *byte == b'.').map_or(0, |at| at + 1);
        let (object, name) = field.name.split_at(start);
        let name = name.strip_suffix(b"[]").unwrap_or(name);
        if field.value.len() <= argv::LONGEST_BARE
            && matches!(field.target, Target::Query | Target::Form | Target::Json)
            && argv::is_in_place_of_host(name, field.value)
        {
            return Some(Evidence::ArgvCommand);
        }
        if !argv::may_be(name) || field.value.is_empty() || field.name == field.value {
            return None;
        }
        if field.target == Target::Header {
            return (argv::is_program(name) && argv::is_command(field.value)).then_some(Evidence::ArgvCommand);
        }
        if !field.target.has_names() && field.target != Target::Xml {
            return None;
        }
        let (is_program, is_argument) = (argv::is_program(name), argv::is_argument(name));
        if !is_program && !is_argument && argv::is_expression(name) {
            // `{"expression": "5 * 5"}` is what a calculator is asked; a test takes numbers whose product stands nowhere else.
            let digits = field.value.iter().filter(|byte| byte.is_ascii_digit()).count();
            let is_test = field.target != Target::Json || digits >= 4;
            return (is_test && argv::is_product(field.value)).then_some(Evidence::ArgvCommand);
        }
        if !is_program && !is_argument {
            return (argv::is_mount(name) && argv::mounts_root(field.value)).then_some(Evidence::ArgvMount);
        }
        if field.target == Target::Json && argv::is_reported(field.name) {
            return None;
        }
        if self.object != object {
            *self = Self { object: object.to_vec(), ..Self::default() };
        }
        if self.found || self.line.len() + field.value.len() > LONGEST {
            return None;
        }
        // `utilCmdArgs`: the name of the arguments says what they are of.
        // Only an interpreter takes code behind `-c`.
        let takes_code = is_argument && self.line.is_empty() && field.value == b"-c";
        self.named |= is_program || takes_code || name.windows(3).any(|part| part.eq_ignore_ascii_case(b"cmd"));
        let mut plain = Vec::new();
        let decoded = field.encoded && percent::decode(field.value, &mut plain);
        let value = if decoded { &plain } else { field.value };
        let blank = |byte: &u8| if field.encoded && *byte == b'+' { b' ' } else { byte.to_ascii_lowercase() };
        self.line.push(b' ');
        self.line.extend(value.iter().map(blank));
        let coded = is_program.then(|| base64::text(value)).flatten();
        let coded = coded.and_then(|text| argv::judge(&text.to_ascii_lowercase(), true));
        let asked = is_program && matches!(field.target, Target::Query | Target::Form) && argv::is_bare(value);
        if field.target == Target::Json && argv::is_of_tool(field.name, self.line.trim_ascii()) {
            return None;
        }
        let evidence = argv::judge(&self.line, self.named).or(coded).or(asked.then_some(Evidence::ArgvCommand));
        self.found = evidence.is_some();
        evidence
    }
}
