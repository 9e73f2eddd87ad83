//! How does an operator write a category or a severity? By its stable name.

use super::category::{Category, Severity};
use crate::written::Written;
use crate::written::error::Error;
use crate::written::tree::Tree;

impl Written for Category {
    fn read(tree: &Tree) -> Result<Self, Error> {
        tree.name_of(Self::ALL, Self::slug)
    }
}

impl Written for Severity {
    fn read(tree: &Tree) -> Result<Self, Error> {
        tree.name_of(Self::ALL, Self::slug)
    }
}
