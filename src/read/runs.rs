//! Which texts stand between octets that are none? Streams.

/// A shorter one, in bytes, is a chance of octets: of random ones, one in a hundred thousand starts so long a text.
const SHORTEST: usize = 12;

/// The texts of a body; what lies between two of them is an `&`, so that each is a parameter of its own.
#[derive(Debug, Default)]
pub(super) struct Runs {
    /// The first bytes of one that is not long enough yet.
    open: Vec<u8>,
    /// Is one being shown?
    is_shown: bool,
}

impl Runs {
    /// Takes bytes; `take` gets those of texts.
    pub(super) fn push(&mut self, bytes: &[u8], take: &mut dyn FnMut(&[u8])) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let length = rest.iter().position(|byte| !is_text(*byte)).unwrap_or(rest.len());
            let (run, after) = rest.split_at(length);
            if self.is_shown {
                take(run);
            } else if self.open.len() + run.len() >= SHORTEST {
                self.is_shown = true;
                take(&std::mem::take(&mut self.open));
                take(run);
            } else {
                self.open.extend_from_slice(run);
            }
            if !after.is_empty() {
                if std::mem::take(&mut self.is_shown) {
                    take(b"&");
                }
                self.open.clear();
            }
            rest = after.get(1..).unwrap_or_default();
        }
    }
}

/// A sign of ASCII, a blank or a line break.
pub(super) fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~')
}

#[cfg(test)]
mod tests {
    use super::Runs;

    #[test]
    fn short_texts_are_chance() {
        let body = b"\x1f\x8bshort\0a=1&long=enough\xff\xfeno\x01&id=1%27+or+1%3D1--+";
        for size in [1, 5, 100] {
            let (mut runs, mut shown) = (Runs::default(), Vec::new());
            body.chunks(size).for_each(|chunk| runs.push(chunk, &mut |run| shown.extend_from_slice(run)));
            assert_eq!(String::from_utf8_lossy(&shown), "a=1&long=enough&&id=1%27+or+1%3D1--+", "{size}");
        }
    }
}
