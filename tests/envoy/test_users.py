"""Which user does a request belong to, by what Envoy itself verified or knows?"""

import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from lab import bootstrap, client
from lab.bootstrap import ROOT, Bootstrap
from lab.client import fresh_user
from lab.scene import Scene

ISSUER = "https://login.example.com"
KEY = ec.generate_private_key(ec.SECP256R1())
JWKS = json.dumps({"keys": [json.loads(ECAlgorithm.to_jwk(KEY.public_key())) | {"kid": "test", "alg": "ES256"}]})

HIGH = client.XSS


def token(key=KEY, **claims) -> list[tuple[str, str]]:
    """The header with a signed token."""
    claims = {"iss": ISSUER, "exp": int(time.time()) + 600} | claims
    return [("authorization", f"Bearer {jwt.encode(claims, key, 'ES256', {'kid': 'test'})}")]


def example() -> Bootstrap:
    """The example, with a key of which the tests have the other half."""
    boot = Bootstrap(ROOT / "examples" / "jwt-user" / "envoy.yaml")
    authn = next(f for f in boot.manager["http_filters"] if f["name"] == "envoy.filters.http.jwt_authn")
    authn["typed_config"]["providers"]["login"]["local_jwks"] = {"inline_string": JWKS}
    return boot


@pytest.fixture(scope="module")
def shipped():
    """The example as it is."""
    with Scene(example(), channels=("webhook",)) as running:
        yield running


@pytest.fixture(scope="module")
def claims():
    """Sources that read claims of all kinds, and nothing that a client can write itself."""
    boot = example()
    sources = [
        {"jwt": {"claim": ["number"], "type": "number"}},
        {"jwt": {"claim": ["https://x.example/id"]}},
        {"jwt": {"claim": ["act", "who"]}},
        {"all": [{"jwt": {"claim": ["tenant"]}}, {"jwt": {}}]},
        {"jwt": {}},
        {"cookie": "sid"},
    ]
    boot.configure(
        {
            "user": {"sources": sources, "ignore": {"users": ["svc-*"], "routes": ["/ignored"]}},
            "groups": [
                {"name": "gone", "match": {"users": ["*-tester"]}, "threshold": 1, "until": "2020-12-31"},
                {"name": "admins", "match": {"claim": {"role": "admin"}}, "threshold": 30},
                {"match": {"claim": {"realm_access": {"roles": "ops"}, "level": 3, "staff": True}}, "threshold": 50},
            ],
            "notify": [bootstrap.WEBHOOK],
        }
    )
    with Scene(boot, channels=("webhook",)) as running:
        yield running


def test_a_forged_header_scores_for_nobody_else_and_does_not_reach_the_application(shipped):
    victim, thief = fresh_user("victim"), fresh_user("thief")
    event = shipped.attack(HIGH + "&forged=1", victim)
    assert (event["source"], event["user"]) == ("address", "127.0.0.1")
    assert victim not in str(shipped.upstream.got(HIGH + "&forged=1").headers)
    event = shipped.attack(HIGH + "&forged=2", victim, headers=token(sub=thief))
    assert (event["source"], event["user"]) == ("header:x-user-id", thief)
    assert not [rule for rule in event["rules"] if rule["category"] == "session"]
    assert victim not in str(shipped.upstream.got(HIGH + "&forged=2").headers)
    assert not [line for line in shipped.envoy.events("malicious_request") if line["user"] == victim]


def test_nobody_forges_where_the_token_is_not_looked_at():
    """jwt_authn takes its own headers off, but not where it is switched off; the connection manager does everywhere."""
    off = {"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "disabled": True}
    sources = {}
    for removes in (True, False):
        boot = example()
        for route in boot.manager["route_config"]["virtual_hosts"][0]["routes"]:
            route["typed_per_filter_config"] = {"envoy.filters.http.jwt_authn": off}
        if not removes:
            boot.manager.pop("early_header_mutation_extensions")
        with Scene(boot, channels=("webhook",)) as running:
            sources[removes] = running.attack(HIGH, fresh_user("victim"))["source"]
    assert sources == {True: "address", False: "header:x-user-id"}


def test_a_token_that_is_not_verified_names_nobody(shipped):
    stranger = ec.generate_private_key(ec.SECP256R1())
    reply = shipped.client.send(HIGH + "&stranger", headers=token(key=stranger, sub=fresh_user()))
    assert reply.status == 401
    assert shipped.logged(reply)["source"] == "address"


def test_a_group_by_claim_has_its_own_threshold(shipped):
    admin = fresh_user("admin")
    event = shipped.attack(client.SQLI, None, headers=token(sub=admin, role="admin"))
    assert (event["user"], event["threshold"]) == (admin, 5)
    assert event["points"] == 5, "a single request does not open an incident, by whatever threshold"
    assert shipped.attack(client.SQLI, None, headers=token(sub=fresh_user(), role="user"))["threshold"] == 10


ROWS = [
    ({"sub": "subject"}, "jwt:jwt_payload.sub", "subject"),
    ({"sub": "eight_by"}, "jwt:jwt_payload.sub", "eight_by"),
    ({"sub": "s", "https://x.example/id": "dotted"}, "jwt:jwt_payload.https://x.example/id", "dotted"),
    ({"sub": "s", "number": 4711}, "jwt:jwt_payload.number", "4711"),
    ({"sub": "s", "act": {"who": "nested"}}, "jwt:jwt_payload.act.who", "nested"),
    ({"sub": "s", "act": {"who": "nested", "n": None}}, "jwt:jwt_payload.act.who", "nested"),
    ({"sub": "beside-nulls", "n": None, "act": {"who": None}, "list": [None]}, "jwt:jwt_payload.sub", "beside-nulls"),
    # What the operator calls a text is one, whatever bytes the proxy has for it: it never falls to somebody else.
    ({"sub": "s", "act": {"who": ["list"]}}, "jwt:jwt_payload.act.who", None),
    ({"sub": "s", "act": {"who": True}}, "jwt:jwt_payload.act.who", None),
    ({"sub": "s/1", "tenant": "acme"}, "jwt:jwt_payload.tenant+jwt:jwt_payload.sub", "acme/s%2F1"),
]


@pytest.mark.parametrize(("claim", "source", "name"), ROWS)
def test_claims_of_every_kind_name_the_user(claims, claim, source, name):
    event = claims.attack(HIGH, None, headers=token(**claim))
    assert event["source"] == source
    assert name in (event["user"], None)


GROUPS = [
    ({"role": "admin"}, 30),
    ({"role": "user"}, 10),
    ({"realm_access": {"roles": ["dev", "ops"]}, "level": 3, "staff": True}, 50),
    ({"realm_access": {"roles": ["dev", "ops"], "n": None}, "level": 3, "staff": True}, 50),
    ({"realm_access": {"roles": ["dev"]}, "level": 3, "staff": True}, 10),
    ({"realm_access": {"roles": ["ops"]}, "level": 4, "staff": True}, 10),
    ({"realm_access": {"roles": ["ops"]}, "level": 3, "staff": False}, 10),
]


@pytest.mark.parametrize(("claim", "threshold"), GROUPS)
def test_groups_match_claims_of_every_kind(claims, claim, threshold):
    event = claims.attack(HIGH, None, headers=token(sub=fresh_user("of") + "-tester", **claim))
    assert event["threshold"] == threshold


def test_a_cookie_is_shown_as_a_hash(claims):
    secret = fresh_user("session")
    event = claims.attack(HIGH, None, headers=[("cookie", f"sid={secret}")])
    assert (event["source"], len(event["user"])) == ("cookie:sid", 8)
    assert not [line for line in claims.envoy.lines if secret in line]


def test_who_is_ignored_is_logged_and_scores_for_nobody(claims):
    event = claims.attack(HIGH, None, headers=token(sub="svc-probe"))
    assert (event["ignored"], event["user"], event["points"], event["increase"]) == (True, "svc-probe", 0, None)
    event = claims.attack("/ignored" + HIGH, None, headers=token(sub=fresh_user()))
    assert event["ignored"]


def test_two_names_in_the_header_are_a_session_event_of_the_last(scene, user):
    reply = scene.client.send("/two-names", None, headers=[("x-user-id", "forged"), ("x-user-id", user)])
    event = scene.logged(reply)
    assert (event["user"], event["points"]) == (user, 3)
    assert [rule["rule"] for rule in event["rules"]] == ["session.two-names"]


def test_a_request_that_another_site_sent_is_marked(scene, user):
    event = scene.attack(HIGH, user, headers=[("sec-fetch-site", "cross-site")])
    assert event["possible_victim"] and event["points"] > 0
    assert "possible_victim" not in scene.attack(HIGH + "2", user, headers=[("sec-fetch-site", "same-origin")])


def test_an_address_with_three_named_users_is_a_network(start):
    running = start(
        notify=[bootstrap.WEBHOOK], user={"sources": [{"header": "x-user-id"}]}, risk={"anonymous_threshold": 10}
    )
    for _ in range(3):
        running.attack(HIGH, fresh_user("neighbour"))
    stand_in = running.attack(client.SQLI, None)["notified_as"]
    running.attack(client.SHELL, None)
    request = running.receiver.wait(stand_in, "webhook")[0]
    assert f"Network {stand_in} rose by" in json.loads(request.body)["data"]["summary"]


def test_a_channel_is_notified_from_its_band_on_and_of_its_groups_only(start):
    slack = {"name": "worse", "min_band": "error", **bootstrap.SLACK}
    pagerduty = {"name": "qa", **bootstrap.PAGERDUTY}
    running = start(
        notify=[bootstrap.WEBHOOK, slack, {"groups": ["qa"], **pagerduty}],
        groups=[{"name": "qa", "match": {"users": ["qa-*"]}, "notify": ["qa"], "until": "2999-12-31"}],
        channels=("webhook", "slack", "pagerduty"),
    )
    user, tester = fresh_user("user"), fresh_user("qa")
    running.cross(user)
    running.receiver.wait(user, "webhook")
    running.cross(tester)
    running.receiver.wait(tester, "pagerduty")
    time.sleep(1)
    assert running.notified(user) == {"webhook": 1, "slack": 0, "pagerduty": 0}
    assert running.notified(tester) == {"webhook": 0, "slack": 0, "pagerduty": 1}
