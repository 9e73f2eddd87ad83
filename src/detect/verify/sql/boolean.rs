//! Do OR, AND, XOR, `||` or `&&` join a condition to the application's own? Tautologies and boolean-based injection.

use super::expression::{Condition, Operand, condition};
use super::lexer::{Kind, Token};
use super::names::is_blind;
use super::pattern::{self, Pattern};
use super::tokens::TokenStream;
use crate::detect::matcher::Evidence::{self, SqlCondition, SqlSubquery, SqlTautology};

/// What a condition is made of. Each kind of evidence belongs to some of these, so no two kinds ever match together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A SELECT on either side.
    Query,
    /// Two literals, compared.
    Literals,
    /// Anything else, compared.
    Comparison,
    Literal,
    Call,
    Name,
}

/// An operator, and the condition behind it.
pub(super) struct Joined<'a> {
    tokens: &'a TokenStream<'a>,
    /// Where the operator stands.
    at: usize,
    /// Where the condition starts, behind NOT, signs and parentheses.
    first: usize,
    condition: Condition,
    shape: Shape,
    before: Option<Kind>,
    /// Does a quote close the application's string before the operator: `x' or`, `x') or`?
    breaks_out: bool,
    /// Is that quote a sign of inches, or one that opens: `13" and`, `the "or`?
    is_bare: bool,
    /// Does the value start with the operator, or with what closes an operand without quotes: `1 or`, `) or`?
    unquoted: bool,
    /// Does the expression end behind the condition?
    ends: bool,
    /// Does a comment cut off the rest?
    commented: bool,
    /// Does the value end behind the condition?
    last: bool,
}

type Row = Pattern<fn(&Joined<'_>) -> bool>;

pub(super) const PATTERNS: &[Row] = &[
    Row {
        name: "two literals behind a closed quote",
        evidence: SqlTautology,
        example: "x' or 5>3",
        counter_example: "x or 5>3",
        when: |it| it.shape == Shape::Literals && it.breaks_out,
    },
    Row {
        // A variable of a script is compared too: `@_ == 2 or die`.
        name: "two literals, compared for equality",
        evidence: SqlTautology,
        example: "id or 1=1",
        counter_example: "die or @_ == 2",
        when: |it| it.shape == Shape::Literals && it.condition.equals && it.ends && it.tokens.text(it.first) != b"@_",
    },
    Row {
        name: "two literals, then a comment",
        evidence: SqlTautology,
        example: "5 or 3>2--",
        counter_example: "5 or 3>2",
        when: |it| it.shape == Shape::Literals && it.unquoted && it.commented,
    },
    Row {
        name: "a literal behind a closed quote, then a comment",
        evidence: SqlTautology,
        example: "x' or 1--",
        counter_example: "x or 1--",
        when: |it| {
            let short = it.condition.next <= it.first + 3;
            it.shape == Shape::Literal && it.breaks_out && it.commented && short
        },
    },
    Row {
        name: "a number or NULL behind a closed quote, and no more",
        evidence: SqlTautology,
        example: "x' or 7",
        counter_example: "x' or 7 days",
        when: |it| {
            let ends = it.last || it.tokens.kind(it.condition.next) == Some(Kind::Semi);
            let constant = matches!(it.tokens.kind(it.first), Some(Kind::Number | Kind::Null));
            it.shape == Shape::Literal && it.breaks_out && ends && constant
        },
    },
    Row {
        name: "a truth value and a literal, and no more",
        evidence: SqlTautology,
        example: "5 or true",
        counter_example: "5 or 6",
        when: |it| {
            let literals = match it.before {
                Some(Kind::Null) => matches!(it.tokens.kind(it.first), Some(Kind::Null | Kind::Number)),
                Some(Kind::Number) => it.tokens.kind(it.first) == Some(Kind::Null),
                _ => false,
            };
            it.shape == Shape::Literal && it.last && it.at == 1 && literals
        },
    },
    Row {
        name: "a number, and one in a notation that only programs have, and no more",
        evidence: SqlTautology,
        example: "5 or 0x1",
        counter_example: "5 or 1",
        when: |it| {
            let text = it.tokens.text(it.first);
            let program = text.starts_with(b"0x") || text.contains(&b'e') || matches!(text, b"b" | b"x");
            let whole = it.last && it.at == 1 && it.before == Some(Kind::Number);
            it.shape == Shape::Literal && whole && program
        },
    },
    Row {
        name: "the same name on both sides, behind a number",
        evidence: SqlTautology,
        example: "5 or pin=pin",
        counter_example: "5 or pin=code",
        when: |it| it.shape == Shape::Comparison && it.unquoted && it.before.is_some() && it.ends && is_mirrored(it),
    },
    Row {
        name: "a subquery",
        evidence: SqlSubquery,
        example: "1 and 7>(select count(pin) from cards)",
        counter_example: "1 and 7>(selected cards)",
        // `and select "Add to cart"`: only in parentheses is a query an operand.
        when: |it| {
            let select = (it.first..it.condition.next).find(|at| it.tokens.kind(*at) == Some(Kind::Select));
            let is_first = select == Some(it.first);
            it.shape == Shape::Query && !(is_first && it.tokens.before(it.first) != Some(Kind::Open))
        },
    },
    Row {
        name: "a comparison behind a closed quote",
        evidence: SqlCondition,
        example: "x' and pin=code",
        counter_example: "x' and pin=code word",
        when: |it| it.shape == Shape::Comparison && it.breaks_out && (!it.is_bare || it.commented) && it.ends,
    },
    Row {
        name: "a comparison at the start, then a comment",
        evidence: SqlCondition,
        example: "and pin=code--",
        counter_example: "and pin=code",
        when: |it| it.shape == Shape::Comparison && it.before.is_none() && it.commented,
    },
    Row {
        name: "a comparison with a number behind a closed parenthesis, then a comment",
        evidence: SqlCondition,
        example: "-1) and 1=pin--",
        counter_example: "-1) and 1=pin",
        when: |it| {
            let closed = it.before == Some(Kind::Close) && it.unquoted && it.tokens.len() <= 16;
            it.shape == Shape::Comparison && closed && it.commented && it.tokens.kind(it.first) == Some(Kind::Number)
        },
    },
    Row {
        name: "a call compared with a literal",
        evidence: SqlCondition,
        example: "5 and length(pin)=3",
        counter_example: "5 and length=3",
        when: |it| {
            let call = it.condition.left == Operand::Call && it.condition.right == Some(Operand::Literal);
            call && it.unquoted && it.ends
        },
    },
    Row {
        name: "a comparison with a variable of the server",
        evidence: SqlCondition,
        example: "5 and @@version>0",
        counter_example: "5 and @version>0",
        when: |it| {
            let variable = (it.first..it.condition.next)
                .any(|at| it.tokens.kind(at) == Some(Kind::Variable) && it.tokens.text(at).starts_with(b"@@"));
            let compares = it.condition.right.is_some();
            compares && it.unquoted && it.before.is_some() && it.ends && variable && it.tokens.len() <= 24
        },
    },
    Row {
        name: "a number and a call of a function of blind injection, and no more",
        evidence: SqlCondition,
        example: "5 and isnull(null)",
        counter_example: "5 and half(price)",
        when: |it| {
            let whole = it.last && it.at == 1 && it.before == Some(Kind::Number);
            it.shape == Shape::Call && whole && is_blind(it.tokens.text(it.first))
        },
    },
    Row {
        name: "a call behind a closed quote, then another operator",
        evidence: SqlCondition,
        example: "x' and f(1) and y",
        counter_example: "x' and f(1) y",
        when: |it| it.shape == Shape::Call && it.breaks_out && it.tokens.kind(it.condition.next) == Some(Kind::Logic),
    },
    Row {
        name: "a call concatenated with the application's string on both sides",
        evidence: SqlCondition,
        example: "x'||f(1)||'",
        counter_example: "x'||f(1)||y",
        when: |it| {
            let next = it.condition.next;
            it.shape == Shape::Call
                && it.breaks_out
                && it.last
                && it.tokens.text(it.at) == b"||"
                && matches!(it.tokens.before(next), Some(Kind::Quote(_)))
                && it.tokens.text(next.saturating_sub(2)) == b"||"
        },
    },
    Row {
        name: "a name or a call behind a closed quote, then a comment",
        evidence: SqlCondition,
        example: "x' or pin--",
        counter_example: "x' or pin",
        when: |it| matches!(it.shape, Shape::Name | Shape::Call) && it.breaks_out && it.commented,
    },
];

/// Is the left side spelled as the right one?
fn is_mirrored(it: &Joined<'_>) -> bool {
    let equals = (it.first..it.condition.next).find(|at| it.tokens.kind(*at) == Some(Kind::Equals));
    let text = |from: usize, to: usize| {
        let (start, end) = (it.tokens.get(from)?.start, it.tokens.get(to.checked_sub(1)?)?.end);
        it.tokens.view.get(start..end)
    };
    equals.is_some_and(|equals| {
        let left = text(it.first, equals);
        left.is_some() && left == text(equals + 1, it.condition.next)
    })
}

pub(super) fn joined(tokens: &TokenStream<'_>, at: usize) -> Option<Evidence> {
    let first = tokens.skip(tokens.behind_comment(at + 1), &[Kind::Not, Kind::Open, Kind::Arith]);
    let condition = condition(tokens, first)?;
    let before = tokens.before(at);
    let closed = before == Some(Kind::Close);
    let quote = tokens.get(at.wrapping_sub(if closed { 2 } else { 1 }));
    let quote = quote.filter(|quote| matches!(quote.kind, Kind::Quote(_)));
    let joined = Joined {
        tokens,
        at,
        first,
        shape: shape(&condition),
        before,
        breaks_out: quote.is_some() && tokens.is_outside(at),
        is_bare: quote.is_some_and(|quote| is_bare(tokens, quote, condition.next)),
        unquoted: closed || matches!(before, None | Some(Kind::Number | Kind::Null)),
        ends: tokens.ends_expression(condition.next),
        commented: tokens.is_commented(condition.next),
        last: condition.next >= tokens.len(),
        condition,
    };
    pattern::evidence(PATTERNS, |when| when(&joined))
}

/// Is the quote a sign of inches (then all of its kind are), or does it open a string that ends where the condition does: `13" and`,
/// `the "or x = 0" case`?
fn is_bare(tokens: &TokenStream<'_>, quote: Token, next: usize) -> bool {
    let view = tokens.view;
    let before = quote.start.checked_sub(1).and_then(|at| view.get(at)).copied().unwrap_or(b'\'');
    let after = view.get(quote.end).copied().unwrap_or(b'\'');
    // No further than a few: each quote may ask.
    let mut others = view.iter().enumerate().filter(|(_, byte)| **byte == b'"').take(8);
    let is_measure = |at: usize| at.checked_sub(1).and_then(|at| view.get(at)).is_some_and(u8::is_ascii_digit);
    let is_inches = quote.kind == Kind::Quote(b'"') && after == b' ' && others.all(|(at, _)| is_measure(at));
    let ends = tokens.kind(next) == Some(quote.kind)
        && matches!(tokens.kind(next + 1), Some(Kind::Ident | Kind::Case | Kind::Object | Kind::Set | Kind::Verb));
    is_inches || before == b' ' && after.is_ascii_alphabetic() && ends
}

fn shape(condition: &Condition) -> Shape {
    match (condition.left, condition.right) {
        (Operand::Select, _) | (_, Some(Operand::Select)) => Shape::Query,
        (Operand::Literal, Some(Operand::Literal)) => Shape::Literals,
        (_, Some(_)) => Shape::Comparison,
        (Operand::Literal, None) => Shape::Literal,
        (Operand::Call, None) => Shape::Call,
        (Operand::Name, None) => Shape::Name,
    }
}
