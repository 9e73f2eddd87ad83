//! How does an operator write a category or a severity? By its stable name.

use super::category::{Category, Severity};
use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::value::Value;

impl FromValue for Category {
    fn read(value: &Value) -> Result<Self, Error> {
        value.name_of(Self::ALL, Self::slug)
    }
}

impl FromValue for Severity {
    fn read(value: &Value) -> Result<Self, Error> {
        value.name_of(Self::ALL, Self::slug)
    }
}
