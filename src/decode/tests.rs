//! Is each spelling decoded to what it stands for?

use super::*;
use proptest::prelude::*;

fn views(value: &[u8], plus: bool) -> Views {
    let mut views = Views::default();
    views.of(value, plus, true);
    views
}

fn text(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

#[test]
fn undoes_percent_coding_to_a_fixed_point() {
    let check = |value: &str, expected: &str, rounds: u8| {
        let views = views(value.as_bytes(), true);
        assert_eq!((text(&views.plain).as_str(), views.rounds), (expected, rounds), "{value}");
    };
    check("a+b%20c", "a b c", 1);
    check("%27", "\\'", 1);
    check("%2527", "\\'", 2);
    check("%252527", "\\'", 3);
    check("%25252527", "%27", 3);
    check("%%32%37", "\\'", 2);
    check("100%", "100%", 0);
    check("5% of %zz", "5% of %zz", 0);
    check("%u0027%U003c", "\\'<", 1);
    check("%u2215%u2216", "/\\\\", 1);
    check("%c0%ae%c0%ae%c0%af", "../", 1);
    check("%e0%80%ae%f0%80%80%af", "./", 1);
    check("%ef%bc%9cscript%ef%bc%9e", "<script>", 1);
    check("San Mart%EDn", "San Mart\\xedn", 1);
    check("na%C3%AFve", "na\\xc3\\xafve", 1);
}

#[test]
fn undoes_entities_escapes_and_controls() {
    let check = |value: &str, expected: &str| {
        assert_eq!(text(&views(value.as_bytes(), false).deep), expected, "{value}");
    };
    check("plain", "");
    check("Q&A", "");
    check("a &amp b", "a & b");
    check("&lt;B&gt", "<b>");
    check("&#60;&#x3C;&#x003c&#0000060;", "<<<<");
    check("java&Tab;script&colon;x", "java\\tscript:x");
    check("&copy; &#8364;", "");
    check(r"\u0027\u{3C}\x3e\047", r"\'<>\'");
    check(r"\\u0027", r"\'");
    check(r"c:\new\users\x1", "");
    check("sel\0ect", "select");
    check("&#37;27", "\\'");
}

#[test]
fn folds_paths() {
    let check = |value: &str, expected: &str| {
        assert_eq!(text(&views(value.as_bytes(), false).path), expected, "{value}");
    };
    check("/a/b", "");
    check("/a//b/./c/", "/a/b/c/");
    check("/actuator;x=1/env", "/actuator/env");
    check("/a/..;/b", "/a/../b");
    check(r"..\..\etc\passwd", "../../etc/passwd");
    check("http://h//x", "http://h/x");
    check("no slash here", "");
}

proptest! {
    #[test]
    fn any_bytes_decode_to_no_more_than_there_are(value in prop::collection::vec(any::<u8>(), 0..400), plus in any::<bool>()) {
        let views = views(&value, plus);
        // `%uXXXX` takes six bytes for at most three.
        prop_assert!(views.plain.len() <= value.len() && views.low.len() == views.plain.len());
        prop_assert!(views.deep.len() <= value.len() && views.path.len() <= value.len() + 1);
    }
}
