//! Are packed bodies unpacked and wide characters read?

use super::shown;
use crate::exchange::head::Head;
use crate::read::Body;

#[test]
fn unpacks_what_is_packed_and_reads_wide_characters() {
    let check = |headers: &[(&str, &str)], limit: usize, body: &[u8], expected: &str| {
        for size in [1, 3, 7, 1 << 20] {
            let mut reader = Body::new(&Head::new(headers.iter().copied().collect()), limit);
            let mut fields = Vec::new();
            body.chunks(size).for_each(|chunk| reader.push(chunk, &mut |field| fields.push(shown(field))));
            reader.finish(&mut |field| fields.push(shown(field)));
            assert_eq!(fields.join(" "), expected, "{headers:?} in {size}");
        }
    };
    let raw = miniz_oxide::deflate::compress_to_vec(b"a=1&b=2", 6);
    let zlib = miniz_oxide::deflate::compress_to_vec_zlib(b"a=1&b=2", 6);
    let gzip = [b"\x1f\x8b\x08\x0c\0\0\0\0\0\x03\x02\0xxname\0", &raw[..], b"trailer!"].concat();
    check(&[], 99, &gzip, "form:a=1 form:b=2");
    check(&[("content-encoding", "gzip")], 99, &gzip, "form:a=1 form:b=2");
    check(&[("content-encoding", "deflate")], 99, &raw, "form:a=1 form:b=2");
    check(&[("content-encoding", "deflate")], 99, &zlib, "form:a=1 form:b=2");
    check(&[("content-encoding", "gzip")], 99, b"a=1", "form:a=1");
    check(&[("content-encoding", "gzip")], 99, b"\x1f\x8b", "text:=\\x1f\\x8b");
    check(&[], 99, b"a\0=\0<\0", "form:a=<");
    check(&[], 99, b"\0a\0=\0<", "form:a=<");
    check(&[], 99, b"\xff\xfea\0=\0\x3d\xd8\0\xde", "form:a=\\xf0\\x9f\\x98\\x80");
    check(&[], 99, b"\xfe\xff\0a\0=\xd8\0\0b", "form:a=\\xef\\xbf\\xbdb");
    let bomb = miniz_oxide::deflate::compress_to_vec(&vec![b'a'; 1 << 24], 6);
    let mut reader = Body::new(&Head::new([("content-encoding", "deflate")].into_iter().collect()), 10_000);
    let mut shown = 0;
    reader.push(&bomb, &mut |field| shown += field.value.len());
    reader.finish(&mut |field| shown += field.value.len());
    assert!(shown < 20_000 && reader.skipped() > 1000, "{shown} {}", reader.skipped());
}
