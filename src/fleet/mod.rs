//! Who else saw the user? Records shared with other proxies through a store: what is asked of it, when, and what came of it.
//!
//! ```text
//! an event ─▶ the local record ─▶ to_sync ─┐                         ┌─▶ Stored: commit, tell
//!                                          ├─ link: one call ─ port ─┤
//! the feed of what others did ─▶ to_sync ──┘     (engine: redis)     └─▶ Found: merge, decide, swap again
//! ```

pub mod feed;
pub mod keys;
pub mod link;
pub mod options;
pub mod port;
pub mod record_copy;
mod redis;
pub mod refusal;
mod resp;
pub mod store;
pub mod to_sync;
