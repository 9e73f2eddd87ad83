//! How does a proxy bear many clients at once? Sends each line of standard input as a GET, over many connections.
//!
//! `storm PORT CONNECTIONS [SECONDS] < lines` with `HEADER<tab>PATH` a line (`x-user-id: alice`). With seconds the lines come again and again until then.
//! Prints how often each status came, and how many answers never did, as JSON. Python's clients are too slow for this.

#![expect(clippy::disallowed_methods, reason = "a client reads the clock")]

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

/// A connection that the proxy closes just now gives no answer; then another one is tried.
const TRIES: usize = 3;

/// How often each status came; 0 for an answer that never did.
type Statuses = BTreeMap<u16, u64>;

fn main() {
    let arguments: Vec<u64> = std::env::args().skip(1).map(|text| text.parse().expect("a number")).collect();
    let [port, connections, ref seconds @ ..] = arguments[..] else { panic!("storm PORT CONNECTIONS [SECONDS]") };
    let until = seconds.first().map(|seconds| Instant::now() + Duration::from_secs(*seconds));
    let requests: Vec<String> = io::stdin().lines().map(|line| request(&line.expect("standard input"))).collect();
    // Neighbours go over different connections: what is about one user arrives at once, at several workers.
    let shares: Vec<Vec<&str>> = (0..connections as usize)
        .map(|first| requests.iter().skip(first).step_by(connections as usize).map(String::as_str).collect())
        .collect();
    let mut statuses = Statuses::new();
    thread::scope(|scope| {
        let clients: Vec<_> =
            shares.iter().map(|share| scope.spawn(move || client(port as u16, share, until))).collect();
        for client in clients {
            for (status, number) in client.join().expect("a client") {
                *statuses.entry(status).or_default() += number;
            }
        }
    });
    let pairs: Vec<_> = statuses.iter().map(|(status, number)| format!("\"{status}\": {number}")).collect();
    println!("{{{}}}", pairs.join(", "));
}

fn request(line: &str) -> String {
    let (header, path) = line.split_once('\t').expect("HEADER<tab>PATH");
    format!("GET {path} HTTP/1.1\r\nhost: lab\r\n{header}\r\n\r\n")
}

fn client(port: u16, share: &[&str], until: Option<Instant>) -> Statuses {
    let mut statuses = Statuses::new();
    let mut connection = None;
    loop {
        for request in share {
            if until.is_some_and(|until| Instant::now() >= until) {
                return statuses;
            }
            let status = (0..TRIES).find_map(|_| send(port, &mut connection, request).ok()).unwrap_or(0);
            *statuses.entry(status).or_default() += 1;
        }
        if until.is_none() || share.is_empty() {
            return statuses;
        }
    }
}

/// Sends the request over the connection, or over a new one if there is none, and returns the status of the answer. The connection
/// stays for the next request unless the proxy says that it closes it, as one that drains does.
fn send(port: u16, connection: &mut Option<BufReader<TcpStream>>, request: &str) -> io::Result<u16> {
    let mut open = connection.take().map_or_else(|| connect(port), Ok)?;
    open.get_mut().write_all(request.as_bytes())?;
    let (status, closes) = answer(&mut open)?;
    *connection = (!closes).then_some(open);
    Ok(status)
}

fn connect(port: u16) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    Ok(BufReader::new(stream))
}

/// The status of the next answer, and whether the connection ends with it.
fn answer(connection: &mut BufReader<TcpStream>) -> io::Result<(u16, bool)> {
    let (mut status, mut length, mut closes) = (0, 0, false);
    loop {
        let mut line = String::new();
        if connection.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end().to_ascii_lowercase();
        match line.split_once(": ") {
            _ if line.is_empty() => break,
            Some(("content-length", text)) => length = text.parse().unwrap_or(0),
            Some(("connection", "close")) => closes = true,
            None => status = line.split(' ').nth(1).and_then(|text| text.parse().ok()).unwrap_or(0),
            _ => {}
        }
    }
    io::copy(&mut connection.take(length), &mut io::sink())?;
    Ok((status, closes))
}
