//! The tables that `build.rs` makes of the rule files, so that nothing is parsed at run time.

use super::category::{Category, Severity};
use super::rule::Rule;
use crate::read::target::{Target, Targets};

include!(concat!(env!("OUT_DIR"), "/rules.rs"));
