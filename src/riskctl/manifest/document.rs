//! Which documents does a file hold? Those of YAML, the items of lists, and Envoy files within ConfigMaps.

use serde_json::{Map, Value};

use super::dump;
use super::place::Place;

/// One document: what it says, and where.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) value: Value,
    pub(crate) place: Place,
    /// What contains it, for messages: `ConfigMap edge, envoy.yaml`.
    pub(crate) label: String,
}

/// The documents of a text: YAML, of which JSON is a part. An empty text is one document without anything.
///
/// # Errors
/// It can't be parsed.
pub(crate) fn all(text: &str) -> Result<Vec<Document>, String> {
    let values: Vec<Value> =
        serde_saphyr::from_multiple(text).map_err(|error| error.to_string().replacen("error: ", "", 1))?;
    let mut places = Place::all(text).into_iter();
    let mut found = Vec::new();
    for value in values {
        let place = places.next().unwrap_or_default();
        split(value, place, String::new(), &mut found);
    }
    if found.is_empty() {
        found.push(Document { value: Value::Object(Map::new()), place: Place::default(), label: String::new() });
    }
    Ok(found)
}

/// Takes apart what is a wrapping only: lists as kubectl prints them, and ConfigMaps.
fn split(value: Value, place: Place, label: String, found: &mut Vec<Document>) {
    let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default();
    if kind.ends_with("List")
        && let Some(items) = value.get("items").and_then(Value::as_array)
    {
        for (index, item) in items.iter().enumerate() {
            split(item.clone(), place.nearest(&format!("/items/{index}")).clone(), label.clone(), found);
        }
        return;
    }
    if kind == "ConfigMap" {
        let name = value.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        let data = value.get("data").and_then(Value::as_object);
        for (file, text) in data.into_iter().flatten() {
            // Other files in it are not ours to judge.
            let Some(inner) = text.as_str().and_then(|text| Some((text, all(text).ok()?))) else { continue };
            let pointer = format!("/data/{}", file.replace('~', "~0").replace('/', "~1"));
            let outer = place.nearest(&pointer);
            for document in inner.1 {
                if document.value.is_object() {
                    let label = format!("ConfigMap {name}, {file}");
                    found.push(Document { place: document.place.within(outer), label, ..document });
                }
            }
        }
        return;
    }
    if let Some(value) = dump::static_form(&value) {
        // A dump is not written by people: its lines tell nothing.
        found.push(Document { value, place: Place::default(), label });
        return;
    }
    match value {
        // What stands between two `---` may be only a comment.
        Value::Null => {}
        value => found.push(Document { value, place, label }),
    }
}
