"""Does each channel see users only as it may, can operators look them up, and does the command in a notice work?"""

import copy
import json
import os
import shutil
import subprocess

import pytest

from lab import bootstrap, client
from lab.bootstrap import ROOT, SECRETS, Bootstrap
from lab.client import Client, fresh_user
from lab.scene import Scene

KEY, TOKEN = "the-key-of-all-hashes-of-the-laboratory", "a-token-for-the-laboratory-only"
CHANNELS = ("webhook", "slack", "pagerduty")


@pytest.fixture(scope="module")
def scene():
    """The webhook gets names, the others hashes; a console on a listener of its own."""
    example = Bootstrap()
    example.settings.update(
        key_env="USER_RISK_KEY",
        privacy={"users": "plain", "addresses": "prefix"},
        admin={"token_env": "USER_RISK_ADMIN_TOKEN"},
        links={"log": "https://logs.example.com/?q={request_id}", "user": "https://shop.example.com/users/{user}"},
        notify=[bootstrap.WEBHOOK, bootstrap.SLACK | {"users": "hashed"}, bootstrap.PAGERDUTY | {"users": "hashed"}],
    )
    example.plugin["vm_config"]["environment_variables"]["host_env_keys"] += ["USER_RISK_KEY", "USER_RISK_ADMIN_TOKEN"]
    listeners = example.tree["static_resources"]["listeners"]
    ops = copy.deepcopy(listeners[0])
    listeners.append(ops | {"name": "ops", "metadata": {"filter_metadata": {"user-risk": {"admin": True}}}})
    secrets = SECRETS | {"USER_RISK_KEY": KEY, "USER_RISK_ADMIN_TOKEN": TOKEN}
    with Scene(example, channels=CHANNELS, secrets=secrets) as running:
        running.client = Client(running.envoy.port_of("edge"))
        running.example = example
        yield running


def hashed(scene, user: str, tmp_path) -> str:
    """What `riskctl hash` says of the user, by the Envoy file that runs."""
    file = tmp_path / "envoy.yaml"
    file.write_text(scene.example.text())
    command = [ROOT / "target" / "release" / "riskctl", "hash", "--config", file, user]
    done = subprocess.run(command, env=os.environ | {"USER_RISK_KEY": KEY}, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_each_channel_calls_a_user_as_it_may_and_riskctl_knows_whom(scene, user, tmp_path):
    first, _ = scene.cross(user)
    digits = hashed(scene, user, tmp_path)
    assert (first["user"], first["notified_as"]) == (user, digits)
    named = scene.receiver.wait(user, "webhook")[0]
    data = json.loads(named.body)["data"]
    assert data["user"] == user
    # A named user's requests came from somewhere too: that much of it.
    assert data["addresses"] == ["127.0.0.0/24"] and b"127.0.0.1" not in named.body
    urls = [link["url"] for link in data["links"]]
    assert f"https://shop.example.com/users/{user}" in urls
    assert f"https://logs.example.com/?q={first['request_id']}" in urls
    for channel in ("slack", "pagerduty"):
        (request,) = scene.receiver.wait(f"User {digits} rose by", channel)
        assert user.encode() not in request.body and b"shop.example.com" not in request.body
    console = Client(scene.envoy.port_of("ops"))
    answer = console.send(f"/.user-risk/user?id={digits}", headers=[("authorization", f"Bearer {TOKEN}")])
    assert json.loads(answer.body)["user"] == user


def test_an_address_is_shown_by_its_prefix(scene):
    attacks = (client.SQLI, client.SHELL, client.JNDI, client.XSS, client.TEST, client.TEST)
    lines = [scene.attack(path, None) for path in attacks]
    assert {(line["user"], line["notified_as"]) for line in lines} == {("127.0.0.1", "127.0.0.0/24")}
    for channel in CHANNELS:
        (request,) = scene.receiver.wait("ddress 127.0.0.0/24 rose by", channel)
        assert b"127.0.0.1" not in request.body


def test_the_command_in_a_notice_mutes(scene, user):
    if not (bash := shutil.which("bash")) or not shutil.which("curl"):
        pytest.skip("curl and bash are not here: the command that notices bring was not run")
    scene.attack(client.TEST, user)
    scene.attack(client.TEST, user)
    command = json.loads(scene.receiver.wait(user, "webhook")[0].body)["data"]["mute"]
    assert TOKEN not in command
    console = f"http://127.0.0.1:{scene.envoy.port_of('ops')}"
    variables = {"PATH": os.environ["PATH"], "TOKEN": TOKEN, "CONSOLE": console, "USER": "jo"}
    done = subprocess.run([bash, "-uc", command], env=variables, capture_output=True, text=True, timeout=30)
    answer = json.loads(done.stdout)
    assert (answer["done"], answer["user"]["user"]) == ("mute", user), done.stderr
    order = scene.envoy.wait_event("order", user=user)
    assert (order["order"], order["for"], order["who"], order["why"]) == ("mute", "2h", "jo", "being looked into")


def test_hashed_without_a_key_is_refused(start):
    with pytest.raises(Exception, match="privacy.users: hashed needs key_env"):
        start(privacy={"users": "hashed"}, notify=[bootstrap.WEBHOOK])


def test_where_all_is_hashed_the_log_has_no_name(start):
    def with_key(example):
        example.plugin["vm_config"]["environment_variables"]["host_env_keys"].append("USER_RISK_KEY")

    settings = {"key_env": "USER_RISK_KEY", "privacy": {"users": "hashed"}, "notify": [bootstrap.WEBHOOK]}
    scene = start(edit=with_key, secrets=SECRETS | {"USER_RISK_KEY": KEY}, **settings)
    user = fresh_user("nameless")
    event = scene.attack(client.SQLI, user)
    scene.attack(client.SHELL, user)
    (request,) = scene.receiver.wait(f"User {event['user']} rose by", "webhook")
    assert len(event["user"]) == 16 and "notified_as" not in event
    assert user.encode() not in request.body
    assert not any(user in line for line in scene.envoy.lines)
