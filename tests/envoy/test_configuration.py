"""Does Envoy refuse each wrong configuration with the line that says how to fix it, and accept each valid one?"""

import json
import re

import pytest

from lab import bootstrap, client
from lab.bootstrap import ROOT, SECRETS, Bootstrap
from lab.proxy import validate
from lab.scene import Scene

CONFIG = ROOT / "tests" / "config"
#: Plugin configurations, beside each bad one its message. YAML reaches the filter as a Struct, JSON as a StringValue.
#: Of each kind (`detect-…`) the first: all of them are read natively by tests/config.rs; here it is shown that Envoy refuses, and
#: that the line reaches its log.
BAD = list(
    {
        path.stem.split("-")[0]: path
        for path in sorted([*(CONFIG / "bad").glob("*.yaml"), *(CONFIG / "bad").glob("*.json")], reverse=True)
    }.values()
)
GOOD = sorted([*(CONFIG / "good").glob("*.yaml"), *(CONFIG / "good").glob("*.json")])


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_an_error_is_refused_with_its_line(path):
    expected = path.with_suffix(".err").read_text().strip()
    unset = set(re.findall(r"variable (\w+) is not set", expected))
    code, lines = validate(*_plugin(path, unset))
    assert code != 0
    said = [line.partition("configuration: ")[2] for line in lines if "wasm log" in line and "configuration: " in line]
    assert said, "\n".join(lines)
    assert set(said) == {expected}


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_what_is_right_is_taken(path):
    code, lines = validate(*_plugin(path, unset=set()))
    assert code == 0, "\n".join(lines)


def test_the_example_is_taken():
    code, lines = validate(Bootstrap())
    assert code == 0, "\n".join(lines)


def test_no_configuration_at_all_runs_and_logs(start, user):
    def without(example):
        del example.plugin["configuration"]

    scene = start(edit=without, channels=())
    assert scene.attack(client.TEST, user)["points"] == 8


@pytest.mark.parametrize("form", ["Struct", "StringValue"])
def test_both_forms_give_the_same_engine(form, user):
    example = Bootstrap()
    settings = {**example.settings, "risk": {"threshold": 10.0 if form == "Struct" else 10, "window": "24h"}}
    if form == "Struct":
        example.configure(settings)
    else:
        example.configure_string(json.dumps(settings))
    with Scene(example) as scene:
        events = [scene.attack(path, user) for path in (client.XSS, client.TEST)]
        assert [event["increase"] for event in events] == [5, 13]
        assert [event["threshold"] for event in events] == [10, 10]
        scene.settle()
        assert scene.notified(user) == dict.fromkeys(scene.channels, 1)


def test_a_missing_secret_is_refused():
    kept = {name: value for name, value in SECRETS.items() if name != "SLACK_WEBHOOK_URL"}
    code, lines = validate(Bootstrap(), secrets=kept)
    assert code != 0
    assert any("notify[1].slack.url_env: the variable SLACK_WEBHOOK_URL is not set" in line for line in lines)


def test_a_missing_secret_may_disable_its_channel_alone(start, user):
    kept = {name: value for name, value in SECRETS.items() if name != "SLACK_WEBHOOK_URL"}
    scene = start(notify=[bootstrap.WEBHOOK, bootstrap.SLACK], on_missing_secret="disable_channel", secrets=kept)
    scene.cross(user)
    scene.settle()
    assert scene.receiver.about(user, "slack") == []
    assert len(scene.receiver.about(user, "webhook")) == 1


def test_secrets_show_neither_in_the_log_nor_in_the_dump(scene, user):
    scene.cross(user)
    scene.settle()
    dump = scene.envoy.admin("/config_dump?include_eds")
    log = "\n".join(scene.envoy.lines)
    for secret in [*SECRETS.values(), SECRETS["RISK_WEBHOOK_SECRET"].removeprefix("whsec_"), "onlyinthelaboratory"]:
        assert secret not in dump
        assert secret not in log


@pytest.mark.parametrize("mode", ["off", '"off"'], ids=["bare: Envoy's YAML makes it false", "quoted"])
def test_mode_off_does_nothing(mode, start, user):
    text = f"mode: {mode}\nnotify: [{json.dumps(bootstrap.WEBHOOK)}]\n"
    scene = start(edit=lambda example: example.configure_text(text))
    for _ in range(3):
        assert scene.client.send(client.TEST, user).status == 200
    with pytest.raises(TimeoutError):
        scene.receiver.wait(user, "webhook", timeout=2)
    assert scene.envoy.events("malicious_request") == []
    assert scene.envoy.counter("detections_total") == 0


def _plugin(path, unset: set[str]) -> tuple[Bootstrap, dict]:
    """A bootstrap with that plugin configuration and every variable that it names, but those."""
    text = path.read_text()
    example = Bootstrap()
    if path.suffix == ".json":
        example.configure_string(text)
    else:
        example.configure_text(text)
    # A name inside a comment or an error does no harm here.
    named = set(re.findall(r"\w*_?env\"?: *\"?([A-Z][A-Z0-9_]+)", text)) | set(SECRETS)
    example.plugin["vm_config"]["environment_variables"]["host_env_keys"] = sorted(named - unset)
    secrets = {name: SECRETS.get(name, "0123456789abcdef0123456789abcdef") for name in named - unset}
    return example, secrets
