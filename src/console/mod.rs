//! Who may look and act? The admin path: a token, a few questions and a few orders.

use crate::clock::Span;
use crate::config::options::options;
use crate::console::command::{BadRequest, Command};
use crate::console::path::PathMatch;
use crate::exchange::head::Head;
use crate::exchange::proxy::Proxy;
use crate::keyed_hash::Key;
use crate::secret::{FromEnv, Variable};

pub mod command;
pub mod path;
pub mod user_view;

/// The option `admin`.
#[derive(Clone, Debug)]
pub struct Console {
    path: String,
    token_env: FromEnv,
}

options! { Console { path = "/.user-risk".to_owned(), token_env } }

/// A shorter token could be guessed.
const TOKEN: usize = 16;

/// The longest mute. Who wants to be deaf for longer writes a group.
const LONGEST_MUTE: Span = Span::from_secs(30 * 24 * 60 * 60);

/// What is to be said to a request under the admin path.
#[derive(Debug)]
pub enum Access {
    /// This listener has no console: nobody learns that others have.
    Hidden,
    /// Who asks has not the token.
    Unauthorized,
    /// What is asked is no question or order.
    BadRequest(BadRequest),
    /// This is asked.
    Granted(Command),
}

impl Console {
    /// Is this request for the console, or may somebody behind the proxy think so? Whatever listener it came in by, the
    /// application never sees it.
    pub fn is_for(&self, head: &Head) -> bool {
        PathMatch::of(head.request_target(), &self.path) != PathMatch::Other
    }

    /// The path below which it answers.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// How the request is received. Only by the console's own path, letter by letter, only on a listener whose metadata
    /// says `user-risk: {admin: true}`, and only with the token; this is compared as keyed hashes, so that the time it takes tells nothing.
    pub fn receive(&self, head: &Head, proxy: &dyn Proxy, key: &Key) -> Access {
        let metadata = ["xds", "listener_metadata", "filter_metadata", "user-risk", "admin"];
        let is_here = PathMatch::of(head.request_target(), &self.path) == PathMatch::Exact;
        if !is_here || proxy.attribute(&metadata).as_deref() != Some(&[1]) {
            return Access::Hidden;
        }
        let given = head.headers().last("authorization").and_then(|value| value.strip_prefix(b"Bearer "));
        let expected = self.token_env.value().map(|token| token.expose().as_bytes());
        let hash = |token: &[u8]| key.digest("token", &[token]);
        if given.is_none() || given.map(hash) != expected.map(hash) {
            return Access::Unauthorized;
        }
        let target = head.request_target().get(self.path.len()..).unwrap_or_default();
        Command::parse(head.method(), target, LONGEST_MUTE).map_or_else(Access::BadRequest, Access::Granted)
    }

    /// Looks the token up.
    ///
    /// # Errors
    /// The option's name and what is wrong with it.
    pub fn resolve(&mut self, lookup: &dyn Fn(&str) -> Variable) -> Result<(), (&'static str, String)> {
        if !path::is_tidy(&self.path) {
            return Err(("path", format!("`{}` is no path of its own; write for example /.user-risk", self.path)));
        }
        self.token_env.resolve(lookup).map_err(|message| ("token_env", message))?;
        match self.token_env.value() {
            Some(token) if token.expose().len() < TOKEN => {
                Err(("token_env", format!("holds fewer than {TOKEN} characters; make one with: openssl rand -hex 32")))
            }
            _ => Ok(()),
        }
    }
}
