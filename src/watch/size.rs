//! Is a request absurdly large: its URL, its number of headers, cookies or parameters (AppSensor RE7)?

use crate::detect::signal::Signal;
use crate::exchange::head::Head;

/// A longer path and query, in bytes. Sign-on by redirect (SAML) and saved searches come to 4 to 6 KiB.
const TARGET: usize = 8 * 1024;
/// More bytes of headers. Kerberos tickets and a browser's cookies come to 16 KiB and more.
const HEADERS: usize = 32 * 1024;
/// More headers. A browser behind three proxies sends forty.
const COUNT: usize = 80;
/// More parameters in the query.
const PARAMETERS: usize = 256;

/// What is too large about the request's head, with the name of the place.
pub fn look(head: &Head) -> impl Iterator<Item = Signal> {
    let (target, headers) = (head.request_target(), head.headers());
    let long = target.len() > TARGET;
    // The target is one of the headers' values and has its own signal.
    let bytes = || headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
    // Short queries, nearly all, are not counted.
    let many = target.len() > 2 * PARAMETERS && target.iter().filter(|byte| **byte == b'&').count() >= PARAMETERS;
    [
        long.then_some(Signal::SizeTarget),
        (bytes().saturating_sub(target.len()) > HEADERS).then_some(Signal::SizeHeaders),
        (headers.len() > COUNT).then_some(Signal::SizeCount),
        many.then_some(Signal::SizeParameters),
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_absurd_is_noticed() {
        for (target, headers, value, expected) in [
            (10, 20, 100, vec![]),
            (8192, 79, 400, vec![]),
            (8193, 20, 10, vec![Signal::SizeTarget]),
            (10, 20, 1700, vec![Signal::SizeHeaders]),
            (10, 80, 10, vec![Signal::SizeCount]),
        ] {
            let fill = |length: usize| "a".repeat(length);
            let mut pairs = vec![(":path".to_owned(), fill(target))];
            pairs.extend((0..headers).map(|number| (format!("h{number}"), fill(value))));
            let head = Head::new(pairs.into_iter().collect());
            assert_eq!(look(&head).collect::<Vec<_>>(), expected, "{target} {headers} {value}");
        }
        for (parameters, expected) in [(256, vec![]), (257, vec![Signal::SizeParameters])] {
            let target = format!("/?{}", vec!["a=1"; parameters].join("&"));
            let head = Head::new([(":path", target)].into_iter().collect());
            assert_eq!(look(&head).collect::<Vec<_>>(), expected, "{parameters}");
        }
    }
}
