//! Does the operator's tuning do what it says, and nothing else? Configurations, requests, and what is detected.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod budget;
mod properties;
mod random;

use user_risk_filter::config;
use user_risk_filter::detect::options::Options;
use user_risk_filter::detect::rule_set::RuleSet;
use user_risk_filter::detect::scan::Scan;
use user_risk_filter::exchange::head::Head;
use user_risk_filter::read;
use user_risk_filter::read::field::Field;
use user_risk_filter::read::target::Target;

const UNION: &str = "1'+union+select+1,2--";
const SCRIPT: &str = "%3Cscript%3Ealert(1)%3C/script%3E";

/// What a GET of `target` earns under the options: `rule severity` of each detection, with points if they were changed.
fn found(options: &str, target: &str, headers: &[(&str, &str)]) -> Vec<String> {
    let json = serde_saphyr::from_str::<serde_json::Value>(options).unwrap().to_string();
    let options: Options = config::from_json(&json).unwrap_or_else(|error| panic!("{options}: {error}"));
    options.check().unwrap();
    let rules = RuleSet::new(options);
    let pseudo = [(":method", "GET"), (":path", target), (":authority", "shop.example.com:8443")];
    let head = Head::new(pseudo.iter().chain(headers).copied().collect());
    let mut scan = Scan::new();
    scan.begin(&rules, &head);
    scan.arrived(head.headers().size());
    read::head(&head, &mut |field: Field<'_>| scan.push(&rules, field));
    let mut found: Vec<_> = scan
        .take()
        .iter()
        .map(|one| {
            let points = one.points.map_or(String::new(), |points| format!(" {points}"));
            format!("{} {}{points}", rules.rule(one.rule).id, one.severity)
        })
        .collect();
    found.sort();
    found
}

fn check(options: &str, target: &str, expected: &[&str]) {
    assert_eq!(found(options, target, &[]), expected, "{options}  {target}");
}

#[test]
fn rules_and_categories_are_switched_off_and_changed() {
    let target = format!("/search?q={UNION}");
    check("{}", &target, &["sqli.union-select critical"]);
    check("{rules: {sqli: off}}", &target, &[]);
    check("{rules: {sqli.union-select: off}}", &target, &[]);
    check("{rules: {sqli: off, sqli.union-select: on}}", &target, &["sqli.union-select critical"]);
    check("{rules: {xss: off}}", &target, &["sqli.union-select critical"]);
    check("{rules: {sqli: {severity: low}}}", &target, &["sqli.union-select low"]);
    check("{rules: {sqli.union-select: {points: 2.5}}}", &target, &["sqli.union-select critical 2.5"]);
    let where_ =
        "{rules: {sqli: [{severity: high}, {severity: low, route: /search}, {points: 1, host: shop.example.com}]}}";
    check(where_, &target, &["sqli.union-select critical 1"]);
    let route = "{rules: {sqli: [{severity: high}, {severity: low, route: /search}]}}";
    check(route, &target, &["sqli.union-select low"]);
    check(route, &format!("/find?q={UNION}"), &["sqli.union-select high"]);
}

#[test]
fn exclusions_hold_where_they_say_and_nowhere_else() {
    let script = |path: &str, name: &str| format!("{path}?{name}={SCRIPT}");
    let is_found = |options: &str, target: &str| found(options, target, &[]).iter().any(|one| one.starts_with("xss"));
    let rows = [
        ("{exclude: [{category: xss, parameter: body}]}", script("/", "body"), false),
        ("{exclude: [{category: xss, parameter: body}]}", script("/", "bodies"), true),
        ("{exclude: [{category: xss, parameter: body*}]}", script("/", "body[text]"), false),
        ("{exclude: [{category: xss, parameter: Body}]}", script("/", "body"), false),
        ("{exclude: [{category: sqli, parameter: body}]}", script("/", "body"), true),
        ("{exclude: [{category: xss, header: body}]}", script("/", "body"), true),
        ("{exclude: [{rule: xss.script, parameter: body}]}", script("/", "body"), true),
        ("{exclude: [{category: xss, parameter: body, route: /cms}]}", script("/cms/pages/7", "body"), false),
        ("{exclude: [{category: xss, parameter: body, route: /cms}]}", script("/cms2", "body"), true),
        ("{exclude: [{category: xss, parameter: body, route: /cms}]}", script("/cms", "title"), true),
        ("{exclude: [{category: xss, route: '/{}/pages'}]}", script("/cms/pages", "a"), false),
        ("{exclude: [{category: xss, route: '/{}/pages'}]}", script("/cms/users", "a"), true),
        // What may be another path than it looks is not excluded.
        ("{exclude: [{category: xss, route: /cms}]}", script("/cms/../search", "q"), true),
        ("{exclude: [{category: xss, route: /cms}]}", script("/cms/..%2fsearch", "q"), true),
        ("{exclude: [{category: xss, route: /cms}]}", script("/cms/%2e%2e/search", "q"), true),
        ("{exclude: [{category: xss, route: /cms}]}", script("/cms/..;/search", "q"), true),
        ("{exclude: [{category: xss, route: /cms}]}", script("//cms", "q"), true),
        ("{exclude: [{category: xss, host: SHOP.example.com}]}", script("/", "q"), false),
        ("{exclude: [{category: xss, host: '*.example.com'}]}", script("/", "q"), false),
        ("{exclude: [{category: xss, host: example.com}]}", script("/", "q"), true),
        ("{exclude: [{category: xss, host: '*.op.example.com'}]}", script("/", "q"), true),
    ];
    for (options, target, expected) in rows {
        assert_eq!(is_found(options, &target), expected, "{options}  {target}");
    }
    let header = [("x-query", "1' union select 1,2--"), ("cookie", "q=1' union select 1,2--")];
    let count = |options| found(options, "/", &header).iter().filter(|one| one.starts_with("sqli")).count();
    assert_eq!(count("{}"), 2);
    assert_eq!(count("{exclude: [{category: sqli, header: x-query}]}"), 1);
    assert_eq!(count("{exclude: [{category: sqli, cookie: q}]}"), 1);
}

#[test]
fn own_rules_find_their_patterns() {
    let own = |kind: &str, pattern: &str| {
        format!("{{own: [{{id: own.it, category: scanner, severity: high, targets: [query], {kind}: ['{pattern}']}}]}}")
    };
    let rows = [
        ("literal", "acme", "/?q=my-acme-shop", true),
        ("literal", "ACME", "/?q=%61cMe", true),
        ("literal", "acme", "/acme?q=1", false),
        ("word", "acme", "/?q=an+acme+shop", true),
        ("word", "acme", "/?q=acmes", false),
        ("prefix", "acme", "/?q=acmes", true),
        ("prefix", "acme", "/?q=my+acme", false),
        ("suffix", "acme", "/?q=my+acme", true),
        ("suffix", "acme", "/?q=acmes", false),
        ("suffix", "acme", "/?q=acme,acme", true),
        ("whole", "acme", "/?q=acme", true),
        ("whole", "acme", "/?q=acme+", false),
        ("whole", "acm*shop", "/?q=acme-my-shop", true),
        ("whole", "acm*shop", "/?q=acme-my-shops", false),
        ("whole", "acm*shop*", "/?q=acme-my-shops", true),
        ("prefix", "acm*shop", "/?q=acme-my-shops", true),
        ("prefix", "acm*shop", "/?q=an-acme-shop", false),
        ("suffix", "acm*shop", "/?q=an-acme-shop-of-a-shop", true),
        ("literal", "one*two*one", "/?q=one+two+one", true),
        ("literal", "one*two*one", "/?q=two+one+two", false),
        ("literal", "ana*ana", "/?q=banana", false),
        ("literal", "ana*ana", "/?q=banana-banana", true),
    ];
    for (kind, pattern, target, expected) in rows {
        let expected: &[&str] = if expected { &["own.it high"] } else { &[] };
        check(&own(kind, pattern), target, expected);
    }
    let named = "{own: [{id: own.it, category: scanner, severity: high, names: [Token], literal: [acme]}]}";
    check(named, "/?token=acme", &["own.it high"]);
    check(named, "/?other=acme", &[]);
    let tuned = "{rules: {own.it: {points: 2}}, exclude: [{rule: own.it, route: /a}], own: [{id: own.it, category: scanner, \
                 severity: high, literal: [acme]}]}";
    check(tuned, "/b?q=acme", &["own.it high 2"]);
    check(tuned, "/a?q=acme", &[]);
}

#[test]
fn no_own_rule_stalls_a_worker() {
    let piece = |n: usize| "a".repeat(n);
    let patterns: Vec<_> = (3..128).map(|n| format!("{}*{}*b", piece(n % 60 + 3), piece(n % 7 + 1))).collect();
    let options = format!("{{own: [{{id: own.it, category: test, severity: low, literal: {patterns:?}}}]}}");
    let options: Options =
        config::from_json(&serde_saphyr::from_str::<serde_json::Value>(&options).unwrap().to_string()).unwrap();
    let rules = RuleSet::new(options);
    let value = "a".repeat(64 * 1024);
    let mut scan = Scan::new();
    let target = user_risk_filter::read::target::Target::Query;
    // It returns: a pattern that backtracked would not within a lifetime.
    scan.push(&rules, Field { target, name: b"q", value: value.as_bytes(), encoded: true });
    assert!(scan.detections().is_empty());
}

#[test]
fn exclusions_know_what_a_value_shows_and_what_a_body_is() {
    let script = "<script>alert(1)</script>";
    let shown = format!("see\n```\n{script}\n```");
    let is_found = |options: &str, content_type: &str, target: Target, value: &str| {
        let json = serde_saphyr::from_str::<serde_json::Value>(options).unwrap().to_string();
        let rules = RuleSet::new(config::from_json(&json).unwrap());
        let head = [(":method", "POST"), (":path", "/"), ("content-type", content_type)];
        let mut scan = Scan::new();
        scan.begin(&rules, &Head::new(head.into_iter().collect()));
        scan.push(&rules, Field::plain(target, b"a", value.as_bytes()));
        scan.take().iter().any(|one| rules.rule(one.rule).id.starts_with("xss"))
    };
    let (like, kind) =
        ("{exclude: [{category: xss, like: fence}]}", "{exclude: [{category: xss, content_type: text/plain}]}");
    let rows = [
        ("{}", "text/plain", Target::Text, &shown[..], true),
        (like, "text/plain", Target::Text, &shown, false),
        (like, "text/plain", Target::Text, script, true),
        (kind, "text/plain; charset=utf-8", Target::Text, script, false),
        (kind, "text/html", Target::Text, script, true),
        // The client chooses the type of its body, and with it nothing about the rest of the request.
        (kind, "text/plain", Target::Query, script, true),
    ];
    for (options, content_type, target, value, expected) in rows {
        assert_eq!(is_found(options, content_type, target, value), expected, "{options} {content_type} {value}");
    }
}
