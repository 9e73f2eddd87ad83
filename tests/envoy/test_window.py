"""Do points expire on time, and does a new crossing open a new incident?"""

import datetime
import time

import pytest

from lab import bootstrap, client
from lab.bootstrap import Bootstrap
from lab.client import fresh_user
from lab.scene import Scene

WINDOW = 3


@pytest.fixture(scope="module")
def scene():
    """A window of three seconds."""
    example = Bootstrap()
    example.settings.update(risk={"threshold": 10, "window": f"{WINDOW}s"}, notify=[bootstrap.WEBHOOK])
    with Scene(example, channels=("webhook",)) as running:
        yield running


def test_the_increase_is_the_sum_inside_the_window(scene, user):
    """Against a naive reference that keeps every act; of one rule the newest three count (risk.md, stacking)."""
    acts = []
    for _ in range(10):
        event = scene.attack(client.TEST, user)
        at = datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00"))
        acts.append((at, event["points"]))
        inside = [points for time_, points in acts if time_ > at - datetime.timedelta(seconds=WINDOW)]
        assert event["points"] == 8
        assert event["increase"] == sum(inside[-3:]), acts
        time.sleep(1.3)


def test_points_that_left_do_not_count_towards_a_crossing(scene, user):
    scene.attack(client.TEST, user)
    time.sleep(WINDOW + 0.1)
    assert scene.attack(client.TEST, user)["increase"] == 8
    scene.settle()
    assert scene.notified(user) == {"webhook": 0}


def test_a_new_crossing_opens_a_new_incident_after_the_first_has_ended(scene):
    user = fresh_user("returning")
    for crossing in (1, 2):
        scene.attack(client.TEST, user)
        scene.attack(client.TEST, user)
        scene.receiver.wait(user, "webhook", count=2 * crossing)
        time.sleep(1.5)  # Whoever would have something more to say has ticked.
        opened = scene.opened(user, crossing)
        assert len(set(opened)) == len(opened) == crossing
        assert scene.notified(user) == {"webhook": 2 * crossing}
    assert len({request.header("webhook-id") for request in scene.receiver.about(user)}) == 4
