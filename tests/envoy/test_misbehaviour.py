"""Does every message arrive, under one id, whatever the receiver does? A webhook for each misbehaviour, in one Envoy."""

import dataclasses
import datetime
import email.utils
import json
import threading
import time

import pytest

from lab import bootstrap
from lab.bootstrap import Bootstrap, channel
from lab.client import TEST, fresh_user
from lab.receiver import Receiver
from lab.scene import Scene
from lab.wire import Answer, Request

#: Seconds that a try may take here.
TIMEOUT = 1
#: For so many seconds one of the receivers answers 500: long enough for five failures in a row, after which the circuit is
#: open. A minute of it would be one more probe, as the unit tests have it.
DOWN = 12
#: Until so many seconds after the first incident the receivers are watched: the circuit is probed after 30.
WATCHED = 38


@dataclasses.dataclass(frozen=True)
class Case:
    """A receiver's answers, after which it answers 200; how many messages arrive; and the tries of the first one."""

    answers: tuple[Answer, ...] = ()
    tries: tuple[int, int] = (2, 2)
    #: The least seconds between the first try and the second, and the most.
    pause: tuple[float, float] = (0.8, 4)
    #: Of the two incidents so many are sent; each arrives unless it is refused.
    sent: int = 2


CASES = {
    "well": Case(tries=(1, 1)),
    "no-content": Case((Answer(204),), tries=(1, 1)),
    # The receiver's clock starts when the request is read, on a busy machine some time after the filter's own.
    "hangs": Case((Answer(delay=60),), pause=(TIMEOUT + 0.4, TIMEOUT + 4)),
    "resets": Case((Answer(reset=True), Answer(reset=True)), tries=(3, 3)),
    "breaks-off": Case((Answer(200, b"x" * 1000, cut=True),)),
    "endless": Case((Answer(200, endless=True),), pause=(0.8, TIMEOUT + 5)),
    "is-down": Case(tries=(3, 5)),
    "says-when-seconds": Case((Answer(429, headers=(("retry-after", "4"),)),), pause=(4, 6)),
    "says-when-date": Case((Answer(503, headers=(("retry-after", "DATE"),)),), pause=(4, 8)),
    # A minute, of which a part is watched: nothing comes meanwhile, for whichever user.
    "too-many": Case((Answer(429),), tries=(1, 1), sent=1),
    "moved": Case((Answer(301, headers=(("location", "https://hooks.example.com/risk/elsewhere"),)),)),
    "moved-for-good": Case((Answer(308, headers=(("location", "/risk/elsewhere"),)),)),
    "refuses": Case((Answer(422, b"no such thing"),), tries=(1, 1)),
    "is-gone": Case((Answer(410, b"channel_is_archived"),), tries=(1, 1), sent=1),
}


class Crowd(Receiver):
    """Answers each path by its case."""

    def __init__(self):
        self.first: dict[str, float] = {}
        self._left = {name: list(case.answers) for name, case in CASES.items()}
        self._lock = threading.Lock()
        super().__init__()

    def answer(self, request: Request) -> Answer:
        name = name_of(request)
        with self._lock:
            first = self.first.setdefault(name, request.at)
            if name == "is-down" and request.at < first + DOWN:
                return Answer(500)
            answer = self._left[name].pop(0) if self._left.get(name) else Answer(200)
        if ("retry-after", "DATE") in answer.headers:
            # Dates have whole seconds.
            date = email.utils.formatdate(time.time() + 5, usegmt=True)
            return dataclasses.replace(answer, headers=(("retry-after", date),))
        return answer


@pytest.fixture(scope="module")
def watched():
    """Two incidents, sent to all of them: the scene, and the ids of the incidents by the log."""
    example = Bootstrap()
    # As docs/on-call.md has it.
    example.tree["stats_config"] = {"stats_tags": [{"tag_name": "channel", "regex": r"(\.channel\.(.+))$"}]}
    example.settings["notify"] = [
        {"name": name}
        | channel(bootstrap.WEBHOOK, url=f"https://hooks.example.com/risk/{name}", timeout=f"{TIMEOUT}s")
        for name in CASES
    ]
    with Scene(example, receiver=Crowd(), channels=()) as scene:
        users = [fresh_user("first"), fresh_user("second")]
        incidents = {}
        started = time.time()
        for user in users:
            scene.attack(TEST, user)
            scene.attack(TEST, user)
            (incidents[user],) = scene.opened(user)
            time.sleep(1.5)
        time.sleep(max(0.0, started + WATCHED - time.time()))
        yield scene, incidents


@pytest.mark.parametrize("name", CASES)
def test_what_arrives(watched, name):
    scene, incidents = watched
    case = CASES[name]
    tries = [request for request in list(scene.receiver.requests) if name_of(request) == name]
    bodies = [json.loads(request.body) for request in tries]
    received = {(body["data"]["id"], body["type"]) for body in bodies}
    expected = {(incident, "risk.incident.opened") for incident in list(incidents.values())[: case.sent]}
    assert received == expected
    ids = {}
    for request, body in zip(tries, bodies):
        ids.setdefault(body["data"]["id"], set()).add(request.header("webhook-id"))
    assert all(len(of) == 1 for of in ids.values()), "each message under one id"
    assert len(set.union(*ids.values())) == len(ids), "and no two under the same"
    first, *others = [[r for r, body in zip(tries, bodies) if body["data"]["id"] == i] for i in incidents.values()]
    assert case.tries[0] <= len(first) <= case.tries[1], [request.at - first[0].at for request in first]
    if len(first) > 1:
        assert case.pause[0] <= first[1].at - first[0].at <= case.pause[1]
    if name != "is-down":
        assert all(len(of) <= 1 for of in others), "what was delivered is not sent twice"


def test_a_message_leaves_within_a_second(watched):
    (first, _) = [request for request in watched[0].receiver.requests if name_of(request) == "well"]
    happened = datetime.datetime.fromisoformat(json.loads(first.body)["timestamp"].replace("Z", "+00:00"))
    assert 0 <= first.at - happened.timestamp() < 1


def test_nobody_is_led_elsewhere(watched):
    assert {name_of(request) for request in watched[0].receiver.requests} <= CASES.keys()


def test_a_pause_holds_the_whole_channel(watched):
    receiver = watched[0].receiver
    for name in ("says-when-seconds", "says-when-date"):
        first = receiver.first[name]
        others = [r.at - first for r in receiver.requests if name_of(r) == name and r.at > first]
        assert min(others) >= 4, name


def test_an_open_circuit_is_probed(watched):
    at = sorted(request.at for request in watched[0].receiver.requests if name_of(request) == "is-down")
    pauses = [round(after - before, 1) for before, after in zip(at, at[1:])]
    assert len(at) == 5 + 2, pauses
    assert max(pauses) == pauses[4] >= 29.9, pauses
    assert pauses[5] < 1, "one success closes it"


def test_operators_see_it(watched):
    scene, _ = watched
    assert scene.envoy.counter("channel_messages_sent_total.channel.well") == 2
    assert scene.envoy.counter("channel_messages_retried_total.channel.resets") == 2
    assert scene.envoy.counter("channel_messages_failed_total.channel.refuses") == 1
    assert scene.envoy.counter("channel_messages_failed_total.channel.is-gone") == 2
    assert scene.envoy.counter("channel_oldest_seconds.channel.well") == 0
    waits = scene.envoy.counter("channel_oldest_seconds.channel.too-many")
    assert WATCHED - 5 <= waits <= WATCHED + 30
    stats = scene.envoy.admin("/stats/prometheus?filter=user_risk_filter")
    assert 'user_risk_filter_channel_messages_sent_total{channel="well"} 2' in stats, stats
    said = [event["what"] for event in scene.envoy.events("undelivered")]
    gone = "is-gone answered 410 channel_is_archived: nothing more is sent to it until its options change"
    assert gone in said, said
    scene.assert_healthy()


def name_of(request: Request) -> str:
    return request.path.rpartition("/")[2]
