//! Which request do curl's options describe? The common options, read as curl reads them.

use std::path::Path;

use user_risk_filter::exchange::head::Head;

/// The options that describe a request.
#[derive(clap::Args)]
pub(super) struct Options {
    /// A URL, or a path with its query
    url: String,

    /// The method; POST if there is data, else GET
    #[arg(short = 'X', long = "request", value_name = "METHOD")]
    method: Option<String>,

    /// A header, `Name: value`; may be repeated
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    headers: Vec<String>,

    /// The cookies, `name=value; name=value`
    #[arg(short = 'b', long = "cookie", value_name = "COOKIES")]
    cookies: Option<String>,

    /// The body, or @FILE (@- for standard input); repeated, joined by &
    #[arg(short, long, value_name = "DATA", aliases = ["data-raw", "data-binary", "data-ascii", "data-urlencode"])]
    data: Vec<String>,

    /// Accepted because browsers copy it; has no effect
    #[arg(long, hide = true)]
    compressed: bool,
}

/// A request as curl would send it.
pub(super) struct Request {
    pub(super) head: Head,
    pub(super) body: Vec<u8>,
}

impl Options {
    /// The request that they describe.
    pub(super) fn request(&self) -> Result<Request, String> {
        let (host, target) = split(&self.url);
        let method = self.method.as_deref().unwrap_or(if self.data.is_empty() { "GET" } else { "POST" });
        let mut pairs = vec![(":method".to_owned(), method.to_owned()), (":path".to_owned(), target)];
        let mut named = Vec::new();
        for header in &self.headers {
            let (name, value) = header
                .split_once(':')
                .ok_or_else(|| format!("-H '{header}': has no colon; write it as 'Name: value'"))?;
            named.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
        match named.iter().position(|(name, _)| name == "host") {
            Some(at) => pairs.push((":authority".to_owned(), named.remove(at).1)),
            None => pairs.extend(host.map(|host| (":authority".to_owned(), host))),
        }
        named.extend(self.cookies.clone().map(|cookies| ("cookie".to_owned(), cookies)));
        if !self.data.is_empty() && !named.iter().any(|(name, _)| name == "content-type") {
            named.push(("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
        }
        pairs.extend(named);
        Ok(Request { head: Head::new(pairs.into_iter().collect()), body: self.body()? })
    }

    fn body(&self) -> Result<Vec<u8>, String> {
        let mut body = Vec::new();
        for (index, data) in self.data.iter().enumerate() {
            if index > 0 {
                body.push(b'&');
            }
            match data.strip_prefix('@') {
                Some(file) => body.extend(read(file).map_err(|error| format!("-d {data}: {error}"))?),
                None => body.extend(data.as_bytes()),
            }
        }
        Ok(body)
    }
}

fn read(file: &str) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match file {
        "-" => std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes)?,
        file => std::io::Read::read_to_end(&mut std::fs::File::open(Path::new(file))?, &mut bytes)?,
    };
    Ok(bytes)
}

/// The host of a URL, and its path with the query. The fragment is never sent.
fn split(url: &str) -> (Option<String>, String) {
    let (url, _) = url.split_once('#').unwrap_or((url, ""));
    if url.starts_with('/') {
        return (None, url.to_owned());
    }
    let rest = match url.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => rest,
        _ => url,
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, target) = rest.split_at(end);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
    (Some(host.to_owned()), target)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_url_is_a_host_and_a_target() {
        let rows = [
            ("https://shop.example/a?b=c#d", Some("shop.example"), "/a?b=c"),
            ("shop.example:8080?x=://", Some("shop.example:8080"), "/?x=://"),
            ("http://joe:secret@shop.example", Some("shop.example"), "/"),
            ("/a?next=https://x", None, "/a?next=https://x"),
            ("//a", None, "//a"),
        ];
        for (url, host, target) in rows {
            assert_eq!(split(url), (host.map(str::to_owned), target.to_owned()), "{url}");
        }
    }
}
