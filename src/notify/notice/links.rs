//! The option `links`: the operator's own addresses that notices lead to.

use crate::config::options::options;
use crate::notify::notice::url::check_url;

/// The options under `links`.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// A request in the log: `https://logs.example.com/?q={request_id}`.
    pub log: String,
    /// A user in the application's own administration: `https://shop.example.com/admin/users/{user}`.
    pub user: String,
    /// Where operators reach the listener with the console: `http://10.0.0.7:10003`.
    pub console: String,
}

options! { Links { log, user, console, ..Self::default() } }

impl Links {
    /// Checks what the types do not say.
    ///
    /// # Errors
    /// The option's name and what is wrong with it.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        for (option, url, variable) in [("log", &self.log, "{request_id}"), ("user", &self.user, "{user}")] {
            if url.is_empty() {
                continue;
            }
            check_url(url).map_err(|message| (option, message))?;
            // Before the path it would say to which server people go.
            let path = url.splitn(4, '/').nth(3).unwrap_or_default();
            if !path.contains(variable) {
                return Err((option, format!("has no {variable} in its path or query; write where it belongs")));
            }
        }
        match self.console.as_str() {
            "" => Ok(()),
            url if url.contains(['?', '#']) => {
                Err(("console", "has a query or a fragment; write https://host:port".to_owned()))
            }
            url => check_url(url).map_err(|message| ("console", message)),
        }
    }
}
