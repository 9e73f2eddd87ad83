"""Does `riskctl doctor` tell a sick Envoy from a well one?"""

import json
import subprocess

from lab import bootstrap, client
from lab.bootstrap import ROOT

RISKCTL = ROOT / "target" / "release" / "riskctl"


def _doctor(scene) -> tuple[int, dict[str, list[str]]]:
    """Its exit status, and what it says by level."""
    command = [RISKCTL, "doctor", "--json", scene.envoy._admin_address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    found = {"ok": [], "warning": [], "error": []}
    for line in done.stdout.splitlines():
        one = json.loads(line)
        found[one["level"]].append(one["text"])
    return done.returncode, found


def _tidy(example):
    """What the example leaves out, as everybody may say there who they are."""
    example.manager["normalize_path"] = True
    mutation = "type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation"
    example.manager["early_header_mutation_extensions"] = [
        {
            "name": "envoy.http.early_header_mutation.header_mutation",
            "typed_config": {"@type": mutation, "mutations": [{"remove": "x-user-id"}]},
        }
    ]


def test_a_well_envoy_is_well_and_an_attack_is_counted(start):
    scene = start(edit=_tidy)
    # The header is stripped, so it counts for the address.
    assert scene.attack(client.TEST, "somebody")["source"] == "address"
    code, found = _doctor(scene)
    assert (code, found["error"], found["warning"]) == (0, [], []), found
    assert "4 wasm VMs run" in found["ok"]
    assert any(text.startswith("1 malicious requests, 0 incidents") for text in found["ok"]), found


def test_what_is_wrong_is_seen_in_the_running_envoy(start):
    def break_it(example):
        clusters = example.tree["static_resources"]["clusters"]
        for cluster in clusters:
            if cluster["name"] == bootstrap.WEBHOOK["webhook"]["cluster"]:
                cluster["type"] = "STRICT_DNS"
                endpoint = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]
                endpoint["address"]["socket_address"] = {"address": "nowhere.invalid", "port_value": 80}

    scene = start(edit=break_it)
    code, found = _doctor(scene)
    assert code == 1
    assert any("has no endpoint" in text for text in found["error"]), found
    assert any("normalize_path is off" in text for text in found["warning"]), found
    assert any("nothing removes the header x-user-id" in text for text in found["warning"]), found
