"""Does behaviour over several requests count for the right user or address?"""

import time

import pytest

from lab.client import fresh_user

FORM = [("content-type", "application/x-www-form-urlencoded")]
LOGIN = {"route": "/status", "user_field": "username", "password_field": "password", "failures": 3}


@pytest.fixture
def rules(start):
    """Starts an Envoy with options; returns it with a way to see which rules were held against whom."""

    def start_one(**options):
        scene = start(notify=[], **options)

        def of(rule: str, count: int = 1, timeout: float = 5) -> list[dict]:
            deadline = time.monotonic() + timeout
            while True:
                lines = scene.envoy.events("malicious_request")
                found = [line for line in lines if any(one["rule"] == rule for one in line["rules"])]
                if len(found) >= count:
                    return found
                assert time.monotonic() < deadline, f"{rule}: {len(found)} of {count} in {lines}"
                time.sleep(0.02)

        return scene, of

    return start_one


def test_failed_logins_are_the_clients_not_the_users_who_was_named(rules):
    scene, of = rules(login=[LOGIN])
    victim = fresh_user("victim")
    for _ in range(4):
        body = f"username={victim}&password=x".encode()
        assert scene.client.send("/status/401", method="POST", body=body, headers=FORM).status == 401
    (line,) = of("login.failures")
    assert (line["source"], line["points"], line["status"]) == ("address", 5, 401)
    own = scene.attack("/search?q=1'%20UNION%20SELECT%20password%20FROM%20users--", victim)
    assert own["increase"] == own["points"] == 8, "the named user's own score was 0"
    assert sum(victim in text for text in scene.envoy.lines) == 1, "the name stands only where its user acted"


def test_a_login_that_fails_in_the_body_of_its_answer(rules):
    scene, of = rules(login=[LOGIN | {"route": "/status", "failure": {"status": [200], "body": "as you wish"}}])
    for _ in range(3):
        reply = scene.client.send("/status/200", method="POST", body=b"username=a&password=x", headers=FORM)
        assert reply.body == b"as you wish\n"
    of("login.failures")


def test_a_session_of_another_user(rules):
    scene, of = rules(user={"session": {"cookie": "sid"}})
    owner, thief = fresh_user("owner"), fresh_user("thief")
    cookie = [("cookie", f"theme=dark; sid={owner}-secret")]
    for user in [owner, owner, thief]:
        assert scene.client.send("/account", user, headers=cookie).status == 200
    (line,) = of("session.two-users")
    assert (line["user"], line["points"]) == (thief, 5)
    scene.client.send("/account", owner)
    (line,) = of("session.without")
    assert (line["user"], line["points"]) == (owner, 1)


def test_many_paths_that_are_not_there(rules):
    scene, of = rules(probing={"paths": 5, "window": "1m"})
    user = fresh_user("prober")
    for number, word in enumerate("abcdef"):
        # Who asks for one object after the other guesses one path.
        for path in [word, f"object-{number}"]:
            assert scene.client.send(f"/status/404/{path}", user).status == 404
    assert scene.envoy.counter("events_total") == 1
    (line,) = of("probing.paths")
    assert (line["user"], line["points"]) == (user, 3)


def test_sizes_and_routes(rules):
    scene, of = rules(routes=[{"route": "/orders", "methods": ["GET"], "required": ["id"]}])
    user = fresh_user()
    scene.client.send("/a?" + "x" * 9000, user)
    scene.client.send("/orders?id=1", user, method="DELETE")
    scene.client.send("/orders", user)
    for rule in ["protocol.size-target", "protocol.route-method", "protocol.route-missing"]:
        assert of(rule)[0]["user"] == user
