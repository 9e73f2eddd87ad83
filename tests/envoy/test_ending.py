"""What is lost when Envoy ends, is replaced by another process, or takes another configuration, and is it said?"""

import os
import socket
import threading
import time

import pytest

from lab import bootstrap
from lab.bootstrap import Bootstrap, Dynamic
from lab.client import SHELL, SQLI, XSS, Client
from lab.proxy import Envoy
from lab.scene import Scene
from lab.wire import Answer

#: Seconds that the process before goes on, for connections and messages.
DRAIN, HANDOVER = 3, 8


def test_a_message_leaves_although_envoy_is_told_to_end_right_after_the_crossing(start, user):
    scene = start()
    time.sleep(0.3)  # Anywhere between two ticks.
    assert scene.client.send(SQLI, user).status == scene.client.send(SHELL, user).status == 200
    time.sleep(0.05)
    scene.envoy.end()
    assert len(scene.receiver.about(user, "webhook")) == 1
    assert scene.envoy.events("incident_opened")


@pytest.mark.parametrize("before", ["nothing", "/drain_listeners?graceful", "/healthcheck/fail"])
def test_what_cannot_be_sent_is_said_once(start, user, before):
    scene = start()
    scene.receiver.always["webhook"] = Answer(503)
    scene.cross(user)
    (tried, *_) = scene.receiver.wait(user, "webhook")
    scene.envoy.wait_event("retry")
    if before != "nothing":
        scene.envoy.admin(before, "POST")
        scene.receiver.wait(user, "webhook", count=2)  # What waits is tried again while it drains.
    scene.envoy.end()
    (line,) = scene.envoy.events("unsent")
    assert (line["channel"], line["messages"], line["message_ids"]) == ("webhook", 1, [tried.header("webhook-id")])
    assert f"(the opening of {user}" in line["what"]


def test_nothing_is_said_where_nothing_waits(start, user):
    scene = start()
    scene.cross(user)
    scene.settle()
    scene.envoy.wait_event("delivered")
    scene.envoy.end()
    assert scene.envoy.events("unsent") == []


def test_a_configuration_that_ends_leaves_its_messages_to_the_next_one(tmp_path, user):
    """The old root contexts end once the listener has drained, and are no last ones."""
    example = Dynamic(tmp_path)
    example.settings.update(notify=[bootstrap.WEBHOOK])
    options = ("--disable-hot-restart", "--drain-time-s", "1")
    with Scene(example, channels=("webhook",), options=options) as scene:
        scene.receiver.script["webhook"].extend([Answer(503)] * 3)
        scene.cross(user)
        scene.receiver.wait(user, "webhook")
        example.settings["risk"] = {"threshold": 12}
        example.publish()
        wait_until(lambda: scene.envoy.stats("listener_manager.listener_in_place_updated").popitem()[1] == 1)
        wait_until(lambda: scene.envoy.stats("listener_manager.total_filter_chains_draining").popitem()[1] == 0)
        # An attempt of an old root context that ends meanwhile would hold the channel until its lease has run out.
        scene.receiver.wait(user, "webhook", count=4, timeout=60)
        scene.envoy.wait_event("delivered")
        assert scene.envoy.events("unsent") == []


def test_a_hot_restart_loses_no_request_and_the_old_process_sends_while_it_drains(user):
    """Scores and incidents are a process's own: the new one begins without, and so opens an incident of its own."""
    example = Bootstrap()
    example.settings.update(notify=[bootstrap.WEBHOOK])
    options = ("--base-id", str(os.getpid()), "--drain-time-s", str(DRAIN), "--parent-shutdown-time-s", str(HANDOVER))
    # The new process asks the old one for the socket by its address, so the port has to be known.
    port = free_port()
    with Scene(example, channels=("webhook",), options=(*options, "--restart-epoch", "0"), listener=port) as scene:
        before = scene.attack(XSS, user)
        scene.receiver.script["webhook"].append(Answer(503))
        scene.cross(user)
        scene.receiver.wait(user, "webhook")
        with Load(scene.client) as load, Envoy(example, options=(*options, "--restart-epoch", "1")) as new:
            assert new.port == port
            # The old one still has connections, and a message to deliver.
            scene.receiver.wait(user, "webhook", count=2, timeout=HANDOVER)
            scene.envoy.wait_end(HANDOVER + 20)
            after = len(load.statuses)
            wait_until(lambda: len(load.statuses) > after + 20)
            event = Client(port).send(XSS, user)
            line = new.wait_event("malicious_request", request_id=event.request_id)
            assert line["increase"] == before["increase"] == line["points"], "it begins anew"
            assert Client(port).send(SQLI, user).status == Client(port).send(SHELL, user).status == 200
            assert new.wait_event("incident_opened", user=user)
            scene.receiver.wait(user, "webhook", count=3)
            load.end()
        assert set(load.statuses) == {200}, load.trouble()
        assert scene.envoy.events("unsent") == []


class Load:
    """Harmless requests, one after the other, each over a new connection, from two threads."""

    def __init__(self, client: Client):
        self.statuses: list = []
        self._client, self._goes_on = client, True
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(2)]

    def __enter__(self):
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        self._goes_on = False
        for one in self._threads:
            one.join(30)

    def _run(self):
        while self._goes_on:
            try:
                self.statuses.append(self._client.send("/catalogue").status)
            except OSError as error:
                self.statuses.append(repr(error))
            time.sleep(0.01)

    def trouble(self) -> list:
        return [status for status in self.statuses if status != 200][:5]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_until(holds, timeout: float = 30) -> None:
    deadline = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)
