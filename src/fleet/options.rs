//! Which store do the proxies of a fleet share? The options under `store`.

use crate::clock::Span;
use crate::config::error::{Error, OptionError};
use crate::config::from_value::FromValue;
use crate::config::options::{Choice, fill, mapping, options};
use crate::config::value::Value;
use crate::secret::{FromEnv, Secret};

/// The option `store`.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The engine, and how it is reached.
    pub redis: Redis,
    /// What keeps fleets apart that share a store.
    pub namespace: String,
}

/// The options of Redis, Valkey and what else speaks their protocol.
#[derive(Clone, Debug)]
pub struct Redis {
    /// The proxy's cluster, which has to pass bytes through as they are.
    pub cluster: String,
    /// The user that the store knows the filter by; none for the default user.
    pub user: Option<String>,
    /// The variable that holds the password; none where the store asks for none.
    pub password_env: Option<FromEnv>,
    /// How long records that changed wait for each other, so that they go in one call.
    pub every: Span,
    /// How long a call may take.
    pub timeout: Span,
}

options! { Redis {
    cluster,
    user,
    password_env,
    every = Span::from_secs(1),
    timeout = Span::from_secs(1),
} }

/// Both speak the same protocol.
const ENGINES: [&str; 2] = ["redis", "valkey"];

/// The longest namespace, in bytes.
const NAMESPACE: usize = 64;

impl FromValue for StoreOptions {
    fn read(value: &Value) -> Result<Self, Error> {
        let [mut redis, mut valkey] = ENGINES.map(|name| Choice::of(&(name, Redis::read)));
        let mut namespace = "default".to_owned();
        fill(mapping(value)?, &mut [redis.slot(), valkey.slot(), ("namespace", &mut namespace)])?;
        match (redis.made, valkey.made) {
            (Some(redis), None) | (None, Some(redis)) => Ok(Self { redis, namespace }),
            _ => Err(Error::new("names one engine; write {redis: {cluster: risk_store}}, or valkey".to_owned())),
        }
    }
}

impl StoreOptions {
    /// Checks what one option alone does not show.
    ///
    /// # Errors
    /// The option's name and what is wrong with it.
    pub fn check(&self) -> Result<(), OptionError> {
        let Self { redis: Redis { cluster, user, password_env, every, timeout }, namespace } = self;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let wrong = |option, why: &str| Err((option, why.to_owned()));
        if cluster.is_empty() {
            return wrong("redis.cluster", "is empty; name a cluster of the proxy");
        }
        if user.is_some() && password_env.is_none() {
            return wrong("redis.user", "has no password; name the variable that holds it in password_env");
        }
        if !(Span::from_millis(100)..=Span::from_secs(60)).contains(every) {
            return wrong(
                "redis.every",
                "has to be from 100ms to 60s; it is how late other proxies may learn of an event",
            );
        }
        if !(Span::from_millis(50)..=Span::from_secs(10)).contains(timeout) {
            return wrong("redis.timeout", "has to be from 50ms to 10s");
        }
        if namespace.is_empty() || namespace.len() > NAMESPACE || !namespace.bytes().all(plain) {
            return wrong(
                "namespace",
                "is letters, digits, `.`, `_` and `-`, at most 64 of them; it is part of all keys",
            );
        }
        Ok(())
    }

    /// The password, once resolved.
    pub fn password(&self) -> Option<&Secret> {
        self.redis.password_env.as_ref().and_then(FromEnv::value)
    }
}
