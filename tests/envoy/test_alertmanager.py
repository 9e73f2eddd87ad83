"""Does a real Alertmanager hold the right alerts, and notify its receivers, from the opening to the end?"""

import contextlib
import datetime
import json
import os
import pathlib
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request

import pytest

from lab import client
from lab.bootstrap import ROOT, Bootstrap
from lab.receiver import Receiver
from lab.scene import Scene
from lab.wire import Answer

#: Seconds: long enough for five attacks on a slow machine.
WINDOW = 20
#: `repeat_interval` and what is added for clocks and tries.
AFTER = 4 * 3600 + 15 * 60


@pytest.fixture(scope="module")
def program() -> str:
    own = ROOT / "target" / "tools" / "alertmanager" / "alertmanager"
    found = os.environ.get("ALERTMANAGER") or (str(own) if own.is_file() else None)
    found = found or shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if not found:
        pytest.skip("no Alertmanager: ./build.sh test envoy brings Debian's where apt-get is, or set ALERTMANAGER")
    return found


class Alertmanager:
    """A real one, below a path of its own, that notifies a receiver of ours at once."""

    def __init__(self, program: str, folder: pathlib.Path, receiver: Receiver):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        route = {
            "receiver": "lab",
            "group_by": ["user", "severity"],
            "group_wait": "100ms",
            "group_interval": "1s",
            "repeat_interval": "1h",
        }
        hook = {"url": f"http://127.0.0.1:{receiver.port}/from-alertmanager", "send_resolved": True}
        # JSON is YAML.
        configuration = {"route": route, "receivers": [{"name": "lab", "webhook_configs": [hook]}]}
        (folder / "alertmanager.yaml").write_text(json.dumps(configuration))
        self._log = (folder / "alertmanager.log").open("w")
        self._process = subprocess.Popen(
            [
                program,
                f"--config.file={folder / 'alertmanager.yaml'}",
                f"--storage.path={folder}",
                f"--web.listen-address=127.0.0.1:{self.port}",
                "--web.route-prefix=/prefix",
                "--cluster.listen-address=",
            ],
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        for _ in range(150):
            with contextlib.suppress(OSError):
                self.alerts("")
                return
            time.sleep(0.1)
        raise TimeoutError((folder / "alertmanager.log").read_text())

    def alerts(self, user: str) -> list[dict]:
        """What it holds of a user: alerts that are over are not among it."""
        query = urllib.parse.urlencode({"filter": f'user="{user}"'})
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/prefix/api/v2/alerts?{query}", timeout=5) as answer:
            return json.load(answer)

    def wait(self, user: str, severities: list[str], timeout: float) -> list[dict]:
        deadline = time.monotonic() + timeout
        while (found := [alert["labels"]["severity"] for alert in self.alerts(user)]) != severities:
            assert time.monotonic() < deadline, f"it has {found}, not {severities}"
            time.sleep(0.1)
        return self.alerts(user)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        self._log.close()


@pytest.fixture(scope="module")
def held(program, tmp_path_factory):
    receiver = Receiver()
    receiver.always["other"] = Answer(200)
    alertmanager = Alertmanager(program, tmp_path_factory.mktemp("alertmanager"), receiver)
    example = Bootstrap().cluster("alertmanager", alertmanager.port)
    example.settings.update(
        risk={"threshold": 10, "window": f"{WINDOW}s"},
        service={"name": "shop", "environment": "production", "runbook_url": "https://wiki.example.com/risk"},
        notify=[
            {
                "alertmanager": {
                    "cluster": "alertmanager",
                    "url": f"http://127.0.0.1:{alertmanager.port}/prefix",
                    "authorization": "Bearer only-in-the-laboratory",
                }
            }
        ],
    )
    try:
        with Scene(example, receiver=receiver, channels=()) as scene:
            yield scene, alertmanager
    finally:
        alertmanager.stop()


def test_an_alert_lives_as_long_as_its_incident(held, user):
    scene, alertmanager = held
    scene.cross(user)
    opened = scene.envoy.wait_event("incident_opened", user=user)
    (alert,) = alertmanager.wait(user, ["warning"], timeout=5)
    labels = alert["labels"]
    assert labels == {
        "alertname": "UserRisk",
        "severity": "warning",
        "user": user,
        "user_key": labels["user_key"],
        "source": "header:x-user-id",
        "service": "shop",
        "environment": "production",
    }
    assert alert["status"]["state"] == "active"
    assert user in alert["annotations"]["summary"]
    assert alert["annotations"]["incident"] == opened["id"]
    assert alert["annotations"]["runbook_url"] == "https://wiki.example.com/risk"
    starts, ends = (datetime.datetime.fromisoformat(alert[name].replace("Z", "+00:00")) for name in ("startsAt", "endsAt"))
    assert (ends - starts).total_seconds() == WINDOW + AFTER

    until_notified(scene, user, ("firing", "warning"))

    # Into the next band: the alert of the lower one is over.
    scene.attack(client.JNDI, user)
    (alert,) = alertmanager.wait(user, ["error"], timeout=5)
    assert alert["labels"] == labels | {"severity": "error"}
    until_notified(scene, user, ("firing", "warning"), ("resolved", "warning"), ("firing", "error"))

    # The end, though nobody comes back: long before the alert would have ended by itself.
    alertmanager.wait(user, [], timeout=WINDOW + 10)
    until_notified(scene, user, ("firing", "warning"), ("resolved", "warning"), ("firing", "error"), ("resolved", "error"))


def until_notified(scene, user: str, *expected: tuple[str, str], timeout: float = 15) -> None:
    deadline = time.monotonic() + timeout
    while sorted(notified(scene, user)) != sorted(expected):
        assert time.monotonic() < deadline, notified(scene, user)
        time.sleep(0.1)


def notified(scene, user: str) -> list[tuple[str, str]]:
    """What Alertmanager notified its receivers of about the user: each change once, and nothing of bands that never were."""
    bodies = [json.loads(request.body) for request in scene.receiver.about(user, "other")]
    alerts = [alert for body in bodies for alert in body["alerts"]]
    return list(dict.fromkeys((alert["status"], alert["labels"]["severity"]) for alert in alerts))
