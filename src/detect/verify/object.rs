//! Does a document say which class its reader should make an object of, so that making it does harm?
//!
//! Deserialisers take the class from a member (Fastjson, Ruby's and Python's JSON libraries, Yii), from an element's name (XStream,
//! Java's XMLDecoder, Spring), or from a connection string whose driver runs what its options say (JDBC).

use super::bytes::{find, has_any, is_word};
use super::subject::Subject;
use crate::detect::matcher::Evidence;

/// Members that choose a class or a function of the reader's language; no form has such names.
#[rustfmt::skip]
const MEMBERS: &[&[u8]] = &[
    b"json_class", b"^o", b"^c", b"^u", b"py/object", b"py/reduce", b"py/function", b"py/type", b"__class__", b"__class", b"__construct()", b"_fn_close", b"__reduce__", b"__init__", b"$$type", b"dataisurl",
];
/// The start of ways to the class of a bean (Spring, Struts), and of objects that a constructor takes an address for.
const WAYS: &[&[u8]] =
    &[b"class.superclass", b"class.module", b"class.protectiondomain", b"class.declaringclass", b"class.classloader"];
/// Packages whose classes are elements in XStream's documents.
#[rustfmt::skip]
const PACKAGES: &[&[u8]] = &[
    b"<java.", b"<javax.", b"<jdk.", b"<sun.", b"<com.sun.", b"<org.apache.", b"<org.codehaus.", b"<org.springframework.", b"<groovy.", b"<com.thoughtworks.", b"<com.rometools.", b"<org.hibernate.",
];
/// Elements that make a deserialiser call a method.
#[rustfmt::skip]
const CALLS: &[&[u8]] = &[
    b"<dynamic-proxy", b"<array method=\"forname\"", b"<void method=\"forname\"", b"<void method=\"exec\"", b"<void method=\"start\"", b"<void class=\"java.", b"<object class=\"java.lang.", b"<new class=\"java.lang.p", b"<handler class=\"java.beans.", b"<unserializable-parents",
];
/// Attributes that do.
const ATTRIBUTES: &[&[u8]] = &[b"init-method=\"start\"", b"init-method=\"exec\"", b"methodname=\"start\""];
/// Options of database drivers that run a script, load a class or read the client's files.
#[rustfmt::skip]
const OPTIONS: &[&[u8]] = &[
    b"init=", b"runscript", b"autodeserialize=true", b"autodeserialize=yes", b"queryinterceptors=", b"statementinterceptors=", b"socketfactory=", b"sslfactory=", b"allowloadlocalinfile=true", b"allowurlinlocalinfile", b"loggerfile=",
    b"create alias", b"authenticationpluginclassname=", b"clientrerouteserverlistjndiname", b"jndi", b"krbjaasfile", b"load_extension",
];

/// Reports members, elements and connection strings that choose what the reader makes or runs. Searches the view a fixed number of
/// times.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    if subject.is_name {
        let last = view.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
        if MEMBERS.contains(&last) || WAYS.iter().any(|way| view.starts_with(way)) {
            found(Evidence::ObjectMember);
        }
        return;
    }
    if is_member_in_text(view) {
        found(Evidence::ObjectMember);
    }
    if has_element(view) || has_any(view, ATTRIBUTES) {
        found(Evidence::ObjectElement);
    }
    let connects = find(view, 0, b"jdbc:").and_then(|at| view.get(at..(at + 1024).min(view.len())));
    if connects.is_some_and(|url| has_any(url, OPTIONS)) {
        found(Evidence::ObjectConnection);
    }
}

/// `"json_class":"X"` inside a text that is no document to the reader.
fn is_member_in_text(view: &[u8]) -> bool {
    MEMBERS.iter().any(|name| {
        find(view, 0, name).is_some_and(|at| {
            let quoted = at.checked_sub(1).and_then(|at| view.get(at)) == Some(&b'"');
            quoted && view.get(at + name.len()..).is_some_and(|rest| rest.starts_with(b"\":"))
        })
    })
}

/// An element of those: each tag is looked at once.
fn has_element(view: &[u8]) -> bool {
    memchr::memchr_iter(b'<', view).any(|at| {
        let tag = view.get(at..).unwrap_or_default();
        tag.get(1).is_some_and(u8::is_ascii_lowercase)
            && (CALLS.iter().any(|call| tag.starts_with(call)) || is_class(view, at, tag))
    })
}

/// `<java.util.PriorityQueue`: is the element at `at` named as a class of three parts or more?
fn is_class(view: &[u8], at: usize, tag: &[u8]) -> bool {
    if !PACKAGES.iter().any(|package| tag.starts_with(package)) {
        return false;
    }
    let generic = at.checked_sub(1).and_then(|at| view.get(at)).is_some_and(|byte| is_word(*byte));
    let name = tag.get(1..).unwrap_or_default();
    let length = name.iter().take(160).position(|byte| !is_word(*byte) && !b".$_-".contains(byte)).unwrap_or(0);
    let (name, after) = name.split_at(length);
    !generic
        && name.iter().filter(|byte| **byte == b'.').count() >= 2
        && after.first().is_some_and(|byte| b">/ ".contains(byte))
}
