"""Does Vector's own language make ECS fields of the filter's log lines? With the pipeline of examples/observability, and a real Envoy's log."""

import pytest
import yaml

from lab import client
from lab.bootstrap import ROOT, Bootstrap
from lab.client import fresh_user
from lab.scene import Scene

vrl = pytest.importorskip("vrl_python", reason="there is no wheel of Vector's language for this machine")

PIPELINE = yaml.safe_load((ROOT / "examples" / "observability" / "vector.yaml").read_text())
PROGRAM = PIPELINE["transforms"]["risk"]["source"]


def remapped(line: str) -> dict | None:
    """What the pipeline makes of a line; none: nothing, as it is not the filter's."""
    try:
        return vrl.VRLRuntime.run(PROGRAM, {"message": line}, "UTC").processed_event
    except RuntimeError as error:
        assert "abort" in str(error), error
        return None


def test_it_compiles():
    found = vrl.VRLRuntime.check_syntax(PROGRAM)
    assert found is None, found.formatted_message


def test_each_line_of_the_filter_becomes_fields_and_no_other():
    user = fresh_user()
    with Scene(Bootstrap(), channels=("webhook",)) as scene:
        attack = scene.cross(user)[0]
        scene.receiver.wait(user, "webhook")
        lines = list(scene.envoy.lines)
    made = {line: remapped(line) for line in lines}
    assert all(made[line] is None for line in lines if "wasm log" not in line)
    ours = [fields for fields in made.values() if fields]
    actions = [fields["event"]["action"] for fields in ours if fields.get("user", {}).get("name") == user]
    assert sorted(actions) == ["incident_opened", "malicious_request", "malicious_request"]
    first = next(fields for fields in ours if fields["user_risk"].get("request_id") == attack["request_id"])
    assert first["@timestamp"] == attack["time"]
    assert first["event"]["kind"] == "event" and first["event"]["risk_score"] == attack["increase"]
    assert first["source"]["ip"] == attack["address"]
    assert first["http"]["request"] == {"id": attack["request_id"], "method": "GET"}
    assert first["rule"] == {"name": attack["rules"][0]["rule"], "category": attack["rules"][0]["category"]}
    opened = next(fields for fields in ours if fields["event"]["action"] == "incident_opened")
    assert opened["event"]["kind"] == "alert" and opened["event"]["risk_score"] >= 16
