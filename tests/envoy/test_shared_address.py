"""Is every one of five hundred users reported once when they cross within a second, and in a few messages where that is wanted?"""

import json
import re
import time

import pytest

from lab import bootstrap
from lab.bootstrap import Bootstrap, Dynamic, channel
from lab.client import TEST, burst, fresh_user
from lab.scene import Scene

USERS = 500
#: So many messages within so many seconds leave the channel that is capped.
CAP, PER = 3, 5
#: For so many seconds the openings of another channel wait for each other.
WAIT = 4


def cross(scene, users: list[str]) -> float:
    """Two acts of each; how long it took."""
    began = time.time()
    assert burst(scene.envoy.port, [(TEST, user) for user in users for _ in range(2)]) == 2 * len(users)
    return time.time() - began


def hook(name: str, **beside) -> dict:
    return {"name": name, **beside} | channel(bootstrap.WEBHOOK, url=f"https://hooks.example.com/risk/{name}")


@pytest.fixture(scope="module")
def flooded():
    """Five hundred users who crossed within a second or so, reported in four ways; what each channel got, by its name."""
    example = Bootstrap()
    example.settings["notify"] = [
        hook("each"),
        hook("capped", rate={"messages": CAP, "per": f"{PER}s"}),
        hook("all", states=["detected"]),
        {"name": "waits", "group_wait": f"{WAIT}s"} | bootstrap.SLACK,
    ]
    with Scene(example, channels=()) as scene:
        users = [fresh_user("many") for _ in range(USERS)]
        began = time.time()
        took = cross(scene, users)
        deadline = time.monotonic() + 60
        while sum(map(count, received(scene, "capped"))) < USERS or len(received(scene, "each")) < USERS:
            assert time.monotonic() < deadline, {name: len(received(scene, name)) for name in ("each", "capped", "all")}
            time.sleep(0.2)
        time.sleep(max(2.0, began + took + WAIT + 2 - time.time()))
        yield scene, users, began


def test_each_of_five_hundred_is_reported_once(flooded):
    scene, users, _ = flooded
    requests = received(scene, "each")
    data = [json.loads(request.body)["data"] for request in requests]
    assert sorted(one["user"] for one in data) == sorted(users)
    assert len({request.header("webhook-id") for request in requests}) == len({one["id"] for one in data}) == USERS
    assert scene.envoy.counter("incidents_opened_total") == USERS
    assert scene.envoy.counter("messages_displaced_total") == 0


def test_a_cap_holds_and_loses_nobody(flooded):
    scene, users, _ = flooded
    requests = received(scene, "capped")
    assert sum(map(count, requests)) == USERS
    at = [request.at for request in requests]
    assert all(later - earlier >= PER - 0.1 for earlier, later in zip(at, at[CAP:])), at
    assert len(requests) <= 3 * CAP, "a few messages, not hundreds"
    assert len({request.header("webhook-id") for request in requests}) == len(requests)
    kinds = {json.loads(request.body)["type"] for request in requests}
    assert kinds <= {"risk.incident.opened", "risk.incidents.opened"} and "risk.incidents.opened" in kinds


def test_who_waits_for_others_is_one_message(flooded):
    scene, users, began = flooded
    texts = [json.loads(request.body)["text"] for request in received(scene, "waits")]
    counts = [re.search(r"(\d+) users rose over their thresholds", text) for text in texts]
    assert sum(int(found[1]) if found else 1 for found in counts) == USERS, texts
    assert len(texts) <= 3, texts
    assert received(scene, "waits")[0].at - began >= WAIT


def test_every_request_is_reported(flooded):
    scene, users, _ = flooded
    requests = received(scene, "all")
    data = [json.loads(request.body)["data"] for request in requests]
    assert sum(one["requests_left_out"] for one in data) == 0
    ids = [one["request_id"] for batch in data for one in batch["requests"]]
    assert len(ids) == len(set(ids)) == 2 * USERS
    assert {one["user"] for batch in data for one in batch["requests"]} == set(users)
    assert all(len(batch["requests"]) <= 100 and len(r.body) < 40_000 for batch, r in zip(data, requests))
    assert len(requests) <= 2 * USERS / 50, "in batches"


def test_nothing_died_of_it(flooded):
    flooded[0].assert_healthy()


def received(scene, name: str) -> list:
    """What the channel of that name got."""
    path = {"waits": "/services/"}.get(name, f"/risk/{name}")
    return [request for request in list(scene.receiver.requests) if request.path.startswith(path)]


def count(request) -> int:
    """How many users a webhook's message is about."""
    return json.loads(request.body)["data"].get("rollup", {}).get("count", 1)


def test_a_listener_that_loses_a_channel_and_gains_one(tmp_path):
    """The one that stays gets everything once, before and after; the new one what comes after; the old one nothing more."""
    example = Dynamic(tmp_path)
    example.settings.update(notify=[hook("stays"), hook("goes")])
    with Scene(example, channels=()) as scene:
        before = [fresh_user("before") for _ in range(20)]
        after = [fresh_user("after") for _ in range(20)]
        cross(scene, before)
        example.settings["notify"] = [hook("comes"), hook("stays")]
        example.publish()
        deadline = time.monotonic() + 10
        while scene.envoy.stats("listener_manager.listener_modified").popitem()[1] != 1:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(0.5)  # Workers take the new listener one after the other.
        cross(scene, after)
        time.sleep(3)
        expected = {"stays": before + after, "goes": before, "comes": after}
        for name, users in expected.items():
            heard = [json.loads(request.body)["data"]["user"] for request in received(scene, name)]
            assert sorted(heard) == sorted(users), name
        ids = [request.header("webhook-id") for request in scene.receiver.requests]
        assert len(set(ids)) == len(ids) == 80
