"""Would the real services accept what is sent? Independent implementations and the vendors' documents judge."""

import gzip
import json
import pathlib
import shutil
import subprocess

import jsonschema
import pytest
import referencing
import referencing.jsonschema
from slack_sdk.models.blocks import Block

from lab import bootstrap
from lab.bootstrap import ROOT, SECRETS, Bootstrap
from lab.client import fresh_user
from lab.scene import Scene

ALL = ("webhook", "slack", "pagerduty", "sendgrid", "resend", "postmark", "teams", "alertmanager")
CARDS = ROOT / "target" / "tools" / "adaptivecards"


@pytest.fixture(scope="module")
def messages():
    """The opening of one incident on each channel: (its log line, {channel: request})."""
    example = Bootstrap()
    example.settings["notify"] = [getattr(bootstrap, name.upper()) for name in ALL]
    with Scene(example, channels=ALL) as scene:
        user = fresh_user("reported")
        scene.cross(user)
        requests = {channel: scene.receiver.wait(user, channel)[0] for channel in ALL}
        yield scene.envoy.wait_event("incident_opened", user=user), requests


def test_slack_accepts_the_blocks(messages):
    opened, requests = messages
    payload = json.loads(requests["slack"].body)
    assert requests["slack"].path == SECRETS["SLACK_WEBHOOK_URL"].removeprefix("https://hooks.slack.com")
    assert requests["slack"].header("host") == "hooks.slack.com"
    assert opened["user"] in payload["text"]
    blocks = Block.parse_all(payload["blocks"])
    assert len(blocks) == len(payload["blocks"]) <= 50
    for block in blocks:
        block.validate_json()
    for block in payload["blocks"]:
        assert len(block.get("fields", [])) <= 10
        assert all(len(field["text"]) <= 2000 for field in block.get("fields", []))


def test_pagerduty_accepts_the_event(messages, specs):
    opened, requests = messages
    event = json.loads(requests["pagerduty"].body)
    document = json.loads((specs / "pagerduty-events-v2-openapi3.json").read_text())
    schema = "/paths/~1enqueue/post/requestBody/content/application~1json/schema"
    _assert_valid(event, document, schema, breaks=["routing_key", "event_action"])
    assert requests["pagerduty"].header("host") == "events.pagerduty.com"
    assert event["routing_key"] == SECRETS["PAGERDUTY_ROUTING_KEY"]
    assert event["event_action"] == "trigger"
    assert event["payload"]["severity"] == "warning"
    assert opened["user"] in event["payload"]["summary"]
    assert len(event["payload"]["summary"]) <= 1024
    assert 0 < len(event["dedup_key"]) <= 255


def test_sendgrid_accepts_the_mail(messages, specs):
    opened, requests = messages
    mail = json.loads(requests["sendgrid"].body)
    document = json.loads(gzip.decompress((specs / "sendgrid-swagger2.json.gz").read_bytes()))
    parameters = document["paths"]["/mail/send"]["post"]["parameters"]
    number = next(number for number, parameter in enumerate(parameters) if parameter.get("in") == "body")
    _assert_valid(mail, document, f"/paths/~1mail~1send/post/parameters/{number}/schema", breaks=["from", "subject"])
    assert requests["sendgrid"].header("host") == "api.sendgrid.com"
    assert requests["sendgrid"].header("authorization") == f"Bearer {SECRETS['MAIL_API_KEY']}"
    assert mail["from"]["email"] == "risk@example.com"
    assert _recipients(mail) == {"a@example.com", "b@example.com"}
    assert opened["user"] in mail["subject"] + mail["content"][0]["value"]


def test_resend_accepts_the_mail(messages, specs):
    opened, requests = messages
    mail = json.loads(requests["resend"].body)
    document = json.loads((specs / "resend-openapi.json").read_text())
    schema = "/paths/~1emails/post/requestBody/content/application~1json/schema"
    _assert_valid(mail, document, schema, breaks=["from", "subject", "to"])
    assert requests["resend"].header("host") == "api.resend.com"
    assert requests["resend"].header("authorization") == f"Bearer {SECRETS['MAIL_API_KEY']}"
    assert 0 < len(requests["resend"].header("idempotency-key")) <= 256
    assert opened["user"] in mail["subject"] + mail["text"]


def test_postmark_is_asked_as_it_wants(messages):
    opened, requests = messages
    request = requests["postmark"]
    mail = json.loads(request.body)
    assert (request.path, request.header("host")) == ("/email", "api.postmarkapp.com")
    assert request.header("accept") == "application/json"
    assert request.header("x-postmark-server-token") == SECRETS["MAIL_API_KEY"]
    assert mail.keys() == {
        *("From", "To", "Subject", "TextBody", "HtmlBody", "MessageStream"),
        *("TrackOpens", "TrackLinks"),
    }
    assert (mail["From"], mail["To"]) == ("risk@example.com", "a@example.com,b@example.com")
    assert (mail["MessageStream"], mail["TrackOpens"], mail["TrackLinks"]) == ("alerts", False, "None")
    assert opened["user"] in mail["Subject"] + mail["TextBody"]


def test_mails_have_a_page_for_the_dark(messages):
    page = json.loads(messages[1]["resend"].body)["html"]
    assert '<meta name="color-scheme" content="light dark">' in page
    assert "prefers-color-scheme: dark" in page
    for fetched in ("<img", "<link", "<script", "url(", "@import"):
        assert fetched not in page


def test_teams_accepts_the_card(messages):
    opened, requests = messages
    request = requests["teams"]
    assert request.path == bootstrap.TEAMS_URL.removeprefix("https://prod-1.westeurope.logic.azure.com")
    assert request.header("host") == "prod-1.westeurope.logic.azure.com"
    assert len(request.body) <= 28_000
    message = json.loads(request.body)
    assert message["type"] == "message"
    (attachment,) = message["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert opened["user"] in attachment["content"]["fallbackText"]
    assert _said_of_card(message) == {"said": [], "items": len(attachment["content"]["body"]), "version": "1.4"}
    attachment["content"]["body"][0]["type"] = "Kontainer"
    assert "Kontainer" in _said_of_card(message)["said"][0], "the library is awake"


@pytest.mark.parametrize("channel", ALL)
def test_no_payload_and_no_address_leaves(messages, channel):
    body = messages[1][channel].body.decode().lower()
    for word in ("union select", "union%20select", "password", "/etc/passwd", "127.0.0.1"):
        assert word not in body


def _assert_valid(body: dict, document: dict, pointer: str, breaks: list[str]) -> None:
    """The body fits the schema; and the schema is awake: without each of `breaks` it does not fit."""
    specification = referencing.jsonschema.DRAFT4
    registry = referencing.Registry().with_resource("urn:api", specification.create_resource(document))
    validator = jsonschema.Draft4Validator(
        {"$ref": f"urn:api#{pointer}"}, registry=registry, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER
    )
    assert [error.message for error in validator.iter_errors(body)] == []
    for name in breaks:
        assert not validator.is_valid({key: value for key, value in body.items() if key != name}), (
            f"{name} is not checked"
        )


def _said_of_card(message: dict) -> dict:
    library = CARDS / "node_modules" / "adaptivecards"
    if not library.is_dir() or not shutil.which("node"):
        pytest.skip("Microsoft's library adaptivecards is not there: ./build.sh test envoy brings it where npm is")
    script = pathlib.Path(__file__).with_name("adaptive_card.cjs")
    run = ["node", str(script), str(library)]
    said = subprocess.run(run, input=json.dumps(message), capture_output=True, text=True, check=True)
    return json.loads(said.stdout)


def _recipients(mail: dict) -> set[str]:
    return {to["email"] for part in mail["personalizations"] for to in part["to"]}
