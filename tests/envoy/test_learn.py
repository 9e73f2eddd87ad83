"""Does mode: learn score and log, and page nobody?"""

import pytest

from lab import bootstrap, client


def test_it_scores_and_logs_and_pages_nobody(start, user):
    scene = start(mode="learn", notify=[bootstrap.WEBHOOK])
    assert [scene.attack(client.TEST, user)["increase"] for _ in range(3)] == [8, 16, 24]
    assert len(scene.opened(user)) == 1
    with pytest.raises(TimeoutError):
        scene.receiver.wait(user, "webhook", timeout=3)
    assert scene.envoy.counter("incidents_opened_total") == 1
    assert scene.envoy.counter("messages_sent_total") == 0
