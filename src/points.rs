//! Points of risk, in fixed point.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;

use serde::{Deserialize, Serialize};

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::value::{self, Value};

/// Points of risk in hundredths: sums are exact, and two proxies never differ by a rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Points(u32);

impl Points {
    /// No points.
    pub const ZERO: Self = Self(0);

    /// A whole number of points.
    pub const fn whole(points: u32) -> Self {
        Self(points.saturating_mul(100))
    }

    /// What is left after `other` is taken away; never below zero.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// These points times `numerator / denominator`, rounded down; the same points where the denominator is zero.
    pub fn scaled(self, numerator: Self, denominator: Self) -> Self {
        if denominator.0 == 0 {
            return self;
        }
        let scaled = u64::from(self.0) * u64::from(numerator.0) / u64::from(denominator.0);
        Self(u32::try_from(scaled).unwrap_or(u32::MAX))
    }

    /// The points as a number for JSON: an integer where they are whole.
    pub fn to_json(self) -> serde_json::Value {
        if self.0.is_multiple_of(100) { (self.0 / 100).into() } else { (f64::from(self.0) / 100.0).into() }
    }
}

impl Add for Points {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Points {
    fn sum<I: Iterator<Item = Self>>(points: I) -> Self {
        points.fold(Self::ZERO, Add::add)
    }
}

/// `13`, `7.5`: no zeroes that say nothing.
impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, hundredths) = (self.0 / 100, self.0 % 100);
        let text = match (hundredths, hundredths % 10) {
            (0, _) => whole.to_string(),
            (tenths, 0) => format!("{whole}.{}", tenths / 10),
            _ => format!("{whole}.{hundredths:02}"),
        };
        f.pad(&text)
    }
}

/// Points as an operator writes them, `10` and `10.0` alike, with at most two decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount(pub Points);

impl FromValue for Amount {
    fn read(value: &Value) -> Result<Self, Error> {
        let number = value.number()?;
        let hundredths = (number * 100.0).round();
        if !(0.0..=100_000_000.0).contains(&hundredths) || (hundredths / 100.0 - number).abs() > 1e-9 {
            let number = value::spelled(number);
            return Err(format!("{number} is no amount of points; write 0 to 1000000, two decimals at most").into());
        }
        // In range and without a fraction by the check above.
        Ok(Self(Points(hundredths as u32)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    #[test]
    fn amounts_read_as_operators_write_them() {
        for (text, printed) in [
            ("10", "10"),
            ("10.0", "10"),
            ("7.5", "7.5"),
            ("7.25", "7.25"),
            ("0.01", "0.01"),
            ("0", "0"),
            ("\".5\"", "0.5"),
            ("\"+5.\"", "5"),
        ] {
            let amount: Amount = config::from_json(text).unwrap();
            assert_eq!(amount.0.to_string(), printed);
        }
        for wrong in ["-1", "0.001", "1e300", "\"ten\"", "\".\"", "\"\"", "\"inf\"", "null"] {
            assert!(config::from_json::<Amount>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sums_do_not_overflow() {
        assert_eq!(Points(u32::MAX) + Points(1), Points(u32::MAX));
        assert_eq!(Points::whole(1).saturating_sub(Points::whole(2)), Points::ZERO);
        assert_eq!(Points::whole(20).scaled(Points::whole(30), Points::whole(10)), Points::whole(60));
    }
}
