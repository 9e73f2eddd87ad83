//! Does the gate let out only what no rule matches?

use crate::decode::Views;
use crate::detect::gate::{self, Class};
use crate::detect::matcher::Verifier;
use crate::detect::rule_set::RuleSet;
use crate::detect::scan::{Scan, plus_is_blank};
use crate::detect::verify::{
    self,
    subject::{Effort, Subject},
};
use crate::read::field::Field;
use crate::read::target::Target;
use crate::text::byte_set::ByteSet;
use proptest::prelude::*;

/// Signs and words of which the gate has literals, for some places or for all.
#[rustfmt::skip]
const PARTS: &[&str] = &[
    "(", ")", "*", "'", "\"", "<", ">", "=", ";", "?", "/", "//", "/.", "../", "://", "http:", "{", "}", "[", "]", "$", "$(", "`", "|", "!", "#",
    "--", "0x2e", "x", "a", "1", " ", " or ", "select ", "union ", "chr", "script", "on", "alert(1)", "etc/passwd", "id", "cat ", "ext::", "|(", "\":\"",
    "https://", "shop.example", "localhost", "10.0.0.1", "k.oast.pro", ":80",
];

/// With too many literals for its numbers there would be no automaton, and nothing would fire.
#[test]
fn the_gate_is_there() {
    assert!(RuleSet::builtin().gate.fires(b"../"));
}

proptest! {
    #[test]
    fn html_is_nothing_without_a_sign_of_markup(
        parts in prop::collection::vec(prop_oneof![prop::sample::select(PARTS).prop_map(str::to_owned), "[ -~\\n\u{e9}]{0,12}"], 0..12),
        target in prop::sample::select(Target::ALL),
    ) {
        let view: Vec<u8> = parts.concat().to_lowercase().bytes().filter(|byte| !ByteSet::of(&[*byte]).has(ByteSet::MARKUP)).collect();
        let mut found = Vec::new();
        verify::run(Verifier::Html, &Subject::new(&view, target, b"", &Effort::default()), &mut |evidence| found.push(evidence));
        prop_assert_eq!(found, [], "{}", view.escape_ascii());
    }

    #[test]
    fn what_the_gate_lets_out_holds_nothing(
        parts in prop::collection::vec(prop::sample::select(PARTS), 1..8),
        target in prop::sample::select(Target::ALL),
        name in prop::sample::select(&["", "q", "file", "referer"][..]),
    ) {
        let rules = RuleSet::builtin();
        let value = parts.concat();
        let field = Field { target, name: name.as_bytes(), value: value.as_bytes(), encoded: true };
        let mut scan = Scan::new();
        // Without work nothing would be looked at.
        scan.budget.begin(value.len());
        scan.value(&rules, field);
        let found = scan.detections().len();
        let marks = ByteSet::of(field.value);
        if gate::class(marks, plus_is_blank(field)) != Class::Plain {
            scan.look_at(&rules, field, marks);
            let mut views = Views::default();
            views.of(field.value, plus_is_blank(field), false);
            scan.found.begin_value();
            scan.match_views(&rules, field, &views);
        }
        prop_assert_eq!(scan.detections().get(found..), Some(&[][..]), "{:?}", value);
    }
}
