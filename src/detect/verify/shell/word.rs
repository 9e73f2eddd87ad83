//! Which word does the shell make of this, behind quotes, escapes and empty variables?

/// The longest word that is read, in bytes; no command is longer.
const LONGEST: usize = 48;

/// So far a word is looked for, in bytes: blanks and empty strings may come before and inside.
const READ: usize = 256;

/// A word as the shell sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    bytes: [u8; LONGEST],
    length: usize,
    /// Was it spelled to hide it: quotes, escapes or variables inside?
    pub(super) hidden: bool,
    /// Is there an apostrophe in it, or a quote that ends with another word?
    pub(super) is_open: bool,
    /// Does it hold a glob?
    pub(super) glob: bool,
}

impl Word {
    /// What it spells.
    pub(super) fn text(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Without the directories before it, and `.exe` behind it.
    pub(super) fn base(&self) -> &[u8] {
        // What was cut off may be anything.
        if self.length == LONGEST {
            return b"";
        }
        let name = self.text().rsplit(|byte| matches!(byte, b'/' | b'\\')).next().unwrap_or_default();
        name.strip_suffix(b".exe").unwrap_or(name)
    }

    /// Does no word stand there, not even an empty one that is spelled in an odd way?
    pub(super) fn is_nothing(&self) -> bool {
        self.length == 0 && !self.hidden
    }

    /// Does nothing but a variable stand there: `$0`, `$shell`?
    pub(super) fn is_variable_only(&self) -> bool {
        matches!(self.text(), b"$0" | b"$shell" | b"$bash" | b"${shell" | b"${bash" | b"%comspec%")
    }

    fn push(&mut self, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(self.length) {
            *slot = byte;
            self.length += 1;
        }
    }
}

/// Reads the word at `start`, behind blanks; says where it ends.
pub(super) fn read(view: &[u8], start: usize) -> (Word, usize) {
    let view = view.get(..view.len().min(start + READ)).unwrap_or_default();
    let mut word = Word { bytes: [0; LONGEST], length: 0, hidden: false, is_open: false, glob: false };
    let mut at = start;
    let mut braced = false;
    let mut quoted = None;
    while view.get(at).is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'(' | b'!' | b'{' | b'@')) {
        braced |= view.get(at) == Some(&b'{');
        at += 1;
    }
    // `{,id}` and `$'id'`: an empty first word, a string of ANSI C.
    if braced && view.get(at) == Some(&b',') {
        word.hidden = true;
        at += 1;
    }
    if view.get(at) == Some(&b'$') && view.get(at + 1) == Some(&b'\'') {
        word.hidden = true;
        at += 1;
    }
    at += blank_variable(view.get(at..).unwrap_or_default()).unwrap_or(0);
    while word.length < LONGEST {
        // Most of a word stands for itself.
        while let Some(byte) = view.get(at)
            && (byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_'))
            && word.length < LONGEST
        {
            word.push(*byte);
            at += 1;
        }
        if word.length == LONGEST {
            break;
        }
        let rest = view.get(at..).unwrap_or_default();
        if blank_variable(rest).is_some() {
            break;
        }
        let Some(byte) = rest.first().copied() else { break };
        let next = rest.get(1).copied().unwrap_or(b' ');
        match byte {
            b',' if braced => break,
            b' ' | b'\t' | b'\n' | b'\r' | b';' | b'|' | b'&' | b')' | b'<' | b'>' | b'}' => break,
            b'\'' | b'"' | b'`' if rest.get(1) == Some(&byte) && word.length > 0 => {
                // An empty string inside a word: `wh''oami`. (Before one it would make rows of quotes costly.)
                word.hidden = true;
                at += 1;
            }
            b'\'' | b'"' if quoted == Some(byte) => {
                at += 1;
                quoted = None;
                // `/bi'n'/c'at'`: a path goes on, and so do empty strings behind a word.
                let is_path = word.hidden && word.text().starts_with(b"/") && view.get(at) == Some(&b'/');
                let is_empty = word.hidden && view.get(at) == Some(&byte) && view.get(at + 1) == Some(&byte);
                if !is_path && !is_empty && !view.get(at).is_some_and(|next| next.is_ascii_alphanumeric()) {
                    break;
                }
                word.hidden = true;
                continue;
            }
            b'\'' | b'"' => {
                quoted = Some(byte);
                let inside = word.length > 0 && next.is_ascii_alphanumeric();
                if !inside && word.length > 0 {
                    break;
                }
                // `i'd`: an apostrophe, as no other quote of the same word closes it.
                let rest = view.get(at + 1..).unwrap_or_default();
                let closes = rest.iter().take_while(|next| **next != b' ').any(|next| *next == byte);
                word.hidden |= inside && closes;
                word.is_open |= inside && !closes;
            }
            b'`' => break,
            b'\\' if matches!(next, b'n' | b'r') && rest.get(2).is_none_or(|after| !after.is_ascii_alphanumeric()) => {
                break;
            }
            b'\\' if next == b'\\' && word.length > 0 => {}
            b'[' if rest.get(2) == Some(&b']') && word.length > 0 => {
                // `/bi[n]/sh`: a set of one letter.
                word.hidden = true;
                word.push(next);
                at += 2;
            }
            b'\\' | b'^' if next.is_ascii_alphanumeric() && word.length > 0 && !word.bytes.contains(&b':') => {
                // `w\hoami`, and `wh^oami` of cmd.exe. A directory of Windows is not: it has a drive before it.
                word.hidden = true;
            }
            b'\\' if word.length == 0 && next.is_ascii_alphabetic() => {}
            b'$' => match empty_variable(rest).or_else(|| unset_variable(rest, &word)) {
                Some(length) => {
                    word.hidden = true;
                    at += length - 1;
                }
                None if next == b'(' => break,
                None => word.push(byte),
            },
            b'?' | b'*' | b'[' => {
                word.glob = true;
                word.push(byte);
            }
            _ => word.push(byte),
        }
        at += 1;
    }
    (word, at)
}

/// `$sdijchkd/???/??t`: a variable that nobody set, before or behind globs; and how long it is.
fn unset_variable(rest: &[u8], word: &Word) -> Option<usize> {
    let name = rest.get(1..)?.iter().take(24).take_while(|byte| byte.is_ascii_lowercase()).count();
    let behind = rest.get(1 + name..)?;
    (name >= 4 && (word.glob || word.length == 0 && behind.starts_with(b"/??"))).then_some(1 + name)
}

/// `$IFS` and its spellings: a blank; and how long it is.
fn blank_variable(rest: &[u8]) -> Option<usize> {
    if rest.first() != Some(&b'$') {
        return None;
    }
    [&b"${ifs}"[..], b"${ifs", b"$ifs$9", b"$ifs"].iter().find(|ifs| rest.starts_with(ifs)).map(|ifs| {
        let length = ifs.len();
        if *ifs == b"${ifs" {
            length + rest.iter().skip(length).take_while(|byte| **byte != b'}').take(16).count() + 1
        } else {
            length
        }
    })
}

/// A variable that is nearly always empty: `$@`, `$*`, `$1`, `${x}`; and how long it is.
fn empty_variable(rest: &[u8]) -> Option<usize> {
    match rest {
        [b'$', b'@' | b'*' | b'!' | b'?' | b'1'..=b'9', ..] => Some(2),
        [b'$', b'(', b')', ..] => Some(3),
        [b'$', letter, after @ ..]
            if letter.is_ascii_lowercase()
                && !after.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') =>
        {
            Some(2)
        }
        [b'$', b'{', name @ ..] if name.starts_with(b"shell}") || name.starts_with(b"bash}") => None,
        [b'$', b'{', name @ ..] => {
            let length =
                name.iter().take(16).take_while(|byte| byte.is_ascii_alphanumeric() || b"@*_".contains(byte)).count();
            (name.get(length) == Some(&b'}')).then_some(length + 3)
        }
        _ => None,
    }
}
