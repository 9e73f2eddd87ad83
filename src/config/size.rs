//! How is a number of bytes in the configuration read and bounded? `64KiB`, `1MiB`, or plain bytes.

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::value::Value;

/// A number of bytes from 1 to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size<const MAX: usize>(usize);

const UNITS: [(&str, usize); 3] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("B", 1)];

impl<const MAX: usize> Size<MAX> {
    /// The number.
    pub const fn bytes(self) -> usize {
        self.0
    }
}

impl<const MAX: usize> FromValue for Size<MAX> {
    fn read(value: &Value) -> Result<Self, Error> {
        read(value)
            .filter(|bytes| (1..=MAX).contains(bytes))
            .map(Self)
            .ok_or_else(|| value.is_not(&format!("a number of bytes such as 64KiB, at most {}KiB", MAX >> 10)))
    }
}

fn read(value: &Value) -> Option<usize> {
    let (text, factor) = match value {
        Value::Text(text) => UNITS
            .iter()
            .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?.trim().to_owned(), *factor)))
            .unwrap_or_else(|| (text.clone(), 1)),
        Value::Number(number) => (number.to_string(), 1),
        _ => return None,
    };
    text.parse::<usize>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    #[test]
    fn bytes_have_units_and_a_bound() {
        let rows = [
            ("\"64KiB\"", Some(65_536)),
            ("\"1 MiB\"", Some(1_048_576)),
            ("\"512B\"", Some(512)),
            ("4096", Some(4096)),
            ("\"4096\"", Some(4096)),
            ("\"2MiB\"", None),
            ("0", None),
            ("\"64kb\"", None),
            ("\"-1KiB\"", None),
            ("\"99999999999999999999KiB\"", None),
            ("[]", None),
        ];
        for (text, expected) in rows {
            assert_eq!(config::from_json::<Size<1_048_576>>(text).ok().map(Size::bytes), expected, "{text}");
        }
    }
}
