"""Does the filter keep its promises under fire: four workers, thousands of users at once, reloads in the middle of it?

A few minutes; ./build.sh test soak runs it, --minutes N for longer. The clients are tests/host/src/bin/storm.rs.
"""

import contextlib
import http.client
import json
import os
import pathlib
import random
import subprocess
import time

import pytest

from lab import bootstrap
from lab.bootstrap import ROOT, SECRETS, Dynamic
from lab.client import Client
from lab.receiver import channel_of
from lab.scene import Scene

STORM = ROOT / "target" / "host" / "release" / "storm"
TOKEN = "a-token-for-the-laboratory-only"
WORKERS = 4
MINUTES = float(os.environ.get("SOAK_MINUTES", "0"))
pytestmark = pytest.mark.skipif(not MINUTES, reason="minutes of full load: ./build.sh test soak")

#: Users that race, and what each of them does: different acts, of one or two rules each.
USERS = int(2_000 * min(MINUTES, 5))
ACTS = [
    *[f"/search?q={n}'%20UNION%20SELECT%20password%20FROM%20users--" for n in range(5)],
    *[f"/ping?host=;cat%20/etc/passwd%23{n}" for n in range(5)],
    *[f"/comment?text=%3Cscript%3Ealert({n})%3C/script%3E" for n in range(5)],
    *[f"/login?name=$%7Bjndi:ldap://x/a{n}%7D" for n in range(5)],
]
#: More than the records that are kept.
KEPT = 4_096
#: The most bytes of a record (docs/configuration.md).
RECORD = 8_192
INVENTED = int(100_000 * min(MINUTES, 10))
VOUCHED = 200
#: Seconds of requests, in which the configuration changes four times.
LOAD = 75


@pytest.fixture
def soak(tmp_path):
    """Starts an Envoy with four workers, a second listener for the console, and listeners that can be changed."""
    running = []

    def start(**settings):
        example = Dynamic(tmp_path)
        # That so many users attack from one address would be an incident of the address.
        crowded = {"rules": {"session.many-users": "off", "session.user-sweep": "off"}}
        example.settings.update(settings | {"admin": {"token_env": "USER_RISK_ADMIN_TOKEN"}, "detect": crowded})
        example.plugin["vm_config"]["environment_variables"]["host_env_keys"].append("USER_RISK_ADMIN_TOKEN")
        example.manager["route_config"]["virtual_hosts"][0]["routes"].insert(
            0, {"match": {"prefix": "/"}, "direct_response": {"status": 200}}
        )
        ops = json.loads(json.dumps(example.tree["static_resources"]["listeners"][0]))
        ops |= {"name": "ops", "metadata": {"filter_metadata": {"user-risk": {"admin": True}}}}
        example.tree["static_resources"]["listeners"].append(ops)
        before, os.environ["ENVOY_CONCURRENCY"] = os.environ.get("ENVOY_CONCURRENCY"), str(WORKERS)
        try:
            scene = Scene(example, channels=("webhook",), secrets=SECRETS | {"USER_RISK_ADMIN_TOKEN": TOKEN})
        finally:
            os.environ.pop("ENVOY_CONCURRENCY") if before is None else os.environ.update(ENVOY_CONCURRENCY=before)
        scene.example, scene.port = example, scene.envoy.port_of("edge")
        scene.client = Client(scene.port)
        scene.ops = http.client.HTTPConnection("127.0.0.1", scene.envoy.port_of("ops"), timeout=20)
        running.append(scene)
        return scene

    yield start
    for scene in running:
        scene.ops.close()
        scene.__exit__()


def test_of_racing_events_none_is_lost_or_counted_twice(soak):
    """Each user does the same acts in an order of its own, at all workers at once; one does them one after the other."""
    scene = soak(notify=[bootstrap.WEBHOOK])
    storm(scene, [(named("control"), path) for path in ACTS], connections=1)
    racing = []
    for first in range(0, USERS, 50):
        some = [(named(f"racer-{n}"), path) for n in range(first, min(first + 50, USERS)) for path in ACTS]
        random.Random(first).shuffle(some)
        racing += some
    assert storm(scene, racing) == {"200": len(racing)}
    expected = summary(user(scene, "control"))
    assert expected["increase"] > 10 and len(expected["rules"]) >= 4, expected
    found = {number: summary(user(scene, f"racer-{number}")) for number in range(USERS)}
    wrong = {number: one for number, one in found.items() if one != expected}
    assert not wrong, f"{len(wrong)} of {USERS}, not {expected}: {list(wrong.items())[:3]}"
    assert scene.envoy.counter("incidents_opened_total") == USERS + 1, "each crossed once"
    time.sleep(1)  # The storm's last second has no line left for one more attack.
    scene.assert_healthy()


def test_invented_users_displace_no_vouched_one_and_memory_is_bounded(soak):
    scene = soak(user={"sources": [{"header": "x-user-id"}, {"cookie": "sid"}]}, memory={"users": KEPT})
    vouched = [f"vouched-{n}" for n in range(VOUCHED)]
    storm(scene, [(named(name), ACTS[0]) for name in vouched])
    before = {name: summary(user(scene, name)) for name in vouched}
    assert all(one["increase"] == 8 for one in before.values())
    # The first of them fill what there is.
    storm(scene, [(f"cookie: sid=first-{n}", ACTS[n % 20]) for n in range(4 * KEPT)])
    filled = resident(scene)
    invented = [(f"cookie: sid=invented-{n}", ACTS[n % 20]) for n in range(INVENTED)]
    assert storm(scene, invented) == {"200": INVENTED}
    assert {name: summary(user(scene, name)) for name in vouched} == before
    grown = resident(scene) - filled
    assert grown < KEPT * RECORD, f"{grown / 1e6:.1f} MB more after {INVENTED} more users"
    time.sleep(1)
    scene.assert_healthy()


def test_of_a_burst_each_attack_has_a_line_or_is_counted(soak):
    scene = soak(notify=[bootstrap.WEBHOOK])
    users = [f"burst-{n}" for n in range(60)]
    storm(scene, [(named(name), ACTS[0]) for name in users], connections=60)
    noisy = [(named("noisy"), f"{ACTS[0]}&n={n}") for n in range(2_000)]
    storm(scene, noisy + [(named(f"quiet-{n}"), ACTS[10]) for n in range(20)])
    time.sleep(3)
    lines = scene.envoy.events("malicious_request")
    told = {line["user"] for line in lines}
    assert set(users) <= told, f"{len(set(users) - told)} of 60 have no line"
    assert {f"quiet-{n}" for n in range(20)} <= told, "hidden by a noisy one"
    suppressed = scene.envoy.counter("log_lines_suppressed_total")
    assert len(lines) + suppressed == 60 + 2_000 + 20


def test_two_hundred_addresses_are_not_two_hundred_pages(soak):
    """Each crosses at once, within seconds."""
    scene = soak(user={}, notify=[bootstrap.SLACK, bootstrap.WEBHOOK])
    crowd = [(f"x-forwarded-for: 198.51.{n // 100}.{n % 100}", path) for n in range(200) for path in ACTS[:20:5]]
    storm(scene, crowd)
    time.sleep(5)
    opened = scene.envoy.counter("incidents_opened_total")
    slack = [request for request in scene.receiver.requests if channel_of(request) == "slack"]
    assert opened == 200
    assert 1 <= len(slack) <= 15, f"{len(slack)} messages in Slack for {opened} incidents"


def test_reloads_under_load_cost_no_request_and_no_point(soak, tmp_path):
    """Another threshold, a configuration that is refused, another module: each while requests come."""
    scene = soak(notify=[bootstrap.WEBHOOK])
    storm(scene, [(named("before"), path) for path in ACTS[::5]], connections=1)
    kept = summary(user(scene, "before"))
    module = tmp_path / "other.wasm"
    # An empty custom section: other bytes, so another VM; the same code.
    module.write_bytes(bootstrap.MODULE.read_bytes() + bytes([0, 2, 1, ord("x")]))
    everyone = [(named(f"user-{n}"), "/catalogue") for n in range(400)] + [(named(f"racer-{n}"), ACTS[n]) for n in range(20)]
    with subprocess.Popen(command(scene, 32, (LOAD,)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        running.stdin.write(lines_of(everyone))
        running.stdin.close()
        for number, change in enumerate(
            (
                lambda settings, _: settings.update(risk={"threshold": 12, "window": "24h"}),
                lambda settings, _: settings.update(risk={"threshold": "no number"}),
                lambda settings, _: settings.update(risk={"threshold": 14, "window": "24h"}),
                lambda _, plugin: plugin["vm_config"]["code"]["local"].update(filename=str(module)),
            )
        ):
            time.sleep(4)
            for plugin in plugins(scene.example):
                change(plugin["configuration"]["value"], plugin)
            scene.example.publish()
            counter = "lds.update_rejected" if number == 1 else "lds.update_success"
            wait_for(scene, counter, 1 if number == 1 else (2, 0, 3, 4)[number])
        assert running.poll() is None, f"the load of {LOAD} s ended before the changes: too slow a machine"
        statuses = json.loads(running.stdout.read())
    assert set(statuses) == {"200"}, statuses
    scene.ops.close()
    assert summary(user(scene, "before")) == kept
    assert len([line for line in scene.envoy.lines if "Function: proxy_" in line]) == 0


def named(name: str) -> str:
    return f"x-user-id: {name}"


def plugins(example) -> list[dict]:
    """The filter's configuration in each listener."""
    listeners = example.tree["static_resources"]["listeners"]
    filters = [f for one in listeners for f in one["filter_chains"][0]["filters"][0]["typed_config"]["http_filters"]]
    return [f["typed_config"]["config"] for f in filters if f["name"] == "envoy.filters.http.wasm"]


def wait_for(scene, counter: str, value: int, timeout: float = 60) -> None:
    deadline = time.monotonic() + timeout
    while True:
        # While Envoy compiles a module its main thread has no time for the admin interface; the workers go on.
        with contextlib.suppress(TimeoutError):
            if sum(scene.envoy.stats(counter).values()) >= value:
                return
        assert time.monotonic() < deadline, f"{counter} is not {value}; {scene.envoy.tail()}"
        time.sleep(0.1)


def resident(scene) -> int:
    """Bytes of memory that Envoy holds."""
    return int(pathlib.Path(f"/proc/{scene.envoy.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def command(scene, connections: int, seconds=()) -> list[str]:
    return [str(STORM), str(scene.port), str(connections), *map(str, seconds)]


def lines_of(requests) -> str:
    return "\n".join(f"{header}\t{path}" for header, path in requests)


def storm(scene, requests, connections=64) -> dict[str, int]:
    """How often each status came. Returns in another second than the storm's last, so with a new budget of log lines."""
    done = subprocess.run(command(scene, connections), input=lines_of(requests), capture_output=True, text=True, check=True)
    time.sleep(1 - time.time() % 1)
    return json.loads(done.stdout)


def user(scene, name: str) -> dict:
    """The console's view of the user."""
    scene.ops.request("GET", f"/.user-risk/user?user={name}", headers={"authorization": f"Bearer {TOKEN}"})
    return json.loads(scene.ops.getresponse().read())


def summary(view: dict) -> dict:
    """What may not depend on the order of events."""
    rules = {rule["rule"]: (rule["count"], rule["points"]) for rule in view.get("rules", [])}
    incident = view.get("incident") or {}
    return {"increase": view.get("increase"), "hours": sum(view.get("hours", [])), "rules": rules, "band": incident.get("band")}
