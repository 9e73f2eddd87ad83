"""Does `./build.sh demo` show what it promises, and does it leave nothing behind?"""

import os
import random
import signal
import socket
import subprocess
import sys
import time

import pytest

from lab.bootstrap import ROOT


@pytest.fixture
def base():
    """The first of four free ports in a row, below those that the kernel hands out."""
    for _ in range(200):
        first = random.randrange(20_000, 32_000)
        if all(_free(port) for port in range(first, first + 4)):
            return first
    pytest.fail("no four free ports in a row")


@pytest.fixture
def demo(base):
    """Starts the demo with arguments; what is still running at the end of the test is ended."""
    started = []

    def start(*arguments):
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "lab.demo", "--port-base", str(base), *arguments],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT / "envoy"), "PYTHONUNBUFFERED": "1"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=20)


def test_it_plays_the_story_and_ends(demo, base):
    process = demo()
    output, _ = process.communicate(timeout=90)
    assert process.returncode == 0, output
    for text in (
        "mallory rose by",
        "Webhook  signature valid",
        "Slack",
        "PagerDuty",
        "E-mail",
        "riskctl check envoy/envoy.yaml",
    ):
        assert text in output
    assert "\x1b" not in output, "colours on what is not a terminal"
    assert _all_free_again(base)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"])
def test_kept_it_runs_until_it_is_ended_and_cleans_up(demo, base, number, code):
    process = demo("--keep")
    for line in process.stdout:
        if "Ctrl-C ends it" in line:
            break
    assert not _free(base)
    process.send_signal(number)
    assert process.wait(20) == code
    assert _all_free_again(base)


def test_ctrl_c_in_the_middle_cleans_up(demo, base):
    process = demo()
    for line in process.stdout:
        if "alice" in line:
            break
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    assert _all_free_again(base)


def test_a_port_in_use_is_named_with_the_mend(demo, base):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", base + 1))
        taken.listen()
        process = demo()
        output, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert (
        output
        == f"demo: port {base + 1} is in use; end what uses it, or take other ports: ./build.sh demo --port-base N\n"
    )


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _all_free_again(base: int, timeout: float = 5) -> bool:
    deadline = time.monotonic() + timeout
    while not all(_free(port) for port in range(base, base + 4)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
