"""Do the meshes' own schemas take the manifests that we tell people to apply, and Envoy the files in them?"""

import copy
import pathlib
import subprocess

import jsonschema
import pytest
import yaml

from lab import proxy
from lab.bootstrap import ROOT

EXAMPLES = ROOT / "examples"
RISKCTL = ROOT / "target" / "release" / "riskctl"
MANIFESTS = ["istio/wasmplugin.yaml", "envoy-gateway/user-risk-filter.yaml"]


@pytest.fixture(scope="session")
def crds(specs) -> dict[tuple[str, str], dict]:
    """The vendors' schemas, by apiVersion and kind; unknown members are mistakes."""
    found = {}
    for file in sorted((specs / "crds").glob("*.yaml")):
        for crd in yaml.safe_load_all(file.read_text()):
            for version in (crd or {}).get("spec", {}).get("versions", []):
                kind = (f"{crd['spec']['group']}/{version['name']}", crd["spec"]["names"]["kind"])
                schema = _closed(copy.deepcopy(version["schema"]["openAPIV3Schema"]))
                # Every resource has them, and no schema says what is in them.
                schema["properties"] |= {"metadata": {}, "apiVersion": {}, "kind": {}}
                found[kind] = schema
    return found


def _closed(schema):
    """What the API server does with a member that the schema does not know: it drops it, so it is a mistake."""
    if isinstance(schema, dict):
        if "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
            schema.setdefault("additionalProperties", False)
        for value in schema.values():
            _closed(value)
    elif isinstance(schema, list):
        for value in schema:
            _closed(value)
    return schema


def _init(*arguments) -> str:
    return subprocess.run([RISKCTL, "init", *arguments], capture_output=True, text=True, check=True).stdout


def _resources(text: str) -> list[dict]:
    return [one for one in yaml.safe_load_all(text) if one]


def _validate(crds, text: str) -> list[str]:
    """Validates what there is a schema for, and returns the kinds of these."""
    checked = []
    for one in _resources(text):
        if schema := crds.get((one["apiVersion"], one["kind"])):
            jsonschema.Draft202012Validator(schema).validate(one)
            checked.append(one["kind"])
    return checked


@pytest.mark.parametrize("file", MANIFESTS)
def test_the_examples_are_valid(crds, file):
    assert _validate(crds, (EXAMPLES / file).read_text())


@pytest.mark.parametrize(
    ("mesh", "kinds"),
    [
        ("istio", {"WasmPlugin", "ServiceEntry", "DestinationRule", "EnvoyFilter"}),
        ("envoy-gateway", {"EnvoyExtensionPolicy", "EnvoyPatchPolicy"}),
    ],
)
def test_what_init_writes_is_valid(crds, mesh, kinds):
    text = _init("--for", mesh, "--user", "header:x-user-id", "--notify", "slack,pagerduty,email,webhook")
    assert set(_validate(crds, text)) == kinds


def test_a_misspelt_member_would_be_seen(crds):
    text = (EXAMPLES / MANIFESTS[0]).read_text().replace("pluginConfig:", "pluginConfg:")
    with pytest.raises(jsonschema.ValidationError):
        _validate(crds, text)


class _File:
    """An Envoy file with the module where the tests have it."""

    def __init__(self, text: str):
        self._text = text.replace("/etc/envoy/user_risk_filter.wasm", "target/user_risk_filter.wasm")

    def text(self) -> str:
        return self._text


SECRETS = {
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/x",
    "RISK_WEBHOOK_SECRET": "whsec_bGFiLW9ubHktbGFiLW9ubHktbGFiLW9ubHktbGFi",
}


@pytest.mark.parametrize("user", ["header:x-user-id", "jwt", "cookie:sid", "none"])
def test_envoy_takes_what_init_writes(user):
    text = _init("--for", "envoy", "--user", user, "--notify", "slack,webhook")
    code, log = proxy.validate(_File(text), SECRETS)
    assert code == 0, proxy.reason(log)


def test_envoy_takes_the_file_in_the_config_map():
    resources = _resources((EXAMPLES / "kubernetes" / "user-risk-filter.yaml").read_text())
    [config] = [one for one in resources if one["kind"] == "ConfigMap"]
    code, log = proxy.validate(_File(config["data"]["envoy.yaml"]), SECRETS)
    assert code == 0, proxy.reason(log)
    [deployment] = [one for one in resources if one["kind"] == "Deployment"]
    pod = deployment["spec"]["template"]["spec"]
    mounts = {mount["mountPath"] for container in pod["containers"] for mount in container["volumeMounts"]}
    assert {"/config", str(pathlib.PurePath("/etc/envoy"))} <= mounts
