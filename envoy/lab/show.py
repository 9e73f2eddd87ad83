"""How does the demo show a request, a crossing and a notification on a terminal?"""

import base64
import hashlib
import hmac
import json
import os
import re
import shutil
import sys
import textwrap

from .bootstrap import SECRETS
from .receiver import channel_of
from .wire import Request

_ON = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
WIDTH = min(shutil.get_terminal_size((96, 24)).columns, 110)
#: Name, method, target of a request's column.
_WHAT = max(24, WIDTH - 54)

sys.stdout.reconfigure(encoding="utf-8", line_buffering=True)


def bold(text: str) -> str:
    return _paint("1", text)


def dim(text: str) -> str:
    return _paint("2", text)


def red(text: str) -> str:
    return _paint("1;31", text)


def green(text: str) -> str:
    return _paint("32", text)


def yellow(text: str) -> str:
    return _paint("33", text)


def title(text: str) -> None:
    print(f"\n{bold(text)}")


def note(text: str) -> None:
    for line in textwrap.wrap(text, WIDTH - 2):
        print(f"  {dim(line)}")


def heading() -> None:
    print(dim(f"  {'user':<9}{'what was sent':<{_WHAT}}{'answer':>7}  {'scored':<26}{'in 24 h':>8}"))


def request(user: str, what: str, status: int, event: dict | None, increase: int) -> None:
    """One request as a row; the event is its line of the log."""
    what = what if len(what) < _WHAT else what[: _WHAT - 2] + "…"
    if event is None:
        scored, paint = "nothing", dim
    else:
        counted = [rule for rule in event["rules"] if rule["points"]]
        scored = ", ".join(f"+{rule['points']} {rule['category']}" for rule in counted) or "+0 counted before"
        paint = yellow if counted else dim
    print(f"  {user:<9}{what:<{_WHAT}}{status:>7}  {paint(f'{scored:<28}')}{bold(f'{increase:>6}')}")


def crossing(user: str, opened: dict) -> None:
    line = f"{user} rose by {opened['increase']} points, over {opened['threshold']}: {opened['id']} opened"
    print(f"  {red('▲ ' + line)}")


def notification(message: Request) -> None:
    """A message as its reader would see it."""
    channel = channel_of(message)
    label, proof, lines = _READERS.get(channel, _other)(message)
    good = channel != "webhook" or signature_holds(message)
    print(f"\n  {green('✓') if good else red('✗')} {bold(label)}  {dim(proof)}")
    for line in lines:
        for part in textwrap.wrap(line, WIDTH - 8) or [""]:
            print(f"    {dim('│')} {part}")


def signature_holds(message: Request) -> bool:
    """Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`."""
    key = base64.b64decode(SECRETS["RISK_WEBHOOK_SECRET"].removeprefix("whsec_"))
    signed = f"{message.header('webhook-id')}.{message.header('webhook-timestamp')}.".encode() + message.body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = (message.header("webhook-signature") or "").split()
    return any(hmac.compare_digest(expected, one) for one in given)


def _webhook(message: Request):
    payload = json.loads(message.body)
    data = payload["data"]
    proof = "signature valid" if signature_holds(message) else "SIGNATURE WRONG"
    lines = [f"{payload['type']}: {data['user']} rose by {data['increase']}, over {data['threshold']} ({data['band']})"]
    for event in data["events"]:
        lines.append(
            f"{event['category']} × {event['count']}, {event['severity']}, {event['points']} points, {event['route']}"
        )
    return "Webhook", f"{proof}, id {message.header('webhook-id')}", lines


def _slack(message: Request):
    payload = json.loads(message.body)
    lines = []
    for block in payload.get("blocks", []):
        parts = [block.get("text"), *block.get("elements", [])]
        texts = [part.get("text", "") for part in parts if isinstance(part, dict)]
        texts += [field["text"].replace("\n", ": ", 1) for field in block.get("fields", [])]
        lines += [_mrkdwn(line) for text in texts if isinstance(text, str) for line in text.splitlines()]
    return "Slack", f"to {message.header('host')}", lines or [_mrkdwn(payload["text"])]


def _pagerduty(message: Request):
    event = json.loads(message.body)
    payload = event["payload"]
    return "PagerDuty", event["event_action"], [f"[{payload['severity']}] {payload['summary']}"]


def _mail(message: Request):
    mail = json.loads(message.body)
    if "personalizations" in mail:
        to = [address["email"] for part in mail["personalizations"] for address in part["to"]]
        text = mail["content"][0]["value"]
    else:
        to, text = mail["to"], mail.get("text", "")
    lines = [line for line in text.splitlines() if line.strip()]
    return (
        "E-mail",
        f"to {', '.join(to)}",
        [bold(f"Subject: {mail['subject']}"), *lines[:6], *(["…"] if len(lines) > 6 else [])],
    )


def _other(message: Request):
    return "Something else", "", [f"{message.method} {message.path}, {len(message.body)} bytes"]


_READERS = {"webhook": _webhook, "slack": _slack, "pagerduty": _pagerduty, "sendgrid": _mail, "resend": _mail}


def _mrkdwn(text: str) -> str:
    """Slack's own markup, without it."""
    text = re.sub(r"<[^|>]+\|([^>]+)>", r"\1", text)
    text = re.sub(r"(?<!\w)[*_`]([^*_`]+)[*_`](?!\w)", r"\1", text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _paint(code: str, text: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if _ON else text
