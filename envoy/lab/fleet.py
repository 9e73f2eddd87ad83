"""What is a fleet in a test? Envoys that share a store, and one receiver of what they tell."""

import json
import time

from . import bootstrap, store
from .bootstrap import SECRETS, Bootstrap
from .receiver import Receiver
from .scene import Scene


class Fleet:
    """Proxies that share a store, and one receiver of what they tell."""

    def __init__(self, port: int, proxies: int = 3, settings=None, secrets=None, edit=None, **options):
        self.receiver = Receiver()
        self.port, self.settings, self.secrets, self.options = port, settings or {}, secrets or {}, options
        self.edit = edit
        self.scenes = [self.start() for _ in range(proxies)]

    def start(self, settings=None, environment=None) -> Scene:
        """One more proxy; `settings` and `environment` are its own."""
        example = Bootstrap()
        common = {"notify": [bootstrap.WEBHOOK], "log": {"lines_per_second": 1000}}
        example.configure({**common, **self.settings, **(settings or {})})
        store.share(example, self.port, **self.options)
        if self.edit:
            self.edit(example)
        self.config = example.settings
        secrets = SECRETS | store.KEY | self.secrets | (environment or {})
        return Scene(example, receiver=self.receiver, secrets=secrets, channels=("webhook",))

    def kill(self, number: int) -> None:
        self.scenes[number].envoy._process.kill()
        self.scenes[number].envoy._process.wait()

    def replace(self, number: int, settings=None) -> None:
        self.scenes[number] = self.start(settings)

    def told(self, user: str) -> list[tuple[str, str]]:
        """The messages about the user: id and type, each once."""
        seen = {}
        for request in self.receiver.about(user, "webhook"):
            seen.setdefault(request.header("webhook-id"), json.loads(request.body)["type"].rpartition(".")[2])
        return sorted(seen.items(), key=lambda item: list(seen).index(item[0]))

    def kinds(self, user: str) -> list[str]:
        return [kind for _, kind in self.told(user)]

    def wait(self, what, timeout: float = 15):
        deadline = time.monotonic() + timeout
        while not (found := what()):
            assert time.monotonic() < deadline, [scene.envoy.tail(20) for scene in self.scenes]
            time.sleep(0.1)
        return found

    def said(self, words: str) -> bool:
        return any(words in line for scene in self.scenes for line in scene.envoy.lines)

    def close(self) -> None:
        for scene in self.scenes:
            scene.envoy.stop()
            scene.upstream.close()
        self.receiver.close()
