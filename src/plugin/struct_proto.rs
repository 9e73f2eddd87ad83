//! The plugin's configuration as bytes: JSON text, or a `google.protobuf.Struct`, which is what Envoy hands on of native YAML.

use prost::Message;
use prost_types::value::Kind;
use prost_types::{ListValue, Struct};

use crate::config::value::Value;

/// The tag of an entry's value in the encoding of `map<string, Value>`. Every Struct that is not empty has it, and no JSON
/// text may hold this control character (RFC 8259, section 7), so it tells the two forms apart.
const VALUE_TAG: u8 = 0x12;

/// The configuration, if `bytes` are a `google.protobuf.Struct` whose numbers are all finite.
pub(super) fn from_struct(bytes: &[u8]) -> Option<Value> {
    if !bytes.contains(&VALUE_TAG) {
        return None;
    }
    mapping(Struct::decode(bytes).ok()?)
}

fn mapping(message: Struct) -> Option<Value> {
    let entries = message.fields.into_iter().map(|(name, value)| Some((name, of_kind(value.kind)?)));
    entries.collect::<Option<_>>().map(Value::Map)
}

fn of_kind(kind: Option<Kind>) -> Option<Value> {
    Some(match kind? {
        Kind::NullValue(_) => Value::Null,
        Kind::NumberValue(number) => Value::Number(Some(number).filter(|number| number.is_finite())?),
        Kind::StringValue(text) => Value::Text(text),
        Kind::BoolValue(truth) => Value::Bool(truth),
        Kind::StructValue(message) => mapping(message)?,
        Kind::ListValue(ListValue { values }) => {
            Value::List(values.into_iter().map(|value| of_kind(value.kind)).collect::<Option<_>>()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> prost_types::Value {
        prost_types::Value { kind: Some(Kind::StringValue(text.to_owned())) }
    }

    fn number(number: f64) -> prost_types::Value {
        prost_types::Value { kind: Some(Kind::NumberValue(number)) }
    }

    fn encoded(fields: &[(&str, prost_types::Value)]) -> Vec<u8> {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Struct { fields }.encode_to_vec()
    }

    #[test]
    fn every_kind_of_value_is_read_and_what_is_none_is_refused() {
        let list =
            prost_types::Value { kind: Some(Kind::ListValue(ListValue { values: vec![number(2.0), text("x")] })) };
        let rows = [
            ("texts and lists, by name", encoded(&[("b", list), ("a", text("t"))]), Some(r#"{"a":"t","b":[2,"x"]}"#)),
            ("a number that is none", encoded(&[("a", number(f64::NAN))]), None),
            ("a value of no kind", encoded(&[("a", prost_types::Value { kind: None })]), None),
            ("JSON text", b"{\"a\": 1}".to_vec(), None),
            ("JSON text behind a line break, which is a Struct's first tag", b"\n{\"a\": 1}".to_vec(), None),
            ("nothing", Vec::new(), None),
        ];
        for (what, bytes, expected) in rows {
            let expected = expected.map(|json| Value::from_json(json.as_bytes()).unwrap());
            assert_eq!(from_struct(&bytes), expected, "{what}");
        }
    }

    #[test]
    fn what_is_nested_too_deeply_is_refused_without_a_stack_overflow() {
        // By hand: the library's own encoder would need the stack of ten thousand levels.
        let length = |mut number: usize| {
            let mut bytes = Vec::new();
            while number > 0x7f {
                bytes.push(number as u8 | 0x80);
                number >>= 7;
            }
            bytes.push(number as u8);
            bytes
        };
        for (levels, is_read) in [(20, true), (10_000, false)] {
            let mut inner = vec![0x08, 0x00];
            for _ in 0..levels {
                for tag in [0x0a, 0x32] {
                    inner = [vec![tag], length(inner.len()), inner].concat();
                }
            }
            let entry = [vec![0x0a, 1, b'a', VALUE_TAG], length(inner.len()), inner].concat();
            let bytes = [vec![0x0a], length(entry.len()), entry].concat();
            assert_eq!(from_struct(&bytes).is_some(), is_read, "{levels}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = from_struct(&bytes);
        }
    }
}
