"""Is an attack the same incident before an application in any language? The five of examples/apps, behind their own Envoy."""

import pathlib
import shutil
import socket
import subprocess
import time

import pytest
import yaml

from lab import client
from lab.bootstrap import ROOT
from lab.client import Client
from lab.proxy import Envoy

APPS = ROOT / "examples" / "apps"
EXPRESS = ROOT / "target" / "tools" / "express" / "node_modules"


def _python() -> str | None:
    """A Python with Flask, this one or the system's."""
    for python in (shutil.which("python3"), "/usr/bin/python3"):
        if python and subprocess.run([python, "-c", "import flask"], capture_output=True).returncode == 0:
            return python
    return None


def _node() -> bool:
    return bool(shutil.which("node")) and (EXPRESS / "express").is_dir()


def _ruby() -> bool:
    ruby = shutil.which("ruby")
    return bool(ruby) and subprocess.run([ruby, "-e", "require 'sinatra/base'; require 'webrick'"], capture_output=True).returncode == 0


#: The command of each language, and how to get its runtime where it is not here. `{port}` is filled in.
COMMANDS = {
    "ruby": (["ruby", "app.rb"] if _ruby() else None, "apt install ruby-sinatra ruby-webrick"),
    "node": (["node", "app.js"] if _node() else None, "./build.sh test envoy brings Express where npm is"),
    "php": (["php", "-S", "127.0.0.1:{port}", "index.php"] if shutil.which("php") else None, "apt install php-cli"),
    "python": ([_python(), "app.py"] if _python() else None, "apt install python3-flask"),
    "java": (["java", "App.java"] if shutil.which("java") else None, "apt install default-jdk-headless"),
}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class _Example:
    """examples/apps/envoy.yaml on free ports, as the lab's Envoy takes it."""

    def __init__(self, ports: dict[str, int]):
        self.tree = yaml.safe_load((APPS / "envoy.yaml").read_text())
        listener = self.tree["static_resources"]["listeners"][0]
        for address in (self.tree["admin"]["address"], listener["address"]):
            address["socket_address"]["port_value"] = 0
        # By its id a line of the log is found; Envoy would give a request from outside another one.
        manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
        manager["preserve_external_request_id"] = True
        for cluster in self.tree["static_resources"]["clusters"]:
            endpoint = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]
            endpoint["address"]["socket_address"]["port_value"] = ports[cluster["name"]]

    def text(self) -> str:
        return yaml.safe_dump(self.tree)


@pytest.fixture(scope="module")
def apps():
    """All applications whose runtime is here, and Envoy before them."""
    ports, running = {language: _free_port() for language in COMMANDS}, []
    try:
        for language, (command, _) in COMMANDS.items():
            if command:
                command = [part.format(port=ports[language]) for part in command]
                environment = {"PORT": str(ports[language]), "PATH": "/usr/local/bin:/usr/bin:/bin", "NODE_PATH": str(EXPRESS)}
                where = pathlib.Path(APPS / language)
                running.append(
                    subprocess.Popen(command, cwd=where, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                )
        with Envoy(_Example(ports)) as envoy:
            yield ports, envoy
    finally:
        for process in running:
            process.terminate()
            process.wait(10)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60  # A JVM compiles first, and the machine may be busy.
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "the application does not listen"
            time.sleep(0.1)


@pytest.mark.parametrize("language", COMMANDS)
def test_the_same_attack_is_the_same_incident(apps, language):
    command, install = COMMANDS[language]
    if not command:
        pytest.skip(f"there is no {language} for this: {install}")
    (ports, envoy), user = apps, client.fresh_user(language)
    _wait(ports[language])
    web = Client(envoy.port)
    address = f"198.51.100.{list(COMMANDS).index(language) + 1}"
    # What the load balancer saw is the last one.
    beside = [("host", f"{language}-app.example"), ("x-forwarded-for", f"203.0.113.9, {address}")]

    def send(path, user=None, form=None, status=200):
        kind = [("content-type", "application/x-www-form-urlencoded")] if form else []
        body, method = (form.encode(), "POST") if form else (None, "GET")
        reply = web.send(path, user, headers=beside + kind, body=body, method=method)
        assert reply.status == status, f"{path}: {reply.status}"
        assert not any(name == "x-user-risk-event" for name, _ in reply.headers), "the header is for the filter alone"
        return reply

    def rules(reply):
        return {rule["rule"] for rule in envoy.wait_event("malicious_request", request_id=reply.request_id)["rules"]}

    assert "sqli.union-select" in rules(send("/search?q=1'+union+select+1,2--", user))
    assert "application.checkout.abuse" in rules(send("/checkout", user, "coupon=STOLEN"))
    incident = envoy.wait_event("incident_opened", user=user)
    assert incident["increase"] > 10 and {"sqli.union-select"} <= {rule["rule"] for rule in incident["rules"]}
    for attempt in range(5):
        reply = send("/login", None, f"username=anna{attempt % 2}&password=wrong{attempt}", status=401)
    assert rules(reply) & {"login.failures", "login.names"}
    send("/login", None, "username=anna&password=correct+horse")
    send("/upload", None, "file=" + "a" * 1000, status=201)
