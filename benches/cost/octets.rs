//! What do files hold that are no text? A picture, an archive, a film, data, random bytes: of any size.

use crate::hostile::{Case, post};

/// A body of each kind, of so many bytes.
pub(crate) fn cases(size: usize) -> Vec<Case> {
    let kinds: [(&str, &str, &[u8]); 5] = [
        ("PNG", "image/png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("zip", "application/zip", b"PK\x03\x04\x14\0\0\0\x08\0"),
        ("mp4", "video/mp4", b"\0\0\0\x20ftypisom\0\0\x02\0"),
        ("random octets", "application/octet-stream", b""),
        ("PNG as a part", "multipart/form-data; boundary=b", b""),
    ];
    kinds.into_iter().map(|(name, kind, start)| of(name, kind, start, size)).collect()
}

impl Case {
    /// Stands what is no text in a part of a form?
    pub(crate) fn is_part(&self) -> bool {
        self.name.ends_with("part")
    }
}

fn of(name: &str, kind: &str, start: &[u8], size: usize) -> Case {
    let mut body = Vec::with_capacity(size);
    if name.ends_with("part") {
        body.extend(b"--b\r\ncontent-disposition: form-data; name=f; filename=a.png\r\ncontent-type: image/png\r\n\r\n\x89PNG\r\n\x1a\n");
    }
    body.extend(start);
    // xorshift64: Marsaglia, Xorshift RNGs, 2003.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    while body.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        body.extend(state.to_le_bytes());
    }
    if name.ends_with("part") {
        body.extend(b"\r\n--b--\r\n");
    }
    Case { name: name.to_owned(), head: post(kind, "identity"), size: body.len(), body }
}
