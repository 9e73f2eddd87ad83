//! What is in the environment? The variables that `vm_config.environment_variables` names.

use crate::secret::{Secret, Variable};

/// What the variable holds; one that is set to nothing, or not to text, counts as not set.
pub(in crate::filter) fn variable(name: &str) -> Variable {
    match std::env::var(name) {
        Ok(value) if !value.trim_end().is_empty() => Variable::Set(Secret::new(value)),
        _ => Variable::Unset,
    }
}
