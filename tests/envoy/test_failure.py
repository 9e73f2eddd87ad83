"""What does Envoy do when the module dies, and what is lost?"""

import json
import time

import pytest

from lab import bootstrap, client
from lab.bootstrap import ROOT, Bootstrap
from lab.scene import Scene

TRAP = ROOT / "target" / "test-modules" / "trap.wasm"


@pytest.fixture
def fragile(start):
    """The module with the feature trap-on-demand, under the example's failure policy."""
    return start(edit=lambda example: example.module(trap_module()), notify=[bootstrap.WEBHOOK])


def test_after_a_trap_the_filter_comes_back_with_all_scores(fragile, user):
    assert fragile.attack(client.TEST, user)["increase"] == 8
    assert trap(fragile, user) == 503
    assert set(until_back(fragile)) <= {200, 503}
    assert fragile.attack(client.TEST, user)["increase"] == 16
    assert len(fragile.receiver.wait(user, "webhook", timeout=20)) == 1


def test_traps_on_both_workers_leave_a_filter_that_notifies(fragile, user):
    assert {trap(fragile, user) for _ in range(8)} == {503}
    until_back(fragile)
    fragile.cross(user)
    assert len(fragile.receiver.wait(user, "webhook", timeout=20)) == 1


def test_a_trap_says_where_it_was(fragile, user):
    assert trap(fragile, user) == 503
    # The module's own names are stripped; the line is in what the panic says.
    deadline = time.monotonic() + 10
    while not any("panicked at src/filter/host/trap.rs:" in line for line in list(fragile.envoy.lines)):
        assert time.monotonic() < deadline, list(fragile.envoy.lines)[-20:]
        time.sleep(0.05)


@pytest.fixture(scope="module")
def mortal():
    """An Envoy whose VMs die, one after the other, for whatever test asks for it."""
    example = Bootstrap().module(trap_module())
    # Few records are looked through in two seconds; a hundred thousand take a minute.
    example.settings.update(memory={"users": 64}, notify=[bootstrap.channel(bootstrap.WEBHOOK, timeout="1s")])
    with Scene(example) as scene:
        yield scene


@pytest.mark.parametrize(
    "place, tries, most",
    [
        # Recorded, and not yet in the outbox: whoever looks through the records next hands it on.
        ("messages", 1, 8),
        # In the outbox, and in no channel's queue.
        ("index", 1, 8),
        # The right to send was granted, and nothing sent: it ends after the time of a try and five seconds.
        ("sending", 1, 12),
        # Sent, and the answer never noted: at least once is twice here.
        ("answered", 2, 12),
    ],
)
def test_a_vm_that_dies_on_the_way_of_a_message_loses_none(mortal, user, place, tries, most):
    scene = mortal
    scene.attack(client.TEST, user)
    began = time.time()
    statuses = {scene.client.send(client.TEST, user, headers=[("x-user-risk-trap", place)]).status}
    assert statuses == ({503} if place in ("messages", "index") else {200}), "it died where it was to die"
    received = scene.receiver.wait(user, "webhook", count=tries, timeout=40)
    assert received[-1].at - began < most + 5
    # Whoever was still to send it has, and another message gets through.
    if place in ("sending", "answered"):
        time.sleep(max(0.0, began + 7 - time.time()))
    until_answered(scene)
    after = client.fresh_user("after")
    for _ in range(2):
        scene.attack(client.TEST, after)
    scene.receiver.wait(after, "webhook", timeout=20)
    received = scene.receiver.about(user, "webhook")
    assert len(received) == tries
    assert len({request.header("webhook-id") for request in received}) == 1
    assert len({json.loads(request.body)["data"]["id"] for request in received}) == 1


def trap_module():
    if not TRAP.is_file():
        pytest.fail(f"{TRAP.relative_to(ROOT)} is missing: ./build.sh test makes it")
    return TRAP


def until_answered(scene) -> None:
    """Until both workers answer again, whichever VM it was that died."""
    deadline = time.monotonic() + 20
    good = 0
    while good < 20:
        assert time.monotonic() < deadline, "the filter did not come back"
        good = good + 1 if scene.client.send("/").status == 200 else 0
        time.sleep(0.02)


def trap(scene, user) -> int:
    return scene.client.send("/", user, headers=[("x-user-risk-trap", "now")]).status


def until_back(scene) -> list[int]:
    """The statuses until Envoy has made a new VM and both workers answer, which takes it a second or so.

    Requests go to either worker, so that one good answer proves little; Envoy makes the VM only when one asks for it.
    """
    deadline = time.monotonic() + 20
    statuses: list[int] = []
    while not (
        statuses[-20:] == [200] * 20 and scene.envoy.stats("wasm.user_risk_filter.vm_reload_success").popitem()[1]
    ):
        assert time.monotonic() < deadline, f"the filter did not come back: {statuses}"
        statuses.append(scene.client.send("/").status)
        time.sleep(0.05)
    return statuses
