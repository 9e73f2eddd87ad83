//! Who may use the console? The path, the listener and the token that a request to it needs.

use crate::config::options::options;
use crate::console::command::{BadRequest, Command};
use crate::console::path::PathMatch;
use crate::exchange::head::Head;
use crate::exchange::proxy::{Attribute, Proxy};
use crate::keyed_hash::Key;
use crate::secret::{FromEnv, Variable};

pub mod command;
pub mod journal;
pub mod page;
pub mod path;
pub mod query;
pub mod user_view;

/// The option `admin`.
#[derive(Clone, Debug)]
pub struct Console {
    path: String,
    token_env: FromEnv,
}

options! { Console { path = "/.user-risk".to_owned(), token_env } }

/// The shortest token, in characters: a shorter one could be guessed.
const TOKEN: usize = 16;

/// The header for the token where `authorization` is another filter's: `jwt_authn` refuses a Bearer token that is no JWT.
const TOKEN_HEADER: &str = "x-user-risk-token";

/// How the console answers a request on its path.
#[derive(Debug)]
pub enum Access {
    /// Not found. This listener has no console, and does not reveal that another one has.
    Hidden,
    /// The page, which holds nothing of anybody and asks its reader for the token.
    Page,
    /// The token is missing or wrong.
    Unauthorized,
    /// The command can't be understood.
    BadRequest(BadRequest),
    /// The command may be run.
    Granted(Command),
}

impl Console {
    /// Is this request for the console, or could a proxy behind this one read its path as the console's? On every listener such
    /// a request is kept from the application.
    pub fn is_for(&self, head: &Head) -> bool {
        PathMatch::of(head.request_target(), &self.path) != PathMatch::Other
    }

    /// The path below which the console answers.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Grants a command only to a request with the console's path, letter by letter, on a listener whose metadata say
    /// `user-risk: {admin: true}`, with the token. The path itself is the page. Tokens are compared as keyed hashes, so the time
    /// it takes reveals nothing.
    pub fn receive(&self, head: &Head, proxy: &dyn Proxy, key: &Key) -> Access {
        let is_here = PathMatch::of(head.request_target(), &self.path) == PathMatch::Exact;
        if !is_here || proxy.attribute(Attribute::ListenerMetadata("user-risk", &["admin"])).as_deref() != Some(&[1]) {
            return Access::Hidden;
        }
        let target = head.request_target().get(self.path.len()..).unwrap_or_default();
        if is_page(head.method(), target) {
            return Access::Page;
        }
        let headers = head.headers();
        let bearer = || headers.last("authorization").and_then(|value| value.strip_prefix(b"Bearer "));
        let given = headers.last(TOKEN_HEADER).or_else(bearer);
        let expected = self.token_env.value().map(|token| token.expose().as_bytes());
        let hash = |token: &[u8]| key.digest("token", &[token]);
        if given.is_none() || given.map(hash) != expected.map(hash) {
            return Access::Unauthorized;
        }
        Command::parse(head.method(), target).map_or_else(Access::BadRequest, Access::Granted)
    }

    /// Reads the token from its environment variable.
    ///
    /// # Errors
    /// The option's name and what is wrong with it: the path is ambiguous, or the token is missing or too short.
    pub fn resolve(&mut self, lookup: &dyn Fn(&str) -> Variable) -> Result<(), (&'static str, String)> {
        if !path::is_unambiguous(&self.path) {
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

/// Is it asked for the path itself, with or without a slash at its end?
fn is_page(method: &[u8], target: &[u8]) -> bool {
    let path = target.split(|byte| *byte == b'?').next().unwrap_or_default();
    matches!(method, b"GET" | b"HEAD") && matches!(path, b"" | b"/")
}
