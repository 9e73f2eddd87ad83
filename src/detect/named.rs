//! A parameter whose name matched a rule, waiting for its value: `user[$regex]` and then `^a`.

use super::detection::is_name;
use super::rule::RuleId;
use crate::read::field::Field;
use crate::read::target::Target;

/// A name that matched, as an operator of a query language does, and the rules that it matched.
#[derive(Debug)]
pub(super) struct Named {
    target: Target,
    name: Vec<u8>,
    pub(super) rules: Vec<RuleId>,
}

impl Named {
    /// The name of `field`, which matched these rules.
    pub(super) fn new(field: Field<'_>, rules: Vec<RuleId>) -> Self {
        Self { target: field.target, name: field.name.to_vec(), rules }
    }

    /// Is `field` the value of this name?
    pub(super) fn has(&self, field: Field<'_>) -> bool {
        self.target == field.target && self.name == field.name && !is_name(field)
    }
}
