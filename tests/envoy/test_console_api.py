"""Does the console's API do what docs/console.openapi.yaml says, also when it is asked for nonsense?"""

import json
import os
import subprocess
import sys

import openapi_spec_validator
import pytest
import yaml

from lab import bootstrap
from lab.bootstrap import ROOT, SECRETS, Bootstrap
from lab.client import Client
from lab.scene import Scene

TOKEN = "a-token-for-the-laboratory-only"
RISKCTL = ROOT / "target" / "release" / "riskctl"
DOCUMENT = ROOT / "docs" / "console.openapi.yaml"

#: The document says less than the console checks (spans, which of two parameters is needed). And some methods, such as QUERY, Envoy
#: itself answers, with 400.
EXCLUDED = ("negative_data_rejection", "positive_data_acceptance", "unsupported_method")


@pytest.fixture(scope="module")
def scene():
    example = Bootstrap()
    example.settings.update(mode="protect", notify=[bootstrap.WEBHOOK], links={"log": "https://logs.example.com/?q={request_id}"})
    example.with_console()
    with Scene(example, channels=("webhook",), secrets=SECRETS | {"USER_RISK_ADMIN_TOKEN": TOKEN}) as running:
        running.ops = Client(running.envoy.port_of("ops"))
        yield running


def test_the_document_is_valid():
    openapi_spec_validator.validate(yaml.safe_load(DOCUMENT.read_text()))


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "other"])
def test_a_wrong_method_is_told_the_right_one(scene, method):
    for path, item in yaml.safe_load(DOCUMENT.read_text())["paths"].items():
        (right,) = item
        wrong = {"get": "POST", "post": "GET"}[right] if method == "other" else method
        reply = scene.ops.send(f"/.user-risk{path}", method=wrong, headers=[("x-user-risk-token", TOKEN)])
        assert (reply.status, dict(reply.headers).get("allow")) == (405, {"get": "GET, HEAD", "post": "POST"}[right]), path


def test_answers_are_as_the_document_says(scene, tmp_path):
    """Schemathesis calls each operation with examples, with what is at the edges of its schemas, with what is beyond them and
    without a token, and compares status, headers and body with the document."""
    # Users who fit the document's examples, so that there is something to show.
    for user in ("4711", "0", "<img src=x onerror=alert(1)>"):
        scene.cross(user)
    flags = ["--seed", "1", "--max-examples", "40", "--workers", "1", "--no-color", "--suppress-health-check", "all"]
    done = subprocess.run(
        [
            *[sys.executable, "-m", "schemathesis.cli", "run", DOCUMENT, *flags],
            *["--url", f"http://127.0.0.1:{scene.ops.port}/.user-risk", "--header", f"x-user-risk-token: {TOKEN}"],
            *["--exclude-checks", ",".join(EXCLUDED)],
        ],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=tmp_path,  # It keeps what it found where it is started.
    )
    assert done.returncode == 0, done.stdout + done.stderr
    scene.assert_healthy()


def riskctl(scene, *arguments, token=TOKEN):
    console = f"http://127.0.0.1:{scene.ops.port}"
    environment = {**os.environ, "USER_RISK_ADMIN_TOKEN": token, "USER": "jo", "NO_COLOR": "1"}
    command = [RISKCTL, *arguments, "--console", console]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)


def test_riskctl_asks_and_gives_orders(scene, user):
    scene.cross(user)
    listed = riskctl(scene, "users")
    assert listed.returncode == 0 and user in listed.stdout, listed
    shown = riskctl(scene, "user", user)
    assert shown.returncode == 0 and "rce.command" in shown.stdout and "incident since" in shown.stdout, shown
    muted = riskctl(scene, "mute", user, "--for", "2h", "--why", "a pentest")
    assert "muted until" in muted.stdout, muted
    assert user in [one["user"] for one in json.loads(riskctl(scene, "muted", "--json").stdout)["muted"]]
    blocked = riskctl(scene, "block", "--id", json.loads(riskctl(scene, "user", user, "--json").stdout)["id"], "--for", "1h", "--why", "x")
    assert "blocked until" in blocked.stdout, blocked
    assert "blocked" not in riskctl(scene, "forgive", user, "--why", "x").stdout
    orders = [(event["order"], event["who"]) for event in scene.envoy.events("order") if event["user"] == user]
    assert orders == [("mute", "jo"), ("block", "jo"), ("forgive", "jo")]
    for arguments, code, why in [
        (("close", "nobody-of-this-name", "--why", "x"), 1, "nobody of this name"),
        (("block", user, "--for", "25h", "--why", "x"), 1, "at most 24h"),
    ]:
        refused = riskctl(scene, *arguments)
        assert (refused.returncode, why in refused.stderr) == (code, True), refused
    refused = riskctl(scene, "users", token="not-the-token-at-all")
    assert (refused.returncode, "not the console's token" in refused.stderr) == (2, True), refused
