//! Which values of any number of tokens are fragments?

use super::super::lexer::Kind;
use super::super::pattern::Pattern;
use super::super::tokens::TokenStream;
use crate::detect::matcher::Evidence::SqlFragment;

type Row = Pattern<fn(&TokenStream<'_>) -> bool>;

pub(in super::super) const PATTERNS: &[Row] = &[
    Row {
        name: "IN and a list of numbers",
        evidence: SqlFragment,
        example: "in (1,2",
        counter_example: "in (1 of 2",
        when: |it| {
            let number = it.skip(2, &[Kind::Arith]);
            it.kind(0) == Some(Kind::In)
                && it.kind(1) == Some(Kind::Open)
                && it.kind(number) == Some(Kind::Number)
                && it.kind(number + 1) == Some(Kind::Comma)
        },
    },
    Row {
        name: "a meta-command of psql behind a semicolon or a line break",
        evidence: SqlFragment,
        example: "x; \\! id",
        counter_example: "x; ! id",
        when: |it| {
            let run = [&b"\\! "[..], b"\\copy ", b"\\o |", b"\\i "];
            let at = |text: &[u8]| run.iter().any(|command| text.starts_with(command));
            it.view.len() <= 512
                && it.view.split(|byte| matches!(byte, b';' | b'\n')).skip(1).any(|part| at(part.trim_ascii_start()))
        },
    },
    Row {
        // What a fuzzer sends.
        name: "quotes of several kinds among signs, and not one letter",
        evidence: SqlFragment,
        example: "'\"'\"'`'`)(()),.;",
        counter_example: "'')(()),.;-(),.;-",
        when: |it| {
            let text = it.view.get(..it.view.len().min(512)).unwrap_or_default();
            let count = |sign: u8| text.iter().filter(|byte| **byte == sign).count();
            text.len() >= 16
                && text.iter().all(|byte| byte.is_ascii_punctuation() || *byte == b' ')
                && count(b'\'') >= 4
                && (count(b'"') >= 2 || count(b'`') >= 2 || count(b'.') >= 4)
        },
    },
];
