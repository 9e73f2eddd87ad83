//! Which contexts does this VM have? One root context for each configuration, and one for each exchange under way.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::filter::root::Root;
use crate::filter::stream::HttpStream;

/// The contexts by the host's numbers, which it gives out in rising order and never twice.
#[derive(Default)]
struct Contexts {
    roots: BTreeMap<u32, Root>,
    streams: BTreeMap<u32, Box<HttpStream>>,
}

thread_local! {
    static CONTEXTS: RefCell<Contexts> = RefCell::default();
}

/// Makes a context: for an exchange, or a root context if `root` is 0. An exchange of a root context that does not exist has none:
/// nobody looks at it.
pub(super) fn create(context: u32, root: u32) {
    with(|contexts| {
        if root == 0 {
            contexts.roots.insert(context, Root::default());
        } else if let Some(root) = contexts.roots.get(&root) {
            contexts.streams.insert(context, Box::new(root.stream()));
        }
    });
}

/// Lets go of a context.
pub(super) fn delete(context: u32) {
    // Whatever ends with it is dropped outside of the borrow.
    let _gone = with(|contexts| (contexts.streams.remove(&context), contexts.roots.remove(&context)));
}

/// Calls a root context. None if there is no such one.
pub(super) fn with_root<R>(root: u32, call: impl FnOnce(&mut Root) -> R) -> Option<R> {
    with(|contexts| contexts.roots.get_mut(&root).map(call))?
}

/// Calls the context of an exchange. None if there is no such one.
pub(super) fn with_stream<R>(context: u32, call: impl FnOnce(&mut HttpStream) -> R) -> Option<R> {
    with(|contexts| contexts.streams.get_mut(&context).map(|stream| call(stream)))?
}

/// None for a callback within another one: the host makes none, but for memory.
fn with<R>(call: impl FnOnce(&mut Contexts) -> R) -> Option<R> {
    CONTEXTS.with(|contexts| contexts.try_borrow_mut().ok().map(|mut contexts| call(&mut contexts)))
}
