"""What does a fleet make of a replica that takes its primary's place without the newest writes, and of clocks that are wrong?"""

import datetime
import selectors
import shutil
import socket
import subprocess
import threading
import time

import pytest

from lab import client, store
from lab.client import fresh_user
from lab.fleet import Fleet

PROGRAMS = store.programs()

pytestmark = pytest.mark.skipif(not PROGRAMS, reason="no redis-server and no valkey-server; set REDIS_SERVER")

#: What the C library says of the time, so much later; libfaketime stops Envoy's allocator before it begins.
WRONG_CLOCK = r"""
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = syscall(SYS_clock_gettime, clock, time);
    const char *ahead = getenv("CLOCK_AHEAD");
    if (result == 0 && ahead && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += atol(ahead);
    return result;
}
"""

COMPILER = shutil.which("cc")


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
                while selector.get_map():
                    for key, _ in selector.select():
                        if piece := key.fileobj.recv(1 << 16):
                            key.data.sendall(piece)
                        else:
                            # Envoy ends its side with the call, and waits for the answer.
                            selector.unregister(key.fileobj)
                            key.data.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self._listening.close()


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
    fleet.wait(lambda: fleet.said("let the cluster lead to the primary"), 40)
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


@pytest.mark.skipif(not COMPILER, reason="no C compiler")
@pytest.mark.parametrize("ahead", [-600, 600])
def test_a_proxy_whose_clock_is_wrong_counts_with_the_others_and_says_so(running, tmp_path, ahead):
    library = tmp_path / "clock.so"
    subprocess.run([COMPILER, "-shared", "-fPIC", "-x", "c", "-", "-o", library], input=WRONG_CLOCK, text=True, check=True)
    server = running(store.Store(sorted(PROGRAMS.items())[0][1]))
    fleet = running(Fleet(server.port, proxies=2))
    fleet.scenes.append(fleet.start(environment={"LD_PRELOAD": str(library), "CLOCK_AHEAD": str(ahead)}))
    *right, wrong = fleet.scenes
    user = fresh_user()
    right[0].attack(client.SQLI, user)
    event = wrong.attack(client.SHELL, user)
    is_off = (datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00")) - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
    assert abs(is_off - ahead) < 30, "or the test shows nothing"
    fleet.wait(lambda: "opened" in fleet.kinds(user))
    right[1].attack(client.JNDI, user)
    fleet.wait(lambda: any(scene.envoy.events("incident_updated") for scene in fleet.scenes))
    words = "600 s ahead of" if ahead > 0 else "600 s behind"
    fleet.wait(lambda: any(words in line or words.replace("600", "599") in line for line in wrong.envoy.lines))
    assert not any("clock is" in line for scene in right for line in scene.envoy.lines)
    assert wrong.envoy.stats("store_clock_skew_seconds").popitem()[1] in range(598, 603)
    assert fleet.kinds(user).count("opened") == 1
