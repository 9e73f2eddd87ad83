//! How does a configuration become types, and each mistake in it a path? A tree, whichever form it arrived in, and a
//! deserialiser over it that notes on the way out where an error happened.
//!
//! Own code, where a crate (`serde_path_to_error`) would do: its wrappers around each visitor were a tenth of the module.
//! Every type is read from `&Tree` alone, and a mapping never from a list, so each is compiled once.

use std::fmt;

use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, Expected, IntoDeserializer as _, Unexpected, Visitor,
};

/// A value as it is written. A mapping keeps its order, and a key that stands twice: reading the type finds that.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    Null,
    Bool(bool),
    Int(i64),
    Large(u64),
    Float(f64),
    Text(String),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

/// What is wrong, and where.
#[derive(Debug)]
pub(super) struct Error {
    pub(super) message: String,
    /// From the inside out.
    pub(super) path: Vec<Segment>,
}

/// A step into the tree.
#[derive(Debug)]
pub(super) enum Segment {
    Key(String),
    At(usize),
}

impl Error {
    /// The same error, one level further out.
    #[cold]
    #[inline(never)]
    fn under(mut self, key: &str) -> Self {
        self.path.push(Segment::Key(key.to_owned()));
        self
    }

    #[cold]
    #[inline(never)]
    fn new(message: String) -> Self {
        Self { message, path: Vec::new() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        match found {
            Unexpected::Unit => Self::new(format!("invalid type: null, expected {expected}")),
            found => Self::new(format!("invalid type: {found}, expected {expected}")),
        }
    }
}

impl Tree {
    #[cold]
    #[inline(never)]
    fn is_not(&self, expected: &dyn Expected) -> Error {
        let found = match self {
            Self::Null => Unexpected::Unit,
            Self::Bool(truth) => Unexpected::Bool(*truth),
            Self::Int(number) => Unexpected::Signed(*number),
            Self::Large(number) => Unexpected::Unsigned(*number),
            Self::Float(number) => Unexpected::Float(*number),
            Self::Text(text) => Unexpected::Str(text),
            Self::List(_) => Unexpected::Seq,
            Self::Map(_) => Unexpected::Map,
        };
        de::Error::invalid_type(found, expected)
    }
}

impl<'de> Deserializer<'de> for &'de Tree {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Tree::Null => visitor.visit_unit(),
            Tree::Bool(truth) => visitor.visit_bool(*truth),
            Tree::Int(number) => visitor.visit_i64(*number),
            Tree::Large(number) => visitor.visit_u64(*number),
            Tree::Float(number) => visitor.visit_f64(*number),
            Tree::Text(text) => visitor.visit_str(text),
            Tree::List(_) => self.deserialize_seq(visitor),
            Tree::Map(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if matches!(self, Tree::Null) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if let Tree::Text(text) = self { visitor.visit_str(text) } else { Err(self.is_not(&visitor)) }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Tree::List(list) => visitor.visit_seq(List { all: list, next: 0 }),
            _ => Err(self.is_not(&visitor)),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Tree::Map(entries) => visitor.visit_map(Map { rest: entries, entry: None }),
            _ => Err(self.is_not(&visitor)),
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
            _ => Err(self.is_not(&"string or map")),
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
        read.map_err(|mut error| {
            error.path.push(Segment::At(at));
            error
        })
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
        Ok((seed.deserialize(self.name.into_deserializer())?, self))
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

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

/// Takes whatever stands there.
struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Tree, E> {
        Ok(Tree::Int(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Tree, E> {
        Ok(i64::try_from(number).map_or(Tree::Large(number), Tree::Int))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Tree, E> {
        Ok(Tree::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Tree::Map(map))
    }
}
