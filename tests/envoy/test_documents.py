"""Do the commands that the documentation shows do what it says? Each block is run as it stands, but for ports and files."""

import json
import os
import re
import shutil
import subprocess

import jsonschema
import pytest

from lab import bootstrap, client, store
from lab.bootstrap import ROOT, SECRETS, Bootstrap
from lab.client import Client
from lab.fleet import Fleet
from lab.scene import Scene

TOKEN = "a-token-for-the-laboratory-only"
PROGRAMS = store.programs()
#: Two lines of nginx's combined format, one of them an attack.
ACCESS = """\
203.0.113.7 - alice [02/Jan/2026:08:00:00 +0000] "GET /catalogue HTTP/1.1" 200 512 "-" "Mozilla/5.0"
203.0.113.7 - mallory [02/Jan/2026:08:00:30 +0000] "GET /search?q=1%27%20UNION%20SELECT%20a%20FROM%20b-- HTTP/1.1" 200 5 "-" "x"
"""


def block(document: str, words: str, language: str = "console") -> str:
    """The commands of the one block with these words in it; of a console only what follows a prompt."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", (ROOT / document).read_text(), re.M | re.S)
    [found] = [one for one in blocks if words in one]
    if language != "console":
        return found
    return "\n".join(line.removeprefix("$ ") for line in found.splitlines() if line.startswith("$ "))


def run(commands: str, folder, changes: dict, **environment) -> list[str]:
    """Runs them in a shell that ends with the first that fails; the lines that they print."""
    for shown, real in changes.items():
        assert shown in commands, f"{shown} is not in {commands}"
        commands = commands.replace(shown, str(real))
    absent = [tool for tool in ("curl", "jq") if tool in commands and not shutil.which(tool)]
    if absent:
        pytest.skip(f"{absent} are not here: ./build.sh test envoy says how to get them")
    path = f"{ROOT / 'target' / 'release'}:{os.environ['PATH']}"
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        env={"PATH": path, "USER": "jo", **environment},
        cwd=folder, capture_output=True, text=True, timeout=60,
    )
    assert ran.returncode == 0, f"{commands}\n{ran.stdout}{ran.stderr}"
    return ran.stdout.splitlines()


@pytest.fixture(scope="module")
def scene():
    """A console as docs/console.md has it, and user 4711, who has crossed the threshold."""
    example = Bootstrap()
    example.settings.update(mode="protect", notify=[bootstrap.WEBHOOK], key_env="USER_RISK_KEY")
    example.plugin["vm_config"]["environment_variables"]["host_env_keys"].append("USER_RISK_KEY")
    example.with_console()
    secrets = SECRETS | store.KEY | {"USER_RISK_ADMIN_TOKEN": TOKEN}
    with Scene(example, channels=("webhook",), secrets=secrets) as running:
        running.example = example
        running.ops = running.envoy.port_of("ops")
        running.cross("4711")
        yield running


@pytest.mark.parametrize(("document", "words"), [("docs/console.md", "/block?"), ("docs/on-call.md", "/mute?")])
def test_the_console_is_asked_as_the_pages_show(scene, tmp_path, document, words):
    commands = block(document, words)
    # An answer each, on a line of its own.
    commands = commands.replace('"$@"; }', '"$@"; echo; }')
    printed = run(commands, tmp_path, {"localhost:10003": f"localhost:{scene.ops}"}, USER_RISK_ADMIN_TOKEN=TOKEN)
    answers = [json.loads(line) for line in printed if line]
    assert len(answers) == commands.count("\nask ") and not any("error" in answer for answer in answers), answers
    assert any(answer.get("user") == "4711" for answer in answers)


def test_riskctl_asks_it_as_the_page_shows(scene, tmp_path):
    commands = block("docs/console.md", "riskctl users")
    changes = {one: f"{one} --console http://localhost:{scene.ops}" for one in ("riskctl users", "riskctl user 4711", "riskctl mute 4711")}
    printed = run(commands, tmp_path, changes, USER_RISK_ADMIN_TOKEN=TOKEN)
    assert sum("4711" in line for line in printed) >= 2


def test_the_log_is_read_as_the_page_shows(scene, tmp_path):
    (tmp_path / "envoy.log").write_text("\n".join(scene.envoy.lines))
    printed = run(block("docs/on-call.md", "jq -c"), tmp_path, {})
    assert len(printed) == 2
    for moment, request, _route, points, rules in map(json.loads, printed):
        assert moment and request and points >= 5 and rules


def test_a_hash_is_found_as_the_page_shows(scene, tmp_path):
    (tmp_path / "envoy.yaml").write_text(scene.example.text())
    commands = "ask() { curl -s -H \"x-user-risk-token: $USER_RISK_ADMIN_TOKEN\" \"$@\"; echo; }\n" + block("docs/configuration.md", "riskctl hash")
    changes = {"USER_RISK_KEY=…": f"USER_RISK_KEY={store.KEY['USER_RISK_KEY']}", "localhost:10003": f"localhost:{scene.ops}"}
    digits, *_ = run(commands, tmp_path, changes, USER_RISK_ADMIN_TOKEN=TOKEN, **SECRETS)
    assert re.fullmatch("[0-9a-f]{16}", digits)
    found = Client(scene.ops).send(f"/.user-risk/user?id={digits}", "operator", headers=[("x-user-risk-token", TOKEN)])
    assert json.loads(found.body)["user"] == "4711"


def test_the_first_alert_of_the_readme(scene, tmp_path):
    run(block("README.md", "user-risk-filter-test"), tmp_path, {"localhost:10000": f"localhost:{scene.envoy.port}"})
    assert scene.receiver.wait("me", "webhook")


def test_responses_are_those_that_the_example_says(tmp_path):
    shown = block("examples/respond/README.md", "attack()", "bash")
    commands = shown[shown.index("attack()"):]
    expected = re.findall(r'^attack .*# (\d{3}):', commands, re.M)
    with Scene(Bootstrap(ROOT / "examples" / "respond" / "envoy.yaml"), channels=()) as one:
        printed = run(commands, tmp_path, {"127.0.0.1:10000": f"127.0.0.1:{one.envoy.port}"})
    # The tests' application knows every page; Python's has no /search.
    assert printed[: len(expected)] == [{"404": "200"}.get(status, status) for status in expected]
    assert printed[-1] == "429" and len(printed) == len(expected) + 6


@pytest.mark.parametrize(
    ("document", "words", "changes"),
    [
        ("docs/replay.md", "riskctl replay", {"/var/log/nginx/access.log*": "access.log"}),
        ("docs/tuning.md", "riskctl replay", {"access.log.1.gz ": ""}),
    ],
)
def test_an_access_log_is_replayed_as_the_pages_show(tmp_path, document, words, changes):
    (tmp_path / "access.log").write_text(ACCESS)
    (tmp_path / "envoy.yaml").write_text(Bootstrap().text())
    assert any("sqli." in line for line in run(block(document, words), tmp_path, changes, **SECRETS))


def test_a_day_is_simulated_as_the_page_shows(tmp_path):
    (tmp_path / "events.jsonl").write_text(block("docs/simulate.md", '"rule": "sqli.union-select"', "json"))
    (tmp_path / "envoy.yaml").write_text(Bootstrap().text())
    printed = run(block("docs/simulate.md", "riskctl simulate"), tmp_path, {}, **SECRETS)
    assert any("sqli.union-select (critical) at query:q on /search" in line for line in printed)


@pytest.mark.skipif(not PROGRAMS, reason="no redis-server and no valkey-server; set REDIS_SERVER")
def test_the_store_is_asked_as_the_page_shows(tmp_path):
    server = store.Store(next(iter(PROGRAMS.values())))
    fleet = Fleet(server.port, proxies=1)
    try:
        fleet.scenes[0].cross("alice")
        fleet.wait(lambda: fleet.told("alice"))
        (tmp_path / "envoy.yaml").write_text(json.dumps(fleet.config))
        changes = {"redis://redis.internal:6379": f"redis://127.0.0.1:{server.port}"}
        printed = run(block("docs/fleet.md", "riskctl store"), tmp_path, changes, **SECRETS, **store.KEY)
    finally:
        fleet.close()
        server.close()
    assert any("alice" in line for line in printed)


def test_a_webhook_is_verified_as_the_page_shows(scene):
    sent = scene.receiver.wait("4711", "webhook")[0]
    names = {"secret": SECRETS["RISK_WEBHOOK_SECRET"], "body": sent.body, "headers": dict(sent.headers)}
    exec(block("docs/webhook.md", "standardwebhooks", "python"), names)
    with pytest.raises(Exception, match="(?i)signature"):
        exec(block("docs/webhook.md", "standardwebhooks", "python"), names | {"body": sent.body + b" "})


def test_the_webhook_that_is_shown_has_the_members_of_the_schema():
    schema = json.loads((ROOT / "docs" / "webhook.schema.json").read_text())
    # What is shortened there with an ellipsis keeps no format.
    loose = json.loads(json.dumps(schema), object_hook=lambda one: {k: v for k, v in one.items() if k not in ("format", "pattern")})
    shown = json.loads(block("docs/webhook.md", "risk.incident.opened", "json"))
    jsonschema.Draft202012Validator(loose).validate(shown)
