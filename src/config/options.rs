//! Which options does a type have? A table for each type, and one loop that reads them all.

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::value::Value;

/// Makes a type readable by listing its options: each is a field, and written by the field's name.
///
/// ```text
/// options! { Slack { cluster, url, url_env, timeout = Span::from_secs(10) } }
/// options! { Policy { threshold, window, ..Self::default() } }
/// options! { Group { name, members as "match", threshold } }
/// ```
///
/// What has to be there, and what it is if it is not, follows from the field's type ([`FromValue::absent`]), or stands
/// behind the name, or for all options at once behind the dots.
macro_rules! options {
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $name:literal) => { $name };
    (@absent $given:ident $name:expr;) => { $given.required($name)? };
    (@absent $given:ident $name:expr; $default:expr) => { $given.0.unwrap_or_else(|| $default) };

    ($type:ty { $($field:ident $(as $name:literal)?),+, ..$rest:expr }) => {
        impl $crate::config::from_value::FromValue for $type {
            fn read(value: &$crate::config::value::Value) -> Result<Self, $crate::config::error::Error> {
                let mut own: Self = $rest;
                let options = $crate::config::options::mapping(value)?;
                $crate::config::options::fill(options, &mut [
                    $(($crate::config::options::options!(@name $field $($name)?), &mut own.$field)),+
                ])?;
                Ok(own)
            }
        }
    };
    ($type:ident { $($field:ident $(as $name:literal)? $(= $default:expr)?),+ $(,)? }) => {
        impl $crate::config::from_value::FromValue for $type {
            fn read(value: &$crate::config::value::Value) -> Result<Self, $crate::config::error::Error> {
                $(let mut $field = $crate::config::options::Given(None);)+
                let options = $crate::config::options::mapping(value)?;
                $crate::config::options::fill(options, &mut [
                    $(($crate::config::options::options!(@name $field $($name)?), &mut $field)),+
                ])?;
                Ok(Self {
                    $($field: $crate::config::options::options!(
                        @absent $field $crate::config::options::options!(@name $field $($name)?); $($default)?
                    )),+
                })
            }
        }
    };
}
pub(crate) use options;

/// A mapping of options.
pub(crate) fn mapping(value: &Value) -> Result<&[(String, Value)], Error> {
    value.map("a mapping of options, {option: value, …}")
}

/// A place for what an option says.
pub(crate) trait Slot {
    /// Reads it, and puts it here.
    fn fill(&mut self, value: &Value) -> Result<(), Error>;
}

impl<T: FromValue> Slot for T {
    fn fill(&mut self, value: &Value) -> Result<(), Error> {
        *self = T::read(value)?;
        Ok(())
    }
}

/// Reads each option into its place. None may stand twice, and none be unknown: an option that is silently ignored is
/// worse than one that is missing.
pub(crate) fn fill(options: &[(String, Value)], slots: &mut [(&'static str, &mut dyn Slot)]) -> Result<(), Error> {
    let mut seen: Vec<&str> = Vec::new();
    for (key, value) in options {
        let Some((_, slot)) = slots.iter_mut().find(|(name, _)| name == key) else {
            let known: Vec<_> = slots.iter().map(|(name, _)| *name).collect();
            return Err(Error::unknown("field", key, &known).under(key));
        };
        if seen.contains(&key.as_str()) {
            return Err(Error::new(format!("duplicate field `{key}`")));
        }
        seen.push(key);
        slot.fill(value).map_err(|error| error.under(key))?;
    }
    Ok(())
}

/// What an option says, if it is given.
pub(crate) struct Given<T>(pub(crate) Option<T>);

impl<T: FromValue> FromValue for Given<T> {
    fn read(value: &Value) -> Result<Self, Error> {
        T::read(value).map(|value| Self(Some(value)))
    }
}

impl<T: FromValue> Given<T> {
    /// What it says; if it is not given, what that means; if it is required, an error.
    pub(crate) fn required(self, name: &str) -> Result<T, Error> {
        self.0.or_else(T::absent).ok_or_else(|| missing(name))
    }
}

#[cold]
#[inline(never)]
fn missing(name: &str) -> Error {
    Error::new(format!("`{name}` is missing"))
}

/// A kind of thing: its name, and how what stands under it is read.
pub(crate) type Kind<T> = (&'static str, fn(&Value) -> Result<T, Error>);

/// A thing of some kind, if it is chosen: an option that stands for what it holds.
pub(crate) struct Choice<T> {
    kind: Kind<T>,
    /// What was chosen.
    pub(crate) made: Option<T>,
}

impl<T> Choice<T> {
    pub(crate) fn of(kind: &Kind<T>) -> Self {
        Self { kind: *kind, made: None }
    }

    pub(crate) fn slot(&mut self) -> (&'static str, &mut dyn Slot) {
        (self.kind.0, self)
    }
}

impl<T> Slot for Choice<T> {
    fn fill(&mut self, value: &Value) -> Result<(), Error> {
        let (_, read) = self.kind;
        self.made = Some(read(value)?);
        Ok(())
    }
}

impl Value {
    /// The one thing that stands here under the name of its kind, `{header: x-user-id}`; `expected` says in words what
    /// should.
    pub(crate) fn kind<T>(&self, expected: &str, kinds: &[Kind<T>]) -> Result<T, Error> {
        let map = self.map(expected)?;
        let [(name, content)] = map else {
            return Err(Error::new(format!("names {} things; write {expected}", map.len())));
        };
        match kinds.iter().find(|(known, _)| known == name) {
            Some((_, read)) => read(content).map_err(|error| error.under(name)),
            None => Err(Error::unknown("field", name, &kinds.iter().map(|(name, _)| *name).collect::<Vec<_>>())),
        }
    }
}
