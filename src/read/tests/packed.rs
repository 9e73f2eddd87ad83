//! Are packed bodies unpacked, in any coding and in several, and wide characters read?

use super::shown;
use crate::exchange::head::Head;
use crate::read::Body;
use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
use std::collections::BTreeSet;

/// `a=1&b=2`, as other programs pack it.
const BROTLI: &[u8] = b"\x0b\x03\x80a=1&b=2\x03";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd\x04\x58\x39\0\0a=1&b=2\x72\x09\x41\x10";
const ZSTD_WIDE: &[u8] = b"\x28\xb5\x2f\xfd\0\x88\x39\0\0a=1&b=2";
/// 16 MiB of one letter.
const BROTLI_BOMB: &[u8] = b"\x9f\xff\xff\xff\xf8\x25\xc2\xe2\xb1\x40\x20\xf7\xfe\x1f";
const PLAIN: &str = "form:a=1 form:b=2";

/// The fields of a body, and how many bytes were not looked at.
fn read(encodings: &[&str], limit: usize, body: &[u8], size: usize) -> (String, u64) {
    let head = Head::new(encodings.iter().map(|coding| ("content-encoding", *coding)).collect());
    let mut reader = Body::new(&head, limit);
    let mut fields = Vec::new();
    body.chunks(size).for_each(|chunk| reader.push(chunk, &mut |field| fields.push(shown(field))));
    reader.finish(&mut |field| fields.push(shown(field)));
    (fields.join(" "), reader.skipped())
}

/// The body comes to these fields, and nothing is left, wherever the chunks end.
fn check(name: &str, encodings: &[&str], body: &[u8], expected: &str) {
    for size in [1, 3, 7, 1 << 20] {
        assert_eq!(read(encodings, 1 << 16, body, size), (expected.to_owned(), 0), "{name} in {size}");
    }
}

fn gzip(data: &[u8]) -> Vec<u8> {
    [b"\x1f\x8b\x08\0\0\0\0\0\0\x03", &compress_to_vec(data, 6)[..], b"trailer!"].concat()
}

#[test]
fn unpacks_each_coding() {
    let raw = compress_to_vec(b"a=1&b=2", 6);
    let zlib = compress_to_vec_zlib(b"a=1&b=2", 6);
    let gzip = gzip(b"a=1&b=2");
    check("gzip", &["gzip"], &gzip, PLAIN);
    check("x-gzip", &["X-GZip"], &gzip, PLAIN);
    check("gzip that nobody declares", &[], &gzip, PLAIN);
    check("gzip declared as deflate", &["deflate"], &gzip, PLAIN);
    check("raw deflate", &["deflate"], &raw, PLAIN);
    check("zlib", &["deflate"], &zlib, PLAIN);
    let mut corrupt = zlib.clone();
    corrupt.iter_mut().rev().take(4).for_each(|byte| *byte = 0);
    check("zlib with a wrong checksum", &["deflate"], &corrupt, PLAIN);
    check("Brotli", &["br"], BROTLI, PLAIN);
    check("Zstandard", &["zstd"], ZSTD, PLAIN);
    check("Zstandard that nobody declares", &[], ZSTD, PLAIN);
    check("Zstandard with a wide window", &["zstd"], ZSTD_WIDE, PLAIN);
}

#[test]
fn reads_gzip_headers_of_any_length_and_every_member() {
    let raw = compress_to_vec(b"a=1&b=2", 6);
    let header = |flags: u8| [0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3];
    let extra = [&[0xff, 0x7f][..], &[b'x'; 0x7fff]].concat();
    let text = [&[b'n'; 5000][..], b"\0"].concat();
    let long = [&header(4 | 8 | 16 | 2)[..], &extra, &text, &text, b"xx", &raw, b"trailer!"].concat();
    check("a long header", &["gzip"], &long, PLAIN);
    let named = [&header(8 | 4)[..], b"\x02\0xxname\0", &raw, b"trailer!"].concat();
    check("a short header", &["gzip"], &named, PLAIN);
    check("two members", &["gzip"], &[gzip(b"a=1&"), gzip(b"b=2")].concat(), PLAIN);
    check("an empty member first", &["gzip"], &[gzip(b""), gzip(b"a=1&b=2")].concat(), PLAIN);
    check("zeros between members", &["gzip"], &[&gzip(b"a=1&")[..], &[0; 30], &gzip(b"b=2")].concat(), PLAIN);
    check(
        "two frames",
        &["zstd"],
        &[ZSTD, b"\x50\x2a\x4d\x18\x02\0\0\0xx", ZSTD].concat(),
        "form:a=1 form:b=2a=1 form:b=2",
    );
    let behind = [&gzip(b"a=1&b=2")[..], b"a=<script>"].concat();
    assert_eq!(read(&["gzip"], 999, &behind, 1 << 20), (PLAIN.to_owned(), 10), "what is no member is counted");
}

#[test]
fn undoes_layers_from_the_last_to_the_first() {
    let once = gzip(b"a=1&b=2");
    let twice = gzip(&once);
    check("gzip, gzip", &["gzip, gzip"], &twice, PLAIN);
    check("two headers", &["gzip", "gzip"], &twice, PLAIN);
    check("deflate, gzip", &["deflate, gzip"], &gzip(&compress_to_vec_zlib(b"a=1&b=2", 6)), PLAIN);
    check("br, gzip", &["br,gzip"], &gzip(BROTLI), PLAIN);
    check("identity last", &["deflate", "identity"], &compress_to_vec_zlib(b"a=1&b=2", 6), PLAIN);
    check("once, declared twice", &["gzip, gzip"], &once, PLAIN);
    check("an unknown token", &["utf-8, gzip"], &once, PLAIN);
    let five = (0..5).fold(b"a=1&b=2".to_vec(), |data, _| gzip(&data));
    let (_, left) = read(&["gzip, gzip, gzip, gzip, gzip"], 1 << 16, &five, 1 << 20);
    assert!(left > 0, "a fifth layer is counted");
    let (_, left) = read(&["compress"], 1 << 16, b"\x1f\x9dabcdef", 1 << 20);
    assert_eq!(left, 8, "what is not undone is counted");
}

#[test]
fn text_that_is_declared_packed_is_text() {
    for coding in ["gzip", "deflate", "br", "zstd", "gzip, gzip"] {
        for text in ["a=1&b=2", "bb=1&b=2", "\u{e9}=1&b=2", "sss=1&cc=2", "i=1", "h=12345678901234567890&g=2"] {
            for size in [1, 3, 7, 1 << 20] {
                // It is read as it was sent, too: so some fields come twice.
                let (fields, left) = read(&[coding], 1 << 16, text.as_bytes(), size);
                let (plain, _) = read(&[], 1 << 16, text.as_bytes(), 1 << 20);
                let set = |fields: &str| fields.split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
                assert_eq!((set(&fields), left), (set(&plain), 0), "{coding} in {size}");
            }
        }
    }
    let start = read(&["gzip"], 999, b"\x1f\x8b", 1);
    assert_eq!(start, ("text:=\\x1f\\x8b".to_owned(), 2), "what is not undone is shown and counted");
}

#[test]
fn a_bomb_costs_what_its_first_bytes_cost() {
    let letters = vec![b'a'; 1 << 24];
    let deflate = compress_to_vec(&letters, 6);
    // 128 blocks of one letter, 128 KiB each.
    let zstd = [&b"\x28\xb5\x2f\xfd\0\x58"[..], &b"\x02\0\x10a".repeat(128), b"\x01\0\0"].concat();
    let layers = gzip(&gzip(&letters));
    for (coding, bomb) in [("deflate", &deflate[..]), ("zstd", &zstd), ("gzip, gzip", &layers), ("br", BROTLI_BOMB)] {
        let mut reader = Body::new(&Head::new([("content-encoding", coding)].into_iter().collect()), 10_000);
        let mut shown = 0;
        reader.push(bomb, &mut |field| shown += field.value.len());
        reader.finish(&mut |field| shown += field.value.len());
        assert!(shown < 20_000 && reader.skipped() > 10, "{coding}: {shown} {}", reader.skipped());
    }
}

#[test]
fn a_stream_of_tables_is_given_up() {
    // Blocks of Huffman codes without a symbol but their end; RFC 1951, section 3.2.7.
    let bits = |value: u32, count: u32| (0..count).map(move |at| value >> at & 1);
    let lengths = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1]
        .map(|symbol| u32::from(symbol == 18 || symbol == 1));
    let mut block: Vec<u32> = bits(0b100, 3).chain(bits(0, 10)).chain(bits(14, 4)).collect();
    block.extend(lengths.iter().flat_map(|length| bits(*length, 3)));
    block.extend(bits(1, 1).chain(bits(138 - 11, 7)).chain(bits(1, 1)).chain(bits(117 - 11, 7)).chain(bits(0b1000, 4)));
    let all: Vec<u32> = block.repeat(8 * 60_000).into_iter().take(8 * 600_000).collect();
    let body: Vec<u8> =
        all.chunks(8).map(|bits| bits.iter().enumerate().map(|(at, bit)| (bit << at) as u8).sum()).collect();
    let (shown, left) = read(&["deflate"], 1 << 20, &body, 1 << 16);
    assert!(shown.is_empty() && (200_000..400_000).contains(&left), "{left} of {}", body.len());
}

#[test]
fn reads_wide_characters() {
    check("UTF-16", &[], b"a\0=\0<\0", "form:a=<");
    check("UTF-16, other end first", &[], b"\0a\0=\0<", "form:a=<");
    check("a byte order mark", &[], b"\xff\xfea\0=\0\x3d\xd8\0\xde", "form:a=\\xf0\\x9f\\x98\\x80");
    check("UTF-32", &[], b"\xff\xfe\0\0a\0\0\0=\0\0\0<\0\0\0", "form:a=<");
    check("UTF-32, other end first", &[], b"\0\0\xfe\xff\0\0\0a\0\0\0=\0\x01\xf6\0", "form:a=\\xf0\\x9f\\x98\\x80");
    check("a film", &[], b"\0\0\0\x20ftypisom", "text:=\\x00\\x00\\x00 ftypisom");
    check("UTF-32 by what it begins with", &[], b"{\0\0\0}\0\0\0", "");
    check("half a pair", &[], b"\xfe\xff\0a\0=\xd8\0\0b", "form:a=\\xef\\xbf\\xbdb");
}

#[test]
fn a_hundredfold_body_is_noticed() {
    let text: Vec<u8> = (0..40_000).flat_map(|number: u32| format!("a{number}=1&").into_bytes()).collect();
    let lines = vec![b'\n'; 1 << 20];
    let zstd = [&b"\x28\xb5\x2f\xfd\0\x58"[..], &b"\x02\0\x10a".repeat(128), b"\x01\0\0"].concat();
    let rows: [(&str, &[u8], bool); 4] = [
        ("a mebibyte of line breaks", &gzip(&lines), true),
        ("a bomb of Zstandard", &zstd, true),
        ("text", &gzip(&text), false),
        ("a short one", &gzip(&lines[..60_000]), false),
    ];
    for (name, body, expected) in rows {
        let coding = if body == zstd { "zstd" } else { "gzip" };
        let head = Head::new([("content-encoding", coding)].into_iter().collect());
        for size in [100, 1 << 20] {
            let mut reader = Body::new(&head, 1 << 20);
            body.chunks(size).for_each(|chunk| reader.push(chunk, &mut |_| ()));
            reader.finish(&mut |_| ());
            assert_eq!(reader.expands(), expected, "{name} in {size}");
        }
    }
}
