"""Does an alert reach only the server that it is meant for? Real certificates, and the clusters that our documents offer to paste."""

import pathlib
import re

import pytest
import yaml

from authority import Authority
from lab import bootstrap
from lab.bootstrap import ROOT
from lab.receiver import Receiver

#: Where clusters to paste stand, each with the cluster's name and the host that it is for.
PASTED = [("README.md", "my_webhook", "hooks.example.com"), ("envoy/envoy.yaml", "slack", "hooks.slack.com")]


@pytest.mark.parametrize("file, name, host", PASTED, ids=[file for file, *_ in PASTED])
def test_a_certificate_for_another_name_gets_no_alert(start, authority, user, file, name, host):
    cluster = pasted(ROOT / file, name)
    receiver = Receiver(tls=authority.server("receiver.example.net"))
    scene = notifying(start, cluster, authority, receiver)
    scene.cross(user)
    tries = [scene.envoy.wait_event("retry", channel="webhook", attempt=attempt) for attempt in (1, 2)]
    assert all("answered 503" in line["what"] for line in tries)
    assert scene.envoy.stats(f"cluster.{name}.ssl.")[f"cluster.{name}.ssl.fail_verify_san"] >= 2
    assert receiver.requests == []


@pytest.mark.parametrize("file, name, host", PASTED, ids=[file for file, *_ in PASTED])
def test_a_certificate_for_the_name_gets_it(start, authority, user, file, name, host):
    scene = notifying(start, pasted(ROOT / file, name), authority, Receiver(tls=authority.server(host)))
    scene.cross(user)
    assert len(scene.receiver.wait(user, "webhook")) == 1


def test_a_certificate_for_all_names_of_the_domain_gets_it(start, authority, user):
    cluster = pasted(ROOT / "README.md", "my_webhook")
    scene = notifying(start, cluster, authority, Receiver(tls=authority.server("*.example.com")))
    scene.cross(user)
    assert len(scene.receiver.wait(user, "webhook")) == 1


def test_a_certificate_of_another_authority_gets_no_alert(start, authority, user):
    cluster = pasted(ROOT / "README.md", "my_webhook")
    receiver = Receiver(tls=Authority(authority.folder / "other").server("hooks.example.com"))
    scene = notifying(start, cluster, authority, receiver)
    scene.cross(user)
    scene.envoy.wait_event("retry", channel="webhook", attempt=2)
    assert scene.envoy.stats("cluster.my_webhook.ssl.")["cluster.my_webhook.ssl.fail_verify_error"] >= 2
    assert receiver.requests == []


@pytest.mark.parametrize("without", ["auto_sni_san_validation", "sni"])
def test_both_lines_are_needed(start, authority, user, without):
    """Without either line Envoy takes the foreign certificate, and logs nothing about it."""
    cluster = pasted(ROOT / "README.md", "my_webhook")
    del cluster["transport_socket"]["typed_config"][without]
    scene = notifying(start, cluster, authority, Receiver(tls=authority.server("receiver.example.net")))
    scene.cross(user)
    assert len(scene.receiver.wait(user, "webhook")) == 1


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


def pasted(file: pathlib.Path, name: str) -> dict:
    """The first cluster of that name in a file, even in a comment, from its line `- name:` to the end of its indentation."""
    lines = [re.sub(r"^(\s*)#", r"\1 ", line) for line in file.read_text().splitlines()]
    first = next(number for number, line in enumerate(lines) if line.strip() == f"- name: {name}")
    indent = re.match(r"\s*- ", lines[first]).end()
    rest = lines[first + 1 :]
    own = next(number for number, line in enumerate(rest) if not line.startswith(" " * indent))
    [cluster] = yaml.safe_load("\n".join([lines[first], *rest[:own]]))
    return cluster


def notifying(start, cluster: dict, authority: Authority, receiver: Receiver):
    """An Envoy that notifies the receiver through this cluster; only address, port and CA are the test's own."""
    address = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]["address"]["socket_address"]
    validation = cluster["transport_socket"]["typed_config"]["common_tls_context"]["validation_context"]
    assert address["port_value"] == 443 and validation["trusted_ca"].keys() == {"filename"}
    address["address"] = "127.0.0.1"
    validation["trusted_ca"]["filename"] = str(authority.file)

    def edit(example):
        clusters = example.tree["static_resources"]["clusters"]
        clusters[:] = [other for other in clusters if other["name"] != cluster["name"]] + [cluster]

    webhook = bootstrap.channel(bootstrap.WEBHOOK, cluster=cluster["name"])
    return start(edit=edit, receiver=receiver, notify=[webhook])
