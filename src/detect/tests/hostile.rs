//! Does any value cost no more than its length, and is it scanned with the same result each time?

use crate::detect::detections::DETECTIONS;
use crate::detect::rule_set::RuleSet;
use crate::detect::scan::Scan;
use crate::exchange::head::Head;
use crate::read;
use crate::read::field::Field;
use crate::read::target::Target;
use proptest::prelude::*;

#[test]
fn hostile_values_cost_what_their_length_says() {
    let rules = RuleSet::builtin();
    let parts = [
        "'",
        "\"",
        "(",
        ")",
        "%25",
        "%2525",
        "${",
        "}",
        "<",
        "<a ",
        "<a x='",
        "&",
        "&#",
        "&lt",
        "\\",
        "\\u",
        "/*",
        "*/",
        "--",
        "#",
        "../",
        ";",
        "|",
        "`",
        "$(",
        "\n",
        "or ",
        "' or '",
        "union select ",
        "on=",
        "alert(",
        "http://",
        "javascript:",
        "{\"a\":",
        "[",
        "=",
        "&a=",
        "%00",
        "%c0",
        "0x",
        "for %",
        "if ",
        "(select ",
        "char(1),",
        "a/",
        ".",
        "%u0027",
        "?",
        "/?a=",
    ];
    for part in parts {
        let text = part.repeat(64 * 1024 / part.len());
        let mut scan = Scan::new();
        for target in [Target::Query, Target::Path, Target::Text, Target::Header] {
            scan.push(&rules, Field { target, name: b"x", value: text.as_bytes(), encoded: true });
        }
        let head = Head::new([("content-type", "application/json")].into_iter().collect());
        let mut body = read::Body::new(&head, 1 << 20);
        body.push(text.as_bytes(), &mut |field| scan.push(&rules, field));
        body.finish(&mut |field| scan.push(&rules, field));
        assert!(scan.detections().len() <= DETECTIONS);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_scanned_and_the_answer_is_the_same(
        value in prop::collection::vec(
            prop_oneof![any::<u8>(), prop::sample::select(b"'\"<>()%;|&$`{}/\\.-#*=+orandunionselect 01ux".to_vec())],
            0..400,
        ),
        encoded in any::<bool>(),
    ) {
        let rules = RuleSet::builtin();
        for target in Target::ALL {
            let field = Field { target: *target, name: b"x", value: &value, encoded };
            let mut scans = [Scan::new(), Scan::new()];
            scans.iter_mut().for_each(|scan| scan.push(&rules, field));
            prop_assert_eq!(scans[0].take(), scans[1].take());
            prop_assert!(scans[0].take().is_empty());
        }
    }
}
