"""Is everybody told of, once, when five hundred users cross in a second; and in a few messages where that is wanted?"""

import json
import time

from lab import bootstrap
from lab.bootstrap import Dynamic, channel
from lab.client import TEST, burst, fresh_user
from lab.scene import Scene

USERS = 500


def cross(scene, users: list[str]) -> float:
    """Two acts of each; how long it took."""
    began = time.time()
    assert burst(scene.envoy.port, [(TEST, user) for user in users for _ in range(2)]) == 2 * len(users)
    return time.time() - began


def test_five_hundred_crossings_in_a_second(start):
    scene = start(notify=[bootstrap.WEBHOOK])
    users = [fresh_user("many") for _ in range(USERS)]
    took = cross(scene, users)
    scene.envoy.wait_counter("messages_sent_total", USERS, timeout=60)
    told = [json.loads(request.body)["data"] for request in scene.receiver.requests]
    assert sorted(data["user"] for data in told) == sorted(users), f"each once, of crossings within {took:.1f} s"
    ids = {request.header("webhook-id") for request in scene.receiver.requests}
    assert len(ids) == len({data["id"] for data in told}) == USERS
    assert scene.envoy.counter("incidents_opened_total") == USERS
    assert scene.envoy.counter("messages_dropped_total") == 0
    scene.assert_healthy()


def test_a_listener_that_loses_a_channel_and_gains_one(tmp_path):
    """The one that stays gets everything once, before and after; the new one what comes after; the old one nothing more."""
    def hook(name: str) -> dict:
        return {"name": name} | channel(bootstrap.WEBHOOK, url=f"https://hooks.example.com/risk/{name}")

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
        told: dict[str, list] = {}
        for request in scene.receiver.requests:
            told.setdefault(request.path.rpartition("/")[2], []).append(json.loads(request.body)["data"]["user"])
        expected = {"stays": before + after, "goes": before, "comes": after}
        assert {name: sorted(users) for name, users in told.items()} == {n: sorted(u) for n, u in expected.items()}
        ids = [request.header("webhook-id") for request in scene.receiver.requests]
        assert len(set(ids)) == len(ids) == 80
