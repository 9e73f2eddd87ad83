//! How does output look on a terminal, and what does an exit status mean? The styles and statuses that commands share.

use anstyle::{AnsiColor, Style};

/// The word `ok`.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// The word `error`, and what is bad news.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// The word `warning`.
pub(crate) const ODD: Style = AnsiColor::Yellow.on_default().bold();
/// What a section is about.
pub(crate) const HEADING: Style = Style::new().bold();
/// What can be skipped.
pub(crate) const FAINT: Style = Style::new().dimmed();

/// The exit status for a file that can't be read, or a configuration that can't be used; as for wrong arguments.
pub(crate) const UNREADABLE: u8 = 2;
