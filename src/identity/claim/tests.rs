//! Are claims read as what the token said?

use proptest::prelude::*;

use super::*;
use crate::config;
use crate::exchange::proxy::Known;

/// A map as the proxy serialises it.
fn map(pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = (pairs.len() as u32).to_le_bytes().to_vec();
    for (name, value) in pairs {
        bytes.extend((name.len() as u32).to_le_bytes());
        bytes.extend((value.len() as u32).to_le_bytes());
    }
    for (name, value) in pairs {
        bytes.extend([name.as_bytes(), b"\0", value.as_bytes(), b"\0"].concat());
    }
    bytes
}

#[test]
fn a_name_is_what_the_operator_says_it_is() {
    let number = |number: f64| number.to_le_bytes().to_vec();
    let rows = [
        (b"alice@example".to_vec(), Kind::Text, Some("alice@example")),
        (b"alice@ex".to_vec(), Kind::Text, Some("alice@ex")),
        ("äöüß".as_bytes().to_vec(), Kind::Text, Some("äöüß")),
        (b"1".to_vec(), Kind::Text, Some("1")),
        (b"".to_vec(), Kind::Text, None),
        (b"".to_vec(), Kind::Number, None),
        // Texts that look like a number, a truth value and a list are names of their own.
        (number(3.0), Kind::Text, Some("\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}@")),
        (vec![1], Kind::Text, Some("\u{fffd}")),
        (map(&[]), Kind::Text, Some("\u{fffd}\u{fffd}\u{fffd}\u{fffd}")),
        (b"a\xff\xfe".to_vec(), Kind::Text, Some("a\\xff\\xfe")),
        (number(0.0), Kind::Number, Some("0")),
        (number(42.0), Kind::Number, Some("42")),
        (number(1.5), Kind::Number, Some("1.5")),
        (number(-7.0), Kind::Number, Some("-7")),
        (number((1_u64 << 53) as f64), Kind::Number, Some("9007199254740992")),
        (b"alice".to_vec(), Kind::Number, Some("alice")),
    ];
    for (bytes, kind, expected) in rows {
        let proxy = Known::default().with_metadata(FILTER, &["p", "sub"], bytes.clone());
        let name = Path::subject().name(&proxy, "p", kind);
        let shown = name.map(|name| crate::text::untrusted::clean_bytes(&name, 99));
        assert_eq!(shown.as_deref(), expected, "{bytes:?}");
    }
}

#[test]
fn every_whole_number_below_2_to_the_45_is_a_number() {
    for shift in 0..45 {
        for number in [1_u64 << shift, (1 << shift) + 1, (1 << shift) | 0x4142_4344 & ((1 << shift) - 1)] {
            let read = Claim::read((number as f64).to_le_bytes().to_vec());
            assert_eq!(read, Claim::Number(number as f64), "{number}");
        }
    }
}

proptest! {
    #[test]
    fn a_claim_of_any_bytes_is_something(bytes in any::<Vec<u8>>(), text in "[ -~]{8}") {
        let read = Claim::read(bytes.clone());
        prop_assert!(read.is("x") == (bytes == b"x") || matches!(read, Claim::Many(_)));
        prop_assert_eq!(Claim::read(text.clone().into_bytes()), Claim::Text(text.into_bytes()));
    }
}

#[test]
fn claims_hold_if_each_does() {
    let proxy = Known::default()
        .with_metadata(FILTER, &["p", "role"], "admin")
        .with_metadata(FILTER, &["p", "level"], 3_f64.to_le_bytes())
        .with_metadata(FILTER, &["p", "staff"], [1])
        .with_metadata(FILTER, &["p", "https://x.example/tier"], "gold")
        .with_metadata(FILTER, &["p", "realm_access", "roles"], map(&[("ops", ""), ("dev", "")]));
    let rows = [
        (r#"{"role": "admin"}"#, true),
        (r#"{"role": "adm"}"#, false),
        (r#"{"role": "admin", "level": 4}"#, false),
        (r#"{"role": "admin", "level": 3}"#, true),
        (r#"{"level": 3.0}"#, true),
        (r#"{"staff": true}"#, true),
        (r#"{"staff": false}"#, false),
        (r#"{"https://x.example/tier": "gold"}"#, true),
        (r#"{"realm_access": {"roles": "dev"}}"#, true),
        (r#"{"realm_access": {"roles": "admin"}}"#, false),
        (r#"{"absent": "x"}"#, false),
    ];
    for (claims, expected) in rows {
        let claims: Claims = config::from_json(claims).unwrap();
        assert_eq!(claims.hold(&proxy, "p"), expected, "{claims:?}");
        assert!(!claims.hold(&proxy, "q"), "{claims:?}");
    }
    for wrong in ["{}", "\"admin\"", r#"{"": "x"}"#, r#"{"a": []}"#, r#"{"a": null}"#] {
        assert!(config::from_json::<Claims>(wrong).is_err(), "{wrong}");
    }
}
