"""Does the console answer only on its listener and only with its token, and does the application never see its requests?"""

import http.client
import json
import time

import pytest

from lab import bootstrap, client
from lab.bootstrap import SECRETS, Bootstrap
from lab.client import Client, fresh_user
from lab.scene import Scene

TOKEN = "a-token-for-the-laboratory-only"
BEARER = [("authorization", f"Bearer {TOKEN}")]
RAW = b"authorization: Bearer " + TOKEN.encode()
MIB = b"x" * (1 << 20)


@pytest.fixture(scope="module")
def scene():
    """Two listeners with one configuration; the second one's metadata say that it is for admins."""
    example = Bootstrap()
    example.settings.update(notify=[bootstrap.WEBHOOK])
    example.manager["upgrade_configs"] = [{"upgrade_type": "websocket"}]
    example.with_console()
    secrets = SECRETS | {"USER_RISK_ADMIN_TOKEN": TOKEN}
    with Scene(example, channels=("webhook",), secrets=secrets) as running:
        running.client = Client(running.envoy.port_of("edge"))
        running.ops = Client(running.envoy.port_of("ops"))
        yield running


def ask(scene, request: str, headers=BEARER):
    """The status and the JSON of an answer of the console."""
    method, path = request.split(" ")
    reply = scene.ops.send(f"/.user-risk{path}", method=method, headers=headers)
    return reply.status, json.loads(reply.body)


#: What is sent to a listener, with the token. `/.user-risk` itself, and what a server would make of it that tidies paths.
ASKED = [
    ("GET", lambda c: c.raw_request(b"/.user-risk/incidents", "u", [RAW])),
    ("the other header", lambda c: c.raw_request(b"/.user-risk/incidents", "u", [b"x-user-risk-token: " + TOKEN.encode()])),
    ("HEAD", lambda c: c.raw_request(b"/.user-risk/incidents", "u", [RAW], method=b"HEAD")),
    ("no token", lambda c: c.raw_request(b"/.user-risk/incidents", "u")),
    ("a query", lambda c: c.raw_request(b"/.user-risk?x=1", "u", [RAW])),
    ("the page", lambda c: c.raw_request(b"/.user-risk", "u", [b"accept: text/html"])),
    (
        "POST with a body",
        lambda c: c.raw_request(b"/.user-risk/close?user=u", "u", [RAW, b"content-length: 3"], b"a=b", b"POST"),
    ),
    (
        "POST with a chunked body",
        lambda c: c.raw_request(
            b"/.user-risk/close", "u", [RAW, b"transfer-encoding: chunked"], b"3\r\na=b\r\n0\r\n\r\n", b"POST"
        ),
    ),
    ("POST over HTTP/2", lambda c: c.http2("/.user-risk/close?user=u", "u", [b"a=b"], headers=BEARER)),
    ("HTTP/2 with trailers", lambda c: c.http2("/.user-risk/close", "u", [b"a=b"], [("x-t", "1")], headers=BEARER)),
    (
        "an upgrade",
        lambda c: c.raw_request(
            b"/.user-risk/incidents",
            "u",
            [
                *[RAW, b"upgrade: websocket", b"sec-websocket-version: 13"],
                b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
            ],
        ),
    ),
]
DISGUISED = [
    b"/%2euser-risk/incidents",
    b"/%252euser-risk/incidents",
    b"//.user-risk",
    b"//.user-risk/incidents",
    b"/./.user-risk/incidents",
    b"/.user-risk/../.user-risk/incidents",
    b"/shop/../.user-risk/incidents",
    b"/shop/%2e%2e/.user-risk/incidents",
    b"/shop/..%2f.user-risk%2fincidents",
    b"/\\.user-risk\\incidents",
    b"/.user-risk;x=1/incidents",
    b"/.USER-RISK/incidents",
    b"http://lab/.user-risk/incidents",
]


@pytest.mark.parametrize("send", [send for _, send in ASKED], ids=[name for name, _ in ASKED])
def test_another_listener_knows_nothing_and_the_application_hears_nothing(scene, send):
    assert unheard(scene, lambda: send(scene.client)) == 404


@pytest.mark.parametrize("path", DISGUISED, ids=repr)
@pytest.mark.parametrize("listener", ["edge", "ops"])
def test_a_path_in_disguise_gets_nowhere(scene, path, listener):
    expected = 200 if (listener, path[:4]) == ("ops", b"http") else 404  # An absolute URI is the plain way to ask.
    port = scene.envoy.port_of(listener)
    assert unheard(scene, lambda: Client(port).raw_request(path, "u", [RAW])) == expected


def test_without_the_token_there_is_one_answer(scene):
    strangers = [[], [("authorization", "Bearer not-the-token-at-all")], [("authorization", f"Basic {TOKEN}")]]
    paths = ["GET /incidents", "GET /nothing", "POST /close?user=a&who=b&why=c", "DELETE /user"]
    answers = {json.dumps(ask(scene, path, headers)) for headers in strangers for path in paths}
    assert len(answers) == 1 and answers.pop().startswith("[401")
    assert ask(scene, "GET /incidents")[0] == 200


def test_what_is_like_the_path_is_the_applications(scene):
    for path in ("/.user-risks", "/.well-known/x", "/shop/.user-risk", "/shop?next=/.user-risk"):
        assert scene.client.send(path).status == 200
        assert scene.upstream.got(path)


def test_an_operator_looks_and_closes(scene, user):
    scene.cross(user)
    scene.receiver.wait(user, "webhook")
    status, listed = ask(scene, "GET /incidents")
    assert status == 200
    (incident,) = [one for one in listed["incidents"] if one["user"] == user]
    assert incident["increase"] >= 16 and incident["incident"]["band"] == "warning"
    for whom in (f"user={user}", f"id={incident['id']}", f"id={incident['id'][:8]}"):
        status, shown = ask(scene, f"GET /user?{whom}")
        assert (status, shown["user"], shown["id"]) == (200, user, incident["id"]), whom
    status, closed = ask(scene, f"POST /close?user={user}&who=jo&why=a+pentest")
    assert (status, closed["done"], "incident" in closed["user"]) == (200, "close", False)
    opened, resolved = scene.receiver.wait(user, "webhook", count=2)
    assert json.loads(resolved.body)["data"]["reason"] == "closed"
    assert all(one["user"] != user for one in ask(scene, "GET /incidents")[1]["incidents"])
    order = scene.envoy.wait_event("order", user=user)
    assert (order["order"], order["who"], order["why"]) == ("close", "jo", "a pentest")
    assert len([event for event in scene.envoy.events("order") if event["user"] == user]) == 1


def test_a_muted_user_is_not_notified_of(scene, user):
    scene.attack(client.TEST, user)
    status, muted = ask(scene, f"POST /mute?user={user}&for=1h&who=jo&why=x")
    assert status == 200 and muted["user"]["muted_until"]
    scene.attack(client.TEST, user)
    scene.opened(user)
    scene.settle()
    assert scene.notified(user) == {"webhook": 0}
    assert scene.envoy.wait_event("order", user=user)["for"] == "1h"


def test_forgiven_the_points_are_zero(scene, user):
    scene.attack(client.TEST, user)
    status, forgiven = ask(scene, f"POST /forgive?user={user}&who=jo&why=x")
    assert (status, forgiven["user"]["increase"]) == (200, 0)
    assert scene.attack(client.TEST, user)["increase"] == 8


def test_an_address_is_found_by_itself_and_by_its_stand_in(scene):
    event = scene.logged(scene.client.send(client.JNDI))
    assert (event["user"], event["source"]) == ("127.0.0.1", "address")
    for whom in ("user=127.0.0.1", f"id={event['notified_as']}"):
        status, shown = ask(scene, f"GET /user?{whom}")
        assert (status, shown["user"], shown["notified_as"]) == (200, "127.0.0.1", event["notified_as"])


def test_what_cannot_be_understood_is_said(scene):
    rows = [
        ("GET /user?user=nobody-of-this-name", 404),
        ("GET /user?id=0123", 400),
        ("POST /close?user=a", 400),
        ("POST /mute?user=a&who=jo&why=x", 400),
        ("DELETE /user?user=a", 405),
        ("GET /nothing", 404),
    ]
    for request, expected in rows:
        status, body = ask(scene, request)
        assert status == expected and body["error"], request


@pytest.mark.parametrize("listener", ["edge", "ops"])
def test_the_connection_goes_on_and_nothing_hangs(scene, listener):
    port = scene.envoy.port_of(listener)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    for _ in range(3):
        for path, expected in (("/.user-risk/incidents", {404, 200}), (f"/{fresh_user('path')}", {200})):
            connection.request("GET", path, headers=dict(BEARER))
            answer = connection.getresponse()
            answer.read()
            assert answer.status in expected
    connection.close()
    for method in ("POST", "PUT"):
        started = time.monotonic()
        status = unheard(scene, lambda: large(port, method))
        assert status in (404, 405) and time.monotonic() - started < 5
    wait_for_no_streams(scene)
    assert scene.client.send("/").status == 200


def test_no_token_shows_anywhere(scene):
    log = "\n".join(scene.envoy.lines)
    dump = scene.envoy.admin("/config_dump?include_eds")
    for secret in (TOKEN, "not-the-token-at-all", *SECRETS.values()):
        assert secret not in log and secret not in dump
    scene.assert_healthy()


def unheard(scene, send):
    """What `send` returns, once it is sure that the application got nothing of it."""
    before = len(scene.upstream.requests)
    result = send()
    mark = f"/{fresh_user('mark')}"
    assert scene.client.send(mark).status == 200
    assert [request.path for request in scene.upstream.requests[before:]] == [mark]
    return result


def large(port: int, method: str) -> int:
    """The status of a request with a body of a MiB; Envoy may answer and close before it has read all of it."""
    head = f"{method} /.user-risk/nothing HTTP/1.1\r\nhost: lab\r\ncontent-length: {len(MIB)}\r\n".encode()
    import socket

    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        try:
            connection.sendall(head + RAW + b"\r\n\r\n" + MIB)
        except (BrokenPipeError, ConnectionResetError):
            pass  # It has its answer.
        return int(connection.recv(65536).split(b" ", 2)[1])


def wait_for_no_streams(scene) -> None:
    deadline = time.monotonic() + 5
    while scene.envoy.stats("http.edge.downstream_rq_active").popitem()[1]:
        assert time.monotonic() < deadline, "a stream is stuck"
        time.sleep(0.05)


@pytest.mark.parametrize("mode", ["off", "monitor"])
def test_the_token_never_reaches_the_application(mode, start):
    def edit(example):
        example.settings.update(mode=mode, admin={"token_env": "USER_RISK_ADMIN_TOKEN"})
        example.plugin["vm_config"]["environment_variables"]["host_env_keys"].append("USER_RISK_ADMIN_TOKEN")

    scene = start(edit=edit, secrets=SECRETS | {"USER_RISK_ADMIN_TOKEN": TOKEN})
    for path in ["/.user-risk/incidents", "/.user-risk", "/%2euser-risk/incidents"]:
        assert scene.client.send(path, headers=BEARER).status == 404, path
    assert scene.client.send("/.user-risks", headers=BEARER).status == 200
    assert [request.path for request in scene.upstream.requests] == ["/.user-risks"]
