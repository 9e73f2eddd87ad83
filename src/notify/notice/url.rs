//! Which URLs may an operator write into notices (`runbook_url`, `links`)? Those of the web, and not too long.

/// The longest address that an operator may write.
pub(super) const ADDRESS_LIMIT: usize = 1000;

/// Is it an address of the web?
pub(super) fn check_url(url: &str) -> Result<(), String> {
    if url.len() > ADDRESS_LIMIT {
        return Err(format!("is longer than {ADDRESS_LIMIT} characters"));
    }
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let has_host = host.is_some_and(|host| host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '['));
    if !has_host || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("is not a URL; write https://host/path".to_owned());
    }
    Ok(())
}
