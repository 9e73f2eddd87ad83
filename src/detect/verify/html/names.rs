//! Which names do scripts in payloads call or read?

/// Names that a script calls or reads in a payload, and hardly a text before a parenthesis or after a quote.
#[rustfmt::skip]
pub(super) const CALLS: &[&[u8]] = &[
    b"alert", b"prompt", b"confirm", b"eval", b"fetch", b"settimeout", b"setinterval", b"function", b"constructor",
    b"atob", b"print", b"import", b"write", b"writeln", b"open", b"postmessage", b"execscript", b"fromcharcode",
    b"expression", b"javascript", b"unescape", b"queryselector", b"getelementbyid", b"appendchild", b"createelement",
    b"throw", b"globaleval", b"getscript",
];
/// Objects of the page.
#[rustfmt::skip]
pub(super) const OBJECTS: &[&[u8]] = &[
    b"document", b"window", b"location", b"self", b"top", b"parent", b"this", b"globalthis", b"frames",
    b"localstorage", b"sessionstorage", b"navigator", b"history", b"cookie", b"onerror", b"name",
];
