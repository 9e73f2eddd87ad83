//! The service that the proxy protects, as the operator names it.

use crate::config::options::options;
use crate::notify::notice::phrasing::word;
use crate::notify::notice::url::check_url;

/// The service that the proxy protects: named in every notice.
#[derive(Clone, Debug, Default)]
pub struct Service {
    /// The service's name.
    pub name: String,
    /// Where it runs: `production`.
    pub environment: String,
    /// What to do about an alert.
    pub runbook_url: String,
}

options! { Service { name, environment, runbook_url, ..Self::default() } }

impl Service {
    /// Checks what the types do not say.
    ///
    /// # Errors
    /// The option's name and what is wrong with it.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        if self.runbook_url.is_empty() {
            return Ok(());
        }
        check_url(&self.runbook_url).map_err(|message| ("runbook_url", message))
    }

    /// The service's name, cleaned; may be empty.
    pub fn name(&self) -> String {
        word(&self.name)
    }

    /// The environment, cleaned; may be empty.
    pub fn environment(&self) -> String {
        word(&self.environment)
    }
}
