"""Does malformed traffic pass where Envoy lets it pass, without harming the filter?"""


import pytest

from lab import client
from lab.client import Client

FORM = b"content-type: application/x-www-form-urlencoded"

#: Name, what is sent, the status that Envoy gives it without the filter.
PASSES = [
    ("raw 0xff in a header", lambda c, u: c.raw_request(b"/", u, [b"x-bytes: \xff\xfe\xff"])),
    ("raw 0xff as the user", lambda c, u: c.raw_request(b"/", u, [b"x-user-id: \xff\xff"])),
    ("90 headers", lambda c, u: c.raw_request(b"/", u, [b"x-%d: %d" % (n, n) for n in range(90)])),
    ("a path of 50 KB", lambda c, u: c.raw_request(b"/" + b"a/" * 25_000, u)),
    ("a query of 50 KB", lambda c, u: c.raw_request(b"/?" + b"a=%27&" * 8_000, u)),
    ("a NUL in the path", lambda c, u: c.raw_request(b"/a%00b?c=%00", u)),
    ("broken percent signs", lambda c, u: c.raw_request(b"/%?a=%&b=%z&c=%f&%%%=%u00", u)),
    ("not UTF-8 when decoded", lambda c, u: c.raw_request(b"/%ff%fe?a=%c0%af", u)),
    (
        "an empty body with a content-length",
        lambda c, u: c.raw_request(b"/", u, [FORM, b"content-length: 0"], method=b"POST"),
    ),
    (
        "an empty chunked body",
        lambda c, u: c.raw_request(b"/", u, [FORM, b"transfer-encoding: chunked"], b"0\r\n\r\n", b"POST"),
    ),
    (
        "a body of raw bytes",
        lambda c, u: c.raw_request(b"/", u, [FORM, b"content-length: 4"], b"\xff\x00\xfe\x00", b"POST"),
    ),
    (
        "JSON that is not",
        lambda c, u: c.raw_request(
            b"/", u, [b"content-type: application/json", b"content-length: 9"], b'{"a": [{,', b"POST"
        ),
    ),
    (
        "the same header many times",
        lambda c, u: c.raw_request(b"/", u, [b"accept: a", b"accept: b", b"cookie: a=1", b"cookie: a=2"]),
    ),
    ("two users", lambda c, u: c.raw_request(b"/", u, [b"x-user-id: " + u.encode() + b"-too"])),
    ("a user of 20 KB", lambda c, u: c.raw_request(b"/", u + "u" * 20_000)),
    ("an empty user", lambda c, u: c.raw_request(b"/", "")),
    ("HTTP/2 with trailers", lambda c, u: c.http2("/", u, [b"abc"], trailers=[("x-t", "1")])),
    ("HTTP/2 without a body but trailers", lambda c, u: c.http2("/", u, [b""], trailers=[("x-t", "1")])),
    ("HTTP/2 with a raw byte", lambda c, u: c.http2("/", u, [b"abc"], headers=[(b"x-bytes", b"\xff\xfe")])),
    ("a direct answer", lambda c, u: c.raw_request(b"/direct", u, [FORM, b"content-length: 2"], b"a=", b"POST")),
]

#: Envoy answers these itself; the filter sees them late, in part, or only when they are logged.
REFUSED = [
    ("a malformed request line", 400, b"GARBAGE\r\n\r\n"),
    ("no host", 400, b"GET / HTTP/1.1\r\n\r\n"),
    (
        "more than 100 headers",
        431,
        b"GET / HTTP/1.1\r\nhost: a\r\n" + b"".join(b"x-%d: 1\r\n" % n for n in range(120)) + b"\r\n",
    ),
    ("headers over 60 KiB", 431, b"GET / HTTP/1.1\r\nhost: a\r\nx-a: " + b"a" * 70_000 + b"\r\n\r\n"),
    ("CONNECT", 404, b"CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n"),
    (
        "an upgrade that nobody configured",
        403,
        b"GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    ),
    ("no route", 404, b"GET / HTTP/1.1\r\nhost: a\r\nx-no-route: 1\r\nconnection: close\r\n\r\n"),
    ("a bad chunk", 400, b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"),
]


@pytest.mark.parametrize("send", [row[1] for row in PASSES], ids=[row[0] for row in PASSES])
def test_it_passes_and_the_next_attack_counts(scene, user, send):
    assert send(scene.client, user) == 200
    scene.assert_healthy()


@pytest.mark.parametrize(("status", "data"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_it_is_refused_and_the_next_attack_counts(scene, status, data):
    answer = scene.client.raw(data, timeout=2)
    assert answer.startswith(b"HTTP/1.1 %d" % status)
    scene.assert_healthy()


def test_a_client_that_leaves_in_the_middle_of_its_body(scene, user):
    head = b"POST / HTTP/1.1\r\nhost: a\r\nx-user-id: " + user.encode() + b"\r\ncontent-length: 500\r\n\r\nid=1"
    assert Client(scene.envoy.port).raw(head, timeout=0.2) == b""
    scene.assert_healthy()


def test_an_attack_beside_raw_bytes_is_seen(scene, user):
    assert scene.client.raw_request(client.SQLI.encode(), user, [b"x-bytes: \xff\xfe"]) == 200
    assert scene.envoy.wait_event("malicious_request", user=user)["points"] >= 8


def test_an_attack_without_a_route_is_seen(scene, user):
    reply = scene.client.send(client.SQLI, user, headers=[("x-no-route", "1")])
    assert reply.status == 404
    event = scene.logged(reply)
    assert event["status"] == 404
    assert event["points"] >= 8


def test_of_two_users_the_last_one_is_believed(scene, user):
    assert scene.client.raw_request(client.SQLI.encode(), "forged", [b"x-user-id: " + user.encode()]) == 200
    assert scene.envoy.wait_event("malicious_request", user=user)["points"] >= 8
