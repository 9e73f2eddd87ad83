//! `riskctl store`: does the fleet's store let the filter in, and what does it hold? Asked with a client library of its own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anstream::{eprintln, println};
use redis::streams::StreamRangeReply;
use redis::{Commands, Connection, ErrorKind, FromRedisValue, IntoConnectionInfo, RedisError, RedisResult, cmd};
use user_risk_filter::clock::Timestamp;
use user_risk_filter::fleet::feed::Entry;
use user_risk_filter::fleet::keys::Keys;
use user_risk_filter::fleet::options::StoreOptions;
use user_risk_filter::fleet::record_copy::{self, LAYOUT};
use user_risk_filter::incident::record::Record;
use user_risk_filter::keyed_hash::Key;
use user_risk_filter::plugin::config::Config;

use crate::source::{self, Environment};
use crate::terminal::{BAD, FAINT, GOOD, UNREADABLE};

/// A connection and an answer may take so long.
const PATIENCE: Duration = Duration::from_secs(5);

/// So many keys are asked for at once.
const PAGE: usize = 500;

/// Asks the store that the proxies of a fleet share: tests the connection, prints a user's record, the feed, or sizes
///
/// Namespace, user and password are those of `store` in the configuration; the variable that it names as `password_env` has to be
/// set here. Exits with 1 if the store refuses something, with 2 if the configuration can't be used.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  riskctl store --config envoy.yaml --url redis://redis.internal:6379 test
  riskctl store --config envoy.yaml --url rediss://redis.internal:6379 user alice      over TLS; needs the key (key_env)
  riskctl store --config envoy.yaml --url redis://redis.internal:6379 feed
  riskctl store --config envoy.yaml --url redis://redis.internal:6379 sizes            needs +scan, +strlen and +xlen")]
pub(crate) struct Arguments {
    /// The configuration: an Envoy file or the plugin's own
    #[arg(long, value_name = "FILE")]
    config: PathBuf,

    /// Where the store is, from here: redis://HOST:PORT, or rediss:// for TLS
    #[arg(long)]
    url: String,

    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Connects, and tries what the filter needs
    Test,
    /// Prints what the store has of a user
    User {
        /// The name, as the header or the token has it
        name: String,
    },
    /// Prints what proxies told each other, the newest last
    Feed {
        /// The most entries
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Counts keys and bytes
    Sizes,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let unusable = |why: String| {
        eprintln!("{BAD}error{BAD:#}: {why}");
        ExitCode::from(UNREADABLE)
    };
    let config = match source::complete(&arguments.config, Environment::AsSet) {
        Ok(config) => config,
        Err(why) => return unusable(why),
    };
    let Some(store) = config.store.clone() else {
        return unusable(format!("{}: has no `store`", arguments.config.display()));
    };
    let answered = connect(&arguments.url, &store).and_then(|mut connection| match &arguments.what {
        What::Test => test(&mut connection, Keys(&store.namespace)),
        What::User { name } => user(&mut connection, Keys(&store.namespace), &config, name),
        What::Feed { limit } => feed(&mut connection, Keys(&store.namespace), *limit),
        What::Sizes => sizes(&mut connection, Keys(&store.namespace)),
    });
    match answered {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{BAD}error{BAD:#}: {why}");
            ExitCode::FAILURE
        }
    }
}

fn connect(url: &str, store: &StoreOptions) -> Result<Connection, String> {
    let info = url.into_connection_info().map_err(|error| format!("--url {url}: {error}"))?;
    let mut settings = info.redis_settings().clone();
    if let Some(user) = &store.redis.user {
        settings = settings.set_username(user);
    }
    match (store.password(), &store.redis.password_env) {
        (Some(password), _) => settings = settings.set_password(password.expose()),
        (None, Some(_)) => return Err("the variable that `store` names as password_env is not set here".to_owned()),
        (None, None) => {}
    }
    let refused = |error: RedisError| match error.kind() {
        ErrorKind::AuthenticationFailed => {
            format!("{url}: {error}; set `user` and `password_env` of `store` as the store's ACL has them")
        }
        _ => format!("{url}: {error}"),
    };
    let client = redis::Client::open(info.set_redis_settings(settings)).map_err(refused)?;
    let connection = client.get_connection_with_timeout(PATIENCE).map_err(refused)?;
    let bounded = connection.set_read_timeout(Some(PATIENCE)).and(connection.set_write_timeout(Some(PATIENCE)));
    bounded.map_err(refused)?;
    Ok(connection)
}

/// What the filter needs, each by itself, on a key that no proxy reads.
fn test(connection: &mut Connection, keys: Keys<'_>) -> Result<(), String> {
    let key = keys.named("riskctl");
    let mut refused = 0;
    let mut tell = |what: &str, came: Result<String, String>| match came {
        Ok(more) => println!("  {GOOD}ok{GOOD:#}     {what:<28}{more}"),
        Err(why) => {
            refused += 1;
            println!("  {BAD}error{BAD:#}  {what:<28}{why}");
        }
    };
    let skew = cmd("TIME").query::<(u64, u64)>(connection).map(|(secs, _)| (now().as_millis() / 1000).abs_diff(secs));
    tell("the clock (TIME)", skew.map(|skew| format!("{skew} s from the one here")).map_err(words));
    let wrote: RedisResult<()> = cmd("SET").arg(&key).arg("riskctl").arg("PX").arg(10_000).query(connection);
    tell("a write (SET)", nothing(wrote));
    let script = include_str!("../fleet/swap.lua");
    let feed = keys.named("riskctl-feed");
    let mut swap = cmd("EVAL");
    swap.arg(script).arg(2).arg(feed).arg(&key).arg(100).arg(1).arg("").arg("").arg(1000).arg("");
    tell("the script (EVAL)", nothing(swap.query::<redis::Value>(connection).map(drop)));
    let counted = cmd("INCR").arg(keys.named("riskctl-calls")).query::<u64>(connection);
    let expires = cmd("SET").arg(keys.named("riskctl-calls")).arg(0).arg("PX").arg(1000).query::<()>(connection);
    tell("the count of calls (INCR)", nothing(counted.and(expires)));
    let read = cmd("MGET").arg(&key).query::<redis::Value>(connection);
    tell("signs of life (MGET)", nothing(read.map(drop)));
    let entries =
        cmd("XRANGE").arg(keys.feed()).arg("-").arg("+").arg("COUNT").arg(1).query::<redis::Value>(connection);
    tell("the feed (XRANGE)", nothing(entries.map(drop)));
    if refused == 0 { Ok(()) } else { Err("compare the store's ACL with the rule in docs/fleet.md".to_owned()) }
}

fn user(connection: &mut Connection, keys: Keys<'_>, config: &Config, name: &str) -> Result<(), String> {
    let passphrase = config.key().ok_or("the variable that `key_env` names is not set here; users are found by it")?;
    let candidates = config.user.candidates(name.as_bytes(), &Key::from_passphrase(passphrase.expose()));
    let mut found = 0;
    for candidate in candidates {
        let key = keys.user(candidate.id);
        let Some(bytes) = connection.get::<_, Option<Vec<u8>>>(&key).map_err(words)? else { continue };
        found += 1;
        println!("{key}  {FAINT}{} bytes{FAINT:#}", bytes.len());
        match record_copy::from_bytes(&bytes) {
            Some((record, _)) => print(&record),
            None => println!("  is no record of this release: it is damaged, and the next swap writes over it"),
        }
    }
    if found > 0 {
        Ok(())
    } else {
        Err(format!("the store has nothing of {name} that this release can read (layout {LAYOUT})"))
    }
}

fn print(record: &Record) {
    let user = record.user();
    let name = if user.name.is_empty() { "(hidden by privacy)" } else { &user.name };
    println!("  user        {name}  {FAINT}{}{FAINT:#}", user.source);
    println!("  increase    {}", record.increase());
    match record.open() {
        Some(open) => println!("  incident    {} since {}, {}", open.incident, open.opened_at, open.band.slug()),
        None => println!("  incident    none is open"),
    }
    let now = now();
    for (what, until) in [("muted", record.muted_until()), ("restricted", record.restrictions().until())] {
        if now < until {
            println!("  {what:<11} until {until}");
        }
    }
    if record.awaits_delivery() {
        println!("  a message is on its way");
    }
    for tally in record.tallies() {
        println!("  {:<28} {:>3} ×  {:>4} points", tally.rule, tally.count, tally.points);
    }
}

fn feed(connection: &mut Connection, keys: Keys<'_>, limit: usize) -> Result<(), String> {
    // All of it, for the filter's ACL allows only this direction.
    let StreamRangeReply { ids } = cmd("XRANGE").arg(keys.feed()).arg("-").arg("+").query(connection).map_err(words)?;
    let older = ids.len().saturating_sub(limit);
    for one in ids.into_iter().skip(older) {
        let bytes = one.map.into_values().next().and_then(|value| Vec::<u8>::from_redis_value(value).ok());
        let millis = one.id.split('-').next().and_then(|millis| millis.parse().ok()).unwrap_or_default();
        let at = Timestamp::from_millis(millis);
        match bytes.as_deref().and_then(Entry::from_bytes) {
            Some(Entry { kind, user, until }) => {
                let kind = format!("{kind:?}").to_lowercase();
                println!("{at}  {kind:<9} {user}  {FAINT}until {until}{FAINT:#}");
            }
            None => println!("{at}  of another release"),
        }
    }
    Ok(())
}

fn sizes(connection: &mut Connection, keys: Keys<'_>) -> Result<(), String> {
    let prefix = keys.named("");
    let mut kinds: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
    let mut cursor = 0u64;
    loop {
        let mut scan = cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(format!("{prefix}*")).arg("COUNT").arg(PAGE);
        let (next, found): (u64, Vec<String>) = scan.query(connection).map_err(words)?;
        for key in found {
            let end = key.strip_prefix(&prefix).unwrap_or_default();
            let kind = match end.split(':').next() {
                Some("u") => "records",
                Some("p") => "proxies that live",
                _ => continue,
            };
            let bytes = connection.strlen(&key).map_err(words)?;
            let (number, all, most) = kinds.entry(kind).or_default();
            (*number, *all, *most) = (*number + 1, *all + bytes, (*most).max(bytes));
        }
        cursor = next;
        if cursor == 0 {
            break;
        }
    }
    for (kind, (number, all, most)) in kinds {
        println!("{kind:<18} {number:>9}   {all:>12} bytes, the largest {most}");
    }
    let entries: u64 = cmd("XLEN").arg(keys.feed()).query(connection).map_err(words)?;
    println!("{:<18} {entries:>9}", "entries of the feed");
    Ok(())
}

fn nothing(came: RedisResult<()>) -> Result<String, String> {
    came.map(|()| String::new()).map_err(words)
}

#[expect(clippy::disallowed_methods, reason = "the command line has no caller to ask for the time")]
fn now() -> Timestamp {
    Timestamp::from(std::time::SystemTime::now())
}

fn words(error: RedisError) -> String {
    error.to_string()
}
