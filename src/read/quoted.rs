//! What does quoted-printable text stand for?
//!
//! RFC 2045 section 6.7. What is no code stays as it is.

/// A decoder that keeps an unfinished code.
#[derive(Debug, Default)]
pub(super) struct Quoted {
    /// What stands since an `=`: nothing, or up to two bytes with it.
    code: Vec<u8>,
}

impl Quoted {
    /// Decodes the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8], output: &mut Vec<u8>) {
        for byte in bytes {
            match (self.code.as_slice(), byte) {
                ([], b'=') => self.code.push(b'='),
                ([], byte) => output.push(*byte),
                // A soft line break; blanks before it are padding.
                ([b'='], b'\n') | ([b'=', b'\r'], b'\n') => self.code.clear(),
                ([b'='], byte) if byte.is_ascii_hexdigit() || *byte == b'\r' => self.code.push(*byte),
                ([b'='], b' ' | b'\t') => {}
                ([b'=', high], low) if *high != b'\r' && low.is_ascii_hexdigit() => {
                    let digit = |byte: &u8| char::from(*byte).to_digit(16).unwrap_or_default() as u8;
                    output.push(digit(high) << 4 | digit(low));
                    self.code.clear();
                }
                // A bare carriage return ends a soft line break, too.
                ([b'=', b'\r'], byte) => {
                    self.code.clear();
                    output.push(*byte);
                }
                _ => {
                    output.append(&mut self.code);
                    match byte {
                        b'=' => self.code.push(b'='),
                        byte => output.push(*byte),
                    }
                }
            }
        }
    }

    /// The text has ended.
    pub(super) fn end(&mut self, output: &mut Vec<u8>) {
        output.append(&mut self.code);
    }
}

/// All of it, with `_` for a blank, as in the names of headers (RFC 2047, section 4.2).
pub(super) fn decoded_word(bytes: &[u8]) -> Vec<u8> {
    let blanks: Vec<u8> = bytes.iter().map(|byte| if *byte == b'_' { b' ' } else { *byte }).collect();
    let (mut output, mut decoder) = (Vec::new(), Quoted::default());
    decoder.push(&blanks, &mut output);
    decoder.end(&mut output);
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_undone_wherever_the_bytes_are_cut() {
        let rows = [
            ("1=27 =75nion", "1' union"),
            ("a=\r\nb=\nc", "abc"),
            ("=3d=3D", "=="),
            ("a==41", "a=A"),
            ("a=4", "a=4"),
            ("=zz=", "=zz="),
        ];
        for (text, expected) in rows {
            for size in [1, 2, 100] {
                let (mut output, mut decoder) = (Vec::new(), Quoted::default());
                text.as_bytes().chunks(size).for_each(|chunk| decoder.push(chunk, &mut output));
                decoder.end(&mut output);
                assert_eq!(String::from_utf8(output).unwrap(), expected, "{text} in {size}");
            }
        }
    }
}
