//! What are the arguments of a command that is the whole value: a host, a sum, a file to write?

use super::argument::is_file;

/// Nothing but the name of a host, with a path or not: `a.example.net/x`.
pub(super) fn is_host(arguments: &[u8]) -> bool {
    let host = arguments.trim_ascii();
    let name = host.split(|byte| *byte == b'/').next().unwrap_or_default();
    let label = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    let dots = name.iter().filter(|byte| **byte == b'.').count();
    host.len() <= 128
        && dots >= 1
        && is_file(name)
        && label.len() >= 2
        && host.iter().all(|byte| byte.is_ascii_alphanumeric() || b".-_/:".contains(byte))
}

/// Two numbers at least, with an operator between them: `6 + 7`, also into a file.
pub(super) fn is_sum(arguments: &[u8]) -> bool {
    let sum = arguments.split(|byte| *byte == b'>').next().unwrap_or_default().trim_ascii();
    let numbers = sum.split(|byte| !byte.is_ascii_digit()).filter(|number| !number.is_empty()).count();
    let plain = sum.iter().all(|byte| byte.is_ascii_digit() || b" +-*/%\\()".contains(byte));
    sum.len() <= 64 && numbers >= 2 && plain && sum.iter().any(|byte| b"+-*/%".contains(byte))
}

/// A redirection into a path or a file with an ending: `x > ../k.txt`.
pub(super) fn is_written(arguments: &[u8]) -> bool {
    let Some(at) = arguments.iter().position(|byte| *byte == b'>') else { return false };
    let file = arguments.get(at + 1..).unwrap_or_default();
    let file = file.strip_prefix(b">").unwrap_or(file).trim_ascii_start();
    let length = file.iter().position(|byte| byte.is_ascii_whitespace() || b";|&".contains(byte)).unwrap_or(file.len());
    let file = file.get(..length).unwrap_or_default();
    let plain = file.iter().all(|byte| byte.is_ascii_alphanumeric() || b"./_-".contains(byte));
    arguments.len() <= 256 && at > 0 && plain && (file.contains(&b'/') || is_file(file))
}
