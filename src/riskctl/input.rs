//! Where do recorded lines come from? A file or standard input, compressed or not, with a progress bar.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use indicatif::{ProgressBar, ProgressStyle};

/// How a gzip file begins (RFC 1952).
const GZIP: &[u8] = &[0x1f, 0x8b];

/// A source of lines.
pub(crate) struct Input {
    lines: Box<dyn BufRead>,
    bar: ProgressBar,
}

impl Input {
    /// Opens a file; `-` is standard input. If `shown`, there is a progress bar on a terminal.
    ///
    /// # Errors
    /// The file can't be opened or read.
    pub(crate) fn open(file: &Path, shown: bool) -> io::Result<Self> {
        let (raw, length): (Box<dyn Read>, _) = if file.as_os_str() == "-" {
            (Box::new(io::stdin()), None)
        } else {
            let file = File::open(file)?;
            let length = file.metadata()?.len();
            (Box::new(file), Some(length))
        };
        let bar = match (shown, length) {
            (false, _) => ProgressBar::hidden(),
            (true, Some(length)) => ProgressBar::new(length).with_style(style("{bar:40} {percent:>3} %  {eta} left")),
            (true, None) => ProgressBar::new_spinner().with_style(style("{spinner} {bytes}")),
        };
        let mut raw = BufReader::new(bar.wrap_read(raw));
        let lines: Box<dyn BufRead> = match raw.fill_buf()?.starts_with(GZIP) {
            true => Box::new(BufReader::new(MultiGzDecoder::new(raw))),
            false => Box::new(raw),
        };
        Ok(Self { lines, bar })
    }

    /// Reads as [`BufRead::read_until`] does.
    pub(crate) fn read_until(&mut self, end: u8, line: &mut Vec<u8>) -> io::Result<usize> {
        self.lines.read_until(end, line)
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

fn style(template: &str) -> ProgressStyle {
    // The templates are constants; an invalid one would show the library's default bar.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
