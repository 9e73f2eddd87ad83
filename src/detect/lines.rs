//! Which strings of a document are the lines of one text: an array of them, each with its line break?
//!
//! Notebooks keep code so (nbformat, "multiline_string"). In a document of many members such a line is shown, whatever it does.

use crate::read::field::Field;
use crate::read::target::Target;

/// Whether the field that is looked at is such a line.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The name of the array whose last string ended with a line break.
    name: Vec<u8>,
    pub(super) is_line: bool,
}

impl Lines {
    /// Another field is looked at. It is a line if it ends with its only line break, or if the string before it in its array
    /// was one.
    pub(super) fn begin(&mut self, field: Field<'_>) {
        let ends = match field.value {
            [line @ .., b'\n'] if field.target == Target::Json => !line.is_empty() && !line.contains(&b'\n'),
            _ => false,
        };
        self.is_line = ends || !self.name.is_empty() && self.name == field.name && !field.value.contains(&b'\n');
        if ends && self.name != field.name {
            self.name = field.name.to_vec();
        } else if !ends {
            self.name.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_from_values() {
        let mut lines = Lines::default();
        for (name, value, expected) in [
            ("a", "x", false),
            ("a", "x\n", true),
            ("a", "y\n", true),
            ("a", "z", true),
            ("a", "z", false),
            ("b", "x\n", true),
            ("c", "x", false),
            ("c", "x\ny\n", false),
            ("c", "\n", false),
        ] {
            let field = Field { target: Target::Json, name: name.as_bytes(), value: value.as_bytes(), encoded: false };
            lines.begin(field);
            assert_eq!(lines.is_line, expected, "{name} {value:?}");
        }
    }
}
