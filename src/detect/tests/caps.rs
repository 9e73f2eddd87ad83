//! Is what a cap cuts off counted, and nothing else?

use crate::detect::rule_set::RuleSet;
use crate::detect::scan::Scan;
use crate::exchange::head::Head;
use crate::read;

/// How many bytes of the values of a request were not looked at by all that read their language.
fn unseen(target: &str) -> u64 {
    let rules = RuleSet::builtin();
    let head = Head::new([(":method", "GET"), (":path", target)].into_iter().collect());
    let mut scan = Scan::new();
    // So much that the budget of work is no cap.
    scan.arrived(100 * target.len());
    let unjoined = read::head(&head, &mut |field| scan.push(&rules, field));
    scan.skip(unjoined);
    scan.take_unseen()
}

/// A query with this value.
fn query(value: &str) -> String {
    let coded: String = value.bytes().map(|byte| format!("%{byte:02x}")).collect();
    format!("/?q={coded}")
}

fn numbered(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect()
}

fn base64(text: &str) -> String {
    use ::base64::Engine as _;
    ::base64::engine::general_purpose::STANDARD_NO_PAD.encode(text)
}

#[test]
fn each_cap_counts_what_it_cuts_off() {
    let times = |part: &str, count: usize| query(&part.repeat(count));
    let tag = |attributes: usize| query(&format!("<img {}>", numbered(attributes, |n| format!("a{n} "))));
    let long_tag = |length: usize| query(&format!("<img alt='{}' onload=x()>", "x".repeat(length)));
    let after = |start: &str, part: &str, count: usize| query(&format!("{start}{}", part.repeat(count)));
    let comment = |names: usize| format!("/?{}", numbered(names, |n| format!("p{n}=/*&p{n}=*/&")));
    let joined = |length: usize| format!("/?a=/*{}&a=*/select", "x".repeat(length));
    let json = |inside: &str| query(&serde_json::json!({ "a": inside }).to_string());
    let quote = "' or 1=1-- ";
    for (cap, below, beyond) in [
        ("expressions of templates without an end", times("{{a", 64), times("{{a", 20_000)),
        ("attributes of a tag", tag(64), tag(65)),
        ("bytes of a tag", long_tag(2000), long_tag(2100)),
        ("addresses", times("http://a.example/ ", 64), times("http://a.example/ ", 65)),
        ("declarations of XML", times("<!entity a>", 64), times("<!entity a>", 65)),
        ("lookups inside lookups", after("${jndi:", "${a", 31), after("${jndi:", "${a", 32)),
        ("command positions", after("x", ";cat", 4096), after("x", ";cat", 4097)),
        ("calls of PHP", after("$_GET", " a(", 256), after("$_GET", " a(", 257)),
        ("tokens of SQL", after("' ", "or 1 ", 8191), after("' ", "or 1 ", 8192)),
        ("layers of percent-coding", "/?q=%252527".to_owned(), "/?q=%25252527".to_owned()),
        ("layers of Base64", format!("/?q={}", base64(quote)), format!("/?q={}", base64(&base64(quote)))),
        ("containers in containers", json(quote), json(&serde_json::json!({ "b": quote }).to_string())),
        ("names that are joined", comment(16), comment(17)),
        ("bytes that are joined", joined(900), joined(1100)),
    ] {
        assert_eq!(unseen(&below), 0, "{cap}: all of it is read");
        let left = unseen(&beyond);
        assert!((1..=beyond.len() as u64).contains(&left), "{cap}: {left} bytes of {} are left", beyond.len());
    }
}

#[test]
fn what_is_read_before_a_cap_is_judged() {
    let rules = RuleSet::builtin();
    let head = Head::new(
        [(":method", "GET"), (":path", query(&format!("${{jndi:ldap://x/{}", "${a".repeat(40))).as_str())]
            .into_iter()
            .collect(),
    );
    let mut scan = Scan::new();
    read::head(&head, &mut |field| scan.push(&rules, field));
    assert!(scan.detections().iter().any(|one| rules.rule(one.rule).id.starts_with("log4shell.")));
}
