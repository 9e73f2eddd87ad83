"""Does a store that asks who is there let the filter in, and nobody else see what it says? ACL and TLS, with real servers."""

import json
import os
import subprocess

import pytest

from authority import Authority
from lab import client, store
from lab.bootstrap import ROOT, SECRETS
from lab.client import fresh_user
from lab.fleet import Fleet

PROGRAMS = store.programs()

pytestmark = pytest.mark.skipif(not PROGRAMS, reason="no redis-server and no valkey-server; set REDIS_SERVER")

RISKCTL = os.environ.get("RISKCTL") or ROOT / "target" / "release" / "riskctl"

RULE = [b"ACL", b"SETUSER", b"urf", b"on", b">p4ss", b"~urf:*", b"resetchannels", b"-@all"]
RULE += [b"+time", b"+incr", b"+set", b"+get", b"+mget", b"+eval", b"+xadd", b"+xrange"]
ACL = {"user": "urf", "password_env": "RISK_STORE_PASSWORD"}


@pytest.fixture(params=sorted(PROGRAMS))
def program(request):
    return PROGRAMS[request.param]


def test_the_acl_as_the_documentation_has_it(program, running):
    server = running(store.Store(program))
    assert server.raw(*RULE) == b"+OK\r\n"
    one = running(Fleet(server.port, secrets={"RISK_STORE_PASSWORD": "p4ss"}, **ACL))
    user = fresh_user()
    one.scenes[0].attack(client.SQLI, user)
    one.scenes[1].attack(client.SHELL, user)
    one.wait(lambda: "opened" in one.kinds(user))
    assert not one.said("store of the fleet fails")


@pytest.mark.parametrize(("name", "words"), [("store.internal", None), ("other.internal", "can't be reached")])
def test_tls_with_an_acl_and_only_with_the_certificate_of_the_name(program, running, tmp_path, name, words):
    authority = Authority(tmp_path)
    authority.server("store.internal")
    pem = tmp_path / "server.pem"
    port = store.free_port()
    tls = ["--tls-port", str(port), "--tls-cert-file", str(pem), "--tls-key-file", str(pem)]
    tls += ["--tls-ca-cert-file", str(authority.file), "--tls-auth-clients", "no"]
    if not speaks_tls(program):
        pytest.skip("this server is built without TLS")
    server = running(store.Store(program, *tls))
    assert server.raw(*RULE) == b"+OK\r\n"

    def encrypt(example):
        cluster = next(one for one in example.tree["static_resources"]["clusters"] if one["name"] == "risk_store")
        names = [{"san_type": "DNS", "matcher": {"exact": name}}]
        validation = {"trusted_ca": {"filename": str(authority.file)}, "match_typed_subject_alt_names": names}
        cluster["transport_socket"] = {
            "name": "envoy.transport_sockets.tls",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
                "sni": name,
                "common_tls_context": {"validation_context": validation},
            },
        }

    one = running(Fleet(port, proxies=2, secrets={"RISK_STORE_PASSWORD": "p4ss"}, edit=encrypt, **ACL))
    user = fresh_user()
    if words:
        one.wait(lambda: one.said(words))
        assert not [key for key in server.keys() if key.startswith("urf:")]
        return
    one.scenes[0].attack(client.SQLI, user)
    one.scenes[1].attack(client.SHELL, user)
    one.wait(lambda: "opened" in one.kinds(user))
    assert not one.said("store of the fleet fails")


def test_riskctl_asks_the_store_as_the_same_user(program, running):
    server = running(store.Store(program))
    assert server.raw(*RULE) == b"+OK\r\n"
    one = running(Fleet(server.port, proxies=2, secrets={"RISK_STORE_PASSWORD": "p4ss"}, **ACL))
    user = fresh_user()
    one.scenes[0].attack(client.SQLI, user)
    one.scenes[1].attack(client.SHELL, user)
    one.wait(lambda: "opened" in one.kinds(user))

    def riskctl(*arguments: str, password: str = "p4ss", code: int = 0) -> str:
        secrets = SECRETS | store.KEY | {"RISK_STORE_PASSWORD": password}
        command = [RISKCTL, "store", "--config", "-", "--url", f"redis://127.0.0.1:{server.port}", *arguments]
        settings = json.dumps(one.config)
        done = subprocess.run(command, input=settings, capture_output=True, text=True, env=os.environ | secrets)
        assert done.returncode == code, done.stderr + done.stdout
        return done.stdout + done.stderr

    assert "error" not in riskctl("test")
    assert "password_env" in riskctl("test", password="wrong", code=1)
    record = riskctl("user", user)
    assert "sqli." in record and "since" in record, record
    assert "nothing of nobody" in riskctl("user", "nobody", code=1)
    assert "opened" in riskctl("feed")
    assert "ermission" in riskctl("sizes", code=1)
    assert server.raw(b"ACL", b"SETUSER", b"urf", b"+scan", b"+strlen", b"+xlen") == b"+OK\r\n"
    assert "records" in riskctl("sizes")


def speaks_tls(program: str) -> bool:
    """A server that is built without TLS says so at once; another one asks for a certificate."""
    options = ["--port", "0", "--tls-port", str(store.free_port())]
    tried = subprocess.run([program, *options], capture_output=True, text=True, timeout=10)
    return "Failed finding TLS support" not in tried.stdout and "Bad directive" not in tried.stdout + tried.stderr
