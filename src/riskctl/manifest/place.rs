//! Where in a file does a value stand? Line and column of everything in a YAML or JSON text.

use std::collections::{BTreeMap, HashMap};

use granit_parser::{Event, Parser, Span};

/// A place, and those within it: by the key of a mapping, or by the index of a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    /// From 1; 0: not known.
    line: usize,
    column: usize,
    /// Where the value itself begins, which is not where its key does.
    value: (usize, usize),
    inner: BTreeMap<String, Place>,
}

impl Place {
    /// The places of all documents of a text. Stops where the text is no YAML.
    pub(crate) fn all(text: &str) -> Vec<Self> {
        let mut reader = Reader { events: Parser::new_from_str(text), anchors: HashMap::new() };
        let mut documents = Vec::new();
        while let Some((event, _)) = reader.next() {
            match event {
                Event::DocumentStart(..) => {
                    let Some((event, span)) = reader.next() else { break };
                    documents.push(reader.node(&event, span).unwrap_or_default());
                }
                Event::StreamEnd => break,
                _ => {}
            }
        }
        documents
    }

    /// Line and column of what a JSON pointer (RFC 6901) leads to, or of the nearest thing around it.
    pub(crate) fn of(&self, pointer: &str) -> (usize, usize) {
        let place = self.nearest(pointer);
        (place.line, place.column)
    }

    /// The place that a pointer leads to, or the nearest around it.
    pub(crate) fn nearest(&self, pointer: &str) -> &Self {
        let mut place = self;
        for step in pointer.split('/').skip(1) {
            match place.inner.get(&step.replace("~1", "/").replace("~0", "~")) {
                Some(inner) => place = inner,
                None => break,
            }
        }
        place
    }

    /// The places within a text that stands in `outer` as a block (`|`), seen from the file.
    pub(crate) fn within(mut self, outer: &Self) -> Self {
        let (line, column) = outer.value;
        // A text in quotes has escapes and line breaks of its own: only the line where it begins is sure.
        let (below, indent) = if line > outer.line { (line - 1, column - 1) } else { (line - 1, 0) };
        self.shift(below, indent);
        self
    }

    fn shift(&mut self, lines: usize, columns: usize) {
        self.line += lines;
        self.column += columns;
        self.value = (self.value.0 + lines, self.value.1 + columns);
        self.inner.values_mut().for_each(|place| place.shift(lines, columns));
    }
}

struct Reader<'a> {
    events: Parser<'a, granit_parser::StrInput<'a>>,
    anchors: HashMap<usize, Place>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<(Event<'a>, Span)> {
        loop {
            match self.events.next_event()?.ok()? {
                (Event::Comment(..), _) => {}
                event => return Some(event),
            }
        }
    }

    /// The place of the node that begins with this event.
    fn node(&mut self, event: &Event<'a>, span: Span) -> Option<Place> {
        let (line, column) = (span.start.line(), span.start.col() + 1);
        let mut place = Place { line, column, value: (line, column), inner: BTreeMap::new() };
        let anchor = match event {
            Event::Alias(anchor) => {
                place.inner = self.anchors.get(anchor).map(|known| known.inner.clone()).unwrap_or_default();
                return Some(place);
            }
            Event::Scalar(_, _, anchor, _) => *anchor,
            Event::SequenceStart(_, anchor, _) => {
                for index in 0_usize.. {
                    let (event, span) = self.next()?;
                    if matches!(event, Event::SequenceEnd) {
                        break;
                    }
                    let item = self.node(&event, span)?;
                    place.inner.insert(index.to_string(), item);
                }
                *anchor
            }
            Event::MappingStart(_, anchor, _) => {
                loop {
                    let (key, span) = self.next()?;
                    if matches!(key, Event::MappingEnd) {
                        break;
                    }
                    let at = self.node(&key, span)?;
                    let (event, span) = self.next()?;
                    let value = self.node(&event, span)?;
                    if let Event::Scalar(name, ..) = key {
                        // An option is looked for at its name.
                        let place_of_key = Place { line: at.line, column: at.column, ..value };
                        place.inner.insert(name.into_owned(), place_of_key);
                    }
                }
                *anchor
            }
            _ => return None,
        };
        if anchor > 0 {
            self.anchors.insert(anchor, place.clone());
        }
        Some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_a_line_and_a_column() {
        let text = "a: 1\nb:\n  - c: x\n    d: {e: [1, 2]}\n---\n{\"f\": &x {\"g\": 1}, \"h\": *x}\n";
        let all = Place::all(text);
        let rows = [
            (0, "", (1, 1)),
            (0, "/a", (1, 1)),
            (0, "/b/0", (3, 5)),
            (0, "/b/0/d", (4, 5)),
            (0, "/b/0/d/e/1", (4, 16)),
            (0, "/b/0/nothing/more", (3, 5)),
            (1, "/f/g", (6, 11)),
            (1, "/h/g", (6, 11)),
        ];
        assert_eq!(all.len(), 2);
        for (document, pointer, expected) in rows {
            assert_eq!(all[document].of(pointer), expected, "{document} {pointer}");
        }
        assert!(Place::all("a: [").len() <= 1 && Place::all("").is_empty());
    }
}
