"""What do the tests share? One Envoy, a way to start another, and the vendors' documents."""

import os
import pathlib

import pytest

from lab import bootstrap
from lab.bootstrap import ROOT, Bootstrap
from lab.client import fresh_user
from lab.scene import Scene


@pytest.fixture(scope="session")
def scene():
    """The example configuration, with routes that can also fail to match; the users are each test's own."""
    example = Bootstrap()
    routes = example.manager["route_config"]["virtual_hosts"][0]["routes"]
    routes[0]["match"]["headers"] = [{"name": "x-no-route", "present_match": True, "invert_match": True}]
    routes.insert(0, {"match": {"prefix": "/direct"}, "direct_response": {"status": 200}})
    with Scene(example) as running:
        yield running


@pytest.fixture
def running():
    """Takes what has a `close`, and gives it back; it is closed with the test, the newest first."""
    things = []
    yield lambda thing: things.append(thing) or thing
    for thing in reversed(things):
        thing.close()


@pytest.fixture
def start():
    """Starts an Envoy of the test's own: `start(notify=[...], risk={...}, receiver=...)`; it ends with the test."""
    running = []

    def start_one(*, edit=None, receiver=None, secrets=None, channels=("webhook",), **settings):
        example = Bootstrap()
        example.settings.update(settings or {"notify": [bootstrap.WEBHOOK]})
        if edit:
            edit(example)
        running.append(Scene(example, receiver=receiver, secrets=secrets, channels=channels))
        return running[-1]

    yield start_one
    for one in running:
        one.__exit__()


@pytest.fixture
def user():
    """A user whom no other test knows."""
    return fresh_user()


NO_SPECS = "the vendors' API documents are not beside this checkout (set URF_SPECS=/path/to/specs)"


@pytest.fixture(scope="session")
def specs() -> pathlib.Path:
    """The folder with the vendors' API documents."""
    folder = pathlib.Path(os.environ.get("URF_SPECS") or ROOT.parent / "shared" / "specs")
    if not folder.is_dir():
        pytest.skip(NO_SPECS)
    return folder


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter):
    """At the very end one line says how many tests had no document to compare with."""
    result = yield
    skipped = terminalreporter.getreports("skipped")
    if number := sum(NO_SPECS in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(f"{number} tests skipped: {NO_SPECS}", yellow=True, bold=True)
    return result
