//! What does `store` need of the rest of the configuration? The fleet's common key, and the store's password.

use crate::plugin::config::Config;
use crate::plugin::config_error::ConfigError;
use crate::secret::Variable;

impl Config {
    /// Checks that the proxies that share a store hash alike.
    pub(super) fn check_store(&self) -> Result<(), ConfigError> {
        let Some(store) = &self.store else { return Ok(()) };
        store.check().map_err(|(option, message)| ConfigError::new(format!("store.{option}"), message))?;
        if self.key_env.is_some() {
            return Ok(());
        }
        let why = "needs key_env: with a random key each proxy would call the same user something else; write for example \
                   key_env: USER_RISK_KEY";
        Err(ConfigError::new("store", why))
    }

    /// Looks up the store's password. Where secrets may be missing, a fleet without it or without its key is as many single
    /// proxies.
    pub(super) fn resolve_store(
        &mut self,
        lookup: &dyn Fn(&str) -> Variable,
        is_refused: bool,
        warnings: &mut Vec<ConfigError>,
    ) -> Result<(), ConfigError> {
        let lacks_key = self
            .key_env
            .as_ref()
            .is_some_and(|key| matches!(lookup(&key.variable), Variable::Unset | Variable::Missing));
        let password = self.store.as_mut().and_then(|store| store.redis.password_env.as_mut());
        let mistake = match password.map(|password| password.resolve(lookup)) {
            Some(Err(message)) => ConfigError::new("store.redis.password_env", message),
            _ if lacks_key && self.store.is_some() => ConfigError::new("store", "needs the key of key_env"),
            _ => return Ok(()),
        };
        if is_refused {
            return Err(mistake);
        }
        warnings.push(mistake.but("the store is not used"));
        self.store = None;
        Ok(())
    }
}
