//! Which parameters does a form in the body have?

use super::field::{Field, NAME, PARAMETERS, is_name};
use super::pairs;
use super::piece::Piece;
use super::repeat::Repeats;
use super::target::Target;
use memchr::{memchr, memchr2};

/// A form (`a=1&b=2`) as it streams.
#[derive(Debug, Default)]
pub(super) struct Form {
    name: Vec<u8>,
    /// The bytes since the last `&` or `=`: the value, or what becomes the name if a `=` follows.
    piece: Piece,
    in_value: bool,
    parameters: usize,
    /// The number of parameters behind a `;`.
    behind: usize,
    repeats: Repeats,
    from_elsewhere: bool,
}

impl Form {
    /// A form that another site's page may have sent.
    pub(super) fn new(from_elsewhere: bool) -> Self {
        Self { from_elsewhere, ..Self::default() }
    }

    pub(super) fn read(&mut self, mut bytes: &[u8], sink: &mut dyn FnMut(Field<'_>)) {
        while !bytes.is_empty() {
            // The last parameter within the cap takes all the rest.
            let last = self.parameters + 1 >= PARAMETERS;
            let stop = match self.in_value {
                _ if last => None,
                true => memchr(b'&', bytes),
                false => memchr2(b'&', b'=', bytes),
            };
            let at = stop.unwrap_or(bytes.len());
            let (run, rest) = bytes.split_at(at);
            let (name, behind) = (&self.name, &mut self.behind);
            self.piece.extend(run, &mut |value| show(name, value, behind, sink));
            match rest.split_first() {
                Some((b'=', rest)) => {
                    self.take_name(sink);
                    bytes = rest;
                }
                Some((_, rest)) => {
                    self.end(sink);
                    bytes = rest;
                }
                None => return,
            }
        }
    }

    /// The parameter has ended, or the body.
    pub(super) fn end(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        if self.in_value || !self.piece.bytes().is_empty() {
            let name = &self.name;
            self.repeats.add(name, self.piece.bytes());
            if self.from_elsewhere {
                pairs::arrived(name, sink);
            }
            let behind = &mut self.behind;
            self.piece.end(&mut |value| show(name, value, behind, sink));
            self.parameters += 1;
        }
        self.name.clear();
        self.in_value = false;
    }

    /// Ends the body; returns the number of bytes of values that were not joined with others of the same name.
    pub(super) fn finish(&mut self, sink: &mut dyn FnMut(Field<'_>)) -> usize {
        self.end(sink);
        self.repeats.show(Target::Form, sink)
    }

    fn take_name(&mut self, sink: &mut dyn FnMut(Field<'_>)) {
        let name = self.piece.bytes();
        self.name.extend_from_slice(name.get(..name.len().min(NAME)).unwrap_or_default());
        if is_name(name) {
            self.piece.clear();
        } else {
            let short = &self.name;
            self.piece.end(&mut |value| sink(field(short, value)));
        }
        self.in_value = true;
    }
}

fn show(name: &[u8], value: &[u8], behind: &mut usize, sink: &mut dyn FnMut(Field<'_>)) {
    sink(field(name, value));
    let mut room = PARAMETERS.saturating_sub(*behind);
    pairs::after_semicolons(Target::Form, value, &mut room, sink);
    *behind = PARAMETERS.saturating_sub(room);
}

fn field<'a>(name: &'a [u8], value: &'a [u8]) -> Field<'a> {
    Field { target: Target::Form, name, value, encoded: true }
}
