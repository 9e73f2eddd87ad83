//! What notices say: sentences, facts, links and advice for people, reports for programs.

pub mod advice;
pub mod done;
pub mod fact;
pub mod link;
pub mod links;
pub mod message;
pub mod phrasing;
pub mod report;
mod rollup;
pub mod rule_summary;
pub mod service;
mod url;
