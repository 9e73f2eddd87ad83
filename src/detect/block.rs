//! Is a member the text of a block that an editor marks as code?
//!
//! Editors keep a text as a tree (ProseMirror, Atlassian's document format, EditorJS, Notion, Slack): the type of a block stands before what
//! it holds, and pages show what a block of code holds as it is.

use crate::read::field::Field;
use crate::read::target::Target;

/// Types of blocks of code, in lower case.
const TYPES: &[&[u8]] =
    &[b"codeblock", b"code_block", b"code-block", b"code", b"rich_text_preformatted", b"fenced_code"];

/// The block that the members belong to.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// The name of the object that is a block of code, up to its last dot; empty outside.
    object: Vec<u8>,
    pub(super) is_code: bool,
}

impl Block {
    /// Another field is looked at. The outermost object is no block.
    pub(super) fn begin(&mut self, field: Field<'_>) {
        self.is_code = false;
        if field.target != Target::Json {
            return;
        }
        if let Some(object) = field.name.strip_suffix(b"type").filter(|object| object.ends_with(b".")) {
            if TYPES.iter().any(|known| field.value.eq_ignore_ascii_case(known)) {
                self.object = object.to_vec();
            } else if self.object == object {
                self.object.clear();
            }
        } else {
            self.is_code = !self.object.is_empty() && field.name.starts_with(&self.object);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_of_code_ends_with_the_next_block() {
        let mut block = Block::default();
        for (name, value, expected) in [
            ("type", "code", false),
            ("text", "x", false),
            ("doc.type", "doc", false),
            ("doc.content.type", "codeBlock", false),
            ("doc.content.content.type", "text", false),
            ("doc.content.content.text", "x", true),
            ("doc.title", "x", false),
            ("doc.content.type", "paragraph", false),
            ("doc.content.content.text", "x", false),
        ] {
            block.begin(Field::plain(Target::Json, name.as_bytes(), value.as_bytes()));
            assert_eq!(block.is_code, expected, "{name}");
        }
    }
}
