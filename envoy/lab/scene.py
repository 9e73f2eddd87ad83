"""What does one test or demo run consist of? An application, a receiver, Envoy between them, and a client."""

import time

from . import client
from .bootstrap import Bootstrap
from .client import Client, Reply
from .proxy import ALONE, Envoy
from .receiver import CHANNELS, Receiver, channel_of
from .upstream import Upstream


#: Seconds between attacks: the filter logs at most ten lines a second about one user, and tests read them all.
PACE = 0.1


class Scene:
    """Everything started on free ports, and all of it stopped at the end of the `with`."""

    def __init__(self, bootstrap: Bootstrap, *, receiver: Receiver | None = None, secrets=None, channels=CHANNELS, options=ALONE, listener=0):
        self.channels = channels
        self.upstream = Upstream()
        self.receiver = receiver or Receiver()
        bootstrap.ports(listener=listener, admin=0, app=self.upstream.port, receiver=self.receiver.port)
        try:
            self.envoy = Envoy(bootstrap, secrets, options=options)
        except BaseException:
            self._close_servers()
            raise
        self.client = Client(self.envoy.port)
        self._next_attack = 0.0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.envoy.stop()
        self._close_servers()

    def attack(self, path: str, user: str, **options) -> dict:
        """Sends one malicious request, which has to pass, and returns its line of the log."""
        time.sleep(max(0.0, self._next_attack - time.monotonic()))
        self._next_attack = time.monotonic() + PACE
        reply = self.client.send(path, user, **options)
        assert reply.status == 200, f"{path} was answered {reply.status}"
        return self.logged(reply)

    def logged(self, reply: Reply) -> dict:
        """The log line of a malicious request."""
        return self.envoy.wait_event("malicious_request", request_id=reply.request_id)

    def opened(self, user: str, count: int = 1, timeout: float = 10) -> list[str]:
        """The ids of the user's incidents, in order, once the log has that many."""
        deadline = time.monotonic() + timeout
        while True:
            found = [event["id"] for event in self.envoy.events("incident_opened") if event["user"] == user]
            if len(found) >= count:
                return found
            assert time.monotonic() < deadline, f"{len(found)} of {count} incidents of {user} in the log"
            time.sleep(0.02)

    def cross(self, user: str) -> list[dict]:
        """Two different critical attacks, over the threshold together; their log lines."""
        return [self.attack(client.SQLI, user), self.attack(client.SHELL, user)]

    def settle(self) -> None:
        """Returns when whatever had to be sent has been: a later message has arrived on every channel."""
        last = client.fresh_user("last")
        self.attack(client.TEST, last)
        self.attack(client.TEST, last)
        for channel in self.channels:
            self.receiver.wait(last, channel)
        time.sleep(0.2)  # Those that left in the same tick.

    def notified(self, user: str) -> dict[str, int]:
        """How many messages each channel got about a user."""
        counts = dict.fromkeys(self.channels, 0)
        for request in self.receiver.about(user):
            counts[channel_of(request)] += 1
        return counts

    def assert_healthy(self) -> None:
        """No VM has died, and the filter still sees what an attacker does."""
        trouble = [line for line in self.envoy.lines if "Function: proxy_" in line or "panicked" in line]
        assert not trouble, trouble
        died = {name: value for name, value in self.envoy.stats("wasm.user_risk_filter.").items() if value}
        assert not died, died
        living = self.envoy.stats("wasm.envoy.wasm.runtime.v8.active").popitem()[1]
        assert living == 2 + self.envoy.workers, f"{living} VMs, not the base, the main thread's and each worker's"
        event = self.attack(client.JNDI, client.fresh_user("after"))
        assert event["points"] >= 8, event

    def _close_servers(self) -> None:
        self.upstream.close()
        self.receiver.close()
