//! What is an exchange? A request with its answer, in parts (head, chunks, answer), never as a whole.

pub mod cookie;
pub mod head;
pub mod headers;
pub mod proxy;
pub mod route;
