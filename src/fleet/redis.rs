//! How is Redis or Valkey asked? Pipelined commands in one call, and one script for all records.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::fleet::feed::{Entry, Position};
use crate::fleet::keys::Keys;
use crate::fleet::options::{Redis, StoreOptions};
use crate::fleet::port::{Answer, FEED_PAGE, Operation, Outcome, ROOM, ROOM_AT_START, Version};
use crate::fleet::refusal::Refusal;
use crate::fleet::resp::{self, Reply, Unread};
use crate::secret::Secret;

/// The compare-and-set.
const SWAP: &str = include_str!("swap.lua");

/// How many entries the feed keeps: a proxy reads all of them when it starts.
const FEED_LENGTH: &[u8] = b"8192";

/// A proxy that was silent for so long counts as dead.
const DEAD_AFTER: &[u8] = b"20000";

/// What a command is asked for.
enum Asked {
    /// Nothing: it has to succeed for the others to.
    Nothing,
    /// The number of the operation.
    One(usize),
    /// The last command of [`Operation::Clock`].
    Count(usize),
    /// The numbers of the operations on records, in the script's order.
    Records(Vec<usize>),
}

pub(super) fn encode(options: &StoreOptions, operations: &[Operation]) -> Vec<u8> {
    commands(options, operations).into_iter().fold(Vec::new(), |mut out, (arguments, _)| {
        resp::write(&mut out, &arguments.iter().map(Vec::as_slice).collect::<Vec<_>>());
        out
    })
}

pub(super) fn decode(options: &StoreOptions, operations: &[Operation], mut answer: &[u8]) -> Answer {
    let mut outcomes = vec![Outcome::Unknown; operations.len()];
    let mut refusal = None;
    let whole = answer;
    let mut put = |at: usize, outcome| {
        if let Some(place) = outcomes.get_mut(at) {
            *place = outcome;
        }
    };
    let mut time = None;
    for (_, asked) in commands(options, operations) {
        let reply = match resp::read(&mut answer) {
            Ok(Reply::Error(words)) => {
                refusal = refusal.or_else(|| Some(Refusal::of(words)));
                continue;
            }
            Ok(reply) => reply,
            Err(why) => {
                let why = if why == Unread::Ended { Refusal::cut() } else { Refusal::garbage(whole) };
                refusal = refusal.or(Some(why));
                break;
            }
        };
        match (asked, reply) {
            (Asked::Nothing, _) => {}
            (Asked::Count(at), Reply::Integer(count)) => {
                if let (Some(time), Ok(count)) = (time, u64::try_from(count)) {
                    put(at, Outcome::Clock(time, count));
                }
            }
            (Asked::Records(numbers), Reply::Array(replies)) => {
                for (at, reply) in numbers.into_iter().zip(replies) {
                    put(at, operations.get(at).map_or(Outcome::Unknown, |operation| record(operation, &reply)));
                }
            }
            (Asked::One(at), reply) => match operations.get(at) {
                Some(Operation::Clock { .. }) => time = clock(&reply),
                Some(Operation::Live(_)) if reply == Reply::Simple(b"OK") => put(at, Outcome::Noted),
                Some(Operation::Lives(proxies)) => put(at, lives(proxies, &reply)),
                Some(Operation::Feed { .. }) => put(at, entries(&reply)),
                _ => {}
            },
            (Asked::Count(_) | Asked::Records(_), _) => refusal = refusal.or_else(|| Some(Refusal::garbage(whole))),
        }
    }
    Answer { outcomes, refusal }
}

/// The commands in order, and what each is asked for.
fn commands(options: &StoreOptions, operations: &[Operation]) -> Vec<(Vec<Vec<u8>>, Asked)> {
    let (keys, mut commands) = (Keys(&options.namespace), Vec::new());
    let Redis { user, .. } = &options.redis;
    if let Some(password) = options.password().map(Secret::expose) {
        let words = ["AUTH"].into_iter().chain(user.as_deref()).chain([password]);
        commands.push((words.map(|word| word.as_bytes().to_vec()).collect(), Asked::Nothing));
    }
    let (mut names, mut arguments, mut numbers) = (vec![keys.feed().into_bytes()], Vec::new(), Vec::new());
    for (at, operation) in operations.iter().enumerate() {
        match operation {
            Operation::Clock { first } => {
                commands.push((vec![b"TIME".to_vec()], Asked::One(at)));
                let words = [b"SET", keys.calls().as_bytes(), first.to_string().as_bytes(), b"NX"].map(<[u8]>::to_vec);
                commands.push((words.to_vec(), Asked::Nothing));
                commands.push((vec![b"INCR".to_vec(), keys.calls().into_bytes()], Asked::Count(at)));
            }
            Operation::Live(proxy) => {
                let words = [b"SET", &keys.proxy(*proxy).into_bytes()[..], b"1", b"PX", DEAD_AFTER];
                commands.push((words.map(<[u8]>::to_vec).to_vec(), Asked::One(at)));
            }
            Operation::Lives(proxies) => {
                let names = proxies.iter().map(|proxy| keys.proxy(*proxy).into_bytes());
                commands.push(([b"MGET".to_vec()].into_iter().chain(names).collect(), Asked::One(at)));
            }
            Operation::Feed { after, limit } => {
                let (feed, after, limit) = (keys.feed().into_bytes(), format!("({after}"), limit.to_string());
                let words = [b"XRANGE", &feed[..], after.as_bytes(), b"+", b"COUNT", limit.as_bytes()];
                commands.push((words.map(<[u8]>::to_vec).to_vec(), Asked::One(at)));
            }
            Operation::Read { user, known } => {
                names.push(keys.user(*user).into_bytes());
                arguments.extend(script_arguments(known.as_ref(), b"", Duration::ZERO, None));
                numbers.push(at);
            }
            Operation::Swap { user, expected, bytes, ttl, entry } => {
                names.push(keys.user(*user).into_bytes());
                arguments.extend(script_arguments(expected.as_ref(), bytes, *ttl, *entry));
                numbers.push(at);
            }
        }
    }
    if !numbers.is_empty() {
        let head = [b"EVAL".to_vec(), SWAP.into(), names.len().to_string().into()];
        let is_start = |one: &Operation| matches!(one, Operation::Feed { limit, .. } if *limit > FEED_PAGE);
        let room = if operations.iter().any(is_start) { ROOM_AT_START } else { ROOM };
        let bounds = [room.to_string().into_bytes(), FEED_LENGTH.to_vec()];
        let words = head.into_iter().chain(names).chain(bounds).chain(arguments).collect();
        commands.push((words, Asked::Records(numbers)));
    }
    commands
}

fn script_arguments(expected: Option<&Version>, bytes: &[u8], ttl: Duration, entry: Option<Entry>) -> [Vec<u8>; 4] {
    let expected = expected.map_or_else(Vec::new, |version| version.to_vec());
    let ttl = ttl.as_millis().to_string().into_bytes();
    [expected, bytes.to_vec(), ttl, entry.map_or_else(Vec::new, Entry::to_bytes)]
}

fn record(operation: &Operation, reply: &Reply<'_>) -> Outcome {
    match (reply, operation) {
        (Reply::Integer(1), Operation::Swap { .. }) => Outcome::Stored,
        (Reply::Integer(1), _) => Outcome::Unchanged,
        (Reply::Integer(0), _) => Outcome::NoRoom,
        (Reply::Bulk(Some(b"")), _) => Outcome::Found(None),
        (Reply::Bulk(Some(held)), _) => Outcome::Found(Some(held.to_vec())),
        _ => Outcome::Unknown,
    }
}

/// Seconds and microseconds.
fn clock(reply: &Reply<'_>) -> Option<Timestamp> {
    let Reply::Array(parts) = reply else { return None };
    let [Reply::Bulk(Some(secs)), Reply::Bulk(Some(micros))] = parts.as_slice() else { return None };
    let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse::<u64>().ok();
    Some(Timestamp::from_millis(number(secs)?.saturating_mul(1000).saturating_add(number(micros)? / 1000)))
}

fn lives(proxies: &[u32], reply: &Reply<'_>) -> Outcome {
    match reply {
        Reply::Array(marks) if marks.len() == proxies.len() => {
            Outcome::Lives(marks.iter().map(|mark| matches!(mark, Reply::Bulk(Some(_)))).collect())
        }
        _ => Outcome::Unknown,
    }
}

fn entries(reply: &Reply<'_>) -> Outcome {
    let Reply::Array(entries) = reply else { return Outcome::Unknown };
    let entry = |entry: &Reply<'_>| {
        let Reply::Array(parts) = entry else { return None };
        let [Reply::Bulk(Some(position)), Reply::Array(fields)] = parts.as_slice() else { return None };
        let [_, Reply::Bulk(Some(bytes))] = fields.as_slice() else { return None };
        Some((Position::parse(position)?, Entry::from_bytes(bytes)))
    };
    entries.iter().map(entry).collect::<Option<_>>().map_or(Outcome::Unknown, Outcome::Entries)
}

#[cfg(test)]
mod tests;
