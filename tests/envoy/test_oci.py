"""Is the OCI image layout the module, byte for byte, each time, and does an independent tool read it?"""

import filecmp
import hashlib
import importlib.util
import json
import shutil
import subprocess

import pytest

from lab.bootstrap import ROOT

MODULE = ROOT / "target" / "user_risk_filter.wasm"


def _write(folder) -> str:
    spec = importlib.util.spec_from_file_location("oci", ROOT / ".ci" / "oci.py")
    oci = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(oci)
    return oci.write(MODULE, folder, "0.1.0")


def test_the_same_module_makes_the_same_bytes(tmp_path):
    first, second = _write(tmp_path / "a"), _write(tmp_path / "b")
    assert first == second
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file())
    same, different, missing = filecmp.cmpfiles(tmp_path / "a", tmp_path / "b", files, shallow=False)
    assert (len(same), different, missing) == (5, [], [])


def test_skopeo_reads_it(tmp_path):
    skopeo = shutil.which("skopeo")
    if not skopeo:
        pytest.skip("there is no skopeo: apt install skopeo")
    digest = _write(tmp_path / "oci")
    raw = subprocess.run([skopeo, "inspect", "--raw", f"oci:{tmp_path}/oci:0.1.0"], capture_output=True, check=True).stdout
    assert "sha256:" + hashlib.sha256(raw).hexdigest() == digest
    [layer] = json.loads(raw)["layers"]
    assert layer["mediaType"] == "application/vnd.module.wasm.content.layer.v1+wasm"
    copy = [skopeo, "copy", "--insecure-policy", f"oci:{tmp_path}/oci:0.1.0", f"dir:{tmp_path}/copy"]
    subprocess.run(copy, capture_output=True, check=True)
    # It verifies each digest on the way.
    assert (tmp_path / "copy" / layer["digest"].removeprefix("sha256:")).read_bytes() == MODULE.read_bytes()
