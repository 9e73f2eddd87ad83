"""Are attacks in bodies detected, and does the application get every byte as it was sent?"""

import hashlib
import json

import pytest

from lab.client import fresh_user

SQLI = "1' UNION SELECT password FROM users--"
FORM = b"name=ann&id=1%27+UNION+SELECT+password+FROM+users--&page=2"
JSON = json.dumps({"name": "ann", "filter": {"id": SQLI}}).encode()
MIB = 1 << 20
PADDING = b"&note=" + b"harmless+words+" * (MIB // 15 + 1)

ROWS = [
    ("form", "application/x-www-form-urlencoded", FORM),
    ("json", "application/json", JSON),
    ("1 MiB, attack first", "application/x-www-form-urlencoded", (FORM + PADDING)[:MIB]),
    ("1 MiB, attack last", "application/x-www-form-urlencoded", b"a=1" + PADDING[: MIB - len(FORM) - 4] + b"&" + FORM),
]


@pytest.mark.parametrize("framing", ["content-length", "chunked"])
@pytest.mark.parametrize(("content_type", "body"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_an_attack_in_a_body(scene, user, content_type, body, framing):
    path = f"/forms/{user}"
    chunked = framing == "chunked"
    event = scene.attack(
        path,
        user,
        method="POST",
        body=_pieces(body) if chunked else body,
        chunked=chunked,
        headers=[("content-type", content_type)],
    )
    _assert_sqli(event)
    assert _sha256(scene.upstream.got(path).body) == _sha256(body)


def test_an_attack_split_between_two_chunks(scene, user):
    cut = FORM.index(b"SELECT") + 3
    event = scene.attack(
        f"/forms/{user}",
        user,
        method="POST",
        body=[FORM[:cut], FORM[cut:]],
        chunked=True,
        headers=[("content-type", "application/x-www-form-urlencoded")],
    )
    _assert_sqli(event)
    assert scene.upstream.got(f"/forms/{user}").body == FORM


def test_http2_with_trailers(scene, user):
    path = f"/forms/{user}"
    status = scene.client.http2(
        path,
        user,
        [JSON[:20], JSON[20:]],
        trailers=[("x-checksum", "1")],
        headers=[("content-type", "application/json")],
    )
    assert status == 200
    assert scene.upstream.got(path).body == JSON
    _assert_sqli(scene.envoy.wait_event("malicious_request", user=user))


def test_a_harmless_body_of_a_mebibyte_is_not_touched(scene):
    user = fresh_user("harmless")
    body = (b"a=1" + PADDING)[:MIB]
    reply = scene.client.send(
        f"/forms/{user}",
        user,
        method="POST",
        body=body,
        headers=[("content-type", "application/x-www-form-urlencoded")],
    )
    assert reply.status == 200
    assert _sha256(scene.upstream.got(f"/forms/{user}").body) == _sha256(body)
    assert not [e for e in scene.envoy.events("malicious_request") if e["user"] == user]


def _assert_sqli(event: dict) -> None:
    worst = event["rules"][0]
    assert (worst["category"], worst["severity"]) == ("sqli", "critical")
    assert event["increase"] == event["points"] >= 8


def _pieces(body: bytes) -> list[bytes]:
    """Uneven ones."""
    size = max(7, len(body) // 13)
    return [body[at : at + size] for at in range(0, len(body), size)]


def _sha256(data: bytes) -> tuple[int, str]:
    return len(data), hashlib.sha256(data).hexdigest()
