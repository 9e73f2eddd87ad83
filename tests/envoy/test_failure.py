"""What does Envoy do when the module dies, and what is lost?"""

import time

import pytest

from lab import bootstrap, client
from lab.bootstrap import ROOT

TRAP = ROOT / "target" / "test-modules" / "trap.wasm"


@pytest.fixture
def fragile(start):
    """The module with the feature trap-on-demand, under the example's failure policy."""
    if not TRAP.is_file():
        pytest.fail(f"{TRAP.relative_to(ROOT)} is missing: ./build.sh test makes it")
    return start(edit=lambda example: example.module(TRAP), notify=[bootstrap.WEBHOOK])


def test_after_a_trap_the_filter_comes_back_with_all_scores(fragile, user):
    assert fragile.attack(client.TEST, user)["increase"] == 8
    assert trap(fragile, user) == 503
    assert set(until_back(fragile)) <= {200, 503}
    assert fragile.attack(client.TEST, user)["increase"] == 16
    assert len(fragile.receiver.wait(user, "webhook", timeout=20)) == 1


def test_traps_on_both_workers_leave_a_filter_that_tells(fragile, user):
    assert {trap(fragile, user) for _ in range(8)} == {503}
    until_back(fragile)
    fragile.cross(user)
    assert len(fragile.receiver.wait(user, "webhook", timeout=20)) == 1


def test_a_trap_says_where_it_was(fragile, user):
    assert trap(fragile, user) == 503
    # The module's own names are stripped; the line is in what the panic says.
    deadline = time.monotonic() + 10
    while not any("panicked at src/filter/stream.rs:" in line for line in list(fragile.envoy.lines)):
        assert time.monotonic() < deadline, list(fragile.envoy.lines)[-20:]
        time.sleep(0.05)


def trap(scene, user) -> int:
    return scene.client.send("/", user, headers=[("x-user-risk-trap", "1")]).status


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
