//! Which numbers does an operator write? Plain ones, `3` and `3.0` alike, within bounds.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole<const MIN: u32, const MAX: u32>(u32);

impl<const MIN: u32, const MAX: u32> Whole<MIN, MAX> {
    /// The number `value`, or the nearest within the bounds.
    pub const fn new(value: u32) -> Self {
        match value {
            low if low < MIN => Self(MIN),
            high if high > MAX => Self(MAX),
            value => Self(value),
        }
    }

    /// The number.
    pub const fn value(self) -> u32 {
        self.0
    }
}

impl<'de, const MIN: u32, const MAX: u32> Deserialize<'de> for Whole<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = number(deserializer)?;
        if number.fract() != 0.0 || !(f64::from(MIN)..=f64::from(MAX)).contains(&number) {
            return Err(de::Error::custom(format!("{number} is not a whole number from {MIN} to {MAX}")));
        }
        // In range and whole by the check above.
        Ok(Self(number as u32))
    }
}

/// A number. In native YAML every number reaches the plugin as a double.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    struct Spelled;
    impl Visitor<'_> for Spelled {
        type Value = f64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number")
        }

        fn visit_f64<E>(self, number: f64) -> Result<f64, E> {
            Ok(number)
        }

        fn visit_u64<E>(self, number: u64) -> Result<f64, E> {
            Ok(number as f64)
        }

        fn visit_i64<E>(self, number: i64) -> Result<f64, E> {
            Ok(number as f64)
        }

        /// Envoy hands a number with a decimal point (`10.0`) on as a text.
        fn visit_str<E: de::Error>(self, text: &str) -> Result<f64, E> {
            let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
            let number = if plain { text.parse().ok().filter(|number: &f64| number.is_finite()) } else { None };
            number.ok_or_else(|| E::invalid_type(de::Unexpected::Str(text), &self))
        }
    }
    deserializer.deserialize_any(Spelled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_whole_and_within_bounds() {
        let (three, none) = (Some(3), None);
        let rows = [("3", three), ("3.0", three), ("\"3.0\"", three), ("3e0", three), ("3.5", none), ("0", none)];
        for (text, expected) in rows.into_iter().chain([("9", none), ("\"x\"", none), ("\"inf\"", none), ("[]", none)])
        {
            let whole = serde_json::from_str::<Whole<1, 8>>(text).ok().map(Whole::value);
            assert_eq!(whole, expected, "{text}");
        }
    }
}
