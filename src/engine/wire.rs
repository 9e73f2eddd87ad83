//! In which form did the configuration arrive? As JSON text, or as the bytes of a `google.protobuf.Struct`.
//!
//! Source: the encoding of Protocol Buffers (<https://protobuf.dev/programming-guides/encoding/>) and `struct.proto`. Own
//! code, where `prost` would do (the tests ask it): it was a seventieth of the module, for three messages.

use crate::order::ordered;
use crate::written::tree::Tree;

/// Values may stand so deep in others; a configuration has six levels.
const DEPTH: usize = 64;

/// The configuration, if `bytes` are a `google.protobuf.Struct`: Envoy hands native YAML on in that form, whatever its
/// documentation says.
///
/// JSON text never reads so: each entry of a Struct has a value under the tag 0x12, and no JSON text holds that
/// control character.
pub(super) fn from_struct(bytes: &[u8]) -> Option<Tree> {
    if bytes.is_empty() { None } else { object(bytes, DEPTH) }
}

/// `message Struct { map<string, Value> fields = 1; }`: a map is a list of messages with a key and a value.
fn object(bytes: &[u8], depth: usize) -> Option<Tree> {
    let mut map: Vec<(String, Tree)> = Vec::new();
    for entry in fields(bytes)? {
        let (1, Content::Bytes(entry)) = entry else { return None };
        let (mut name, mut value) = (String::new(), None);
        for member in fields(entry)? {
            match member {
                (1, Content::Bytes(text)) => name = String::from_utf8(text.to_vec()).ok()?,
                (2, Content::Bytes(bytes)) => value = Some(tree(bytes, depth)?),
                _ => return None,
            }
        }
        map.push((name, value?));
    }
    // A sender may shuffle a map: the first mistake is to be the same each time.
    Some(Tree::Map(ordered(map, &|(one, _), (other, _)| one.cmp(other))))
}

/// `message Value`, which is one of six things; none for one that is nothing, which no proxy sends.
fn tree(bytes: &[u8], depth: usize) -> Option<Tree> {
    let depth = depth.checked_sub(1)?;
    Some(match *fields(bytes)?.last()? {
        (1, Content::Number(_)) => Tree::Null,
        (2, Content::Fixed(bits)) => {
            Some(f64::from_bits(bits)).filter(|number| number.is_finite()).map(Tree::Number)?
        }
        (3, Content::Bytes(text)) => Tree::Text(String::from_utf8(text.to_vec()).ok()?),
        (4, Content::Number(truth)) => Tree::Bool(truth != 0),
        (5, Content::Bytes(map)) => object(map, depth)?,
        (6, Content::Bytes(list)) => {
            let mut items = Vec::new();
            for item in fields(list)? {
                let (1, Content::Bytes(item)) = item else { return None };
                items.push(tree(item, depth)?);
            }
            Tree::List(items)
        }
        _ => return None,
    })
}

/// What stands behind a field's number.
#[derive(Clone, Copy)]
enum Content<'a> {
    /// A varint.
    Number(u64),
    /// Eight bytes, the least first.
    Fixed(u64),
    /// A text or another message.
    Bytes(&'a [u8]),
}

/// The fields of a message, each with its number; nothing, if that is no message of those that we know.
fn fields(mut bytes: &[u8]) -> Option<Vec<(u64, Content<'_>)>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes)?;
        let content = match tag & 7 {
            0 => Content::Number(varint(&mut bytes)?),
            1 => {
                let (fixed, rest) = bytes.split_first_chunk()?;
                bytes = rest;
                Content::Fixed(u64::from_le_bytes(*fixed))
            }
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).ok()?;
                let (own, rest) = bytes.split_at_checked(length)?;
                bytes = rest;
                Content::Bytes(own)
            }
            _ => return None,
        };
        fields.push((tag >> 3, content));
    }
    Some(fields)
}

/// Seven bits a byte, the least first; all but the last byte have the highest bit.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use prost::Message as _;
    use prost_types::value::Kind;
    use prost_types::{Struct, Value};

    fn encoded(value: &serde_json::Value) -> Value {
        let kind = match value {
            serde_json::Value::Null => Kind::NullValue(0),
            serde_json::Value::Bool(truth) => Kind::BoolValue(*truth),
            serde_json::Value::Number(number) => Kind::NumberValue(number.as_f64().unwrap()),
            serde_json::Value::String(text) => Kind::StringValue(text.clone()),
            serde_json::Value::Array(list) => {
                Kind::ListValue(prost_types::ListValue { values: list.iter().map(encoded).collect() })
            }
            serde_json::Value::Object(map) => Kind::StructValue(Struct {
                fields: map.iter().map(|(name, value)| (name.clone(), encoded(value))).collect(),
            }),
        };
        Value { kind: Some(kind) }
    }

    #[test]
    fn a_struct_reads_as_the_json_it_came_from() {
        let json = serde_json::json!({"a": 1.5, "b": [true, null, "x"], "c": {"d": {}}});
        let Some(Kind::StructValue(fields)) = encoded(&json).kind else { panic!("an object") };
        assert_eq!(from_struct(&fields.encode_to_vec()), serde_json::from_value(json).ok());
    }

    #[test]
    fn no_json_text_reads_as_a_struct() {
        for text in
            ["{}", "", "  {}", "\n{\"mode\": \"off\"}", "[]", "\n\n\n", "x", "\"\n\u{1}a\"", "{\"risk\": {}} \n"]
        {
            assert_eq!(from_struct(text.as_bytes()), None, "{text:?}");
        }
    }

    /// A struct that any sender might make.
    fn structs() -> impl Strategy<Value = Struct> {
        let leaf = prop_oneof![
            Just(Kind::NullValue(0)),
            any::<f64>().prop_map(Kind::NumberValue),
            ".{0,9}".prop_map(Kind::StringValue),
            any::<bool>().prop_map(Kind::BoolValue),
        ];
        let value = leaf.prop_map(|kind| Value { kind: Some(kind) }).prop_recursive(4, 32, 4, |inner| {
            let list = prop::collection::vec(inner.clone(), 0..4);
            let map = prop::collection::btree_map(".{0,9}", inner, 0..4);
            prop_oneof![
                list.prop_map(|values| Kind::ListValue(prost_types::ListValue { values })),
                map.prop_map(|fields| Kind::StructValue(Struct { fields })),
            ]
            .prop_map(|kind| Value { kind: Some(kind) })
        });
        prop::collection::btree_map(".{0,9}", value, 1..4).prop_map(|fields| Struct { fields })
    }

    fn expected(value: Value) -> Option<Tree> {
        Some(match value.kind? {
            Kind::NullValue(_) => Tree::Null,
            Kind::NumberValue(number) => number.is_finite().then_some(Tree::Number(number))?,
            Kind::StringValue(text) => Tree::Text(text),
            Kind::BoolValue(truth) => Tree::Bool(truth),
            Kind::StructValue(map) => {
                let read = |(name, value)| Some((name, expected(value)?));
                Tree::Map(map.fields.into_iter().map(read).collect::<Option<_>>()?)
            }
            Kind::ListValue(list) => Tree::List(list.values.into_iter().map(expected).collect::<Option<_>>()?),
        })
    }

    proptest! {
        #[test]
        fn a_struct_reads_as_prost_reads_it(message in structs()) {
            let bytes = message.encode_to_vec();
            let whole = Value { kind: Some(Kind::StructValue(message)) };
            prop_assert_eq!(from_struct(&bytes), expected(whole));
        }

        #[test]
        fn no_bytes_are_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Some(tree) = from_struct(&bytes) {
                let read = Struct::decode(bytes.as_slice()).ok();
                prop_assert_eq!(Some(tree), read.and_then(|read| expected(Value { kind: Some(Kind::StructValue(read)) })));
            }
        }
    }

    #[test]
    fn what_is_too_deep_is_no_configuration() {
        let nested = |levels: usize| {
            (0..levels).fold(Value { kind: Some(Kind::NullValue(0)) }, |inner, _| Value {
                kind: Some(Kind::ListValue(prost_types::ListValue { values: vec![inner] })),
            })
        };
        for (levels, is_read) in [(DEPTH - 1, true), (DEPTH, false), (10_000, false)] {
            let mut value = Vec::new();
            // By hand, since the library's own encoder would need the stack of ten thousand levels.
            if levels < 1000 {
                value = Struct { fields: [("a".to_owned(), nested(levels))].into() }.encode_to_vec();
            } else {
                let mut inner = vec![0x08, 0x00];
                for _ in 0..levels {
                    for tag in [0x0a, 0x32] {
                        inner = [vec![tag], length(inner.len()), inner].concat();
                    }
                }
                let entry = [vec![0x0a, 1, b'a', 0x12], length(inner.len()), inner].concat();
                value.extend([vec![0x0a], length(entry.len()), entry].concat());
            }
            assert_eq!(from_struct(&value).is_some(), is_read, "{levels}");
        }
    }

    fn length(mut number: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while number > 0x7f {
            bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        bytes.push(number as u8);
        bytes
    }
}
