"""Do an operator's orders on one proxy hold on all of them? By the consoles of real Envoys."""

import json
import time

import pytest

from lab import client, store
from lab.client import Client, fresh_user
from lab.fleet import Fleet

PROGRAMS = store.programs()

pytestmark = pytest.mark.skipif(not PROGRAMS, reason="no redis-server and no valkey-server; set REDIS_SERVER")

TOKEN = "a-token-for-the-laboratory-only"


@pytest.fixture(scope="module")
def fleet():
    server = store.Store(sorted(PROGRAMS.items())[0][1])
    settings, secrets = {"mode": "protect"}, {"USER_RISK_ADMIN_TOKEN": TOKEN}
    one = Fleet(server.port, settings=settings, secrets=secrets, edit=lambda example: example.with_console())
    yield one
    one.close()
    server.close()


def ask(fleet: Fleet, proxy: int, request: str) -> dict:
    method, path = request.split(" ")
    ops = Client(fleet.scenes[proxy].envoy.port_of("ops"))
    reply = ops.send(f"/.user-risk{path}", method=method, headers=[("authorization", f"Bearer {TOKEN}")])
    assert reply.status == 200, reply.body
    return json.loads(reply.body)


def listed(fleet: Fleet, user: str) -> list[bool]:
    """Has each proxy an open incident of the user?"""
    found = [ask(fleet, proxy, "GET /incidents")["incidents"] for proxy in range(len(fleet.scenes))]
    return [any(one["user"] == user for one in incidents) for incidents in found]


def test_an_incident_that_is_closed_on_one_proxy_is_closed_on_all_and_told_once(fleet):
    user = fresh_user()
    fleet.scenes[0].attack(client.SQLI, user)
    fleet.scenes[1].attack(client.SHELL, user)
    fleet.wait(lambda: listed(fleet, user) == [True] * 3)
    # On the proxy that has seen nothing of the user.
    assert ask(fleet, 2, f"POST /close?user={user}&who=jo&why=a+pentest")["done"] == "close"
    fleet.wait(lambda: listed(fleet, user) == [False] * 3)
    fleet.wait(lambda: "resolved" in fleet.kinds(user))
    # What was counted before does not open it again, with what comes later on any proxy.
    fleet.scenes[0].attack(client.SHELL, user)
    time.sleep(3)
    assert sorted(fleet.kinds(user)) == ["opened", "resolved"], fleet.told(user)
    assert sum(len([one for one in scene.envoy.events("order") if one["user"] == user]) for scene in fleet.scenes) == 1


def test_a_block_a_mute_and_forgiveness_hold_everywhere(fleet):
    blocked, muted, forgiven = fresh_user("blocked"), fresh_user("muted"), fresh_user("forgiven")
    fleet.scenes[0].attack(client.SQLI, forgiven)
    time.sleep(3)
    ask(fleet, 0, f"POST /block?user={blocked}&for=10m&who=jo&why=x")
    ask(fleet, 1, f"POST /mute?user={muted}&for=10m&who=jo&why=x")
    ask(fleet, 0, f"POST /forgive?user={forgiven}&who=jo&why=x")
    fleet.wait(lambda: [scene.client.send("/", blocked).status for scene in fleet.scenes] == [403] * 3)
    time.sleep(3)
    for user in (muted, forgiven):
        fleet.scenes[1].attack(client.SHELL, user)
    fleet.scenes[2].attack(client.JNDI, muted)
    fleet.wait(lambda: listed(fleet, muted) == [True] * 3)
    assert listed(fleet, forgiven) == [False] * 3
    time.sleep(2)
    assert fleet.kinds(muted) == fleet.kinds(forgiven) == []
    ask(fleet, 1, f"POST /unblock?user={blocked}&who=jo&why=x")
    fleet.wait(lambda: [scene.client.send("/", blocked).status for scene in fleet.scenes] == [200] * 3)
