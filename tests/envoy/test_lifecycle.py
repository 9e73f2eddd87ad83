"""Does an incident open, grow and end as it should, in an Envoy with two workers, whatever happens in between?"""

import datetime
import json
import time

import pytest
from test_failure import TRAP, trap, until_back

from lab import bootstrap, client
from lab.bootstrap import Bootstrap, Dynamic, channel
from lab.client import fresh_user
from lab.receiver import channel_of, ids
from lab.scene import Scene

#: Seconds; long enough for three attacks on a slow machine, and for whatever is to happen while an incident is open.
WINDOW = 4
LONG = 10
CHANNELS = ("webhook", "pagerduty")
BOTH = [bootstrap.WEBHOOK, bootstrap.PAGERDUTY]
LIFE = ["opened", "updated", "resolved"]


@pytest.fixture(scope="module")
def scene():
    example = Bootstrap()
    example.settings.update(risk={"threshold": 10, "window": f"{WINDOW}s"}, notify=BOTH)
    with Scene(example, channels=CHANNELS) as running:
        yield running


def test_an_incident_is_opened_updated_and_resolved_with_the_user_gone(scene, user):
    last = grow(scene, user)
    received = scene.receiver.wait(user, "webhook", count=3, timeout=WINDOW + 5)
    due = moment(last["time"]) + WINDOW
    # The line is written when the exchange ends, a little after it was weighed.
    assert -0.2 <= received[-1].at - due < 2, "the end is reported within two seconds of falling due"
    time.sleep(1.5)  # Whoever would have something to say has ticked.
    received = scene.receiver.about(user, "webhook")
    assert transitions(received) == LIFE
    assert len(ids(received)) == 3, "each with an id of its own"
    assert len({json.loads(request.body)["data"]["id"] for request in received}) == 1
    assert [json.loads(request.body)["data"]["band"] for request in received] == ["warning", "error", "error"]
    assert pages(scene, user) == ["trigger", "trigger", "resolve"], "all under one key"


def test_many_incidents_end_together(scene):
    """Two workers and the main thread all look: no end comes twice, and none is late."""
    users = [fresh_user("many") for _ in range(30)]
    for user in users:
        for attack in (client.TEST, client.TEST):
            assert scene.client.send(attack, user).status == 200
    latest = time.time() + WINDOW
    for user in users:
        received = scene.receiver.wait(user, "webhook", count=2, timeout=WINDOW + 10)
        assert transitions(received) == ["opened", "resolved"]
    assert time.time() - latest < 4
    time.sleep(1)
    assert all(len(scene.receiver.about(user, "webhook")) == 2 for user in users)


def test_a_page_with_its_assets_is_one_act(scene, user):
    first = scene.attack(client.SQLI, user)
    assert (first["points"], first["increase"]) == (8, 8)
    page = f"http://127.0.0.1:{scene.client.port}{client.SQLI}"
    for path in ("/style.css", "/app.js", "/logo.svg", "/search/next"):
        event = scene.attack(path, user, headers=[("referer", page)])
        assert (event["points"], event["increase"]) == (0, 8), path
        assert all(rule["counted_before"] for rule in event["rules"])
    assert scene.notified(user) == dict.fromkeys(CHANNELS, 0)


def test_a_new_listener_between_opening_and_end(tmp_path, user):
    """The old root contexts go on ticking: what ends is reported to the channels that are there now, and once."""
    example = Dynamic(tmp_path)
    old, new = bootstrap.WEBHOOK, channel(bootstrap.WEBHOOK, url="https://hooks.example.com/risk/new")
    example.settings.update(risk={"threshold": 10, "window": f"{LONG}s"}, notify=[old, bootstrap.PAGERDUTY])
    with Scene(example, channels=CHANNELS) as scene:
        last = grow(scene, user)
        scene.receiver.wait(user, "webhook", count=2)
        example.settings["notify"] = [bootstrap.PAGERDUTY, new]
        example.publish()
        wait_until(lambda: scene.envoy.stats("listener_manager.listener_modified").popitem()[1] == 1)
        assert time.time() < moment(last["time"]) + LONG - 1, "too slow a machine for this test"
        received = scene.receiver.wait(user, "webhook", count=3, timeout=LONG + 5)
        assert received[-1].at - moment(last["time"]) - LONG < 2
        time.sleep(2)
        received = [(request.path, transitions([request])[0]) for request in scene.receiver.about(user, "webhook")]
        assert received == [("/risk", "opened"), ("/risk", "updated"), ("/risk/new", "resolved")]
        assert pages(scene, user) == ["trigger", "trigger", "resolve"]
        assert scene.envoy.counter("incidents_resolved_total") == 1


def test_a_filter_without_channels_ends_nothing_silently(tmp_path, user):
    """A second listener without channels, and younger, shares the records."""
    example = Dynamic(tmp_path)
    example.settings.update(risk={"threshold": 10, "window": f"{LONG}s"}, notify=BOTH)
    with Scene(example, channels=CHANNELS) as scene:
        grow(scene, user)
        scene.receiver.wait(user, "webhook", count=2)
        listeners = example.tree["static_resources"]["listeners"]
        listeners.append(json.loads(json.dumps(listeners[0])) | {"name": "silent"})
        silent = listeners[1]["filter_chains"][0]["filters"][0]["typed_config"]["http_filters"][0]
        del silent["typed_config"]["config"]["configuration"]["value"]["notify"]
        example.publish()
        received = scene.receiver.wait(user, "webhook", count=3, timeout=LONG + 5)
        assert transitions(received) == LIFE
        # Each channel has a queue of its own.
        wait_until(lambda: pages(scene, user)[-1] == "resolve")


def test_an_open_incident_outlives_the_vms(start, user):
    if not TRAP.is_file():
        pytest.fail(f"{TRAP} is missing: ./build.sh test makes it")
    scene = start(
        edit=lambda example: example.module(TRAP),
        channels=CHANNELS,
        risk={"threshold": 10, "window": f"{LONG}s"},
        notify=BOTH,
    )
    grow(scene, user)
    scene.receiver.wait(user, "webhook", count=2)
    assert {trap(scene, user) for _ in range(8)} == {503}
    until_back(scene)
    received = scene.receiver.wait(user, "webhook", count=3, timeout=LONG + 5)
    assert transitions(received) == LIFE
    time.sleep(1)
    assert len(scene.receiver.about(user, "webhook")) == 3
    assert pages(scene, user) == ["trigger", "trigger", "resolve"]


def grow(scene, user) -> dict:
    """Three acts, of which the second opens an incident and the third brings it into a higher band; the last one's line."""
    return [scene.attack(client.TEST, user) for _ in range(3)][-1]


def transitions(received) -> list[str]:
    return [json.loads(request.body)["type"].removeprefix("risk.incident.") for request in received]


def pages(scene, user) -> list[str]:
    """What PagerDuty received about the user: a resolve has nothing of the user but the key."""
    key = json.loads(scene.receiver.wait(user, "pagerduty")[0].body)["dedup_key"]
    events = [json.loads(request.body) for request in scene.receiver.requests if channel_of(request) == "pagerduty"]
    return [event["event_action"] for event in events if event["dedup_key"] == key]


def moment(time_: str) -> float:
    return datetime.datetime.fromisoformat(time_.replace("Z", "+00:00")).timestamp()


def wait_until(holds, timeout: float = 10) -> None:
    deadline = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)
