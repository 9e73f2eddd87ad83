//! How is a message shown to an operator? Line by line, with its secrets hidden.

use anstream::println;
use anstyle::{AnsiColor, Style};
use user_risk_filter::notify::callout::Request;
use user_risk_filter::notify::subscription::Subscription;

use crate::terminal::FAINT;

const TITLE: Style = AnsiColor::Cyan.on_default().bold();

/// Headers whose values are no secret. All others are hidden.
const OPEN: &[&str] =
    &["content-type", "user-agent", "webhook-id", "webhook-timestamp", "webhook-signature", "idempotency-key"];

/// Paths of vendors' APIs, which are no secret.
const VENDORS: &[&str] = &["/v2/enqueue", "/v3/mail/send", "/emails", "/email", "/api/v2/alerts"];

/// The channel as the configuration has it: `notify[1] slack "qa" (cluster slack)`.
pub(super) fn title(index: usize, entry: &Subscription) -> String {
    let name = entry.route.name().map(|name| format!(" \"{name}\"")).unwrap_or_default();
    let cluster = entry.channel.delivery().cluster;
    format!("{TITLE}notify[{index}] {}{name}{TITLE:#} (cluster {cluster})", entry.channel.kind())
}

/// Prints the request.
pub(super) fn show(title: &str, entry: &Subscription, request: &Request) {
    println!("{title}");
    println!("  POST {}", address(request));
    for (name, value) in &request.headers {
        let value = if OPEN.contains(name) { entry.channel.hidden(value) } else { "<hidden>".to_owned() };
        println!("  {FAINT}{name}:{FAINT:#} {value}");
    }
    let body = entry.channel.hidden(&String::from_utf8_lossy(&request.body));
    println!("\n{}", indent(&body));
}

fn address(request: &Request) -> String {
    if request.authority.is_empty() {
        return "<the URL's variable is not set here>".to_owned();
    }
    let scheme = if request.is_secure { "https" } else { "http" };
    // Often the URL is the secret.
    let path = if VENDORS.contains(&request.path.as_str()) { request.path.as_str() } else { "/<hidden>" };
    format!("{scheme}://{}{path}", request.authority)
}

/// The same JSON with one line for each member, in the same order.
fn indent(json: &str) -> String {
    let mut indented = "  ".to_owned();
    let (mut depth, mut in_string, mut escaped) = (1, false, false);
    let mut characters = json.chars().peekable();
    while let Some(character) = characters.next() {
        if in_string {
            (escaped, in_string) = (character == '\\' && !escaped, character != '"' || escaped);
            indented.push(character);
            continue;
        }
        let is_end = |character: Option<&char>| matches!(character, Some('}' | ']'));
        match character {
            '}' | ']' if !indented.ends_with(['{', '[']) => {
                depth -= 1;
                indented.push_str(&format!("\n{}{character}", "  ".repeat(depth)));
            }
            '{' | '[' if !is_end(characters.peek()) => {
                depth += 1;
                indented.push_str(&format!("{character}\n{}", "  ".repeat(depth)));
            }
            ',' => indented.push_str(&format!(",\n{}", "  ".repeat(depth))),
            ':' => indented.push_str(": "),
            _ => {
                in_string = character == '"';
                indented.push(character);
            }
        }
    }
    indented + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_member_has_its_line_in_its_order() {
        let json = r#"{"b":"x,{\"","a":[{"c":1},2],"d":[],"e":{}}"#;
        let expected = "  {\n    \"b\": \"x,{\\\"\",\n    \"a\": [\n      {\n        \"c\": 1\n      },\n      2\n    ],\n    \"d\": [],\n    \"e\": {}\n  }\n";
        assert_eq!(indent(json), expected);
    }
}
