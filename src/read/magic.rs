//! Which formats of files that are not text are known by their first bytes?

/// How many first bytes are needed to know a format.
pub(super) const START: usize = 16;

/// Is a content of a known format that is not text, by its first bytes?
pub(super) fn is_known(first: &[u8]) -> bool {
    const STARTS: &[&[u8]] = &[
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF8",
        b"%PDF-",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"\x1f\x8b",
        b"RIFF",
        b"OggS",
        b"fLaC",
        b"ID3",
        b"7z\xbc\xaf",
        b"Rar!",
        b"II*\0",
        b"MM\0*",
        b"wOFF",
        b"wOF2",
        b"OTTO",
        b"\0\x01\0\0",
        b"\x7fELF",
        b"MZ\x90",
        b"\xca\xfe\xba\xbe",
        b"\0asm",
        b"SQLite f",
        b"\xd0\xcf\x11\xe0",
        b"\x28\xb5\x2f\xfd",
        b"\xfd7zXZ",
        b"BZh",
        b"\x1a\x45\xdf\xa3",
        b"FLV\x01",
        b"\0\0\x01\0",
        b"8BPS",
        b"\xff\xfb",
        b"\xff\xf1",
        b"Obj\x01",
        b"PAR1",
        b"\x04\x22\x4d\x18",
        b"{\\rtf",
    ];
    let first = first.get(..START).unwrap_or(first);
    // MP4 and its like have their name behind a length.
    STARTS.iter().any(|start| first.starts_with(start)) || first.get(4..8) == Some(b"ftyp")
}
