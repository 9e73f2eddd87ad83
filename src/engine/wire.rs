//! In which form did the configuration arrive? As JSON text, or as the bytes of a `google.protobuf.Struct`.

use prost::Message;
use prost_types::value::Kind;
use prost_types::{Struct, Value};

use crate::written::tree::Tree;

/// The configuration, if `bytes` are a `google.protobuf.Struct`: Envoy hands native YAML on in that form, whatever its
/// documentation says.
///
/// JSON text never reads so: each entry of a Struct has a value under the tag 0x12, and no JSON text holds that
/// control character.
pub(super) fn from_struct(bytes: &[u8]) -> Option<Tree> {
    let fields = Struct::decode(bytes).ok()?.fields;
    if fields.is_empty() {
        return None;
    }
    object(fields)
}

fn object(fields: impl IntoIterator<Item = (String, Value)>) -> Option<Tree> {
    let mut map = Vec::new();
    for (name, value) in fields {
        map.push((name, tree(value)?));
    }
    Some(Tree::Map(map))
}

/// The value as a tree; none for one without a kind, which no proxy sends.
fn tree(value: Value) -> Option<Tree> {
    Some(match value.kind? {
        Kind::NullValue(_) => Tree::Null,
        Kind::NumberValue(number) => number.is_finite().then_some(Tree::Number(number))?,
        Kind::StringValue(text) => Tree::Text(text),
        Kind::BoolValue(truth) => Tree::Bool(truth),
        Kind::StructValue(fields) => object(fields.fields)?,
        Kind::ListValue(list) => Tree::List(list.values.into_iter().map(tree).collect::<Option<Vec<_>>>()?),
    })
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
}
