"""Do the metrics have labels in a real Envoy, and do the alerts and the dashboard of examples/observability work with them?"""

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
import yaml

from lab import bootstrap, client
from lab.bootstrap import ROOT, Bootstrap
from lab.client import fresh_user
from lab.scene import Scene

EXAMPLE = ROOT / "examples" / "observability"


@pytest.fixture(scope="module")
def scene():
    """The example configuration with labels and responses, after an attack that was refused."""
    example = Bootstrap()
    example.tree |= yaml.safe_load((EXAMPLE / "stats-tags.yaml").read_text())
    example.settings.update(mode="protect", respond=[{"block": {}}], notify=[bootstrap.WEBHOOK])
    with Scene(example, channels=("webhook",)) as running:
        user = fresh_user()
        assert running.client.send(client.SQLI, user).status == 200
        assert running.client.send(client.SHELL, user).status == 403
        running.receiver.wait(user, "webhook")
        running.client.send(client.SQLI)
        time.sleep(6)  # Gauges are measured every five seconds.
        yield running


def tool(name: str) -> str:
    own = ROOT / "target" / "tools" / "prometheus" / "usr" / "bin" / name
    found = str(own) if own.is_file() else shutil.which(name)
    if folder := os.environ.get("PROMETHEUS"):
        found = str(pathlib.Path(folder) / name)
    if not found:
        pytest.skip(f"no {name}: ./build.sh test envoy brings Debian's where apt-get is, or set PROMETHEUS to its folder")
    return found


@pytest.mark.parametrize(
    "series",
    [
        'user_risk_filter_category_detections_total{category="sqli",severity="critical"}',
        'user_risk_filter_rule_events_total{rule="sqli.union-select"}',
        'user_risk_filter_source_events_total{source="header_x-user-id"}',
        'user_risk_filter_source_events_total{source="address"}',
        'user_risk_filter_band_incidents_opened_total{band="warning"}',
        'user_risk_filter_action_responses_total{action="block"}',
        'user_risk_filter_channel_messages_sent_total{channel="webhook"}',
        "user_risk_filter_open_incidents{}",
        "user_risk_filter_blocked_users{}",
    ],
)
def test_a_series_has_its_labels(scene, series):
    values = dict(line.rsplit(" ", 1) for line in scene.envoy.admin("/stats/prometheus").splitlines() if line[:1] != "#")
    assert int(values[series]) >= 1


def test_what_the_page_says_of_labels_is_the_example():
    page = (ROOT / "docs" / "metrics.md").read_text()
    block = next(part for part in page.split("```") if part.startswith("yaml\nstats_config"))
    assert yaml.safe_load(block.removeprefix("yaml\n")) == yaml.safe_load((EXAMPLE / "stats-tags.yaml").read_text())


@pytest.mark.parametrize(
    "arguments",
    [("check", "rules", "rules.yml"), ("check", "config", "prometheus.yml"), ("test", "rules", "rules_test.yml")],
    ids=" ".join,
)
def test_promtool_accepts_the_rules(arguments):
    subprocess.run([tool("promtool"), *arguments], cwd=EXAMPLE, check=True, capture_output=True)


def test_a_real_prometheus_answers_the_dashboard(scene, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    configuration = yaml.safe_load((EXAMPLE / "prometheus.yml").read_text())
    configuration["global"]["scrape_interval"] = "1s"
    configuration["rule_files"] = [str(EXAMPLE / "rules.yml")]
    configuration["scrape_configs"][0]["static_configs"][0]["targets"] = [scene.envoy._admin_address]
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(configuration))
    log = (tmp_path / "log").open("w")
    process = subprocess.Popen(
        [
            *[tool("prometheus"), f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data"],
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stdout=log,
        stderr=log,
    )
    try:
        wait_for(lambda: len(query(port, "user_risk_filter_open_incidents")) > 0 and scraped(port) >= 4)
        panels = json.loads((EXAMPLE / "dashboard.json").read_text())["panels"]
        queries = [target["expr"].replace("$__rate_interval", "1m") for panel in panels for target in panel["targets"]]
        assert len(queries) > 10
        dry = "action_responses_dry"
        empty = [expression for expression in queries if not query(port, expression) and dry not in expression]
        assert not empty, empty
    finally:
        process.terminate()
        process.wait(10)


def query(port: int, expression: str) -> list:
    address = f"http://127.0.0.1:{port}/api/v1/query?{urllib.parse.urlencode({'query': expression})}"
    with urllib.request.urlopen(address, timeout=5) as answer:
        return json.load(answer)["data"]["result"]


def scraped(port: int) -> int:
    (one,) = query(port, "count_over_time(user_risk_filter_records[1m])") or [{"value": [0, "0"]}]
    return int(one["value"][1])


def wait_for(holds, timeout: float = 60) -> None:
    deadline = time.monotonic() + timeout
    while True:
        try:
            if holds():
                return
        except OSError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.3)
