//! What does a body spell that is declared to be in EBCDIC, as some servers of Microsoft and IBM read it?
//!
//! IBM's code pages 37 and 500, which differ in seven signs. In a form the signs between its parameters stay as they are, and the rest
//! may be percent-coded.

/// A body in EBCDIC as it streams.
#[derive(Debug)]
pub(super) struct Ebcdic {
    is_500: bool,
    /// Is it a form whose bytes are percent-coded? Known from its first byte on.
    is_coded: Option<bool>,
    /// How much of `%f1` was read, and its value so far.
    digits: Option<(u8, u8)>,
}

impl Ebcdic {
    /// The reader for the character set of this name, in lower case, if it is one of these.
    pub(super) fn of(name: &[u8]) -> Option<Self> {
        let is = |names: &[&[u8]]| names.iter().any(|known| name.starts_with(known));
        let is_500 = is(&[
            b"ibm500",
            b"cp500",
            b"ibm-500",
            b"ebcdic-cp-be",
            b"ebcdic-cp-ch",
            b"500",
            b"csibm500",
            b"ibm1148",
            b"cp1148",
            b"ccsid01148",
        ]);
        let is_known = is_500
            || is(&[b"ibm037", b"ibm-37", b"ibm-037", b"cp037", b"cp37", b"ebcdic-cp-us", b"ibm1140", b"ibm01140", b"037", b"csibm037", b"ebcdic-cp-ca", b"ebcdic-cp-nl", b"ebcdic-cp-wt", b"1140", b"cp1140", b"ccsid01140"])
            // Letters and digits are the same in all of them; some signs are others.
            || is(&[b"cp1026", b"ibm1026", b"ibm273", b"cp273", b"ibm277", b"ibm278", b"ibm280", b"ibm284", b"ibm285", b"ibm297", b"ibm871", b"ibm1047", b"cp1047", b"ibm-1047", b"ibm1141", b"ibm424", b"cp424", b"ibm870", b"cp870", b"cp875", b"ibm875", b"x-ibm875"]);
        is_known.then_some(Self { is_500, is_coded: None, digits: None })
    }

    /// Takes bytes; `take` gets them in UTF-8.
    pub(super) fn read(&mut self, bytes: &[u8], take: &mut dyn FnMut(&[u8])) {
        let mut text = String::new();
        for byte in bytes {
            // No text in EBCDIC begins with a sign of ASCII's lower half but a blank.
            let is_coded = *self.is_coded.get_or_insert(byte.is_ascii_alphanumeric() || *byte == b'%');
            match (self.digits, char::from(*byte).to_digit(16)) {
                (Some((0, _)), Some(digit)) => self.digits = Some((1, (digit as u8) << 4)),
                (Some((_, high)), Some(digit)) => {
                    self.digits = None;
                    text.push_str(&format!("%{:02x}", u32::from(self.letter(high | digit as u8)) & 0xff));
                }
                _ if is_coded && *byte == b'%' => self.digits = Some((0, 0)),
                _ if is_coded && b"&=+".contains(byte) => text.push(char::from(*byte)),
                _ => text.push(self.letter(*byte)),
            }
        }
        if !text.is_empty() {
            take(text.as_bytes());
        }
    }

    fn letter(&self, byte: u8) -> char {
        let other = match byte {
            0x4a => b'[',
            0x4f => b'!',
            0x5a => b']',
            0x5f => b'^',
            0xbb => b'|',
            _ => 0,
        };
        let letter = TABLE.get(usize::from(byte)).copied().unwrap_or_default();
        char::from(if self.is_500 && other != 0 { other } else { letter })
    }
}

/// Code page 37; all its signs are in Latin-1.
#[rustfmt::skip]
static TABLE: [u8; 256] = [
    0x00, 0x01, 0x02, 0x03, 0x9c, 0x09, 0x86, 0x7f, 0x97, 0x8d, 0x8e, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x9d, 0x85, 0x08, 0x87, 0x18, 0x19, 0x92, 0x8f, 0x1c, 0x1d, 0x1e, 0x1f,
    0x80, 0x81, 0x82, 0x83, 0x84, 0x0a, 0x17, 0x1b, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x05, 0x06, 0x07, 0x90, 0x91, 0x16, 0x93, 0x94, 0x95, 0x96, 0x04, 0x98, 0x99, 0x9a, 0x9b, 0x14, 0x15, 0x9e, 0x1a,
    0x20, 0xa0, 0xe2, 0xe4, 0xe0, 0xe1, 0xe3, 0xe5, 0xe7, 0xf1, 0xa2, 0x2e, 0x3c, 0x28, 0x2b, 0x7c, 0x26, 0xe9, 0xea, 0xeb, 0xe8, 0xed, 0xee, 0xef, 0xec, 0xdf, 0x21, 0x24, 0x2a, 0x29, 0x3b, 0xac,
    0x2d, 0x2f, 0xc2, 0xc4, 0xc0, 0xc1, 0xc3, 0xc5, 0xc7, 0xd1, 0xa6, 0x2c, 0x25, 0x5f, 0x3e, 0x3f, 0xf8, 0xc9, 0xca, 0xcb, 0xc8, 0xcd, 0xce, 0xcf, 0xcc, 0x60, 0x3a, 0x23, 0x40, 0x27, 0x3d, 0x22,
    0xd8, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0xab, 0xbb, 0xf0, 0xfd, 0xfe, 0xb1, 0xb0, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x70, 0x71, 0x72, 0xaa, 0xba, 0xe6, 0xb8, 0xc6, 0xa4,
    0xb5, 0x7e, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0xa1, 0xbf, 0xd0, 0xdd, 0xde, 0xae, 0x5e, 0xa3, 0xa5, 0xb7, 0xa9, 0xa7, 0xb6, 0xbc, 0xbd, 0xbe, 0x5b, 0x5d, 0xaf, 0xa8, 0xb4, 0xd7,
    0x7b, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0xad, 0xf4, 0xf6, 0xf2, 0xf3, 0xf5, 0x7d, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f, 0x50, 0x51, 0x52, 0xb9, 0xfb, 0xfc, 0xf9, 0xfa, 0xff,
    0x5c, 0xf7, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0xb2, 0xd4, 0xd6, 0xd2, 0xd3, 0xd5, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0xb3, 0xdb, 0xdc, 0xd9, 0xda, 0x9f,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, body: &[u8]) -> String {
        let mut text = Vec::new();
        let mut reader = Ebcdic::of(name.as_bytes()).unwrap();
        body.iter().for_each(|byte| reader.read(&[*byte], &mut |part| text.extend_from_slice(part)));
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn ebcdic_is_read_whole_or_coded() {
        // `id=1|x`
        let raw = [0x89, 0x84, 0x7e, 0xf1, 0x4f, 0xa7];
        assert_eq!(read("ibm037", &raw), "id=1|x");
        assert_eq!(read("ibm500\"", &raw), "id=1!x");
        assert_eq!(read("cp037", b"%89%84=%f1%4F&%81=%82"), "%69%64=%31%7c&%61=%62");
        assert!(Ebcdic::of(b"utf-8").is_none());
    }
}
