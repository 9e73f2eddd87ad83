"""What happens when one user meets three proxies? Run by `./build.sh demo --fleet`."""

import sys
import time

from . import client, show, store
from .bootstrap import SECRETS, WEBHOOK, Bootstrap
from .proxy import EnvoyError
from .receiver import Receiver
from .scene import Scene

USER = "mallory"
STEPS = [("SQL injection in a search", client.SQLI), ("; cat /etc/passwd", client.SHELL), ("${jndi:ldap://…}", client.JNDI)]
PATIENCE = 20  # s


def main() -> int:
    programs = store.programs()
    if not programs:
        print("demo: no redis-server and no valkey-server here; set REDIS_SERVER=/path/to/one", file=sys.stderr)
        return 1
    name, program = next(iter(programs.items()))
    server, receiver, scenes = store.Store(program), Receiver(), []
    try:
        scenes += [_start(server.port, receiver) for _ in range(3)]
        return _play(name, server, receiver, scenes)
    except (EnvoyError, AssertionError) as error:
        print(f"{show.red('demo:')} {error}", file=sys.stderr)
        return 1
    finally:
        for scene in scenes:
            scene.envoy.stop()
            scene.upstream.close()
        receiver.close()
        server.close()


def _start(port: int, receiver: Receiver) -> Scene:
    example = Bootstrap().configure({"notify": [WEBHOOK]})
    store.share(example, port)
    return Scene(example, receiver=receiver, secrets=SECRETS | store.KEY, channels=("webhook",))


def _play(name: str, server: store.Store, receiver: Receiver, scenes: list[Scene]) -> int:
    show.title("user-risk-filter: one user, three proxies, one count")
    show.note(f"Three Envoys that share a {name} on port {server.port}. More than 10 points in 24 hours open an incident.")
    print()
    for number, (what, path) in enumerate(STEPS[:2]):
        _attack(number, scenes, what, path)
        time.sleep(1.5)
    receiver.wait(USER, "webhook", timeout=PATIENCE)
    opened = next(event for scene in scenes for event in scene.envoy.events("incident_opened"))
    print(f"\n  {show.green('one page arrives')}: {opened['increase']} points together, and no Envoy saw more than 10\n")
    scenes[0].envoy._process.kill()
    print("  Envoy 1 is killed, and what it remembered is gone with it")
    _attack(2, scenes, *STEPS[2])
    deadline = time.monotonic() + PATIENCE
    while not (updated := [event for scene in scenes[1:] for event in scene.envoy.events("incident_updated")]):
        assert time.monotonic() < deadline, "the third attack did not count"
        time.sleep(0.1)
    while len(receiver.about(USER, "webhook")) < 2:
        assert time.monotonic() < deadline, "nobody was told that the incident grew"
        time.sleep(0.1)
    pages = [request.header("webhook-id") for request in receiver.about(USER, "webhook")]
    assert len(pages) == len(set(pages)), "a message arrived twice"
    openings = sum(len(scene.envoy.events("incident_opened")) for scene in scenes)
    print(f"\n  the same incident grows to {updated[0]['increase']} points, what Envoy 1 saw included;")
    print(f"  messages in all: {len(pages)}, none of them twice. docs/fleet.md says how.\n")
    return 0 if openings == 1 else 1


def _attack(number: int, scenes: list[Scene], what: str, path: str) -> None:
    event = scenes[number].attack(path, USER)
    print(f"  Envoy {number + 1}   {USER}   {what:<28} +{event['points']:>2} points")


if __name__ == "__main__":
    sys.exit(main())
