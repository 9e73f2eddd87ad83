//! Is code found wherever it sits and however it is spelled, and does looking for it stay linear?

use crate::detect::category::Severity;
use crate::detect::rule_set::RuleSet;
use crate::detect::scan::Scan;
use crate::exchange::head::Head;
use crate::read::field::Field;
use crate::read::target::Target;
use crate::read::{self, Body};
use std::time::Instant;

/// The rules that a request fires, with their places.
fn fired(target: &str, headers: &[(&str, &str)], body: &str) -> Vec<String> {
    let rules = RuleSet::builtin();
    let pseudo = [(":method", "POST"), (":path", target)];
    let head = Head::new(pseudo.iter().chain(headers).copied().collect());
    let mut scan = Scan::new();
    read::head(&head, &mut |field| scan.push(&rules, field));
    let mut reader = Body::new(&head, 1 << 20);
    reader.push(body.as_bytes(), &mut |field| scan.push(&rules, field));
    reader.finish(&mut |field| scan.push(&rules, field));
    let worth = scan.take().into_iter().filter(|one| one.severity >= Severity::Medium);
    worth.map(|one| format!("{} {}", rules.rule(one.rule).id, one.target)).collect()
}

#[test]
fn code_is_found_in_every_place() {
    let check = |target: &str, headers: &[(&str, &str)], body: &str, expected: &str| {
        let found = fired(target, headers, body);
        assert!(found.iter().any(|line| line == expected), "{target} {headers:?} {body}: {found:?}, not {expected}");
    };
    let json = [("content-type", "application/json")];
    check("/?a=%24%7B6*6%7D", &[], "", "ssti.arithmetic query:a");
    check("/a/%7B%7B6*6%7D%7D/b", &[], "", "ssti.arithmetic path");
    check("/?a=%257B%257B6*6%257D%257D", &[], "", "ssti.arithmetic query:a");
    check("/", &[("cookie", "s=%23%7B6*6%7D")], "", "ssti.arithmetic cookie:s");
    check("/", &[("user-agent", "{{config}}")], "", "ssti.object header:user-agent");
    check("/", &[("referer", "https://shop.example/?q={{6*6}}")], "", "ssti.arithmetic header:referer");
    check("/", &json, r#"{"a":{"b":"\u007b\u007b6*6}}"}}"#, "ssti.arithmetic json:a.b");
    check("/?a=%26%23123;%26%23123;6*6%26%23125;%26%23125;", &[], "", "ssti.arithmetic query:a");
    check("/?class.module.classLoader.x=1", &[], "", "code-injection.java-code query:{}");
    check("/", &[], "java.io.Reader=1", "code-injection.java-class form:{}");
    check("/", &json, r#"{"java.io.Reader":"x"}"#, "code-injection.java-class json:{}");
    check("/", &[("x-object", "rO0ABXNyAA")], "", "code-injection.java-object header:x-object");
    check("/?a=%AC%ED%00%05sr", &[], "", "code-injection.java-object query:a");
    check("/?a=c%5Cu0068ild_process", &[], "", "code-injection.node-process query:a");
    check("/?a=sys%00tem('x')", &[], "", "code-injection.php-word query:a");
    check("/?a=%22%5Cx73ystem%22('x')", &[], "", "code-injection.php-dynamic query:a");
    check("/?url=/%5Cx.example", &[], "", "open-redirect.disguised query:url");
    check("/?next=%2F%2Fx.example", &[], "", "open-redirect.host query:next");
    check("/?theme_path=http://x.example/a.inc", &[], "", "file-inclusion.script query:theme_path");
}

#[test]
fn hostile_code_costs_what_its_length_says() {
    let parts = [
        "{{",
        "}}",
        "{{7*",
        "<?",
        "<% ",
        "{%if",
        "$_",
        "$_ g",
        "${'",
        "f(",
        "/**/(",
        "*/(",
        "a\n(",
        "'](",
        "$a](",
        "@{",
        "@{[",
        "o:1:\"",
        "java.",
        "java.io.x\"",
        "//",
        "http://",
        "http:a@",
        "while(",
        "while(!",
        "for(;",
        "(a)(",
        "__a__.",
        ".system",
        "\\/",
        "[[1*",
        "%{",
        "~{",
    ];
    let rules = RuleSet::builtin();
    let cost = |text: &str| {
        let best = (0..3).map(|_| {
            #[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
            let start = Instant::now();
            for target in [Target::Query, Target::Json] {
                Scan::new().push(&rules, Field { target, name: b"path", value: text.as_bytes(), encoded: false });
            }
            start.elapsed()
        });
        best.min().unwrap_or_default()
    };
    for part in parts {
        let of = |length: usize| part.repeat(length / part.len());
        let (short, long) = (cost(&of(4 * 1024)), cost(&of(32 * 1024)));
        // Eight times the bytes; four times that would be a square.
        assert!(long < short * 32 + std::time::Duration::from_secs(1), "{part:?}: {short:?}, then {long:?}");
    }
}
