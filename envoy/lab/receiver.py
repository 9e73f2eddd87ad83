"""Which notifications arrive, and how are they answered? Webhooks of each format and the vendors, all behind one port."""

import collections
import json
import ssl
import time

from .wire import Answer, Request, Server

#: Where each channel posts to, and how the real service answers a message that it accepts.
WELL = {
    "webhook": ("/risk", Answer(200)),
    "detected": ("/every", Answer(200)),
    "slack": ("/services/", Answer(200, b"ok")),
    "pagerduty": ("/v2/enqueue", Answer(202, b'{"status":"success","message":"Event processed","dedup_key":"k"}')),
    "sendgrid": ("/v3/mail/send", Answer(202)),
    "resend": ("/emails", Answer(200, b'{"id":"49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}')),
    "postmark": ("/email", Answer(200, b'{"To":"a@example.com","MessageID":"b7bc2f4a","ErrorCode":0,"Message":"OK"}')),
    "cloudevents": ("/cloudevents", Answer(204)),
    "sqreen": ("/sqreen", Answer(200)),
    "rotated": ("/rotated", Answer(200)),
    "teams": ("/workflows/", Answer(202)),
    "alertmanager": ("/prefix/api/v2/alerts", Answer(200)),
}
#: The channels of envoy/envoy.yaml.
CHANNELS = ("webhook", "slack", "pagerduty", "sendgrid")


def channel_of(request: Request) -> str:
    """The channel that a request belongs to; "other" when none does."""
    return next((name for name, (path, _) in WELL.items() if request.path.startswith(path)), "other")


class Receiver(Server):
    """Accepts everything, unless `script` has the next answers of a channel, or `always` the answer to all others."""

    def __init__(self, port: int = 0, listening: bool = True, tls: ssl.SSLContext | None = None):
        self.script: dict[str, collections.deque[Answer]] = collections.defaultdict(collections.deque)
        self.always: dict[str, Answer] = {}
        super().__init__(port, listening, tls)

    def answer(self, request: Request) -> Answer:
        channel = channel_of(request)
        if self.script[channel]:
            return self.script[channel].popleft()
        return self.always.get(channel) or WELL.get(channel, ("", Answer(404)))[1]

    def about(self, user: str, channel: str | None = None) -> list[Request]:
        """Every attempt of every message that names the user, in the order of arrival."""
        return [
            request
            for request in list(self.requests)
            if f"{user}".encode() in request.body and channel in (None, channel_of(request))
        ]

    def wait(self, user: str, channel: str, count: int = 1, timeout: float = 15) -> list[Request]:
        """The attempts that name the user on a channel, once there are `count` of them."""
        deadline = time.monotonic() + timeout
        with self.arrived:
            while len(found := self.about(user, channel)) < count:
                if not self.arrived.wait(deadline - time.monotonic()) and time.monotonic() >= deadline:
                    raise TimeoutError(
                        f"{channel}: {len(found)} of {count} messages about {user} within {timeout} s; "
                        f"there were: {collections.Counter(channel_of(r) for r in self.requests)}"
                    )
        return found


def ids(requests: list[Request]) -> set[str | None]:
    """The ids of the incidents or messages that these are attempts of, where the channel has one."""
    return {message_id(request) for request in requests}


def message_id(request: Request) -> str | None:
    """webhook-id, Idempotency-Key or dedup_key; None on channels without."""
    if channel_of(request) == "pagerduty":
        return json.loads(request.body)["dedup_key"]
    return request.header("webhook-id") or request.header("idempotency-key")
