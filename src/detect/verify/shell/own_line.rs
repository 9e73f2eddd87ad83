//! Is the value a command line of its own, as people and programs write them, that does nothing attackers want?
//!
//! What is injected goes on with data; such a line begins with a command that has its arguments. Interfaces that run commands by
//! design, and searches for them, send these.

use super::argument::Arguments;
use super::names;
use super::shown;
use super::word::read;
use crate::detect::verify::argv;
use crate::detect::verify::bytes::{find, has_any};
use crate::detect::verify::subject::Subject;

/// Where such a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In a member of a document whose name says that it is run.
    Run,
    /// Anywhere else.
    Any,
}

/// Words that point at secrets.
const SECRETS: &[&[u8]] = &[b"passwd", b"shadow", b" /etc", b"id_rsa", b".ssh"];

/// Is it one, and where? In a member that is run its first command may be any, and it may calculate.
pub(super) fn of(subject: &Subject<'_>) -> Option<Place> {
    let view = subject.view;
    let member = subject.name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    let is_run = subject.target.in_document() && (argv::is_program(member) || argv::is_argument(member));
    let place = if is_run { Place::Run } else { Place::Any };
    let (word, end) = read(view, 0);
    let begins = view.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'/');
    let is_command = names::is_command(word.base()) || is_run && word.text().iter().all(|byte| !b"=:,".contains(byte));
    let calculates = find(view, 0, b"$((").is_some();
    let substitutes = view.contains(&b'`') || has_any(view, &[b"$(", b"$["]);
    let is_own = subject.target.has_names()
        && begins
        && !word.hidden
        && is_command
        && Arguments::of(view, end) == Arguments::Shell
        && (!substitutes || is_run && calculates)
        && !shown::wants(view)
        && !has_any(view, SECRETS)
        && !argv::is_hostile_line(view);
    is_own.then_some(place)
}
