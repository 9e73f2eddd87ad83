//! In which order are several logs read? Block by block, always from the file that is furthest behind in time.

use std::io::{self, BufRead, Cursor, Read};

use user_risk_filter::clock::Timestamp;

use crate::log::Format;
use crate::log::columns::Columns;

/// About so many bytes make a block, and at most so many a line.
const BLOCK: usize = 512 << 10;
const LONGEST: u64 = 16 << 20;

/// The bytes by whose lines the format is known.
const BEGINNING: u64 = 64 << 10;

/// Whole lines of a file.
pub(super) struct Block {
    /// Which of the files.
    pub(super) file: usize,
    pub(super) format: Format,
    /// The number of the first line, from 1.
    pub(super) first: u64,
    pub(super) bytes: Vec<u8>,
    /// Lines that were left out because they are longer than any line of a log: their numbers.
    pub(super) too_long: Vec<u64>,
}

/// One file.
pub(super) struct Source {
    input: Box<dyn BufRead + Send>,
    pub(super) file: usize,
    pub(super) format: Format,
    line: u64,
    /// The time of the last line that was read; before that, of the first one.
    time: Timestamp,
    /// Why it can't be read on, once what came before has been handed over.
    broken: Option<io::Error>,
}

impl Source {
    /// A file of the given format, or of the one that its first lines have; none if they have none that is known.
    pub(super) fn new(
        mut input: Box<dyn BufRead + Send>,
        file: usize,
        format: Option<Format>,
    ) -> io::Result<Option<Self>> {
        let mut beginning = Vec::new();
        let read = input.by_ref().take(BEGINNING).read_to_end(&mut beginning);
        let broken = if beginning.is_empty() { read.map(|_| None)? } else { read.err() };
        if beginning.len() as u64 == BEGINNING && !beginning.contains(&b'\n') {
            input.by_ref().take(LONGEST).read_until(b'\n', &mut beginning)?;
        }
        // The last line may be cut off.
        let whole = beginning.iter().rposition(|byte| *byte == b'\n').unwrap_or(beginning.len());
        let Some(format) = format.or_else(|| Format::look(beginning.get(..whole).unwrap_or_default())) else {
            return Ok(None);
        };
        let mut lines = beginning.split(|byte| *byte == b'\n');
        let time = lines.find_map(|line| time(format, line)).unwrap_or_default();
        let rest = if broken.is_some() { Box::new(io::empty()) } else { input };
        let input = Box::new(Cursor::new(beginning).chain(rest));
        Ok(Some(Self { input, file, format, line: 1, time, broken }))
    }

    /// All bytes, for a format that has no lines.
    pub(super) fn into_bytes(self) -> Box<dyn BufRead + Send> {
        self.input
    }

    /// The next lines; none at the end.
    fn next(&mut self) -> io::Result<Option<Block>> {
        let first = self.line;
        let (mut bytes, mut too_long) = (Vec::new(), Vec::new());
        while bytes.len() < BLOCK {
            let before = bytes.len();
            let read = self.input.by_ref().take(LONGEST).read_until(b'\n', &mut bytes);
            let length = match read {
                Ok(length) => length,
                Err(error) => {
                    // Half a line is none.
                    bytes.truncate(before);
                    (self.broken, self.input) = (Some(error), Box::new(io::empty()));
                    break;
                }
            };
            if length == 0 {
                break;
            }
            if length as u64 == LONGEST && !bytes.ends_with(b"\n") {
                self.skip_line()?;
                bytes.truncate(before);
                // An empty line in its place keeps the numbers right.
                bytes.push(b'\n');
                too_long.push(self.line);
            }
            self.line += 1;
        }
        if bytes.is_empty() {
            return self.broken.take().map_or(Ok(None), Err);
        }
        let mut lines = bytes.split(|byte| *byte == b'\n').rev();
        self.time = lines.find_map(|line| time(self.format, line)).unwrap_or(self.time);
        Ok(Some(Block { file: self.file, format: self.format, first, bytes, too_long }))
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.input.fill_buf()?;
            let (used, is_end) = match memchr::memchr(b'\n', buffer) {
                Some(at) => (at + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            };
            self.input.consume(used);
            if is_end {
                return Ok(());
            }
        }
    }
}

fn time(format: Format, line: &[u8]) -> Option<Timestamp> {
    format.read(line.trim_ascii(), &Columns::default()).ok().map(|entry| entry.time)
}

/// All files.
pub(super) struct Feed {
    sources: Vec<Source>,
    /// What could not be read on: the file, and why. The others go on.
    pub(super) broken: Vec<(usize, io::Error)>,
}

impl Feed {
    pub(super) fn new(sources: Vec<Source>) -> Self {
        Self { sources, broken: Vec::new() }
    }

    /// The next blocks, at most `most`, and the time before which no more lines come, lines that were late apart. No block
    /// is the end.
    pub(super) fn next(&mut self, most: usize) -> (Vec<Block>, Timestamp) {
        let mut blocks = Vec::new();
        while blocks.len() < most {
            let furthest = self.sources.iter().enumerate().min_by_key(|(_, source)| source.time);
            let Some(at) = furthest.map(|(at, _)| at) else { break };
            let next = self.sources.get_mut(at).map(|source| (source.file, source.next()));
            match next {
                Some((_, Ok(Some(block)))) => blocks.push(block),
                Some((file, end)) => {
                    self.broken.extend(end.err().map(|error| (file, error)));
                    self.sources.remove(at);
                }
                None => break,
            }
        }
        let until = self.sources.iter().map(|source| source.time).min();
        (blocks, until.unwrap_or(Timestamp::from_millis(u64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(file: usize, text: &'static str) -> Source {
        Source::new(Box::new(text.as_bytes()), file, None).unwrap().unwrap()
    }

    #[test]
    fn the_file_that_is_furthest_behind_is_read_first() {
        let (early, late) = (
            "192.0.2.7 - - [01/Jan/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 200 1\n\n",
            "192.0.2.7 - - [02/Jan/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 200 1",
        );
        let mut feed = Feed::new(vec![source(0, late), source(1, early)]);
        let (first, until) = feed.next(1);
        assert_eq!((first[0].file, first[0].bytes.as_slice()), (1, early.as_bytes()));
        assert_eq!(until.to_string(), "2026-01-01T00:00:00.000Z");
        let (second, until) = feed.next(9);
        assert_eq!((second.len(), second[0].file, until), (1, 0, Timestamp::from_millis(u64::MAX)));
        assert!(feed.next(1).0.is_empty() && feed.broken.is_empty());
    }

    #[test]
    fn the_first_line_may_be_long() {
        let body = "a".repeat(200_000);
        let request = format!(r#"{{"method":"POST","path":"/","body":"{body}"}}"#);
        let line = format!("{{\"time\":\"2026-01-02T03:04:05Z\",\"request\":{request}}}\n");
        let source = Source::new(Box::new(Cursor::new(line.clone().into_bytes())), 0, None).unwrap().unwrap();
        assert_eq!(source.format, Format::Recorded);
        assert_eq!(Feed::new(vec![source]).next(9).0[0].bytes.len(), line.len());
    }

    #[test]
    fn a_line_without_an_end_fills_no_memory() {
        let line = b"192.0.2.7 - - [01/Jan/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 200 1\n";
        let endless = io::repeat(b'a').take(40 << 20);
        let input = io::BufReader::new(line.chain(endless).chain(&b"\n"[..]).chain(&line[..]));
        let source = Source::new(Box::new(input), 0, None).unwrap().unwrap();
        let (blocks, _) = Feed::new(vec![source]).next(9);
        let bytes: Vec<u8> = blocks.iter().flat_map(|block| block.bytes.clone()).collect();
        let too_long: Vec<u64> = blocks.iter().flat_map(|block| block.too_long.clone()).collect();
        assert_eq!((bytes, too_long), ([&line[..], b"\n", line].concat(), vec![2]));
    }
}
