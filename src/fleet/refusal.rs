//! What does the store's refusal mean, and what should its operator do?

use std::fmt;

use crate::text::untrusted;

/// How much of the store's own words stands in the log, in characters.
const QUOTED: usize = 120;

/// Why a call, or a part of it, was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    kind: Kind,
    words: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// No answer in time.
    Silent,
    /// No connection.
    Unreachable,
    /// An answer that ended too soon.
    Cut,
    /// An answer that is not of this protocol.
    Garbage,
    /// A refusal that begins with a word that is in [`KNOWN`].
    Known(usize),
    /// Another one.
    Other,
}

/// The words with which the store's refusals begin, and what to do about each.
const KNOWN: &[(&str, &str)] = &[
    ("LOADING", "it is starting and still loads its data: wait; if it does not end, look at its log"),
    ("READONLY", "this is a replica: let the cluster lead to the primary, by a name that follows a fail-over"),
    ("NOAUTH", "it asks for a password: set store.redis.password_env, and user if it has ACLs"),
    (
        "WRONGPASS",
        "user or password are wrong: compare store.redis.user and the variable of password_env with its ACLs",
    ),
    ("NOPERM", "its ACL allows the user too little: see docs/fleet.md for the rule"),
    (
        "OOM",
        "its memory is full: raise maxmemory, or give the filter a store of its own; nothing new is shared until then",
    ),
    ("MOVED", "this is a Redis Cluster, which is not supported: use one primary with replicas"),
    ("CROSSSLOT", "this is a Redis Cluster, which is not supported: use one primary with replicas"),
    ("CLUSTERDOWN", "this is a Redis Cluster, which is not supported: use one primary with replicas"),
    ("MISCONF", "it can't write its snapshots: look at its disk and its log"),
    ("BUSY", "somebody's script runs in it for too long: look at its slow log"),
    ("MASTERDOWN", "this is a replica that has lost its primary: let the cluster lead to the primary"),
    ("NOREPLICAS", "it has too few replicas to write: look at min-replicas-to-write"),
    ("DENIED", "it runs in protected mode: give it a password, or bind it to the right address"),
    ("WRONGTYPE", "something else writes keys of this name: set another store.namespace"),
];

impl Refusal {
    /// There was no answer: why, as far as the proxy knows. It does not tell a store that hangs from one that closes.
    pub fn silent(why: &str) -> Self {
        Self { kind: Kind::Silent, words: why.to_owned() }
    }

    /// The proxy could not reach the store: what it said instead.
    pub fn unreachable(said: &[u8]) -> Self {
        Self { kind: Kind::Unreachable, words: untrusted::clean_bytes(said, QUOTED) }
    }

    /// The answer ended too soon.
    pub fn cut() -> Self {
        Self { kind: Kind::Cut, words: String::new() }
    }

    /// The answer is not of this protocol: how it begins.
    pub fn garbage(answer: &[u8]) -> Self {
        Self { kind: Kind::Garbage, words: untrusted::clean_bytes(answer, QUOTED) }
    }

    /// The store's own words.
    pub fn of(words: &[u8]) -> Self {
        let starts = |(word, _): &(&str, &str)| {
            words.strip_prefix(word.as_bytes()).is_some_and(|rest| rest.first().is_none_or(|byte| *byte == b' '))
        };
        // A script hands on the refusal of a command in it, after or before words of its own.
        let inner = |(word, _): &(&str, &str)| memchr::memmem::find(words, format!("-{word} ").as_bytes()).is_some();
        let known = KNOWN.iter().position(starts).or_else(|| KNOWN.iter().position(inner));
        Self { kind: known.map_or(Kind::Other, Kind::Known), words: untrusted::clean_bytes(words, QUOTED) }
    }

    /// Is it of the same kind, so that saying it again tells nothing new?
    pub fn is_like(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// What happened, and what to do.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = &self.words;
        match self.kind {
            Kind::Silent => {
                write!(
                    f,
                    "no answer ({words}): look whether it hangs and at store.redis.cluster, or raise store.redis.timeout"
                )
            }
            Kind::Unreachable => write!(
                f,
                "it can't be reached ({words}): look whether it runs, at the cluster's address and TLS, and whether the \
                 cluster passes bytes through (upstream_config, see docs/fleet.md)"
            ),
            Kind::Cut => f.write_str("its answer ended too soon: it was stopped, or it closed the connection"),
            Kind::Garbage => {
                write!(f, "it is no Redis or Valkey, or its cluster does not pass bytes through ({words})")
            }
            Kind::Known(at) => {
                let advice = KNOWN.get(at).map_or("", |(_, advice)| *advice);
                write!(f, "{advice} ({words})")
            }
            Kind::Other => write!(f, "it refused: {words}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_says_what_to_do() {
        let rows = [
            ("NOAUTH Authentication required.", "password_env"),
            ("READONLY You can't write against a read only replica.", "primary"),
            ("OOM command not allowed when used memory > 'maxmemory'.", "maxmemory"),
            ("OOM command not allowed when used memory > 'maxmemory'. script: 1f2, on @user_script:7.", "maxmemory"),
            ("ERR Error running script: -OOM command not allowed", "maxmemory"),
            ("MOVED 866 10.0.0.1:6379", "Redis Cluster"),
            ("LOADING Redis is loading the dataset in memory", "wait"),
            ("NOPERM this user has no permissions to run the 'eval' command", "docs/fleet.md"),
            ("ERR unknown command", "it refused: ERR unknown command"),
            ("MOVEDX 1", "it refused"),
        ];
        for (words, expected) in rows {
            let said = Refusal::of(words.as_bytes()).to_string();
            assert!(said.contains(expected), "{words}: {said}");
        }
        assert!(!Refusal::of(b"ERR \n\x1b[31m").to_string().contains('\n'));
    }
}
