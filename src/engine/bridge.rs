//! How do the types that are not read by tables yet become so? By serde.

use std::fmt;

use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, Expected, IntoDeserializer as _, Unexpected, Visitor,
};

use crate::written::Written;
use crate::written::error::Error;
use crate::written::tree::Tree;

macro_rules! bridge {
    ($($type:path),*) => { $(impl Written for $type {
        fn read(tree: &Tree) -> Result<Self, Error> {
            Self::deserialize(tree)
        }
    })* };
}

bridge! {
    crate::console::Console, crate::detect::options::Options, crate::identity::Identity, crate::identity::group::Group,
    crate::risk::policy::Policy, crate::state::options::Memory, crate::watch::application::Application,
    crate::watch::honeypot::Honeypots, crate::watch::login::Logins, crate::watch::probing::Probing,
    crate::watch::routes::Routes
}

fn is_not(tree: &Tree, expected: &dyn Expected) -> Error {
    let expected = expected.to_string();
    tree.is_not(match expected.as_str() {
        "a sequence" => "a list, each entry after a dash",
        "a string" => "a text",
        "a map" => "a mapping",
        structure if structure.starts_with("struct ") => "a mapping of options, {option: value, …}",
        words => words,
    })
}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Bool(truth) => Tree::Bool(truth),
            Unexpected::Signed(number) => Tree::Number(number as f64),
            Unexpected::Float(number) => Tree::Number(number),
            Unexpected::Str(text) => Tree::Text(text.to_owned()),
            Unexpected::Seq => Tree::List(Vec::new()),
            Unexpected::Map => Tree::Map(Vec::new()),
            _ => Tree::Null,
        };
        is_not(&found, expected)
    }

    fn missing_field(name: &'static str) -> Self {
        Self::new(format!("`{name}` is missing"))
    }
}

impl<'de> Deserializer<'de> for &'de Tree {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Tree::Null => visitor.visit_unit(),
            Tree::Bool(truth) => visitor.visit_bool(*truth),
            Tree::Number(number) if number.fract() == 0.0 => visitor.visit_i64(*number as i64),
            Tree::Number(number) => visitor.visit_f64(*number),
            Tree::Text(text) => visitor.visit_str(text),
            Tree::List(_) => self.deserialize_seq(visitor),
            Tree::Map(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if matches!(self, Tree::Null) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if let Tree::Text(text) = self { visitor.visit_str(text) } else { Err(is_not(self, &visitor)) }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Tree::List(list) => visitor.visit_seq(List { all: list, next: 0 }),
            _ => Err(is_not(self, &visitor)),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Tree::Map(entries) => visitor.visit_map(Map { rest: entries, entry: None }),
            _ => Err(is_not(self, &visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self {
            Tree::Text(name) => visitor.visit_enum(Variant { name, content: None }),
            Tree::Map(entries) => match entries.as_slice() {
                [(name, content)] => visitor.visit_enum(Variant { name, content: Some(content) }),
                _ => Err(de::Error::invalid_value(Unexpected::Map, &"map with a single key")),
            },
            _ => Err(is_not(self, &"string or map")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct
        identifier
    }
}

struct List<'de> {
    all: &'de [Tree],
    next: usize,
}

impl<'de> de::SeqAccess<'de> for List<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let at = self.next;
        let Some(item) = self.all.get(at) else { return Ok(None) };
        self.next += 1;
        let read = seed.deserialize(item).map(Some);
        read.map_err(|error: Error| error.at(at))
    }
}

struct Map<'de> {
    rest: &'de [(String, Tree)],
    /// The one whose key was read last.
    entry: Option<&'de (String, Tree)>,
}

impl<'de> de::MapAccess<'de> for Map<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((entry, rest)) = self.rest.split_first() else { return Ok(None) };
        (self.rest, self.entry) = (rest, Some(entry));
        let key = entry.0.as_str();
        seed.deserialize(key.into_deserializer()).map(Some).map_err(|error: Error| error.under(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        // A visitor asks for a key first.
        let Some((key, value)) = self.entry else { return Err(Error::new("a value without a key".to_owned())) };
        seed.deserialize(value).map_err(|error| error.under(key))
    }
}

/// `address`, or `header: x-user-id`.
struct Variant<'de> {
    name: &'de str,
    content: Option<&'de Tree>,
}

impl<'de> de::EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        Ok((seed.deserialize(self.name.into_deserializer()).map_err(|error: Error| error)?, self))
    }
}

impl<'de> de::VariantAccess<'de> for Variant<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        self.content.map_or(Ok(()), |content| <()>::deserialize(content).map_err(|error| error.under(self.name)))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        let Some(content) = self.content else {
            return Err(de::Error::invalid_type(Unexpected::UnitVariant, &"newtype variant"));
        };
        seed.deserialize(content).map_err(|error| error.under(self.name))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Error> {
        Err(de::Error::invalid_type(Unexpected::TupleVariant, &visitor))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        let Some(content) = self.content else {
            return Err(de::Error::invalid_type(Unexpected::UnitVariant, &"struct variant"));
        };
        content.deserialize_map(visitor).map_err(|error| error.under(self.name))
    }
}
