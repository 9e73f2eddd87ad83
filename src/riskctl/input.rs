//! Where do recorded lines come from? A file or standard input, compressed or not, with a progress bar.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use indicatif::{ProgressBar, ProgressStyle};

/// How a gzip file begins (RFC 1952), and a Zstandard frame (RFC 8878).
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// A source of lines.
pub(crate) struct Input {
    lines: Box<dyn BufRead + Send>,
    bar: ProgressBar,
}

impl Input {
    /// Opens a file; `-` is standard input. If `shown`, there is a progress bar on a terminal.
    ///
    /// # Errors
    /// The file can't be opened or read.
    pub(crate) fn open(file: &Path, shown: bool) -> io::Result<Self> {
        Self::open_within(file, &bar(&[file], shown))
    }

    /// Opens a file whose bytes count for the `bar` that several share.
    ///
    /// # Errors
    /// The file can't be opened or read.
    pub(crate) fn open_within(file: &Path, bar: &ProgressBar) -> io::Result<Self> {
        let raw: Box<dyn Read + Send> =
            if is_standard(file) { Box::new(io::stdin()) } else { Box::new(File::open(file)?) };
        let mut raw = BufReader::new(bar.wrap_read(raw));
        let beginning = raw.fill_buf()?;
        let lines: Box<dyn BufRead + Send> = if beginning.starts_with(GZIP) {
            Box::new(BufReader::new(MultiGzDecoder::new(raw)))
        } else if beginning.starts_with(ZSTD) {
            Box::new(BufReader::new(zstd::Decoder::with_buffer(raw)?))
        } else {
            Box::new(raw)
        };
        Ok(Self { lines, bar: bar.clone() })
    }

    /// Reads as [`BufRead::read_until`] does.
    pub(crate) fn read_until(&mut self, end: u8, line: &mut Vec<u8>) -> io::Result<usize> {
        self.lines.read_until(end, line)
    }

    /// The uncompressed bytes.
    pub(crate) fn into_bytes(self) -> Box<dyn BufRead + Send> {
        self.lines
    }

    /// Writes a line to standard error, above the progress bar.
    pub(crate) fn say(&self, line: &str) {
        self.bar.suspend(|| anstream::eprintln!("{line}"));
    }

    /// Removes the progress bar.
    pub(crate) fn done(&self) {
        self.bar.finish_and_clear();
    }
}

/// A progress bar for these files: with the time that is left, unless one is standard input. Hidden unless `shown`.
pub(crate) fn bar(files: &[&Path], shown: bool) -> ProgressBar {
    if !shown {
        return ProgressBar::hidden();
    }
    let length =
        |file: &&Path| if is_standard(file) { None } else { Some(file.metadata().map_or(0, |data| data.len())) };
    match files.iter().map(length).sum::<Option<u64>>() {
        Some(length) => ProgressBar::new(length).with_style(style("{bar:40} {percent:>3} %  {eta} left")),
        None => ProgressBar::new_spinner().with_style(style("{spinner} {bytes}")),
    }
}

fn is_standard(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn style(template: &str) -> ProgressStyle {
    // The templates are constants; an invalid one would show the library's default bar.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
