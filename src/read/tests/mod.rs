//! Is every byte shown, at the right target, wherever the chunks end?

mod body;
mod chunks;
mod head;
mod multipart;
mod octets;
mod packed;

use super::field::Field;
use super::{Body, head as read_head};
use crate::exchange::head::Head;
use crate::exchange::headers::Headers;

fn shown(field: Field<'_>) -> String {
    format!("{}:{}={}", field.target.word(), field.name.escape_ascii(), field.value.escape_ascii())
}

fn head_fields(headers: &[(&str, &[u8])]) -> Vec<String> {
    let mut fields = Vec::new();
    read_head(&Head::new(headers.iter().copied().collect::<Headers>()), &mut |field| fields.push(shown(field)));
    fields
}

fn body_fields(content_type: &str, limit: usize, chunks: &[&[u8]]) -> (Vec<String>, u64) {
    let head = Head::new([("content-type", content_type)].into_iter().collect());
    let mut body = Body::new(&head, limit);
    let mut fields = Vec::new();
    for chunk in chunks {
        body.push(chunk, &mut |field| fields.push(shown(field)));
    }
    body.finish(&mut |field| fields.push(shown(field)));
    (fields, body.skipped())
}
