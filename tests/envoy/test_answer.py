"""Do an application's events and what its answers prove count, and does the client get the answers unchanged?"""

import copy
import gzip
import hashlib

import pytest

from lab.client import fresh_user
from lab.wire import Answer

HEADER = "x-user-risk-event"
CLIMB = "/show?file=../../../../etc/passwd"
PASSWD = b"root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"


def _two_clusters(example):
    """`/auth` goes to a cluster of its own, which may speak of other users."""
    clusters = example.tree["static_resources"]["clusters"]
    app = next(cluster for cluster in clusters if cluster["name"] == "app")
    auth = copy.deepcopy(app)
    auth["name"] = auth["load_assignment"]["cluster_name"] = "app-auth"
    clusters.append(auth)
    routes = example.manager["route_config"]["virtual_hosts"][0]["routes"]
    routes.insert(0, {"match": {"prefix": "/auth"}, "route": {"cluster": "app-auth"}})


@pytest.fixture
def scene(start):
    return start(edit=_two_clusters, application={"clusters": ["app-auth"]})


def _report(scene, path, user, *lines):
    """An exchange in whose answer the application reports these events; without its header, the answer must arrive unchanged."""
    events = tuple((HEADER, line) for line in lines)
    scene.upstream.answers[path] = Answer(200, b"done\n", (("x-before", "1"), *events, ("x-after", "2")))
    reply = scene.client.send(path, user)
    headers = dict(reply.headers)
    assert (reply.status, reply.body, headers["x-before"], headers["x-after"]) == (200, b"done\n", "1", "2")
    assert HEADER not in headers
    return reply


def _findings(event):
    return [(rule["rule"], rule["points"]) for rule in event["rules"]]


def test_an_event_counts_and_does_not_reach_the_client(scene, user):
    event = scene.logged(_report(scene, "/pay", user, "checkout.abuse; severity=high"))
    assert (event["user"], _findings(event)) == (user, [("application.checkout.abuse", 5)])
    event = scene.logged(_report(scene, "/pay/2", user, "a; severity=low", 'b; severity="critical"'))
    assert _findings(event) == [("application.b", 8), ("application.a", 0)], "several lines are one list"
    opened = scene.envoy.wait_event("incident_opened", user=user)
    assert opened["increase"] == 13
    assert {rule["rule"] for rule in opened["rules"]} == {"application.checkout.abuse", "application.b"}


def test_only_a_listed_cluster_speaks_of_others(scene, user):
    other = fresh_user("other")
    _report(scene, "/pay/other", user, f'theft; user="{other}"')
    scene.envoy.wait_counter("application_events_refused_total", 1)
    reply = _report(scene, "/auth/other", user, f'theft; severity=critical; user="{other}"')
    event = scene.logged(reply)
    assert (event["user"], _findings(event)) == (other, [("application.theft", 8)])
    event = scene.attack("/search?q=1'%20UNION%20SELECT%20password%20FROM%20users--", other)
    assert event["increase"] == 16, "the same record as the one that the header names"
    assert not [event for event in scene.envoy.events("malicious_request") if event["user"] == user]


def test_a_request_that_sends_the_header_is_refused_it(scene, user):
    event = scene.attack("/forge", user, headers=[(HEADER, 'a; user="bob"'), ("x-other", "stays")])
    assert _findings(event) == [("session.forged-event", 3)]
    got = scene.upstream.got("/forge")
    assert (got.header(HEADER), got.header("x-other")) == (None, "stays")


def test_what_cannot_be_read_is_one_line_and_a_number(scene, user):
    reply = _report(scene, "/broken", user, "a b")
    line = scene.envoy.wait_event("application_event_error", request_id=reply.request_id)
    assert (line["cluster"], line["header"]) == ("app", HEADER)
    scene.envoy.wait_counter("application_event_errors_total", 1)
    scene.assert_healthy()


def test_the_header_is_taken_off_in_mode_off_too(start, user):
    scene = start(mode="off")
    _report(scene, "/pay", user, "checkout.abuse; severity=high", "b")
    scene.client.send("/forge", user, headers=[(HEADER, "a"), ("x-other", "stays")])
    got = scene.upstream.got("/forge")
    assert (got.header(HEADER), got.header("x-other")) == (None, "stays")
    assert not scene.envoy.events("malicious_request")


def test_switched_off_it_is_a_header_as_any_other(start, user):
    scene = start(application="off")
    scene.upstream.answers["/pay"] = Answer(200, b"done\n", ((HEADER, "a"),))
    assert dict(scene.client.send("/pay", user).headers)[HEADER] == "a"


BIG = PASSWD + b"x" * (3 << 20)
ROWS = [
    ("plain", PASSWD, ()),
    ("packed", gzip.compress(PASSWD * 9), (("content-encoding", "gzip"),)),
    ("3 MiB", BIG, ()),
    ("behind 10 kB", b"<p>welcome</p>" * 700 + PASSWD, ()),
]


@pytest.mark.parametrize(("body", "headers"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_file_in_the_answer_to_a_traversal_opens_an_incident(scene, user, body, headers):
    scene.upstream.answers[CLIMB] = Answer(200, body, headers)
    reply = scene.client.send(CLIMB, user)
    assert hashlib.sha256(reply.body).digest() == hashlib.sha256(body).digest(), "never a byte of it is changed"
    event = scene.logged(reply)
    assert ("answer.system-file.path-traversal", 8) in _findings(event)
    assert scene.envoy.wait_event("incident_opened", user=user)["increase"] == event["increase"] > 10


def test_the_same_answer_without_an_attack_is_nothing(scene, user):
    scene.upstream.answers["/docs/passwd"] = Answer(200, PASSWD)
    assert scene.client.send("/docs/passwd", user).body == PASSWD
    scene.settle()
    assert not [event for event in scene.envoy.events("malicious_request") if event["user"] == user]
