//! What is promised but not built? Options that the design names and this version refuses.

use crate::written::error::Error;
use crate::written::tree::Tree;

/// Refuses options that this version doesn't have, whatever stands there, by name: an option that is silently ignored is
/// worse than one that is missing.
pub(crate) fn refuse(tree: &Tree, names: &[&str]) -> Result<(), Error> {
    let Tree::Map(options) = tree else { return Ok(()) };
    match options.iter().find(|(name, _)| names.contains(&name.as_str())) {
        Some((name, _)) => Err(Error::new("is not built into this version yet; remove it".to_owned()).under(name)),
        None => Ok(()),
    }
}
