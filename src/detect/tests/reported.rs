//! What people reported of other filters: do their values earn nothing here, and the attacks beside them what they did?

use super::everyday::accused;
use crate::read::target::Target;

#[test]
fn values_of_public_reports() {
    let rows = [
        (Target::Json, "query", "mutation AddNote($id: ID!, $text: String!) { addNote(id: $id, text: $text) { id } }"),
        (Target::Json, "query", "query Q($where: [Filter!]!, $regex: String = \"\") { items(where: $where) { id } }"),
        (Target::Json, "dt", "Sale <50% & more> | Example"),
        (Target::Query, "q", "Rock & Pop | sort> "),
        (Target::Header, "user-agent", "ReadYou/${versionName}(26)"),
        (Target::Query, "modname", "School_Setup/Configuration.php"),
        (
            Target::Query,
            "Format",
            "'<a href=\"__WebPath__/Ticket/Display.html?a=Take&amp;id=__id__\">Take</a>/TITLE:#'",
        ),
    ];
    for (target, name, value) in rows {
        assert_eq!(accused(target, name, value), [""; 0], "{target:?} {name}: {value}");
    }
}

#[test]
fn attacks_beside_them() {
    let rows = [
        (Target::Json, "query", "query Q($a: Int, $where: 'sleep(100)')", "nosqli.code"),
        (Target::Query, "q", "x & more > /tmp/x", "rce.command"),
        (Target::Query, "q", "x; cat <&3", "rce.command"),
        (Target::Header, "user-agent", "${_GET[0]}('id')", "code-injection.php-dynamic"),
        (Target::Query, "jql", "project=\"Z\" OR \"1\"=\"1\" -- ", "sqli.tautology"),
        (Target::Query, "q", "SELECT * FROM users", "sqli.statement"),
        (Target::Query, "q", "SELECT password FROM users WHERE name = 'a'--", "sqli.statement"),
        (Target::Query, "x", "smb://203.0.113.9/a", "ssrf.scheme"),
        (Target::Query, "callback_url", "http://localhost:8080/token", "ssrf.loopback"),
        (Target::Json, "link", "../../../../etc/passwd#x.html", "path-traversal.target"),
        (Target::Json, "content", "http://203.0.113.9/shell.php?", "file-inclusion.remote"),
        (Target::Query, "q", "admin.\" --", "sqli.commented-quote"),
        (Target::Query, "q", "admin\" -- Serena", "sqli.commented-quote"),
        (Target::Xml, "", "<?xml-stylesheet href=\"http://x.example/a.xsl\" type=\"text/xsl\"?><a/>", "xxe.doctype"),
        (Target::Json, "x", "1;\nCREATE FUNCTION f RETURNS INTEGER SONAME 'udf.so'", "sqli.stacked"),
        (Target::Json, "hostName", "test$(touch /tmp/a)", "rce.substitution"),
        (Target::Form, "val", ",phpinfo());/*", "code-injection.php-break"),
        (Target::Query, "file", "/usr/local/lib/php/pearcmd.php", "path-traversal.server-file"),
        (Target::Form, "username", "x;(&(uid=Admin)(userPassword=A*))", "ldapi.filter"),
        (
            Target::Form,
            "keys",
            "{if:array_map(base_convert(27440799224,10,32),array(1))}{end if}",
            "code-injection.php-call",
        ),
        (Target::Query, "modname", "../config/configuration.php", "path-traversal.server-file"),
        (Target::Query, "file", "School_Setup/Configuration.php", "path-traversal.server-file"),
        (Target::Query, "Format", "<a href=\"java&#115;cript:alert(1)\">Take</a>", "xss.markup"),
        (Target::Query, "Format", "<a href=\"//evil.example/?a=1&amp;id=2\">Take</a>", "xss.markup"),
    ];
    for (target, name, value, rule) in rows {
        let rules = accused(target, name, value);
        assert!(rules.iter().any(|found| found == rule), "{target:?} {name}: {value}: {rules:?}");
    }
}
