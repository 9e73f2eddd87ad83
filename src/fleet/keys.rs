//! Under which keys does the store keep what is shared? All begin with the number of the layout and the namespace.

use crate::fleet::record_copy::LAYOUT;
use crate::keyed_hash::Digest;

/// The keys of a namespace.
#[derive(Clone, Copy, Debug)]
pub struct Keys<'a>(pub &'a str);

impl Keys<'_> {
    /// The feed of what all proxies must know.
    pub fn feed(self) -> String {
        self.named("feed")
    }

    /// The count of calls, which begins anywhere when the store was empty.
    pub fn calls(self) -> String {
        self.named("calls")
    }

    /// A user's record.
    pub fn user(self, user: Digest) -> String {
        self.named(&format!("u:{user}"))
    }

    /// What says that a proxy lives.
    pub fn proxy(self, proxy: u32) -> String {
        self.named(&format!("p:{proxy:08x}"))
    }

    /// Any key of the namespace that ends with this.
    pub fn named(self, end: &str) -> String {
        format!("urf:{LAYOUT}:{}:{end}", self.0)
    }
}
