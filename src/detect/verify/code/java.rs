//! Is it Java: a class named where a value belongs, or a serialised object?
//!
//! The magic numbers after the Java Object Serialization Specification (6.4.2, `STREAM_MAGIC` and `STREAM_VERSION`).

use crate::detect::matcher::Evidence;
use crate::detect::verify::Subject;
use crate::detect::verify::bytes::{find, has_any, is_word};

/// Packages whose classes no form asks for.
#[rustfmt::skip]
const PACKAGES: &[&[u8]] = &[
    b"java.", b"javax.", b"org.apache.", b"com.sun.", b"sun.", b"org.omg.", b"com.opensymphony.", b"org.springframework.", b"com.bea.",
    b"org.codehaus.", b"org.mozilla.", b"com.mchange.", b"bsh.", b"org.hibernate.", b"com.alibaba.", b"com.thoughtworks.", b"com.caucho.",
    b"ch.qos.", b"groovy.", b"ognl.", b"freemarker.", b"org.jboss.",
];

/// Reads the view as Java.
pub(in crate::detect::verify) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    for package in PACKAGES {
        let mut at = 0;
        while let Some(start) = find(view, at, package) {
            at = start + package.len();
            if is_value(view, start) {
                found(Evidence::JavaClass);
                break;
            }
        }
    }
    // `Class["runtime"]` and its like: a package, and what runs commands.
    if find(view, 0, b"java.").is_some_and(|at| at == 0 || !view.get(at - 1).copied().is_some_and(is_word))
        && has_any(view, &[b"processbuilder", b".runtime"])
        && view.len() <= 512
        && !view.contains(&b' ')
    {
        found(Evidence::JavaClass);
    }
    if is_coded(view) {
        found(Evidence::CodedObject);
    }
    if view.starts_with(b"\xac\xed\0\x05") || find(view, 0, b"\xac\xed\0\x05").is_some() {
        found(Evidence::JavaObject);
    }
}

/// Base64 of a pickle (protocol 4 or 5: PEP 3154, a frame with its length in eight bytes) or of Ruby's Marshal (4.8, an
/// object: `o`, then `:` and its class).
fn is_coded(view: &[u8]) -> bool {
    let pickle = view.starts_with(b"gasv") || view.starts_with(b"gawv");
    let framed = view.get(7..13).is_some_and(|length| length == b"aaaaaa");
    let marshal = view.starts_with(b"bahvo") && view.get(5).is_some_and(|byte| (b'g'..=b'i').contains(byte));
    view.len() >= 16 && (pickle && framed || marshal)
}

/// Does a class's name stand there as a value: between signs of a value, with no blank on either side?
fn is_value(view: &[u8], start: usize) -> bool {
    let opens = match start.checked_sub(1).and_then(|at| view.get(at)) {
        None => true,
        Some(byte) => b"\"'=>(:[{,@&".contains(byte),
    };
    let rest = view.get(start..).unwrap_or_default();
    let length = rest.iter().take(200).take_while(|byte| is_word(**byte) || b".$".contains(byte)).count();
    let name = rest.get(..length).unwrap_or_default();
    let closes = match rest.get(length) {
        None => true,
        Some(byte) => b"\"'<()]&;=".contains(byte),
    };
    let is_error = name.ends_with(b"exception") || name.ends_with(b"error");
    opens && closes && !is_error && name.last().is_some_and(|byte| byte.is_ascii_alphanumeric())
}
