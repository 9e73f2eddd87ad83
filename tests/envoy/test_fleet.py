"""Are three Envoys with one store one filter? With real servers, killed, silenced, emptied and refusing."""

import concurrent.futures
import os
import socketserver
import subprocess
import sys
import threading
import time

import pytest

from lab import client, store
from lab.bootstrap import ROOT
from lab.client import fresh_user
from lab.fleet import Fleet
from lab.wire import Answer

PROGRAMS = store.programs()

pytestmark = pytest.mark.skipif(not PROGRAMS, reason="no redis-server and no valkey-server; set REDIS_SERVER")

#: How many race; FLEET_USERS takes more or fewer.
USERS = int(os.environ.get("FLEET_USERS", "200"))

ATTACKS = [client.SQLI, client.SHELL, client.JNDI, client.XSS]
#: That so many users attack from one address would be an incident of the address.
CROWDED = {"detect": {"rules": {"session.many-users": "off", "session.user-sweep": "off"}}}


@pytest.fixture(params=sorted(PROGRAMS))
def server(request):
    running = store.Store(PROGRAMS[request.param])
    yield running
    running.close()


@pytest.fixture
def fleet():
    running = []

    def start(port: int, **options) -> Fleet:
        running.append(Fleet(port, **options))
        return running[-1]

    yield start
    for one in running:
        one.close()


def test_one_user_attacks_each_proxy_once_and_one_page_arrives(server, fleet):
    one = fleet(server.port)
    user = fresh_user()
    for scene, attack in zip(one.scenes, ATTACKS):
        scene.attack(attack, user)
    one.wait(lambda: "opened" in one.kinds(user))
    one.wait(lambda: any(scene.envoy.events("incident_updated") for scene in one.scenes))
    time.sleep(2)
    # Whoever won the swap sends, so two proxies do, and either message may be first.
    assert sorted(one.kinds(user)) == ["opened", "updated"], one.told(user)
    assert sum(len(scene.envoy.events("incident_opened")) for scene in one.scenes) == 1
    assert any(key.endswith(":feed") for key in server.keys())
    # Another proxy takes the place of one; the next attack still counts.
    one.kill(2)
    one.replace(2)
    event = one.scenes[2].attack(client.XSS, user)
    assert event["points"] > 0
    one.wait(lambda: one.scenes[2].envoy.counter("store_merges_total") > 0)
    assert one.kinds(user).count("opened") == 1


def test_a_thousand_users_race_on_all_proxies_and_each_opens_exactly_once(server, fleet):
    one = fleet(server.port, settings=CROWDED)

    def events() -> int:
        return sum(scene.envoy.counter("events_total") for scene in one.scenes)

    # Each as another user, so that none of them opens an incident.
    for scene, attack in zip(one.scenes, ATTACKS):
        scene.attack(attack, fresh_user("alone"))
    each = events()
    users = [fresh_user("race") for _ in range(USERS)]
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        sends = [
            pool.submit(scene.client.send, attack, user)
            for user in users
            for scene, attack in zip(one.scenes, ATTACKS)
        ]
        assert all(send.result().status == 200 for send in sends)

    def opened() -> dict[str, int]:
        counts: dict[str, int] = {}
        for scene in one.scenes:
            for event in scene.envoy.events("incident_opened"):
                counts[event["user"]] = counts.get(event["user"], 0) + 1
        return {user: count for user, count in counts.items() if user in users}

    one.wait(lambda: len(opened()) >= len(users), 90)
    one.wait(lambda: all(scene.envoy.counter("store_waiting_users") == 0 for scene in one.scenes), 60)
    time.sleep(3)
    assert set(opened().values()) == {1}
    assert sum(scene.envoy.counter("incidents_opened_total") for scene in one.scenes) == len(users)
    assert events() == each * (len(users) + 1)


def test_a_proxy_killed_between_swap_and_post_is_told_for_by_another(server, fleet):
    one = fleet(server.port)
    user = fresh_user()
    one.scenes[0].attack(client.SQLI, user)
    feed = one.wait(lambda: next((key for key in server.keys() if key.endswith(":calls")), None)).replace(":calls", ":feed")
    one.scenes[0].attack(client.SHELL, user)
    deadline = time.monotonic() + 15
    while server.raw(b"XLEN", feed.encode()) == b":0\r\n":
        assert time.monotonic() < deadline
    one.kill(0)
    one.wait(lambda: "opened" in one.kinds(user), 90)
    time.sleep(3)
    assert one.kinds(user) == ["opened"], one.told(user)


def test_a_proxy_killed_before_it_sends_loses_nothing(server, fleet):
    one = fleet(server.port)
    one.receiver.always["webhook"] = Answer(503)
    user = fresh_user()
    one.scenes[0].attack(client.SQLI, user)
    one.scenes[0].attack(client.SHELL, user)
    one.wait(lambda: one.kinds(user))
    one.kill(0)
    before = len(one.receiver.about(user, "webhook"))
    del one.receiver.always["webhook"]
    one.wait(lambda: len(one.receiver.about(user, "webhook")) > before, 60)
    assert one.kinds(user) == ["opened"], "the same message id"


def test_a_restarted_envoy_knows_open_incidents_within_two_seconds(server, fleet):
    one = fleet(server.port)
    users = [fresh_user("known") for _ in range(20)]
    for user in users:
        one.scenes[0].client.send(client.SQLI, user)
        one.scenes[1].client.send(client.SHELL, user)
    one.wait(lambda: all("opened" in one.kinds(user) for user in users), 30)
    one.kill(2)
    one.replace(2)
    started = time.monotonic()
    one.wait(lambda: one.scenes[2].envoy.counter("store_merges_total") >= len(users), 10)
    assert time.monotonic() - started < 3
    greeting = next(line for line in one.scenes[2].envoy.lines if "runs with" in line)
    assert "shared through the cluster risk_store" in greeting


def test_two_configurations_at_once_in_the_middle_of_a_roll_out(server, fleet):
    one = fleet(server.port, proxies=2)
    later = {"risk": {"threshold": 30}, "detect": {"rules": {"xss": "off"}}}
    one.scenes.append(one.start(later))
    old, _, new = one.scenes
    # Two attacks are above the old threshold and below the new one: the proxy of the newest event decides.
    first, second = fresh_user("first"), fresh_user("second")
    new.attack(client.SQLI, first)
    new.attack(client.SHELL, first)
    old.attack(client.SQLI, second)
    one.wait(lambda: sum(":u:" in key for key in server.keys()) >= 2)
    new.attack(client.SHELL, second)
    time.sleep(4)
    assert one.kinds(first) == one.kinds(second) == []
    old.attack(client.JNDI, first)
    one.wait(lambda: "opened" in one.kinds(first))
    # What the new one does not look for counts where another saw it.
    new.client.send(client.XSS, second)
    assert old.attack(client.XSS, second)["user"] == second
    one.wait(lambda: "opened" in one.kinds(second))
    # The roll-out goes on: nobody is told again, and all is known.
    for number in (0, 1):
        one.kill(number)
        one.replace(number, later)
    one.scenes[0].attack(client.JNDI, second)
    time.sleep(3)
    assert [one.kinds(user).count("opened") for user in (first, second)] == [1, 1]
    assert not one.said("store of the fleet fails")


def test_a_store_that_hangs_stops_no_traffic_and_afterwards_all_is_merged(server, fleet):
    one = fleet(server.port)
    user = fresh_user()
    time.sleep(1)
    server.silence()
    started = time.monotonic()
    one.scenes[0].attack(client.SQLI, user)
    one.scenes[0].attack(client.SHELL, user)
    assert time.monotonic() - started < 2
    one.wait(lambda: "opened" in one.kinds(user), 6)
    one.wait(lambda: one.said("store of the fleet fails"))
    other = fresh_user()
    one.scenes[1].attack(client.SQLI, other)
    server.wake()
    one.scenes[2].attack(client.SHELL, other)
    one.wait(lambda: "opened" in one.kinds(other), 60)
    one.wait(lambda: one.said("answers again"), 60)
    assert one.kinds(user).count("opened") == 1


@pytest.mark.parametrize("with_data", [True, False])
def test_a_store_that_restarts_with_its_data_or_without(server, fleet, with_data):
    one = fleet(server.port)
    user = fresh_user()
    one.scenes[0].attack(client.SQLI, user)
    one.wait(lambda: any(":u:" in key for key in server.keys()))
    server.kill() if with_data else server.forget()
    server.start()
    one.scenes[1].attack(client.SHELL, user)
    one.wait(lambda: "opened" in one.kinds(user), 150)
    assert one.kinds(user).count("opened") == 1


def test_a_store_that_is_emptied_is_filled_again(server, fleet):
    one = fleet(server.port)
    user = fresh_user()
    one.scenes[0].attack(client.SQLI, user)
    one.wait(lambda: any(":u:" in key for key in server.keys()))
    server.raw(b"FLUSHALL")
    one.wait(lambda: one.said("has lost data"))
    one.wait(lambda: any(":u:" in key for key in server.keys()), 150)


def test_the_demo_tells_its_story():
    command = [sys.executable, "-m", "lab.fleet_demo"]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT / "envoy")}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    story = ["one page arrives", "18 points together", "Envoy 1 is killed", "grows to 28 points", "messages in all: 2"]
    places = [done.stdout.find(part) for part in story]
    assert -1 not in places and places == sorted(places), done.stdout


def test_the_script_alone(server):
    script = (ROOT / "src" / "fleet" / "swap.lua").read_bytes()
    old, new = b"0123456789abcdef old", b"fedcba9876543210 new"

    def swap(*records: tuple[bytes, bytes, bytes], room: bytes = b"100", entry: bytes = b"") -> bytes:
        keys = [b"feed", *(key for key, _, _ in records)]
        rest = [word for _, expected, contents in records for word in (expected, contents, b"60000", entry)]
        return server.raw(b"EVAL", script, b"%d" % len(keys), *keys, room, b"10", *rest)

    rows = [
        ("a record that is expected to be absent is written", [(b"a", b"", old)], b"*1\r\n:1\r\n"),
        ("it is there now", [(b"a", b"", new)], b"*1\r\n$20\r\n" + old + b"\r\n"),
        ("the known version is written over", [(b"a", old[:16], new)], b"*1\r\n:1\r\n"),
        ("and only once", [(b"a", old[:16], new)], b"*1\r\n$20\r\n" + new + b"\r\n"),
        ("to read what is known says that it is so", [(b"a", new[:16], b"")], b"*1\r\n:1\r\n"),
        ("to read what is gone says that there is nothing", [(b"b", old[:16], b"")], b"*1\r\n$0\r\n\r\n"),
        ("each by itself", [(b"a", b"", old), (b"c", b"", old)], b"*2\r\n$20\r\n" + new + b"\r\n:1\r\n"),
    ]
    for name, records, expected in rows:
        assert swap(*records) == expected, name
    assert swap((b"a", b"", old), room=b"19") == b"*1\r\n:0\r\n", "no room in the answer"
    assert swap((b"a", b"", old), entry=b"x") and server.raw(b"XLEN", b"feed") == b":0\r\n"
    assert swap((b"d", b"", old), entry=b"x") and server.raw(b"XLEN", b"feed") == b":1\r\n", "only what is made is told"
    assert 0 < int(server.raw(b"PTTL", b"d")[1:]) <= 60000


REFUSALS = [
    (b"-NOAUTH Authentication required.\r\n", "password_env"),
    (b"-READONLY You can't write against a read only replica.\r\n", "primary"),
    (b"-OOM command not allowed when used memory > 'maxmemory'.\r\n", "maxmemory"),
    (b"-MOVED 866 10.0.0.1:6379\r\n", "Redis Cluster"),
    (b"-LOADING Redis is loading the dataset in memory\r\n", "loads its data"),
    (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no Redis or Valkey"),
    (b"", "ended too soon"),
    (b"$60000\r\n" + b"x" * 60000 + b"\r\n", ""),
    (b"$80000\r\n" + b"x" * 80000 + b"\r\n", ""),
    (b"*1\r\n" * 16000, "no Redis or Valkey"),
]


@pytest.mark.parametrize(("answer", "words"), REFUSALS, ids=[repr(answer[:12]) for answer, _ in REFUSALS])
def test_whatever_a_store_answers_the_traffic_goes_on_and_the_log_says_what_to_do(fleet, answer, words):
    class Mean(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.recv(1 << 20)
            self.request.sendall(answer * 3 if answer.startswith(b"-") else answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mean) as mean:
        mean.daemon_threads = True
        threading.Thread(target=mean.serve_forever, daemon=True).start()
        one = fleet(mean.server_address[1], proxies=1)
        user = fresh_user()
        one.scenes[0].attack(client.SQLI, user)
        one.scenes[0].attack(client.SHELL, user)
        one.wait(lambda: "opened" in one.kinds(user), 8)
        one.wait(lambda: one.said("store of the fleet fails") and one.said(words))
        one.scenes[0].assert_healthy()
        mean.shutdown()
