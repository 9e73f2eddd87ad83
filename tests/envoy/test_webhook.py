"""Can receivers read and verify what a webhook gets? In each of its formats, by implementations that are not ours."""

import datetime
import hashlib
import hmac
import json
import re

import jsonschema
import pytest
import standardwebhooks
from cloudevents.core.bindings.http import HTTPMessage, from_http_event

from lab import bootstrap
from lab.bootstrap import ROOT, ROTATING, SECRETS, SQREEN_KEYS, Bootstrap
from lab.client import fresh_user
from lab.scene import Scene

FORMATS = ("webhook", "rotated", "cloudevents", "sqreen")
#: What docs/webhook.md promises.
SCHEMA = json.loads((ROOT / "docs" / "webhook.schema.json").read_text())
GOLDEN = sorted((ROOT / "tests" / "notify").glob("webhook*.json"))


@pytest.fixture(scope="module")
def detected():
    """The first message about malicious requests in each format: (their log lines, {format: request})."""
    example = Bootstrap()
    example.settings["service"] = {"name": "shop"}
    names = ("webhook", "cloudevents", "sqreen")
    example.settings["notify"] = [{"states": ["detected"], **getattr(bootstrap, name.upper())} for name in names]
    with Scene(example, channels=names) as scene:
        user = fresh_user("seen")
        lines = scene.cross(user)
        yield lines, {name: scene.receiver.wait(user, name)[0] for name in names}


@pytest.fixture(scope="module")
def messages():
    """The opening of one incident in each format: (its log line, {format: request})."""
    example = Bootstrap()
    example.settings["service"] = {"name": "shop", "environment": "prüfung 1"}
    example.settings["notify"] = [getattr(bootstrap, name.upper()) for name in FORMATS]
    with Scene(example, channels=FORMATS) as scene:
        user = fresh_user("reported")
        scene.cross(user)
        requests = {name: scene.receiver.wait(user, name)[0] for name in FORMATS}
        yield scene.envoy.wait_event("incident_opened", user=user), requests


def test_it_is_signed_by_the_standard(messages):
    request = messages[1]["webhook"]
    _verify(request, SECRETS["RISK_WEBHOOK_SECRET"])
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        _verify(request, SECRETS["RISK_WEBHOOK_SECRET"], more=b" ")
    assert re.fullmatch(r"[A-Za-z0-9_]+", request.header("webhook-id"))


def test_it_has_the_promised_shape(messages):
    opened, requests = messages
    request = requests["webhook"]
    payload = json.loads(request.body)
    data = payload["data"]
    assert request.header("content-type") == "application/json"
    assert request.header("host") == "hooks.example.com"
    assert request.path == "/risk"
    assert payload["type"] == "risk.incident.opened"
    members = ("id", "user", "source", "increase", "threshold", "band")
    assert {name: data[name] for name in members} == {name: opened[name] for name in members}
    assert (data["threshold"], data["band"], data["number"]) == (10, "warning", 1)
    assert (data["shared"], data["possible_victim"], data["service"]) == (False, False, "shop")
    assert {event["category"] for event in data["events"]} >= {"sqli", "rce"}
    assert sum(event["points"] for event in data["events"]) == data["increase"]
    assert {event["count"] for event in data["events"]} == {1}
    newest, first = data["requests"]
    # The message may leave before the answer to the request that crossed.
    assert (first["status"], newest.get("status", 200)) == (200, 200)
    for moment in [payload["timestamp"], *(event["first"] for event in data["events"])]:
        datetime.datetime.fromisoformat(moment.replace("Z", "+00:00"))


def test_it_keeps_to_its_schema(messages):
    validator = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    validator.check_schema(SCHEMA)
    bodies = [json.loads(messages[1]["webhook"].body), *(json.loads(file.read_text()) for file in GOLDEN)]
    for body in bodies:
        assert [error.message for error in validator.iter_errors(body)] == []
    # And the schema is awake: without any one of its members a body is none, nor with one that nobody wrote down.
    for name in bodies[0]["data"].keys() - {"group", "reason", "exclusion", "mute", "links", "runbook_url", "rollup"}:
        less = bodies[0] | {"data": {key: value for key, value in bodies[0]["data"].items() if key != name}}
        assert not validator.is_valid(less), f"{name} is not checked"
    assert not validator.is_valid(bodies[0] | {"data": bodies[0]["data"] | {"more": 1}})


def test_while_secrets_rotate_each_verifies(messages):
    request = messages[1]["rotated"]
    assert len(request.header("webhook-signature").split()) == 2
    for secret in ROTATING:
        _verify(request, secret)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        _verify(request, "whsec_b3RoZXItb25seS1sYWItb25seS1sYWItb25seS1sYWI=")


def test_cloudevents_is_an_event_to_their_library(messages):
    opened, requests = messages
    request = requests["cloudevents"]
    _verify(request, SECRETS["RISK_WEBHOOK_SECRET"])
    event = _event(request.body, request.header("content-type"))
    assert request.header("content-type") == "application/cloudevents+json"
    assert event.get_specversion() == "1.0"
    assert event.get_id() == request.header("webhook-id")
    assert event.get_source() == "/user-risk-filter/shop/pr%C3%BCfung%201"
    assert event.get_type() == "risk.incident.opened"
    assert event.get_subject() == opened["id"]
    assert event.get_time().isoformat(timespec="milliseconds") == opened["time"].replace("Z", "+00:00")
    data = event.get_data()
    assert data["user"] == opened["user"]
    body = {"type": event.get_type(), "timestamp": json.loads(request.body)["time"], "data": data}
    jsonschema.validate(body, SCHEMA)
    less = {name: value for name, value in json.loads(request.body).items() if name != "source"}
    with pytest.raises(Exception, match="source"):
        _event(json.dumps(less).encode(), request.header("content-type"))


def test_sqreen_is_what_their_receivers_verify(messages):
    opened, requests = messages
    request = requests["sqreen"]
    # The check of their documentation: the key's characters, not what their digits spell.
    first, second = (hmac.new(key.encode(), request.body, hashlib.sha256).hexdigest() for key in SQREEN_KEYS)
    assert request.header("x-sqreen-integrity") == first != second
    assert request.header("webhook-signature") is None
    (message,) = json.loads(request.body)
    assert message.keys() == {"message_id", "api_version", "date_created", "message_type", "retry_count", "message"}
    assert (message["api_version"], message["retry_count"]) == ("2", 0)
    incident = message["message"]
    assert (incident["incident_thread"], incident["incident_status"]) == (opened["id"], "created")
    assert (incident["application_name"], incident["environment"]) == ("shop", "prüfung 1")
    assert incident["new_related_ips"] == []
    assert opened["user"] in incident["humanized_description"]
    for moment in (message["date_created"], incident["date_started"], incident["date_last_updated"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00", moment)
        datetime.datetime.fromisoformat(moment)


def test_requests_are_reported_in_each_format(detected):
    lines, requests = detected
    ids = [line["request_id"] for line in lines]
    body = json.loads(requests["webhook"].body)
    _verify(requests["webhook"], SECRETS["RISK_WEBHOOK_SECRET"])
    jsonschema.Draft202012Validator(SCHEMA).validate(body)
    assert body["type"] == "risk.requests.detected"
    assert [one["request_id"] for one in body["data"]["requests"]] == ids[: len(body["data"]["requests"])]

    request = requests["cloudevents"]
    _verify(request, SECRETS["RISK_WEBHOOK_SECRET"])
    event = _event(request.body, request.header("content-type"))
    assert (event.get_type(), event.get_source()) == ("risk.requests.detected", "/user-risk-filter/shop")
    assert event.get_data()["requests"][0]["request_id"] == ids[0]

    request = requests["sqreen"]
    key = SQREEN_KEYS[0].encode()
    assert request.header("x-sqreen-integrity") == hmac.new(key, request.body, hashlib.sha256).hexdigest()
    messages = json.loads(request.body)
    assert len({message["message_id"] for message in messages}) == len(messages)
    assert {message["message_type"] for message in messages} == {"security_event"}
    event = messages[0]["message"]
    worst = lines[0]["rules"][0]
    assert (event["event_id"], event["event_category"], event["event_kind"]) == (ids[0], "sqli", worst["rule"])
    assert event["risk_coefficient"] == lines[0]["points"] * 10
    assert (event["user_identifiers"], event["ips"]) == ([lines[0]["user"]], [])
    datetime.datetime.fromisoformat(event["date_occurred"])


@pytest.mark.parametrize("name", FORMATS)
def test_no_payload_and_no_address_leaves(messages, name):
    body = messages[1][name].body.decode().lower()
    for word in ("union select", "union%20select", "password", "/etc/passwd", "127.0.0.1"):
        assert word not in body


def _verify(request, secret: str, more: bytes = b"") -> None:
    headers = {name: request.header(name) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
    standardwebhooks.Webhook(secret).verify(request.body + more, headers)


def _event(body: bytes, content_type: str):
    return from_http_event(HTTPMessage(headers={"content-type": content_type}, body=body))
