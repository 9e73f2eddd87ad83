//! Does for any bytes hold what the fuzz targets check? The same properties, without a fuzzer: our seeds, cut and mixed.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

#[path = "../../fuzz/properties.rs"]
mod of_bytes;

/// The seeds of a fuzz target.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut seeds: Vec<_> = fs::read_dir(folder).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap()).collect();
    seeds.sort();
    assert!(!seeds.is_empty());
    seeds
}

/// Bytes such as the target's seeds: pieces of them, repeated, beside signs that mean something.
fn bytes(target: &str) -> impl Strategy<Value = Vec<u8>> {
    let signs = prop::collection::vec(
        prop_oneof![any::<u8>(), prop::sample::select(b"'\"<>()%;|&$`{}/\\.-#*=+:\n [],".to_vec())],
        0..12,
    );
    let piece =
        (prop::sample::select(seeds(target)), any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1_usize..4);
    let piece = piece.prop_map(|(seed, a, b, times)| {
        let (a, b) = (a.index(seed.len() + 1), b.index(seed.len() + 1));
        seed[a.min(b)..a.max(b)].repeat(times)
    });
    let parts = prop::collection::vec(prop_oneof![signs, piece], 1..6);
    (prop::option::of(prop::sample::select(seeds(target))), parts)
        .prop_map(|(first, rest)| first.into_iter().chain(rest).collect::<Vec<_>>().concat())
}

#[test]
fn the_seeds_hold() {
    seeds("decode").iter().for_each(|seed| of_bytes::decode(seed));
    seeds("verify").iter().for_each(|seed| of_bytes::verify(seed));
    seeds("body").iter().for_each(|seed| of_bytes::body(seed));
    seeds("scan").iter().for_each(|seed| of_bytes::scan(seed));
    seeds("tune").iter().for_each(|seed| of_bytes::tune(seed));
    seeds("tell").iter().for_each(|seed| of_bytes::tell(seed));
}

proptest! {
    #[test]
    fn values_are_decoded_within_bounds(value in bytes("decode")) {
        of_bytes::decode(&value);
    }

    #[test]
    fn verifiers_come_to_an_end(value in bytes("verify")) {
        of_bytes::verify(&value);
    }

    #[test]
    fn bodies_are_the_same_in_any_chunks(value in bytes("body")) {
        of_bytes::body(&value);
    }

    #[test]
    fn requests_are_scanned_with_the_same_answer(value in bytes("scan")) {
        of_bytes::scan(&value);
    }

    #[test]
    fn patterns_and_exclusions_change_only_what_they_name(value in bytes("tune")) {
        of_bytes::tune(&value);
    }

    #[test]
    fn what_is_told_is_well_formed(value in bytes("tell")) {
        of_bytes::tell(&value);
    }
}
