//! What is in the VM's environment? The variables that `vm_config.environment_variables` names.

use crate::secret::{Secret, Variable};

/// The variable's value. One that is empty, or is no UTF-8, counts as not set.
pub(in crate::filter) fn variable(name: &str) -> Variable {
    match std::env::var(name) {
        Ok(value) if !value.trim_end().is_empty() => Variable::Set(Secret::new(value)),
        _ => Variable::Unset,
    }
}
