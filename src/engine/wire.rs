//! In which form did the configuration arrive? As JSON text, or as the bytes of a `google.protobuf.Struct`.

use prost::Message;
use prost_types::value::Kind;
use prost_types::{Struct, Value};

/// The configuration as JSON, if `bytes` are a `google.protobuf.Struct`: Envoy hands native YAML on in that form,
/// whatever its documentation says.
///
/// JSON text never reads so: each entry of a Struct has a value under the tag 0x12, and no JSON text holds that
/// control character.
pub(super) fn from_struct(bytes: &[u8]) -> Option<serde_json::Value> {
    let fields = Struct::decode(bytes).ok()?.fields;
    if fields.is_empty() {
        return None;
    }
    object(fields)
}

fn object(fields: impl IntoIterator<Item = (String, Value)>) -> Option<serde_json::Value> {
    // One by one: to collect them would bring a sort with it, of 15 kB.
    let mut map = serde_json::Map::new();
    for (name, value) in fields {
        map.insert(name, json(value)?);
    }
    Some(serde_json::Value::Object(map))
}

/// The value as JSON; none for one without a kind, which no proxy sends.
fn json(value: Value) -> Option<serde_json::Value> {
    Some(match value.kind? {
        Kind::NullValue(_) => serde_json::Value::Null,
        Kind::NumberValue(number) => number_of(number)?,
        Kind::StringValue(text) => text.into(),
        Kind::BoolValue(truth) => truth.into(),
        Kind::StructValue(fields) => object(fields.fields)?,
        Kind::ListValue(list) => list.values.into_iter().map(json).collect::<Option<Vec<_>>>()?.into(),
    })
}

/// Whole numbers as such, so that an error repeats `24` and not `24.0`.
fn number_of(number: f64) -> Option<serde_json::Value> {
    const EXACT: f64 = (1_u64 << 53) as f64;
    if number.fract() == 0.0 && number.abs() < EXACT {
        return Some((number as i64).into());
    }
    Some(serde_json::Number::from_f64(number)?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(from_struct(&fields.encode_to_vec()), Some(json));
    }

    #[test]
    fn no_json_text_reads_as_a_struct() {
        for text in
            ["{}", "", "  {}", "\n{\"mode\": \"off\"}", "[]", "\n\n\n", "x", "\"\n\u{1}a\"", "{\"risk\": {}} \n"]
        {
            assert_eq!(from_struct(text.as_bytes()), None, "{text:?}");
        }
    }
}
