//! Is it server-side request forgery? Reads addresses as a browser does, in every spelling of a host.

use super::bytes::find;
use super::developer;
use super::host::{Host, LOCAL, of_host};
use super::subject::Subject;
use crate::detect::matcher::Evidence;
use crate::detect::verify::word_list::WordList;
use crate::read::target::Target;

/// Schemes that reach files or speak raw protocols.
const SCHEMES: WordList =
    WordList::new("dict dns gopher imap jar ldap ldaps local_file netdoc rmi sftp smb tftp unix view-source");
/// Stream wrappers of PHP (its manual, "Supported Protocols and Wrappers").
static WRAPPERS: WordList = WordList::new(
    "compress.bzip2 compress.zlib expect glob ogg phar php rar ssh2 ssh2.exec ssh2.scp ssh2.sftp ssh2.shell \
     ssh2.tunnel zip zlib",
);
/// Schemes of connections to databases and queues, whose addresses hold a name and a password.
static DRIVERS: WordList = WordList::new(
    "amqp amqps clickhouse cockroachdb mariadb mongodb mssql mysql mysql2 nats oracle postgis postgres postgresql redis rediss sqlserver",
);
/// Paths that only services are asked for that manage machines: Consul, Docker, Elasticsearch, the kubelet, Spring's Actuator, Tomcat.
#[rustfmt::skip]
const MANAGING: &[&[u8]] = &[
    b"/v1/agent/", b"/v1/kv/", b"/containers/", b"/_cat/", b"/pods", b"/runningpods", b"/actuator/env", b"/actuator/heapdump",
    b"/latest/meta-data", b"/manager/html",
];
/// At most so many addresses of one value are read.
const ADDRESSES: usize = 64;

/// Reports internal addresses, schemes that reach files or sockets, and hidden hosts. Reads [`ADDRESSES`] addresses; what is
/// behind them is noted as unread.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    if local_name(view) {
        found(Evidence::UrlHost);
    }
    let mut at = 0;
    for _ in 0..ADDRESSES {
        let Some(colon) = find(view, at, b":") else { return };
        at = colon + 1;
        let before = view.get(colon.saturating_sub(20)..colon).unwrap_or_default();
        let length =
            before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || b".+_".contains(byte)).count();
        let scheme = before.get(before.len() - length..).unwrap_or_default();
        let rest = view.get(at..).unwrap_or_default();
        if scheme.is_empty() || length == before.len() && colon > 20 {
            continue;
        }
        // `tag:www.x.example,2005://1.1`: the name of an entry (RFC 4151); no scheme begins with a digit.
        let is_dated = || (colon - length).checked_sub(1).and_then(|at| view.get(at)) == Some(&b',');
        if view.starts_with(b"tag:") && scheme.iter().all(u8::is_ascii_digit) && is_dated() {
            continue;
        }
        let start = colon == length;
        // A file of a project, by the name that editors' protocols give it.
        if scheme == b"file" && subject.target == Target::Json && developer::is_file(subject.name, rest) {
            continue;
        }
        of_address(scheme, rest, start, &mut |evidence| {
            if evidence == Evidence::UrlScheme && is_told(scheme, view.get(..colon - length).unwrap_or_default()) {
                return;
            }
            let is_setting = is_directory(scheme, subject.name, rest)
                || scheme == b"unix"
                    && !start
                    && view.first() != Some(&b' ')
                    && find(rest, 0, b"docker.sock").is_none();
            if evidence == Evidence::UrlScheme && subject.target.in_document() && is_setting {
                return;
            }
            let is_plain = evidence == Evidence::UrlOddAddress && rest.starts_with(b"//[::1]");
            let is_inner = matches!(evidence, Evidence::UrlLoopback | Evidence::UrlPrivate) || is_plain;
            // What the pages of a native app are shown from.
            let is_app = matches!(scheme, b"capacitor" | b"ionic");
            // `postgres://shop:p%40ss@localhost:5432/shop`: what a database's driver is told.
            let is_connection = DRIVERS.has(scheme.split(|byte| *byte == b'+').next().unwrap_or_default())
                && matches!(evidence, Evidence::UrlOddAddress | Evidence::UrlCredentials);
            // `git+https://`, `registry+https://…#a@0.24.1`: a package's source, not an address that is asked.
            let is_source =
                scheme.contains(&b'+') && matches!(evidence, Evidence::UrlOddAddress | Evidence::UrlCredentials);
            let is_own = evidence == Evidence::UrlLoopback
                && (subject.target == Target::Json && developer::serves(rest) || developer::is_page(rest));
            if !is_source
                && !is_connection
                && !is_own
                && !is_app
                && (!is_inner || !developer::shows(subject.name, rest, subject.target.in_body()))
            {
                found(evidence);
            }
        });
    }
    if find(view, at, b":").is_some() {
        subject.leave(view.len() - at);
    }
}

/// `"ldapUrl": "ldap://ldap.x.example/dc=x"`: the directory that a member is named for. What a look-up is lured to has a name of an object
/// behind its host, or one of the ports of the tools that serve it.
fn is_directory(scheme: &[u8], name: &[u8], rest: &[u8]) -> bool {
    let is_named = || find(&name.to_ascii_lowercase(), 0, b"ldap").is_some();
    let mut parts = rest.strip_prefix(b"//").unwrap_or(rest).trim_ascii().splitn(2, |byte| *byte == b'/');
    let host = parts.next().unwrap_or_default();
    let path = parts.next().unwrap_or_default();
    let is_tool = [&b":1389"[..], b":1099", b":9999", b":8888"].iter().any(|port| host.ends_with(port));
    let is_entry =
        path.is_empty() || [&b"dc="[..], b"ou=", b"cn=", b"uid="].iter().any(|start| path.starts_with(start));
    matches!(scheme, b"ldap" | b"ldaps") && is_named() && !is_tool && is_entry
}

/// `Mount is smb://files/scans`: does a text tell people of a share or a server?
fn is_told(scheme: &[u8], before: &[u8]) -> bool {
    let is_sentence = || before.iter().filter(|byte| **byte == b' ').count() >= 2 && find(before, 0, b"://").is_none();
    matches!(scheme, b"smb" | b"sftp" | b"imap")
        && (before.last() == Some(&b' ') || before.last() == Some(&b'\n') && is_sentence())
        && before.first().is_some_and(u8::is_ascii_alphanumeric)
}

/// A bare name of this machine, with a path or a port or spelled as no person would: `localhost.localdomain/`.
fn local_name(view: &[u8]) -> bool {
    let end = view.iter().position(|byte| matches!(byte, b'/' | b':')).unwrap_or(view.len());
    let (name, rest) = view.split_at(end);
    // `localhost:3000 works`: a message about it.
    LOCAL.has(name)
        && (name != b"localhost" || !rest.is_empty() && !rest.contains(&b' '))
        && !rest.starts_with(b"://")
        && view.len() <= 256
}

fn of_address(scheme: &[u8], rest: &[u8], start: bool, found: &mut dyn FnMut(Evidence)) {
    let slashes = rest.iter().take(8).take_while(|byte| matches!(byte, b'/' | b'\\')).count();
    // `tftp://<address>/`: a form of an address.
    let is_form = rest.get(slashes) == Some(&b'<');
    // `a scheme must be ldap://`: none at all.
    let is_bare = rest.get(slashes..).is_some_and(|host| host.trim_ascii().is_empty());
    if SCHEMES.has(scheme) && slashes >= 2 && !is_bare && !is_form {
        found(Evidence::UrlScheme);
    }
    if WRAPPERS.has(scheme) && slashes >= 2 && rest.len() > slashes {
        found(Evidence::UrlWrapper);
    }
    if scheme == b"file" && slashes >= 2 && start {
        let path = rest.get(slashes..).unwrap_or_default();
        let local = [
            &b"etc/"[..],
            b"proc/",
            b"var/",
            b"root/",
            b"home/",
            b"windows",
            b"localhost",
            b"127.",
            b"c:/windows",
            b"app/",
            b"dev/",
            b"sys/",
        ];
        if local.iter().any(|known| path.starts_with(known)) {
            found(Evidence::UrlScheme);
        }
    }
    if slashes < 2
        && !(start && slashes == 0 && scheme.starts_with(b"http") && rest.first().is_some_and(u8::is_ascii_digit))
    {
        return;
    }
    let authority = rest.get(slashes..).unwrap_or_default();
    // `\l\o\c\a\l`: some shells and parsers drop each of them.
    let letters = authority.split(|byte| *byte == b'\\').filter(|part| !part.is_empty()).take(4);
    if letters.filter(|part| part.len() == 1).count() == 4 {
        found(Evidence::UrlOddAddress);
    }
    let end = authority
        .iter()
        .take(256)
        .position(|byte| b"/?#\\ \"'<>&,;)\n\r\t".contains(byte))
        .unwrap_or(authority.len().min(256));
    let authority = authority.get(..end).unwrap_or_default();
    let host = authority.rsplit(|byte| *byte == b'@').next().unwrap_or_default();
    let path = rest.get(slashes + authority.len()..).unwrap_or_default();
    let kind = of_host(host);
    if start && kind.is_some() && MANAGING.iter().any(|known| path.starts_with(known)) {
        found(Evidence::UrlOddAddress);
    }
    match kind {
        Some(Host::Metadata) => found(Evidence::UrlMetadata),
        Some(Host::Odd) => found(Evidence::UrlOddAddress),
        Some(Host::Loopback) if SCHEMES.has(scheme) => found(Evidence::UrlOddAddress),
        Some(Host::Private) if start => found(Evidence::UrlPrivate),
        Some(Host::Private) => {}
        // Inside a text it is a developer's.
        Some(Host::Loopback) if start => found(Evidence::UrlLoopback),
        Some(Host::Loopback) => {}
        None => {}
    }
    // `http://a:80 &@b:80# @127.0.0.1/`: parsers disagree on which @ counts.
    let behind = rest.get(slashes + authority.len()..).unwrap_or_default();
    if start && (behind.starts_with(b" &@") || behind.starts_with(b" @")) && authority.contains(&b'.') {
        found(Evidence::UrlOddAddress);
    }
    let beyond = rest.get(..rest.len().min(128)).unwrap_or_default();
    // `ssh://git@localhost/`: a plain name before the host hides nothing.
    let is_plain = |user: &[u8]| user.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-:".contains(byte));
    let named = authority.split(|byte| *byte == b'@').next().is_some_and(is_plain);
    let hosts = beyond.split(|byte| *byte == b'@').skip(if named { 2 } else { 1 }).take(4);
    for host in hosts {
        let end = host.iter().position(|byte| b"/?#\\ \"'<>&,;".contains(byte)).unwrap_or(host.len());
        // `/maps/@51.5548918,-0.1106267`: a place on earth.
        let is_place = host.get(end) == Some(&b',');
        if start && !is_place && of_host(host.get(..end).unwrap_or_default()).is_some_and(|kind| kind != Host::Private)
        {
            found(Evidence::UrlOddAddress);
        }
    }
    // `http://shop.example@evil.example/`: the name before the @ looks like a host.
    if let Some(at) = authority.iter().position(|byte| *byte == b'@')
        && let Some(user) = authority.get(..at)
        && start
        && user.contains(&b'.')
        && !user.contains(&b'%')
    {
        found(Evidence::UrlCredentials);
    }
}
