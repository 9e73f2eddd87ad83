//! Is it Java: a class named where a value belongs, or a serialised object?
//!
//! The magic numbers after the Java Object Serialization Specification (6.4.2, `STREAM_MAGIC` and `STREAM_VERSION`).

use crate::detect::matcher::Evidence;
use crate::detect::verify::bytes::{find, has_any, is_word, word_after, word_before};
use crate::detect::verify::subject::Subject;
use crate::detect::verify::word_list::WordList;
use crate::read::target::Target;

/// Packages with classes that no form asks for.
#[rustfmt::skip]
const PACKAGES: &[&[u8]] = &[
    b"java.", b"javax.", b"org.apache.", b"com.sun.", b"sun.", b"org.omg.", b"com.opensymphony.", b"org.springframework.", b"com.bea.",
    b"org.codehaus.", b"org.mozilla.javascript.", b"org.mozilla.classfile.", b"com.mchange.", b"bsh.", b"org.hibernate.", b"com.alibaba.", b"com.thoughtworks.", b"com.caucho.",
    b"ch.qos.", b"groovy.", b"ognl.", b"freemarker.", b"org.jboss.",
];

/// What follows in those packages whose names are also those of hosts.
static INNER: WordList = WordList::new(
    "activation annotation applet awt beans corba crypto deploy el faces image imageio instrument io jndi jvmstat lang \
     mail management math misc naming net nio org persistence print reflect rmi rowset script security servlet sql \
     swing sys text time tools transaction util validation webkit ws xml",
);
/// What the names of members end in that name a class of the sender: a logger, the class of an error, a converter.
#[rustfmt::skip]
const OWN: &[&[u8]] = &[
    b"class", b"classname", b"logger", b"loggername", b"module", b"exception", b"exceptiontype", b"errortype", b"converter", b"type", b"handler", b"driver", b"serializer", b"deserializer",
    b"factory", b"component", b"bean", b"source", b"package", b"namespace", b"caller", b"strategy", b"provider",
];

/// What the classes of chains of gadgets are called: in Commons Collections' functors a manner, then a kind.
const KINDS: &[&[u8]] = &[b"transformer", b"closure", b"factory"];
static MANNERS: WordList = WordList::new(
    "chained clone closure constant exception factory for if instantiate invoker map nop predicate prototypeclone \
     prototypeserialization stringvalue switch transformer while",
);
/// Members that say which class a value becomes (Fastjson, Jackson, XStream, .NET's Json).
const TYPES: &[&[u8]] = &[b"@type", b"@class", b"$type", b"@c"];

/// Reports the name of a class, a serialised object of Java, Python or Ruby. Reads the view once.
pub(in crate::detect::verify) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    for package in PACKAGES {
        let mut at = 0;
        while let Some(start) = find(view, at, package) {
            at = start + package.len();
            if is_inner(package, view.get(at..).unwrap_or_default())
                && is_value(view, start)
                && !is_own(subject)
                && !is_plain(subject)
                && !is_client(subject)
            {
                found(Evidence::JavaClass);
                break;
            }
        }
    }
    // `Class["runtime"]` and its like: a package, and what runs commands.
    if find(view, 0, b"java.").is_some_and(|at| at == 0 || !view.get(at - 1).copied().is_some_and(is_word))
        && (has_any(view, &[b"processbuilder"]) || names_runtime(view))
        && view.len() <= 512
        && !view.contains(&b' ')
    {
        found(Evidence::JavaClass);
    }
    if is_typed(subject) || is_tagged(view) || is_loader(view) || is_functor(view) {
        found(Evidence::JavaClass);
    }
    if is_coded(view) {
        found(Evidence::CodedObject);
    }
    if view.starts_with(b"\xac\xed\0\x05") || find(view, 0, b"\xac\xed\0\x05").is_some() {
        found(Evidence::JavaObject);
    }
}

/// `.runtime`, and not the start of a longer name: `java.lang.runtimeexception`.
fn names_runtime(view: &[u8]) -> bool {
    find(view, 0, b".runtime").is_some_and(|at| !view.get(at + 8).copied().is_some_and(is_word))
}

/// Is it the package, and not a host of that name?
fn is_inner(package: &[u8], rest: &[u8]) -> bool {
    !matches!(package, b"java." | b"javax." | b"sun." | b"com.sun.") || INNER.has(word_after(rest))
}

/// A class's name, and nothing else, in a member of a document that names one of the sender's.
fn is_own(subject: &Subject<'_>) -> bool {
    let last = subject.name.rsplit(|byte| *byte == b'.').next().unwrap_or_default().to_ascii_lowercase();
    subject.target.in_document()
        && !subject.is_name
        && subject.view.iter().all(|byte| is_word(*byte) || b".$".contains(byte))
        && !TYPES.contains(&last.as_slice())
        && OWN.iter().any(|name| last.ends_with(name))
}

/// What frameworks call parameters of their own forms.
const PARAMETERS: &[&[u8]] =
    &[b"javax.faces", b"org.apache.struts.taglib.", b"org.apache.catalina.filters.", b"com.sun.faces"];
/// Types that a document may name, as nothing in them does harm.
const TYPES_OF_VALUES: &[&[u8]] = &[b"java.math.", b"java.time.", b"java.text."];

/// `javax.faces.ViewState=…`, `"java.math.BigDecimal"`: is it the name of a framework's parameter, or of a value's type?
fn is_plain(subject: &Subject<'_>) -> bool {
    let view = subject.view;
    view.iter().all(|byte| is_word(*byte) || b".$:-".contains(byte))
        && PARAMETERS.iter().chain(TYPES_OF_VALUES).any(|package| view.starts_with(package))
}

/// `Solr[org.apache.solr.client.solrj.impl.HttpSolrClient] 1.0`: a client that says which of its classes asks.
fn is_client(subject: &Subject<'_>) -> bool {
    let parts = || subject.view.split(|byte| b"[] ".contains(byte));
    let is_name = |part: &[u8]| part.iter().all(|byte| is_word(*byte) || b".-".contains(byte));
    subject.target == Target::Header
        && subject.name.eq_ignore_ascii_case(b"user-agent")
        && parts().next().is_some_and(|product| product.first().is_some_and(u8::is_ascii_alphabetic))
        && parts().nth(2).is_some_and(<[u8]>::is_empty)
        && parts().all(is_name)
        && parts().count() == 4
}

/// A class's name by its shape: three parts or more, joined by dots; and how long it is. `Lx.y.Z;` is the machine's spelling.
fn dotted(text: &[u8]) -> Option<usize> {
    let length = text.iter().take(200).take_while(|byte| is_word(**byte) || b".$".contains(byte)).count();
    let name = text.get(..length).unwrap_or_default();
    let parts = name.split(|byte| *byte == b'.');
    (parts.clone().count() >= 3 && parts.clone().all(|part| part.first().is_some_and(u8::is_ascii_lowercase)))
        .then_some(length)
}

/// `"@type":"x.y.Z"`, as a pair of its own or inside a text.
fn is_typed(subject: &Subject<'_>) -> bool {
    let view = subject.view;
    let named = |name: &[u8]| TYPES.iter().any(|part| name.to_ascii_lowercase().ends_with(part));
    if !subject.is_name && named(subject.name) && dotted(view) == Some(view.strip_suffix(b";").unwrap_or(view).len()) {
        return true;
    }
    TYPES.iter().any(|part| {
        let rest = find(view, 0, part).and_then(|at| view.get(at + part.len()..)).unwrap_or_default();
        let rest = rest.strip_prefix(b"\"").unwrap_or_default().trim_ascii_start();
        let rest = rest.strip_prefix(b":").unwrap_or_default().trim_ascii_start();
        rest.strip_prefix(b"\"").is_some_and(|name| dotted(name).is_some())
    })
}

/// `!!x.y.Z [`, a tag of YAML, and `@x.y.Z@member` of OGNL: both load the class.
fn is_tagged(view: &[u8]) -> bool {
    let after = |sign: &[u8], closes: fn(&[u8], &[u8]) -> bool| {
        let mut at = 0;
        while let Some(start) = find(view, at, sign) {
            at = start + sign.len();
            let rest = view.get(at..).unwrap_or_default();
            let apart = !start.checked_sub(1).and_then(|at| view.get(at)).copied().is_some_and(is_word);
            if let Some((class, behind)) =
                dotted(rest).filter(|_| apart).and_then(|length| rest.split_at_checked(length))
                && closes(class, behind)
            {
                return true;
            }
            at += rest.iter().take(200).take_while(|byte| is_word(**byte) || **byte == b'.').count();
        }
        false
    };
    after(b"!!", |class, rest| {
        // `!!com.sun.rowset.x` and its members on lines of their own.
        let of_platform = [&b"java."[..], b"javax.", b"com.sun."].iter().any(|package| class.starts_with(package));
        rest.is_empty()
            || matches!(rest.trim_ascii_start().first(), Some(b'[' | b'{' | b'(' | b'"' | b'\''))
            || of_platform && matches!(rest.first(), Some(b'\n' | b'\r'))
    }) || after(b"@", |_, rest| matches!(rest, [b'@', next, ..] if next.is_ascii_alphabetic() || *next == b'{'))
}

/// `class.module.classLoader`, `class['module']…`: the way from a bound object to the loader, in either spelling.
fn is_loader(view: &[u8]) -> bool {
    let Some(loader) = find(view, 0, b"classloader") else { return false };
    let before = view.get(loader.saturating_sub(48)..loader).unwrap_or_default();
    let Some(class) = before.windows(5).rposition(|part| part == b"class") else { return false };
    let apart = class.checked_sub(1).and_then(|at| before.get(at)).is_none_or(|byte| !is_word(*byte));
    let way = before.get(class + 5..).unwrap_or_default();
    apart
        && way.first().is_some_and(|byte| b".[".contains(byte))
        && way.iter().all(|byte| is_word(*byte) || b".[]'\"".contains(byte))
}

/// The name of a functor between signs, as a value or a part of one; prose has blanks there.
fn is_functor(view: &[u8]) -> bool {
    let is_sign = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_whitespace() && !is_word(*byte));
    KINDS.iter().any(|kind| {
        let mut at = 0;
        while let Some(start) = find(view, at, kind) {
            at = start + kind.len();
            let manner = word_before(view.get(start.saturating_sub(32)..start).unwrap_or_default());
            let before = (start - manner.len()).checked_sub(1).and_then(|at| view.get(at));
            if MANNERS.has(manner) && is_sign(before) && is_sign(view.get(at)) {
                return true;
            }
        }
        false
    })
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
    if !opens {
        return false;
    }
    let rest = view.get(start..).unwrap_or_default();
    let length = rest.iter().take(200).take_while(|byte| is_word(**byte) || b".$".contains(byte)).count();
    let name = rest.get(..length).unwrap_or_default();
    let closes = match rest.get(length) {
        None => true,
        Some(byte) => b"\"'<()]&;=".contains(byte),
    };
    let is_error = name.ends_with(b"exception") || name.ends_with(b"error");
    closes && !is_error && name.last().is_some_and(|byte| byte.is_ascii_alphanumeric())
}
