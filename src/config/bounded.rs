//! How is a number in the configuration read and bounded? Plain ones, `3` and `3.0` alike.

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::value::{self, Value};

/// A bounded number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounded<const MIN: u32, const MAX: u32>(u32);

impl<const MIN: u32, const MAX: u32> Bounded<MIN, MAX> {
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

impl<const MIN: u32, const MAX: u32> FromValue for Bounded<MIN, MAX> {
    fn read(value: &Value) -> Result<Self, Error> {
        bounded(value, MIN, MAX).map(Self)
    }
}

/// The same for all bounds.
fn bounded(value: &Value, min: u32, max: u32) -> Result<u32, Error> {
    let number = value.number()?;
    if number.fract() != 0.0 || !(f64::from(min)..=f64::from(max)).contains(&number) {
        return Err(format!("{} is not a whole number from {min} to {max}", value::spelled(number)).into());
    }
    // In range and bounded by the check above.
    Ok(number as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    #[test]
    fn whole_numbers_are_whole_and_within_bounds() {
        let (three, none) = (Some(3), None);
        let rows = [("3", three), ("3.0", three), ("\"3.0\"", three), ("3e0", three), ("3.5", none), ("0", none)];
        for (text, expected) in rows.into_iter().chain([("9", none), ("\"x\"", none), ("\"inf\"", none), ("[]", none)])
        {
            let bounded = config::from_json::<Bounded<1, 8>>(text).ok().map(Bounded::value);
            assert_eq!(bounded, expected, "{text}");
        }
    }
}
