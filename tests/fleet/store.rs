//! A store for the tests: the few commands that the filter sends, on maps, with a clock of its own.

use std::collections::{BTreeMap, VecDeque};

use user_risk_filter::fleet::keys::Keys;
use user_risk_filter::keyed_hash::Digest;

/// What the store holds.
#[derive(Clone, Default)]
pub(crate) struct MiniStore {
    values: BTreeMap<Vec<u8>, (Vec<u8>, u64)>,
    /// When, the number within that millisecond, and the entry.
    feed: VecDeque<(u64, u64, Vec<u8>)>,
    /// Milliseconds since the epoch.
    pub(crate) now: u64,
    /// A refusal for everything that writes.
    pub(crate) refuses: Option<&'static str>,
    pub(crate) bytes: u64,
    pub(crate) calls: u64,
}

impl MiniStore {
    /// Answers pipelined commands.
    pub(crate) fn answer(&mut self, call: &[u8]) -> Vec<u8> {
        let mut rest = call;
        let mut out = Vec::new();
        while !rest.is_empty() {
            let command = arguments(&mut rest);
            let (name, words) = command.split_first().unwrap();
            let is_write = [&b"INCR"[..], b"SET", b"EVAL"].contains(name);
            match self.refuses.filter(|_| is_write) {
                Some(refusal) => out.extend(format!("-{refusal}\r\n").bytes()),
                None => self.run(name, words, &mut out),
            }
        }
        self.calls += 1;
        self.bytes += (call.len() + out.len()) as u64;
        out
    }

    /// The user's record.
    pub(crate) fn record(&self, user: Digest) -> Option<&[u8]> {
        self.values.get(Keys("default").user(user).as_bytes()).map(|(value, _)| value.as_slice())
    }

    /// Everything is lost.
    pub(crate) fn flush(&mut self) {
        self.values.clear();
        self.feed.clear();
    }

    fn get(&self, key: &[u8]) -> &[u8] {
        self.values.get(key).filter(|(_, until)| *until > self.now).map_or(b"", |(value, _)| value)
    }

    fn run(&mut self, name: &[u8], words: &[&[u8]], out: &mut Vec<u8>) {
        match name {
            b"TIME" => {
                out.extend(b"*2\r\n");
                bulk(out, (self.now / 1000).to_string().as_bytes());
                bulk(out, (self.now % 1000 * 1000).to_string().as_bytes());
            }
            b"INCR" => {
                let count = text(self.get(words[0])).parse::<u64>().unwrap_or_default() + 1;
                self.values.insert(words[0].to_vec(), (count.to_string().into_bytes(), u64::MAX));
                out.extend(format!(":{count}\r\n").bytes());
            }
            b"SET" if words[2] == b"NX" => {
                if self.values.contains_key(words[0]) {
                    out.extend(b"$-1\r\n");
                } else {
                    self.values.insert(words[0].to_vec(), (words[1].to_vec(), u64::MAX));
                    out.extend(b"+OK\r\n");
                }
            }
            b"SET" => {
                let until = self.now + text(words[3]).parse::<u64>().unwrap();
                self.values.insert(words[0].to_vec(), (words[1].to_vec(), until));
                out.extend(b"+OK\r\n");
            }
            b"MGET" => {
                out.extend(format!("*{}\r\n", words.len()).bytes());
                for key in words {
                    if self.get(key).is_empty() { out.extend(b"$-1\r\n") } else { bulk(out, self.get(key)) }
                }
            }
            b"XRANGE" => {
                let (millis, number) = text(&words[1][1..]).split_once('-').unwrap();
                let after = (millis.parse::<u64>().unwrap(), number.parse::<u64>().unwrap());
                let limit = text(words[4]).parse::<usize>().unwrap();
                let start = self.feed.partition_point(|one| (one.0, one.1) <= after);
                let found: Vec<_> = self.feed.range(start..).take(limit).collect();
                out.extend(format!("*{}\r\n", found.len()).bytes());
                for (millis, number, entry) in found {
                    out.extend(b"*2\r\n");
                    bulk(out, format!("{millis}-{number}").as_bytes());
                    out.extend(b"*2\r\n$1\r\ne\r\n");
                    bulk(out, entry);
                }
            }
            b"EVAL" => self.swap(&words[1..], out),
            _ => panic!("the filter sends no {}", name.escape_ascii()),
        }
    }

    /// What `swap.lua` does; the tests with real servers run the script itself.
    fn swap(&mut self, words: &[&[u8]], out: &mut Vec<u8>) {
        let number = text(words[0]).parse::<usize>().unwrap();
        let (keys, arguments) = words[1..].split_at(number);
        let mut room = text(arguments[0]).parse::<usize>().unwrap();
        out.extend(format!("*{}\r\n", number - 1).bytes());
        for (key, one) in keys[1..].iter().zip(arguments[2..].chunks(4)) {
            let [expected, bytes, ttl, entry] = one else { panic!("four for each record") };
            let held = self.get(key).to_vec();
            if &held[..held.len().min(16)] == *expected {
                if !bytes.is_empty() {
                    let until = self.now + text(ttl).parse::<u64>().unwrap();
                    self.values.insert(key.to_vec(), (bytes.to_vec(), until));
                }
                if !entry.is_empty() {
                    let last = self.feed.back().filter(|last| last.0 == self.now);
                    self.feed.push_back((self.now, last.map_or(0, |last| last.1 + 1), entry.to_vec()));
                    let longest = text(arguments[1]).parse::<usize>().unwrap();
                    self.feed.drain(..self.feed.len().saturating_sub(longest));
                }
                out.extend(b":1\r\n");
            } else if held.len() <= room {
                room -= held.len();
                bulk(out, &held);
            } else {
                out.extend(b":0\r\n");
            }
        }
    }
}

fn arguments<'a>(rest: &mut &'a [u8]) -> Vec<&'a [u8]> {
    let number = line(rest, b'*');
    (0..number)
        .map(|_| {
            let length = line(rest, b'$');
            let (argument, after) = rest.split_at(length);
            *rest = &after[2..];
            argument
        })
        .collect()
}

fn line(rest: &mut &[u8], kind: u8) -> usize {
    let end = rest.iter().position(|byte| *byte == b'\r').unwrap();
    assert_eq!(rest[0], kind);
    let number = text(&rest[1..end]).parse().unwrap();
    *rest = &rest[end + 2..];
    number
}

fn bulk(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(format!("${}\r\n", bytes.len()).bytes());
    out.extend(bytes);
    out.extend(b"\r\n");
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}
