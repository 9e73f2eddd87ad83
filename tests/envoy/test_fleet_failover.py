"""What does a fleet make of a replica that takes its primary's place without the newest writes, and of clocks that are wrong?"""

import os
import selectors
import socket
import threading
import time

import pytest

from lab import client, store
from lab.bootstrap import ROOT
from lab.client import fresh_user
from lab.fleet import Fleet

PROGRAMS = store.programs()

pytestmark = pytest.mark.skipif(not PROGRAMS, reason="no redis-server and no valkey-server; set REDIS_SERVER")

#: Debian's libfaketime, yours or unpacked by the tests.
FAKETIME = os.environ.get("FAKETIME_LIBRARY") or next(
    (str(found) for found in (ROOT / "target" / "tools" / "faketime").rglob("libfaketimeMT.so.1")), None
)


class Address:
    """What the store's name leads to: an address whose server can be changed, as a service's is by whoever fails over."""

    def __init__(self, port: int):
        self.target = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(caller,), daemon=True).start()

    def _pass_on(self, caller):
        try:
            with caller, socket.create_connection(("127.0.0.1", self.target), timeout=5) as server:
                selector = selectors.DefaultSelector()
                selector.register(caller, selectors.EVENT_READ, server)
                selector.register(server, selectors.EVENT_READ, caller)
                while True:
                    for key, _ in selector.select():
                        if not (piece := key.fileobj.recv(1 << 16)):
                            return
                        key.data.sendall(piece)
        except OSError:
            pass

    def close(self):
        self._listening.close()


@pytest.fixture
def running():
    things = []
    yield lambda thing: things.append(thing) or thing
    for thing in reversed(things):
        thing.close()


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_a_replica_that_lags_takes_over_and_nothing_is_lost_or_told_twice(running, name):
    primary, replica = running(store.Store(PROGRAMS[name])), running(store.Store(PROGRAMS[name]))
    assert replica.raw(b"REPLICAOF", b"127.0.0.1", b"%d" % primary.port) == b"+OK\r\n"
    address = running(Address(primary.port))
    fleet = running(Fleet(address.port))
    user, other = fresh_user("known"), fresh_user("late")
    fleet.scenes[0].attack(client.SQLI, user)
    fleet.wait(lambda: any(":u:" in key for key in replica.keys()))
    # From now on it lags: it follows nobody, and stays a replica.
    replica.raw(b"REPLICAOF", b"127.0.0.1", b"%d" % store.free_port())
    behind = len(replica.keys())
    fleet.scenes[1].attack(client.SHELL, user)
    fleet.scenes[2].attack(client.JNDI, other)
    fleet.wait(lambda: "opened" in fleet.kinds(user))
    fleet.wait(lambda: all(scene.envoy.counter("store_waiting_users") == 0 for scene in fleet.scenes))
    primary.kill()
    address.target = replica.port
    fleet.wait(lambda: fleet.said("the cluster has to lead to the primary"), 40)
    assert len(replica.keys()) == behind
    assert replica.raw(b"REPLICAOF", b"NO", b"ONE") == b"+OK\r\n"
    fleet.wait(lambda: fleet.said("answers again"), 60)
    fleet.wait(lambda: len(replica.keys()) > behind, 150)
    # What the replica lacked counts on a proxy that has seen none of it.
    fleet.scenes[0].attack(client.SQLI, other)
    fleet.wait(lambda: "opened" in fleet.kinds(other), 150)
    time.sleep(2)
    assert fleet.kinds(user).count("opened") == fleet.kinds(other).count("opened") == 1
    for scene in fleet.scenes:
        scene.assert_healthy()


@pytest.mark.skipif(not FAKETIME, reason="no libfaketime; set FAKETIME_LIBRARY")
@pytest.mark.parametrize("offset", ["-600s", "+600s"])
def test_a_proxy_whose_clock_is_wrong_counts_with_the_others_and_says_so(running, offset):
    server = running(store.Store(sorted(PROGRAMS.items())[0][1]))
    fleet = running(Fleet(server.port, proxies=2))
    wrong = {"LD_PRELOAD": FAKETIME, "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    fleet.scenes.append(fleet.start(environment=wrong))
    *right, skewed = fleet.scenes
    user = fresh_user()
    right[0].attack(client.SQLI, user)
    skewed.attack(client.SHELL, user)
    fleet.wait(lambda: "opened" in fleet.kinds(user))
    right[1].attack(client.JNDI, user)
    fleet.wait(lambda: any(scene.envoy.events("incident_updated") for scene in fleet.scenes))
    words = "600 s ahead of" if offset.startswith("+") else "600 s behind"
    fleet.wait(lambda: any(words in line for line in skewed.envoy.lines))
    assert not any("clock is" in line for scene in right for line in scene.envoy.lines)
    assert skewed.envoy.stats("store_clock_skew_seconds").popitem()[1] in range(598, 603)
    assert fleet.kinds(user).count("opened") == 1
