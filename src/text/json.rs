//! How is JSON written? Member by member, in the writer's order; what is left out takes no room.
//!
//! For what is sent: a derived serialiser for each body would be a multiple of this in the module.

use std::fmt::Display;

/// A JSON value, spelled out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json(String);

/// No value: as a member of an object or in a list it is left out.
pub const NOTHING: Json = Json(String::new());

impl Json {
    /// A text, escaped.
    pub fn text(text: &str) -> Self {
        // A text always serialises.
        Self(serde_json::to_string(text).unwrap_or_default())
    }

    /// A text, or nothing where it is empty.
    pub fn text_if_any(text: &str) -> Self {
        if text.is_empty() { NOTHING } else { Self::text(text) }
    }

    /// What prints as a JSON number, or as `true` and `false`.
    pub fn number(number: &dyn Display) -> Self {
        Self(number.to_string())
    }

    /// `null`: there could be a value, and there is none.
    pub fn null() -> Self {
        Self("null".to_owned())
    }

    /// The members in this order. A name is one of ours: it is not escaped.
    pub fn object(members: &[(&str, Self)]) -> Self {
        let mut object = String::from("{");
        for (name, Self(value)) in members {
            if value.is_empty() {
                continue;
            }
            for part in [if object.len() > 1 { ",\"" } else { "\"" }, name, "\":", value] {
                object.push_str(part);
            }
        }
        object.push('}');
        Self(object)
    }

    /// The values in this order.
    pub fn list(values: &[Self]) -> Self {
        let mut list = String::from("[");
        for Self(value) in values {
            if value.is_empty() {
                continue;
            }
            if list.len() > 1 {
                list.push(',');
            }
            list.push_str(value);
        }
        list.push(']');
        Self(list)
    }

    /// A list of texts.
    pub fn texts<T: AsRef<str>>(texts: &[T]) -> Self {
        Self::list(&texts.iter().map(|text| Self::text(text.as_ref())).collect::<Vec<_>>())
    }

    /// The value, or nothing where it is `[]` or `{}`.
    #[must_use]
    pub fn if_any(self) -> Self {
        if self.0.len() > 2 { self } else { NOTHING }
    }

    /// How many bytes it takes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// How many characters it has.
    pub fn characters(&self) -> usize {
        self.0.chars().count()
    }

    /// Is it nothing?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As it is written in a line.
    pub fn into_text(self) -> String {
        self.0
    }

    /// As it is sent.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_in_order_and_nothing_takes_no_room() {
        let inner = Json::object(&[("none", NOTHING), ("n", Json::number(&7.5)), ("yes", Json::number(&true))]);
        let rows = [
            (Json::text("a\"\\\n\u{1}é😀"), "\"a\\\"\\\\\\n\\u0001é😀\""),
            (inner, r#"{"n":7.5,"yes":true}"#),
            (Json::object(&[("a", NOTHING)]), "{}"),
            (Json::list(&[NOTHING, Json::number(&1), NOTHING, Json::texts(&["x", ""])]), r#"[1,["x",""]]"#),
            (Json::texts::<&str>(&[]), "[]"),
            (Json::texts::<&str>(&[]).if_any(), ""),
            (Json::text_if_any(""), ""),
            (Json::texts(&["a"]).if_any(), r#"["a"]"#),
        ];
        for (json, expected) in rows {
            assert_eq!(json.into_bytes(), expected.as_bytes(), "{expected}");
        }
    }
}
