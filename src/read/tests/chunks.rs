//! Are the fields the same wherever the chunks end, and is memory bounded?

use super::{body_fields, head_fields};
use crate::exchange::head::Head;
use crate::read::Body;
use crate::read::body::TAIL;
use crate::read::field::Field;
use crate::read::piece::PIECE;
use proptest::prelude::*;

#[test]
fn long_values_come_in_overlapping_pieces_and_nothing_is_held() {
    let needle = b"1' union select";
    for at in (0..20_000).step_by(97) {
        let mut value = vec![b'a'; 20_000];
        value.splice(at..at, needle.iter().copied());
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/json"] {
            let body = match content_type {
                "application/json" => [b"{\"k\":\"", &value[..], b"\"}"].concat(),
                "text/plain" => value.clone(),
                _ => [b"k=", &value[..]].concat(),
            };
            let head = Head::new([("content-type", content_type)].into_iter().collect());
            let mut reader = Body::new(&head, 1 << 20);
            let (mut whole, mut longest) = (0, 0);
            let mut sink = |field: Field<'_>| {
                whole += usize::from(field.value.windows(needle.len()).any(|part| part == needle));
                longest = longest.max(field.value.len());
            };
            reader.push(&body, &mut sink);
            reader.finish(&mut sink);
            assert!(whole >= 1 && longest <= PIECE, "{content_type} at {at}");
        }
    }
}

#[test]
fn beyond_the_limit_only_the_tail_is_looked_at_and_the_rest_counted() {
    let body = [&b"a=1&b="[..], &[b'x'; 100_000], b"&c=end"].concat();
    for size in [1, 7, 4096, 1 << 20] {
        let chunks: Vec<_> = body.chunks(size).collect();
        let (fields, skipped) = body_fields("application/x-www-form-urlencoded", 1000, &chunks);
        assert_eq!(fields.first().map(String::as_str), Some("form:a=1"));
        assert_eq!(fields.last().map(String::as_str), Some("form:c=end"));
        assert_eq!(skipped, (body.len() - 1000 - TAIL) as u64);
    }
    assert_eq!(body_fields("", 4, &[b"hello there"]).1, 0);
    assert_eq!(body_fields("", 0, &[b"a=1"]).0, ["text:=a=1"]);
}

/// In any order, as what is read twice is read piece by piece.
fn same_at_every_boundary(content_type: &str, body: &[u8]) {
    let body_fields = |content_type: &str, limit: usize, chunks: &[&[u8]]| {
        let (mut fields, skipped) = body_fields(content_type, limit, chunks);
        fields.sort_unstable();
        (fields, skipped)
    };
    let whole = body_fields(content_type, 1 << 20, &[body]);
    for at in 0..=body.len() {
        let (a, b) = body.split_at(at);
        assert_eq!(body_fields(content_type, 1 << 20, &[a, b]), whole, "split at {at}");
    }
    let single: Vec<_> = body.chunks(1).collect();
    assert_eq!(body_fields(content_type, 1 << 20, &single), whole);
}

proptest! {
    #[test]
    fn the_same_fields_wherever_the_chunks_end(
        content_type in prop::sample::select(vec![
            "application/json", "application/x-www-form-urlencoded", "text/plain", "", "application/xml", "multipart/form-data",
            "multipart/form-data; boundary=b", "image/png",
        ]),
        body in prop_oneof![
            prop::collection::vec(prop::sample::select(b"{}[]\",:\\u00e9a1 &=%+'\xff".to_vec()), 0..80),
            "\\{(\"[a-c<]{0,4}\":(\"[^\"\\\\]{0,6}\"|[0-9]{1,3}|\\[\"\\\\\\\\u00[0-9a-f]{2}\"\\]),?){0,4}\\}".prop_map(String::into_bytes),
            "(--b|\r|\n|content-disposition: form-data; (file)?name=[a-c\"\\\\;]{1,4}|content-transfer-encoding: base64|[a-d=]{1,5}){0,12}"
                .prop_map(|text| format!("--b\n{text}").into_bytes()),
            "(--b(--)?|--c|-|\r|\n|\r\n|\n\ncontent-disposition: x; (file)?name\\*?0?=[a-c\"\\\\;]{1,4}|content-transfer-encoding: quoted-printable\n|content-type: (image/png|multipart/mixed; boundary=c)\n|=3[d-f]|\x00|\u{89}PNG|<\\?php x|<%|[a-d=]{1,5}){0,16}"
                .prop_map(|text| format!("--b\ncontent-disposition: x; filename=a\n{text}").into_bytes()),
            "(\x00{1,60}|<\\?php|<%|<scr|ipt|\\$\\{|jndi|#!/bin|[a-d =]{1,12}){0,16}".prop_map(|text| format!("\u{89}PNG{text}").into_bytes()),
            "(<[a-b!?/-]{0,3}|>|\\]\\]>|<!\\[CDATA\\[|-->| [a-c]=[\"'x]{1,2}|[a-c&;]{1,3}){0,14}".prop_map(|text| format!("<{text}").into_bytes()),
            prop::collection::vec(prop::sample::select(b"\0a=<{\xff\xfe\x1f\x8b\x08".to_vec()), 0..20),
            "([a-z<]{0,4}=[a-z%+]{0,6}&?){0,5}".prop_map(String::into_bytes),
        ],
    ) {
        same_at_every_boundary(content_type, &body);
    }

    #[test]
    fn any_bytes_are_taken(target in prop::collection::vec(any::<u8>(), 0..300), value in prop::collection::vec(any::<u8>(), 0..300)) {
        head_fields(&[(":path", &target), ("cookie", &value), ("x", &value)]);
    }
}
