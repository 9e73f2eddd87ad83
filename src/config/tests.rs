//! Is each value read as it was written, and does each error name the path of what is wrong?

use super::options::options;
use super::*;

/// Something with options of each kind.
#[derive(Clone, Debug, Default, PartialEq)]
struct Thing {
    name: String,
    mood: Option<Mood>,
    parts: Vec<Thing>,
    other: Option<String>,
}

options! { Thing { name, mood, parts = Vec::new(), other as "for" } }

/// Something of which all may be left out.
#[derive(Debug, PartialEq)]
struct Calm {
    name: String,
    mood: Mood,
}

options! { Calm { name, mood, ..Self { name: "calm".to_owned(), mood: Mood::Good } } }

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mood {
    Good,
    Bad,
}

impl FromValue for Mood {
    fn read(value: &Value) -> Result<Self, Error> {
        value.word(&[("good", Self::Good), ("bad", Self::Bad)])
    }
}

fn thing(name: &str) -> Thing {
    Thing { name: name.to_owned(), ..Thing::default() }
}

#[test]
fn options_are_read_into_their_places() {
    let rows = [
        (r#"{"name": "a"}"#, thing("a")),
        (r#"{"name": "", "mood": null}"#, thing("")),
        (r#"{"mood": "bad", "name": "a"}"#, Thing { mood: Some(Mood::Bad), ..thing("a") }),
        (r#"{"name": "a", "parts": [{"name": "b"}]}"#, Thing { parts: vec![thing("b")], ..thing("a") }),
        (r#"{"name": "a", "for": "x"}"#, Thing { other: Some("x".to_owned()), ..thing("a") }),
    ];
    for (text, expected) in rows {
        assert_eq!(from_json::<Thing>(text).unwrap(), expected, "{text}");
    }
}

#[test]
fn what_is_left_out_stays_as_it_is_by_default() {
    let calm = |name: &str, mood| Calm { name: name.to_owned(), mood };
    assert_eq!(from_json::<Calm>("{}").unwrap(), calm("calm", Mood::Good));
    assert_eq!(from_json::<Calm>(r#"{"mood": "bad"}"#).unwrap(), calm("calm", Mood::Bad));
    assert!(from_json::<Calm>(r#"{"mood": null}"#).is_err(), "an option that may be left out may not be empty");
}

#[test]
fn mistakes_are_told_with_the_way_to_them() {
    let rows = [
        ("[]", "", "is a list; write a mapping of options, {option: value, …}"),
        ("{}", "", "`name` is missing"),
        (r#"{"name": null}"#, "name", "is empty; write a text"),
        (r#"{"name": 1.50}"#, "name", "is the number 1.5; write a text"),
        (r#"{"name": 2.0}"#, "name", "is the number 2; write a text"),
        (r#"{"name": true}"#, "name", "is true; write a text"),
        (r#"{"name": "a", "mood": "so"}"#, "mood", "unknown variant `so`, expected `good` or `bad`"),
        (r#"{"name": "a", "mood": 1}"#, "mood", "is the number 1; write `good` or `bad`"),
        (r#"{"name": "a", "name": "a"}"#, "", "duplicate field `name`"),
        (r#"{"nam": "a"}"#, "nam", "unknown field `nam`; did you mean `name`?"),
        (r#"{"Parts": []}"#, "Parts", "unknown field `Parts`; did you mean `parts`?"),
        (r#"{"when": "a"}"#, "when", "unknown field `when`, expected one of `name`, `mood`, `parts`, `for`"),
        (r#"{"name": "a", "parts": "b"}"#, "parts", "is the text \"b\"; write a list, each entry after a dash"),
        (r#"{"name": "a", "parts": [{"name": "b"}, {"name": {}}]}"#, "parts 1 name", "is a mapping; write a text"),
        (r#"{"name": "a", "for": 1}"#, "for", "is the number 1; write a text"),
        (
            "{",
            "",
            "the text is not JSON: EOF while parsing an object at line 1 column 1; for YAML write it as google.protobuf.Struct",
        ),
        ("{} {}", "", "the text goes on after the JSON: trailing characters at line 1 column 4"),
    ];
    for (text, way, expected) in rows {
        let (message, steps) = from_json::<Thing>(text).unwrap_err().into_parts();
        let steps = steps.iter().rev().map(|step| match step {
            error::Step::Key(key) => key.clone(),
            error::Step::Index(index) => index.to_string(),
        });
        assert_eq!((steps.collect::<Vec<_>>().join(" "), message.as_str()), (way.to_owned(), expected), "{text}");
    }
}
