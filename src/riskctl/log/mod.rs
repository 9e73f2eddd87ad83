//! In which format is a log? Every format that is read, and which of them a file is in.

pub(crate) mod columns;
mod combined;
pub(crate) mod entry;
mod envoy_json;
mod envoy_text;
pub(crate) mod har;
mod istio;
mod own;
pub(crate) mod recorded;
#[cfg(test)]
mod testing;
mod time;
pub(crate) mod unread;

use columns::Columns;
use entry::Entry;
use unread::{NO_JSON, NO_REQUEST, Unread};

/// A format of logs. The order decides where a line could be of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// The filter's own log lines, alone or within Envoy's log
    Own,
    /// Recorded requests or detections, as riskctl scan and simulate read them
    Recorded,
    /// HTTP archive of a browser
    Har,
    /// Istio's access log as JSON
    IstioJson,
    /// Envoy's access log as JSON, with any names; also nginx's and Caddy's as JSON
    EnvoyJson,
    /// Envoy's default text format, and Istio's
    EnvoyText,
    /// nginx's and Apache's combined or common log format
    Combined,
}

impl Format {
    /// In words, for messages.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Own => "the filter's own log",
            Self::Recorded => "recorded requests",
            Self::Har => "a HAR",
            Self::IstioJson => "Istio's access log in JSON",
            Self::EnvoyJson => "an access log in JSON",
            Self::EnvoyText => "Envoy's access log as text",
            Self::Combined => "nginx's or Apache's combined format",
        }
    }

    /// The format of a file that begins with these bytes: the one in which most of its first lines can be read. None if none can.
    pub(crate) fn look(beginning: &[u8]) -> Option<Self> {
        if har_begins(beginning) {
            return Some(Self::Har);
        }
        let columns = Columns::default();
        let lines: Vec<&[u8]> = beginning
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::trim_ascii)
            .filter(|line| !line.is_empty())
            .take(SAMPLE)
            .collect();
        let line_wise = [Self::Recorded, Self::IstioJson, Self::EnvoyJson, Self::EnvoyText, Self::Combined];
        let read = |format: Self| {
            let is_read = |line: &&&[u8]| matches!(format.read(line, &columns), Ok(_) | Err(NO_REQUEST));
            lines.iter().filter(is_read).count()
        };
        // Of several that read as much the first one.
        let counted = line_wise.into_iter().map(|format| (read(format), format));
        let (number, format) = counted.rev().max_by_key(|(number, _)| *number)?;
        // A client may write what looks like a line of ours into a header: a log in which others are read is theirs.
        if number * 2 < lines.len() && lines.iter().any(|line| own::is(line)) {
            return Some(Self::Own);
        }
        (number > 0).then_some(format)
    }

    /// For commands that read recorded requests only: what to use instead for a log that this line is from.
    pub(crate) fn hint(line: &[u8]) -> Option<String> {
        let format = Self::look(line).filter(|format| *format != Self::Recorded)?;
        Some(format!("this looks like {}: riskctl replay reads it", format.words()))
    }

    /// Reads a line.
    ///
    /// # Errors
    /// It is none of this format. A HAR has no lines.
    pub(crate) fn read(self, line: &[u8], columns: &Columns) -> Result<Entry, Unread> {
        match self {
            Self::Own => own::read(line),
            Self::Recorded => recorded::read(line).map_err(|_| unread::NOT_RECORDED),
            Self::Har => Err(NO_JSON),
            Self::IstioJson => istio::read(line, columns),
            Self::EnvoyJson => envoy_json::read(line, columns),
            Self::EnvoyText => envoy_text::read(line, columns),
            Self::Combined => combined::read(line, columns),
        }
    }
}

/// So many lines are looked at.
const SAMPLE: usize = 50;

/// Does a HAR begin so? An object whose member `log` is an object.
fn har_begins(beginning: &[u8]) -> bool {
    let compact: Vec<u8> = beginning.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).take(8).collect();
    compact == b"{\"log\":{" || compact.starts_with("\u{feff}{\"log".as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Format; 7] = [
        Format::Own,
        Format::Recorded,
        Format::Har,
        Format::IstioJson,
        Format::EnvoyJson,
        Format::EnvoyText,
        Format::Combined,
    ];

    #[test]
    fn formats_are_told_by_their_lines() {
        let rows = [
            (Some(Format::Combined), r#"192.0.2.7 - - [02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" 200 612"#),
            (Some(Format::Combined), "192.0.2.7 - - [02/Jan/2026:03:04:05 +0000] \"\\x16\\x03\" 400 150 \"-\" \"-\"\n"),
            (
                Some(Format::EnvoyText),
                r#"[2026-01-02T03:04:05.310Z] "GET / HTTP/1.1" 200 - 0 0 0 0 "-" "a" "b" "c" "d""#,
            ),
            (Some(Format::EnvoyJson), "garbage\n{\"start_time\":\"2026-01-02T03:04:05Z\",\"path\":\"/\"}"),
            (Some(Format::Own), "starting\n[2026] wasm log: {\"event\":\"malicious_request\"}"),
            (
                Some(Format::EnvoyText),
                r#"[2026-01-02T03:04:05.310Z] "GET / HTTP/1.1" 200 - 0 0 0 0 "-" "{"event":"malicious_request"}" "b" "c" "d""#,
            ),
            (Some(Format::Har), "{\n  \"log\": {\n"),
            (Some(Format::Recorded), r#"{"time":"2026-01-02T03:04:05Z","request":{"method":"GET","path":"/"}}"#),
            (Some(Format::Recorded), r#"{"time":"2026-01-02T03:04:05Z","user":"a","rule":"sqli.union-select"}"#),
            (None, "hello\nworld"),
            (None, ""),
        ];
        for (expected, text) in rows {
            assert_eq!(Format::look(text.as_bytes()), expected, "{text}");
        }
    }

    /// Pieces that formats are made of, in any order, with whatever bytes between them.
    fn mangled() -> impl Strategy<Value = Vec<u8>> {
        let pieces = prop::sample::select(vec![
            "192.0.2.7 - - [",
            "02/Jan/2026:03:04:05 +0000",
            "] \"",
            "\" ",
            "200 5",
            "\\x",
            "\\\"",
            "\"",
            " ",
            "{",
            "}",
            "[2026-01-02T03:04:05.310Z]",
            "\"start_time\":",
            "\"path\":",
            "\"request\":",
            "{\"event\":\"malicious_request\",",
            ",",
            "GET / HTTP/1.1",
            "\"requested_server_name\":null",
            "\"upstream_transport_failure_reason\":\"\"",
            "\u{e9}",
            "-",
            "inbound|",
        ]);
        let piece = prop_oneof![
            3 => pieces.prop_map(|piece| piece.as_bytes().to_vec()),
            1 => prop::collection::vec(any::<u8>(), 0..8),
        ];
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_line_is_too_odd(line in mangled()) {
            let columns = Columns::new("x-user-id", None, Some("x-forwarded-for"));
            for format in ALL {
                if let Ok(entry) = format.read(&line, &columns) {
                    // What was read can be handed to the engine.
                    let _ = (entry.head("x-user-id"), entry.proxy());
                }
            }
            let _ = Format::look(&line);
            let _ = har::read(line.as_slice(), &columns, &mut |_| {});
        }
    }
}
