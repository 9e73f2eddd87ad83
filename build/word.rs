//! What do words in a rule's file stand for: targets, and texts inside Base64?

use crate::target::Target;

/// What a word looks like inside a text in Base64, by where in a group of three bytes it starts: only the characters that
/// it settles alone, in lower case as values are compared so.
pub(crate) fn base64(word: &str) -> Vec<String> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = word.bytes().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    // The first whole group of six bits starts so many bits into the word.
    [0, 4, 2]
        .into_iter()
        .map(|skip| {
            let sextets = bits.get(skip..).unwrap_or_default().chunks_exact(6);
            let values = sextets.map(|bits| usize::from(bits.iter().fold(0, |value, bit| value << 1 | bit)));
            values
                .filter_map(|value| ALPHABET.get(value))
                .map(|letter| char::from(*letter).to_ascii_lowercase())
                .collect()
        })
        .collect()
}

/// The targets that these words name, as they stand in the tables.
pub(crate) fn variants(words: &[String]) -> Result<Vec<String>, String> {
    Ok(targets(words)?.iter().map(|target| format!("Target::{target:?}")).collect())
}

/// The targets that these words name; `values` and `any` name several.
fn targets(words: &[String]) -> Result<Vec<Target>, String> {
    // Where a rule looks at JSON, it looks at all strings of data with a structure.
    let data = [Target::Json, Target::Xml, Target::Jwt];
    let values =
        [Target::Query, Target::Form, Target::Text, Target::Cookie, Target::Segment, Target::Filename, Target::Upload];
    let mut targets = Vec::new();
    for word in words {
        match word.as_str() {
            "values" => targets.extend(values.into_iter().chain(data)),
            "any" => targets.extend(values.into_iter().chain(data).chain([Target::Header])),
            "json" => targets.extend(data),
            word => match Target::ALL.iter().find(|target| target.word() == word) {
                Some(target) => targets.push(*target),
                None => return Err(format!("targets: `{word}` is unknown: take one of target.rs, `values` or `any`")),
            },
        }
    }
    Ok(targets)
}
