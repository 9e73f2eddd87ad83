//! What in a value shows code rather than injects it, and what is left of the value without that?
//!
//! Each recogniser knows one way in which people and programs show code, and is judged by the value's own lines: a text far away
//! changes nothing. Evidence that is still found in the rest stands as ever; evidence that is gone was shown. They run only on a
//! value in which something was found.

mod fence;
mod lines;
mod link;
mod listing;
mod page;
mod pipe;
mod promql;
mod span;
mod table;
mod trace;

use crate::read::target::Target;
use std::ops::Range;

/// A longer value, in bytes, is judged as it is.
const LONGEST: usize = 65_536;

/// A way in which a value shows code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A block of code in Markdown or in a page.
    Fence,
    /// Code within a sentence, between back-quotes.
    Span,
    /// The target of a link in Markdown, beside the text.
    Link,
    /// The pipes between the cells of a table in Markdown.
    Table,
    /// A page of HTML, from its DOCTYPE on.
    Page,
    /// What programs report of an error: frames, one a line.
    Trace,
    /// Lines of a program.
    Listing,
    /// A query of a language whose stages stand between pipes.
    Pipe,
    /// A query of metrics or logs by their labels.
    Promql,
}

impl Shape {
    /// All, the surest first.
    pub const ALL: &'static [Self] = &[
        Self::Fence,
        Self::Span,
        Self::Link,
        Self::Table,
        Self::Page,
        Self::Trace,
        Self::Listing,
        Self::Pipe,
        Self::Promql,
    ];

    /// Those that take code out of a value at such a target: in an address only a query language that is sent there by design.
    pub(super) const fn at(target: Target) -> &'static [Self] {
        if target.in_body() {
            Self::ALL
        } else if matches!(target, Target::Query) {
            &[Self::Pipe, Self::Promql]
        } else {
            &[]
        }
    }

    /// The name in options, and for people.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Fence => "fence",
            Self::Span => "span",
            Self::Link => "link",
            Self::Table => "table",
            Self::Page => "page",
            Self::Trace => "trace",
            Self::Listing => "listing",
            Self::Pipe => "pipe",
            Self::Promql => "promql",
        }
    }

    /// The shape of this name.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|shape| shape.slug() == slug)
    }

    /// Does a value show some code in this way? Costs a copy of it.
    pub(super) fn is_in(self, value: &[u8]) -> bool {
        value.len() <= LONGEST && !self.parts(&value.to_ascii_lowercase()).is_empty()
    }

    /// The parts of the view that are of this shape, in order.
    fn parts(self, view: &[u8]) -> Vec<Range<usize>> {
        match self {
            Self::Fence => fence::parts(view),
            Self::Span => span::parts(view),
            Self::Link => link::parts(view),
            Self::Table => table::parts(view),
            Self::Page => page::parts(view),
            Self::Trace => trace::parts(view),
            Self::Listing => listing::parts(view),
            Self::Pipe => pipe::parts(view),
            Self::Promql => promql::parts(view),
        }
    }
}

/// A value without the code that it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rest {
    /// What is left, with a line break for each part that is gone, a comma for a pipe of a table.
    pub(super) view: Vec<u8>,
    /// The first shape that took something away.
    pub(super) shape: Shape,
}

impl Rest {
    /// Of a view in lower case, without code of these shapes; none if it shows none. Costs a few passes over it.
    pub(super) fn of(view: &[u8], shapes: &[Shape]) -> Option<Self> {
        if view.len() > LONGEST {
            return None;
        }
        let mut rest: Option<Self> = None;
        for shape in shapes {
            let before = rest.as_ref().map_or(view, |rest| &rest.view);
            let parts = shape.parts(before);
            if !parts.is_empty() {
                let first = rest.as_ref().map_or(*shape, |rest| rest.shape);
                // A line break would make a command of what a cell holds.
                let sign = if *shape == Shape::Table && table::has_head(before) { b',' } else { b'\n' };
                rest = Some(Self { view: without(before, &parts, sign), shape: first });
            }
        }
        rest
    }
}

/// The text with a sign in place of each of these parts.
fn without(text: &[u8], parts: &[Range<usize>], sign: u8) -> Vec<u8> {
    let mut left = Vec::with_capacity(text.len());
    let mut at = 0;
    for part in parts {
        left.extend_from_slice(text.get(at..part.start).unwrap_or_default());
        left.push(sign);
        at = part.end;
    }
    left.extend_from_slice(text.get(at..).unwrap_or_default());
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_text_shows_is_told_from_what_it_says() {
        let rows: &[(&str, &str, Option<Shape>)] = &[
            ("see:\n```sh\nrm -rf x; ls\n```\nthanks", "see:\n\n\nthanks", Some(Shape::Fence)),
            ("just run `cargo test; ls -la` there", "just run \n there", Some(Shape::Span)),
            ("see [`npm run`](/x) or [`\"type\"`]: y", "see [\n](/x) or [\n]: y", Some(Shape::Span)),
            ("x[`id`y", "x[`id`y", None),
            ("use `curl https://x.example | jq .` to test", "use \n to test", Some(Shape::Span)),
            ("x `curl https://x.example | sh` y", "x `curl https://x.example | sh` y", None),
            ("as [MIT](../../LICENSE) or\n[a]: ../../b.yml", "as [MIT\n or\n[a\n", Some(Shape::Link)),
            ("a [x](../../etc/passwd) b", "a [x](../../etc/passwd) b", None),
            (
                "x\n| Name | Use |\n|--|--|\n| ls | ls -l |\ny",
                "x\n, Name , Use ,\n,--,--,\n, ls , ls -l ,\ny",
                Some(Shape::Table),
            ),
            ("||ls||", "||ls||", None),
            ("x\n| a | ls -l |\ny", "x\n\n a \n ls -l \n\ny", Some(Shape::Table)),
            ("|--|--|\n| cat /etc/x | y |", ",--,--,\n| cat /etc/x | y |", Some(Shape::Table)),
            ("|id|", "|id|", None),
            ("x | ls -la | y |", "x | ls -la | y |", None),
            ("x;`cargo test` there", "x;`cargo test` there", None),
            ("deploy it: ```make x; ls``` now", "deploy it: \n now", Some(Shape::Span)),
            ("deploy it;```make x; ls``` now", "deploy it;```make x; ls``` now", None),
            ("see ```x", "see ```x", None),
            ("````md\na\n```sh\nls\n```\n````\nb", "\n\nb", Some(Shape::Fence)),
            ("see ```sh\nls; id", "see ```sh\nls; id", None),
            ("a <pre><code>ls | wc</code></pre> b", "a \n b", Some(Shape::Fence)),
            (
                "error: no\n    at f (a.js:1:2)\n    at g (b.js:3:4)\nwhy?",
                "error: no\n\n\n\n\nwhy?",
                Some(Shape::Trace),
            ),
            ("let a = 1;\nf(a);\nif (a) {\n  g();\n}", "\n\n\n\n\n\n\n\n\n", Some(Shape::Listing)),
            ("let a = 1;\n';f(a);\nlet b = 2;", "let a = 1;\n';f(a);\nlet b = 2;", None),
            ("from logs | where a == 1 | sort a asc | limit 10", "from logs \n\n\n", Some(Shape::Pipe)),
            ("a{b=\"c\",d!=\"\"} / e and f > 1", "\n", Some(Shape::Promql)),
            ("{a=\"b\"} |= \"c\" | line_format \"d\" | e=\"f\" or e=\"g\"", "\n", Some(Shape::Promql)),
            ("error\nline 1: select a from b", "error\n\n", Some(Shape::Trace)),
            ("<!doctype html><html><head><title>a</title><script>b()</script></head></html>", "\n", Some(Shape::Page)),
            ("<html lang=\"x\"><head><meta charset=\"y\"></head><body>z</body></html>", "\n", Some(Shape::Page)),
            ("<html><script>a()</script>", "<html><script>a()</script>", None),
            ("see <a href=\"x:y()\"> there", "see <a href=\"x:y()\"> there", None),
            ("a\" or \"b\"=\"b", "a\" or \"b\"=\"b", None),
            ("x | id", "x | id", None),
            ("x | cat a | sort", "x | cat a | sort", None),
        ];
        for (view, rest, shape) in rows {
            let found = Rest::of(view.as_bytes(), Shape::ALL);
            let text = found.as_ref().map_or(*view, |rest| std::str::from_utf8(&rest.view).unwrap());
            assert_eq!((text, found.as_ref().map(|rest| rest.shape)), (*rest, *shape), "{view}");
        }
    }
}
