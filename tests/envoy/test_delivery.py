"""Does a message arrive, once and in order, when its receiver fails, and is traffic unaffected?"""

import json
import statistics
import time

from lab import bootstrap
from lab.bootstrap import channel
from lab.client import TEST, fresh_user
from lab.receiver import CHANNELS, Receiver, ids
from lab.wire import Answer

ALL = [bootstrap.WEBHOOK, bootstrap.SLACK, bootstrap.PAGERDUTY, bootstrap.SENDGRID]
#: Seconds for pauses of 1 + 2 + 4 s, and for the 30 s between two probes, should a slow machine make them five failures.
PATIENCE = 60


def test_a_receiver_that_answers_503_twice(start, user):
    scene = start(notify=ALL, channels=CHANNELS)
    for name in CHANNELS:
        scene.receiver.script[name].extend([Answer(503), Answer(503)])
    scene.cross(user)
    for name in CHANNELS:
        tries = scene.receiver.wait(user, name, count=3, timeout=PATIENCE)
        assert len(ids(tries)) == 1
    scene.settle()
    assert scene.notified(user) == dict.fromkeys(CHANNELS, 3)
    assert scene.envoy.counter("messages_retried_total") == 2 * len(CHANNELS)
    assert scene.envoy.counter("messages_failed_total") == 0
    stamps = [request.header("webhook-timestamp") for request in scene.receiver.about(user, "webhook")]
    assert stamps == sorted(stamps) and stamps[0] < stamps[-1], "each try is signed anew"


def test_a_receiver_that_refuses_connections_for_a_while(start, user):
    closed = Receiver(listening=False)
    scene = start(notify=ALL, receiver=closed, channels=CHANNELS, risk={"window": "1s"})
    for crossing in (1, 2):
        scene.attack(TEST, user)
        scene.attack(TEST, user)
        incidents = scene.opened(user, crossing)
        time.sleep(1.6)  # The window passes, so that the next crossing is an incident of its own.
    assert len(set(incidents)) == len(incidents) == 2
    closed.listen()
    for name in ("webhook", "pagerduty"):
        closed.wait(user, name, count=4 if name == "webhook" else 2, timeout=PATIENCE)
    bodies = [json.loads(request.body) for request in closed.about(user, "webhook")]
    received = [(body["data"]["id"], body["type"].rpartition(".")[2]) for body in bodies]
    expected = [(incident, what) for incident in incidents for what in ("opened", "resolved")]
    assert received == expected, "in the order in which they happened"


def test_a_receiver_that_says_when_to_come_back(start, user):
    scene = start()
    scene.receiver.script["webhook"].append(Answer(429, headers=(("retry-after", "3"),)))
    scene.cross(user)
    scene.receiver.wait(user, "webhook")
    meanwhile = fresh_user("meanwhile")
    scene.cross(meanwhile)
    held, retried = scene.receiver.wait(user, "webhook", count=2, timeout=PATIENCE)
    assert len(ids([held, retried])) == 1
    assert retried.at - held.at >= 2.9
    (other,) = scene.receiver.wait(meanwhile, "webhook", timeout=PATIENCE)
    assert other.at >= held.at + 2.9, "the pause holds the whole channel"


def test_a_receiver_that_hangs_delays_nobody(start, user):
    scene = start(notify=[channel(bootstrap.WEBHOOK, timeout="3s")])
    scene.receiver.script["webhook"].append(Answer(delay=60))
    ordinary = _latencies(scene)
    scene.cross(user)
    scene.receiver.wait(user, "webhook")
    during = _latencies(scene)
    assert len(scene.receiver.about(user)) == 1, "the receiver was to hang all the while"
    tries = scene.receiver.wait(user, "webhook", count=2, timeout=PATIENCE)
    assert len(ids(tries)) == 1
    assert tries[1].at - tries[0].at >= 3
    scene.settle()
    assert len(scene.receiver.about(user)) == 2
    assert statistics.median(during) < 5 * statistics.median(ordinary) + 0.01
    assert max(during) < 2, "a request waited for the receiver's time-out"


def test_an_answer_that_breaks_off(start, user):
    """The host calls the filter for an answer with no headers at all (num_headers = 0)."""
    scene = start()
    scene.receiver.script["webhook"].append(Answer(200, b"x" * 1000, cut=True))
    scene.cross(user)
    tries = scene.receiver.wait(user, "webhook", count=2, timeout=PATIENCE)
    assert len(ids(tries)) == 1
    scene.settle()
    scene.assert_healthy()


def test_a_final_answer_is_not_tried_again(start, user):
    scene = start()
    scene.receiver.script["webhook"].append(Answer(400, b"no"))
    scene.cross(user)
    scene.settle()
    time.sleep(1.5)  # Longer than the first pause would be.
    assert len(scene.receiver.about(user)) == 1
    assert scene.envoy.counter("messages_failed_total") == 1


def _latencies(scene) -> list[float]:
    return [scene.client.send("/").seconds for _ in range(150)]
