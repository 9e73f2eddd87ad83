"""Is a risky user refused, redirected or announced by a real Envoy, and does the application see nothing that it should not?"""

import copy
import json
import time

import pytest

from lab import client
from lab.bootstrap import ROOT, SECRETS, Bootstrap
from lab.client import Client, fresh_user
from lab.scene import Scene

EXAMPLE = ROOT / "examples" / "respond" / "envoy.yaml"
PATH_TRAVERSAL = "/file?name=../../../../etc/shadow"
#: A critical act in a form.
FORM = b"q=1'+UNION+SELECT+password+FROM+users--"
FORM_HEADERS = [("content-type", "application/x-www-form-urlencoded")]
#: Ticks of the filter after which all workers know what one of them decided.
TICKS = 0.6


@pytest.fixture(scope="module")
def scene():
    """examples/respond as it stands."""
    with Scene(Bootstrap(EXAMPLE), channels=()) as running:
        yield running


@pytest.fixture
def respond(start):
    """Starts an Envoy with these entries of `respond`."""

    def start_one(*entries, mode="protect", edit=None, **settings):
        def change(example):
            example.plugin["allow_on_headers_stop_iteration"] = True
            example.settings.clear()
            example.settings.update(mode=mode, respond=list(entries), **settings)
            if edit:
                edit(example)

        return start(edit=change, channels=())

    return start_one


def cross(scene, user: str) -> int:
    """Two critical attacks; the status of the second one, which crosses the threshold."""
    assert scene.client.send(client.SQLI, user).status == 200
    return scene.client.send(client.SHELL, user).status


def received(scene, mark: str) -> list:
    return [request for request in scene.upstream.requests if mark in request.path]


# The example


def test_a_warning_is_announced_and_nothing_else(scene, user):
    scene.client.send(client.SQLI, user)
    scene.client.send(client.XSS, user)
    time.sleep(TICKS)
    forged = [("x-user-risk", "0"), ("X-User-Risk", "1")]
    assert scene.client.send(f"/account?{user}", user, headers=forged).status == 200
    (request,) = received(scene, user)
    told = [value for name, value in request.headers if name.lower() == "x-user-risk"]
    assert told == ['13; band=warning; categories="sqli xss"']
    line = access(scene, f"/account?{user}")
    assert (line["band"], line["score"], line["status"]) == ("warning", "13", 200)


def test_nobody_else_is_announced_and_the_header_never_comes_from_outside(scene, user):
    assert scene.client.send(f"/account?{user}", user, headers=[("x-user-risk", "0")]).status == 200
    (request,) = received(scene, user)
    assert "x-user-risk" not in {name.lower() for name, _ in request.headers}
    assert access(scene, f"/account?{user}")["band"] is None


def test_the_crossing_request_itself_is_refused(scene, user):
    assert cross(scene, user) == 403
    assert not received(scene, f"{client.SHELL}&{user}")
    line = scene.envoy.wait_event("malicious_request", user=user, action="block_attacks")
    assert line["status"] == 403
    assert scene.client.send("/", user).status == 200


def test_an_attack_in_a_body_never_reaches_the_application(scene, user):
    scene.client.send(client.SQLI, user)
    path = f"/form/{user}"
    assert scene.client.send(path, user, "POST", b"text=<script>alert(1)</script>", FORM_HEADERS).status == 403
    assert scene.client.send(path, user, "POST", FORM, FORM_HEADERS).status == 403
    assert scene.client.send(path, user, "POST", [b"q=", FORM[2:]], FORM_HEADERS, chunked=True).status == 403
    assert scene.client.http2(path, user, [FORM[:9], FORM[9:]], headers=FORM_HEADERS) == 403
    assert scene.client.http2(path, user, [FORM], [("x-trailer", "1")], headers=FORM_HEADERS) == 403
    assert not received(scene, path)


@pytest.mark.parametrize("size", [0, 1, 1000, 65_535, 65_536, 65_537, 300_000])
def test_a_harmless_body_arrives_whole(scene, user, size):
    for number, send in enumerate(
        [
            lambda path, body: scene.client.send(path, user, "POST", body).status,
            lambda path, body: scene.client.send(path, user, "POST", [body[:7], body[7:]], chunked=True).status,
            lambda path, body: scene.client.http2(path, user, pieces(body)),
            lambda path, body: scene.client.http2(path, user, pieces(body), [("x-trailer", "1")]),
        ]
    ):
        if number >= 2 and size > 60_000:
            continue  # More than HTTP/2's first window, which this client does not open.
        path, body = f"/upload/{user}/{number}", b"harmless " * (size // 9) + b"x" * (size % 9)
        assert send(path, body or b"") == 200
        (request,) = received(scene, path)
        assert request.body == body, number


def pieces(body: bytes) -> list[bytes]:
    return [body[at : at + 16_000] for at in range(0, len(body), 16_000)] or [b""]


def test_a_body_that_is_too_long_goes_on_and_is_counted(scene, user):
    before = scene.envoy.counter("bodies_passed_total")
    assert scene.client.send(f"/long/{user}", user, "POST", b"a" * 200_000).status == 200
    assert scene.envoy.counter("bodies_passed_total") == before + 1


def test_rbac_and_rate_limits_of_envoys_own_know_the_band(scene, user):
    assert scene.client.send("/payout", user).status == 200
    scene.client.send(client.SQLI, user)
    scene.client.send(client.XSS, user)
    time.sleep(TICKS)
    assert scene.client.send("/payout", user).status == 403
    assert [scene.client.send("/account", user).status for _ in range(8)].count(429) >= 2
    other = fresh_user()
    assert [scene.client.send("/account", other).status for _ in range(12)] == [200] * 12


def test_a_route_that_is_only_monitored_refuses_nothing(scene, user):
    cross(scene, user)
    time.sleep(TICKS)
    reply = scene.client.send(f"/webhooks{client.JNDI}", user)
    assert reply.status == 200
    assert scene.logged(reply)["would"] == "block_attacks"
    assert scene.client.send(client.JNDI.replace("/login", "/x"), user).status == 403


# Blocks and redirects


def test_a_block_holds_on_all_workers_and_ends(respond, user):
    scene = respond({"block": {"status": 429, "for": "3s"}})
    assert cross(scene, user) == 429
    time.sleep(TICKS)
    replies = [scene.client.send("/", user) for _ in range(20)]
    assert {reply.status for reply in replies} == {429}
    assert 1 <= int(dict(replies[0].headers)["retry-after"]) <= 3
    assert {scene.client.http2("/", user, [b"a=b"]) for _ in range(6)} == {429}
    assert scene.client.send("/", fresh_user()).status == 200
    line = scene.envoy.wait_event("restriction", user=user)
    assert (line["action"], line["band"], line["dry_run"]) == ("block", "warning", False)
    time.sleep(3)
    assert scene.client.send("/", user).status == 200
    scene.assert_healthy()


def test_grpc_clients_get_a_status_that_they_know(respond, user):
    scene = respond({"block": {}})
    cross(scene, user)
    time.sleep(TICKS)
    assert scene.client.http2("/shop.Cart/Add", user, [b"\0\0\0\0\0"], headers=[("content-type", "application/grpc")]) == 200
    assert not received(scene, "Cart")


def test_a_redirect_ends_when_the_application_says_so(respond, user):
    from lab.wire import Answer

    scene = respond({"redirect": {"to": "/reauthenticate"}})
    reply = scene.client.send(client.SQLI, user), scene.client.send(client.SHELL, user)
    assert reply[1].status == 303 and dict(reply[1].headers)["location"] == "/reauthenticate"
    time.sleep(TICKS)
    assert scene.client.send("/shop", user).status == 303
    scene.upstream.answers["/reauthenticate/done"] = Answer(200, b"", (("x-user-risk-event", "stepped-up"),))
    assert scene.client.send("/reauthenticate", user).status == 200
    reply = scene.client.send("/reauthenticate/done", user)
    assert reply.status == 200 and "x-user-risk-event" not in dict(reply.headers)
    time.sleep(TICKS)
    assert {scene.client.send("/shop", user).status for _ in range(10)} == {200}


def test_in_monitor_mode_everything_is_only_counted(respond, user):
    scene = respond({"block": {}, "headers": True}, {"block_attacks": {}, "hold_bodies": "64KiB"}, mode="monitor")
    assert cross(scene, user) == 200
    time.sleep(TICKS)
    assert scene.client.send(f"/{user}", user).status == 200
    assert "x-user-risk" not in {name.lower() for name, _ in received(scene, user)[-1].headers}
    assert scene.client.send("/", user, "POST", FORM, FORM_HEADERS).status == 200
    assert scene.envoy.wait_event("restriction", user=user)["dry_run"] is True
    assert scene.envoy.counter("responses_dry_total") >= 2 and scene.envoy.counter("responses_total") == 0


def test_without_permission_to_hold_a_body_waits(respond, user):
    """What docs/respond.md warns of: a filter can't see that the setting is missing."""

    def forget(example):
        del example.plugin["allow_on_headers_stop_iteration"]

    scene = respond({"block_attacks": {}, "hold_bodies": "64KiB"}, edit=forget)
    assert scene.client.send("/", user).status == 200
    with pytest.raises(TimeoutError):
        scene.client.send("/", user, "POST", b"a=b", timeout=2)


def access(scene, path: str) -> dict:
    """The line of the access log about that path."""
    deadline = time.monotonic() + 15  # Envoy writes its access log every ten seconds.
    while time.monotonic() < deadline:
        for line in list(scene.envoy.lines):
            if line.startswith('{"') and '"access"' in line and (event := json.loads(line))["path"] == path:
                return event
        time.sleep(0.05)
    raise AssertionError(f"no line about {path} in the access log")


# By hand

TOKEN = "a-token-for-the-laboratory-only"


def test_an_operator_blocks_and_unblocks(start, user):
    def with_console(example):
        example.settings.clear()
        example.settings.update(mode="protect", admin={"token_env": "USER_RISK_ADMIN_TOKEN"})
        example.plugin["vm_config"]["environment_variables"]["host_env_keys"].append("USER_RISK_ADMIN_TOKEN")
        listeners = example.tree["static_resources"]["listeners"]
        metadata = {"filter_metadata": {"user-risk": {"admin": True}}}
        listeners.append(copy.deepcopy(listeners[0]) | {"name": "ops", "metadata": metadata})

    scene = start(edit=with_console, channels=(), secrets=SECRETS | {"USER_RISK_ADMIN_TOKEN": TOKEN})
    edge, ops = (Client(scene.envoy.port_of(name)) for name in ("edge", "ops"))

    def ask(method: str, path: str) -> dict:
        reply = ops.send(f"/.user-risk{path}", method=method, headers=[("authorization", f"Bearer {TOKEN}")])
        assert reply.status == 200, reply.body
        return json.loads(reply.body)

    assert edge.send("/", user).status == 200
    ask("POST", f"/block?user={user}&for=1h&who=jo&why=stolen+password")
    time.sleep(TICKS)
    assert {edge.send("/", user).status for _ in range(20)} == {403}
    assert [one["user"] for one in ask("GET", "/blocked")["blocked"]] == [user]
    line = scene.envoy.wait_event("order", user=user)
    assert (line["order"], line["for"], line["who"], line["why"]) == ("block", "1h", "jo", "stolen password")
    ask("POST", f"/unblock?user={user}&who=jo&why=new+password")
    time.sleep(TICKS)
    assert {edge.send("/", user).status for _ in range(20)} == {200}
