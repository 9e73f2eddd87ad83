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
        event = scenes[number].attack(path, USER)
        print(f"  Envoy {number + 1}   {USER}   {what:<28} + {event['points']} points, {event['increase']} here")
        time.sleep(1.5)
    receiver.wait(USER, "webhook", timeout=PATIENCE)
    print(f"\n  {show.green('one page')}: neither proxy alone saw more than 10 points\n")
    scenes[0].envoy._process.kill()
    print("  Envoy 1 is killed")
    what, path = STEPS[2]
    event = scenes[2].attack(path, USER)
    print(f"  Envoy 3   {USER}   {what:<28} + {event['points']} points")
    deadline = time.monotonic() + PATIENCE
    while not any(scene.envoy.events("incident_updated") for scene in scenes[1:]):
        assert time.monotonic() < deadline, "the third attack did not count"
        time.sleep(0.1)
    pages = {request.header("webhook-id") for request in receiver.about(USER, "webhook")}
    opened = sum(len(scene.envoy.events("incident_opened")) for scene in scenes)
    print(f"\n  the incident grew; {opened} opening, {len(pages)} messages in all\n")
    return 0 if opened == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
