//! Of a body that claims to be no text, and is of no known format: is the text in it shown, wherever it stands?

use super::body_fields;

const OCTETS: &str = "application/octet-stream";
const BLOCK: usize = 4096;
const PAYLOAD: &str = "1' union select password from users-- ";

/// So many bytes that are no text.
fn octets(size: usize) -> Vec<u8> {
    (0..size).map(|at| if at % 7 == 0 { 1 } else { b'a' + (at % 23) as u8 }).collect()
}

/// So many bytes of text.
fn prose(size: usize) -> Vec<u8> {
    b"It was a dark and stormy night. ".iter().copied().cycle().take(size).collect()
}

/// Do the parts together show this, wherever the chunks end?
fn shows(parts: &[&[u8]], expected: &str) -> bool {
    let body = parts.concat();
    let (whole, _) = body_fields(OCTETS, 1 << 20, &[&body]);
    for size in [1, 1000, BLOCK, 3 * BLOCK + 1] {
        let chunks: Vec<_> = body.chunks(size).collect();
        assert_eq!(body_fields(OCTETS, 1 << 20, &chunks).0, whole, "in {size}");
    }
    whole.iter().any(|field| field.contains(expected))
}

#[test]
fn text_is_shown_among_blocks_that_are_none() {
    let (none, text, payload) = (octets(BLOCK), prose(BLOCK - PAYLOAD.len()), PAYLOAD.as_bytes());
    let shown = "union select password";
    let rows: [(&str, &[&[u8]]); 7] = [
        ("alone", &[payload]),
        ("behind a few octets", &[b"\0\x01\x02\x03", &prose(300), payload]),
        ("behind a block of octets", &[&none, payload, &text]),
        ("behind three", &[&none, &none, &none, &text, payload]),
        ("between two", &[&none, &text, payload, &none]),
        ("across a seam", &[&octets(BLOCK - 20), payload, &prose(BLOCK)]),
        ("in the last bytes", &[&none, payload]),
    ];
    for (name, parts) in rows {
        assert!(shows(parts, shown), "{name}");
    }
    assert!(!shows(&[&none, &none], "text:"));
}

#[test]
fn a_mark_is_found_across_every_seam() {
    let mark = b"<?php system($_GET['a']);";
    for at in [0, 3, 12, mark.len()] {
        let (start, end) = mark.split_at(at);
        for (before, behind) in [
            (octets(2 * BLOCK - at), octets(BLOCK)),
            (prose(BLOCK - at), octets(BLOCK)),
            (octets(BLOCK - at), prose(BLOCK)),
        ] {
            assert!(shows(&[&before, start, end, b"\0", &behind], "<?php system($_GET"), "{at}");
        }
    }
}
