//! Words of prose in markup, tables and links: do they earn nothing, and does what attackers write in their clothes?

use super::everyday::accused;
use crate::detect::rule_set::RuleSet;
use crate::detect::scan::Scan;
use crate::exchange::head::Head;
use crate::read::Body;
use crate::read::target::Target;

#[test]
fn prose_in_markup_tables_and_links() {
    let rows = [
        (Target::Form, "text", "<p>copy & paste it</p>"),
        (Target::Form, "text", "<p>stopped traffic & more wrecks.</p>"),
        (Target::Json, "body", "<li>wash & cut hair</li>"),
        (Target::Form, "text", "<p>wait for delay; sleep 8 hours (max)!</p>"),
        (Target::Form, "text", "L'<em>amour</em> -- tout"),
        (Target::Form, "text", "<p>the boys'<br>house -- big</p>"),
        (Target::Form, "text", "Objects have no&nbsp;get_absolute_url()&nbsp;method"),
        (Target::Form, "trees", "Oak; Ash; Pine"),
        (Target::Form, "address", "Elm Rd 3; Ash Close 83/14"),
        (Target::Form, "row", "1;\"Bash Brothers\";2;x"),
        (Target::Form, "head", "Name;ID;City"),
        (Target::Form, "text", "Top 10 https://shop.example/top"),
        (Target::Form, "text", "At 8 ounces it is light https://shop.example/x"),
        (Target::Form, "text", "I can't select \"Delete from cart\" -- it doesn't work; any ideas?"),
        (Target::Form, "text", "Same here: `<?php echo $row[\"name\"]; ?>` prints nothing"),
        (Target::Query, "q", "type:$in('video','article');id:$in('x')"),
        (Target::Header, "referer", "http://a.example/l?u=http://b.example/?value=7&name=Hot Top 5&h=x"),
        (Target::Header, "x-requested-with", "org.mozilla.focus"),
        (Target::Query, "resource", "acct:mr_robot@java.social.example"),
        (Target::Cookie, "iv", "8n5qX/E5uOfI3pYa/onwXw=="),
        (Target::Form, "text", "Please copy the following text into the program 'Word' and save."),
        (Target::Form, "text", "the dbms_advisor.quick_tune() procedure"),
        (Target::Form, "text", "Step 1; truncate it"),
    ];
    for (target, name, value) in rows {
        assert_eq!(accused(target, name, value), [""; 0], "{target:?} {name}: {value}");
    }
}

/// A cookie of Moodle, which encrypts the name of the last user.
#[test]
fn octets_are_cut_short_by_no_nul() {
    for (value, expected) in [(&b"\xe9\xc7\0"[..], false), (b"\xff/../x.php\0", true), (b"x.php\0.png", true)] {
        let found = accused(Target::Cookie, "moodleid1_", value).iter().any(|rule| rule == "protocol.nul");
        assert_eq!(found, expected, "{}", value.escape_ascii());
    }
}

/// The kinds that an attack on the rows above found.
#[test]
fn attacks_in_their_clothes() {
    let rows = [
        (Target::Form, "host", "127.0.0.1;cat \"<b>\" /srv/app/config.php"),
        (Target::Form, "host", "127.0.0.1;cat </etc/passwd"),
        (Target::Form, "host", "x;curl a</a>/dev/null http://x.example"),
        (Target::Query, "ip", "127.0.0.1|timeout 9 curl http://x.example/y"),
        (Target::Form, "url", "http://a.example/?x&a=1 curl http://x.example/y"),
        (Target::Form, "q", "abc;def;id"),
        (Target::Form, "q", "name;true;id"),
        (Target::Form, "q", "x;/bin/ash"),
        (Target::Form, "q", "x|ash"),
        (Target::Form, "q", "x;ash -c id"),
        (Target::Form, "q", "1;\"id\""),
        (Target::Form, "text", "x `<?php echo ` id `;?>` prints nothing"),
        (Target::Form, "text", "Same here: `<?php echo ${\"_GET\"}[0]; ?>` prints nothing"),
        (Target::Form, "q", "$f='system';1?0:$f('id')"),
        (Target::Header, "referer", "http://a.example/?\r\nslaveof x.example 6379"),
        (Target::Header, "referer", "http://a.example/?\r\n\r\n<html>"),
        (Target::Query, "q", "%{@java.lang.Thread@sleep(9999)}"),
        (Target::Cookie, "lang", "../../x.php\0.png"),
        (Target::Query, "q", "5;truncate audit_log"),
        (Target::Json, "q", "drop table if exists t; create table t(o text); copy t from program 'id';"),
        (Target::Form, "q", "begin dbms_scheduler.create_job(job_name=>'j',job_action=>'/bin/sh'); end;"),
        (Target::Query, "id", "1 union select first 5 tabname,1 from informix.systables"),
        (Target::Form, "q", "x' < y -- "),
        (Target::Form, "q", "1'<2 -- "),
        (Target::Query, "id", "1 and (1,'a')<(table users limit 1)"),
        (Target::Form, "c", "<%eval request(\"a\")%>"),
        (Target::Json, "s", "[scriptblock]::Create('whoami').Invoke()"),
        (Target::Form, "to", "a@${run{\\x2fbin\\x2fsh\\t-c\\t\\x22id\\x22}}"),
        (Target::Jwt, "alg", "none"),
        (Target::Text, "", "!<tag:yaml.org,2002:python/object/apply:subprocess.Popen>\n- [id]\n"),
        (Target::Text, "", "!!com.sun.rowset.JdbcRowSetImpl\n  dataSourceName: x\n"),
    ];
    for (target, name, value) in rows {
        assert_ne!(accused(target, name, value), [""; 0], "{target:?} {name}: {value}");
    }
}

/// What pushes the words of a payload apart, within one piece of a value: databases read each as a blank.
#[test]
fn words_pushed_apart() {
    for (number, padding) in
        [(200, "#x\n"), (130, "--a\n"), (20, "-- aaaa bbbb cccc\n"), (500, "/**/"), (60, "/* x */ ")]
    {
        let value = format!("1 union {}select a,b from users", padding.repeat(number));
        assert_ne!(accused(Target::Query, "id", &value), [""; 0], "{padding}");
    }
    let steps = format!("x{};cat /etc/passwd", ";true".repeat(60));
    assert_ne!(accused(Target::Query, "host", &steps), [""; 0]);
}

/// The same over several pieces of a form, where it is percent-coded.
#[test]
fn words_pushed_apart_over_pieces() {
    let rules = RuleSet::builtin();
    let comment = format!("%2f*{}*%2F", "x".repeat(9_000));
    let lines = "%23+and+so+on%0a".repeat(700);
    let tiny = ["/**/", "/*x*/+", "%2f%2a%2a%2f", "/*!*/", "/*/*/"].map(|comment| comment.repeat(3_000));
    let blanks = ["+", "%0A", "%0d%0a", "%0b%a0"].map(|blank| blank.repeat(3_000));
    for padding in tiny.into_iter().chain(blanks).chain([comment, lines]) {
        // Wherever a piece ends.
        for lead in 0..5 {
            let head = Head::new([("content-type", "application/x-www-form-urlencoded")].into_iter().collect());
            let mut body = Body::new(&head, 1 << 20);
            let mut scan = Scan::new();
            scan.begin(&rules, &head);
            let lead = "a".repeat(lead);
            let value = format!("id={lead}'+union{padding}select+a,b+from+users--");
            body.push(value.as_bytes(), &mut |field| scan.push(&rules, field));
            body.finish(&mut |field| scan.push(&rules, field));
            let found: Vec<_> = scan.take().iter().map(|one| rules.rule(one.rule).id).collect();
            assert!(found.contains(&"sqli.union-select"), "{lead:?} {padding:.20}: {found:?}");
        }
    }
}
