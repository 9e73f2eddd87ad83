"""Do the examples do what their pages say?"""

from lab import client
from lab.bootstrap import ROOT, Bootstrap
from lab.scene import Scene


def test_envoy_puts_the_mail_key_in_and_the_filter_never_has_it(user):
    with Scene(Bootstrap(ROOT / "examples" / "sds-secret" / "envoy.yaml"), channels=("sendgrid",)) as scene:
        for path in (client.SQLI, client.XSS):
            scene.attack(path, user)
        [sent] = scene.receiver.wait(user, "sendgrid")
        assert dict(sent.headers)["authorization"] == "Bearer SG.this-stands-only-in-the-file"
