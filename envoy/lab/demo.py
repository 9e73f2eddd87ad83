"""What happens when three users meet the filter? Run by `./build.sh demo`."""

import argparse
import signal
import socket
import sys
import time

from . import client, show
from .bootstrap import EXAMPLE, ROOT, Bootstrap
from .client import Client
from .proxy import Envoy, EnvoyError
from .receiver import CHANNELS, Receiver, channel_of
from .upstream import Upstream

#: User, what a reader should know about it, the request.
STORY = [
    ("alice", "opens the shop", "/", {}),
    ("alice", "searches: select a gift for our union", "/search?q=select+a+gift+for+our+union", {}),
    ("bob", "SQL injection in a search", client.SQLI, {}),
    ("bob", "the same again, from a retry", client.SQLI, {}),
    ("mallory", "a script in a comment", client.XSS, {}),
    ("alice", "signs in: Ann O'Hara", "/login", {"method": "POST", "body": b"name=Ann+O%27Hara&remember=1"}),
    (
        "mallory",
        "; cat /etc/passwd in a form",
        "/tools/ping",
        {"method": "POST", "body": b"host=127.0.0.1%3Bcat+%2Fetc%2Fpasswd"},
    ),
    ("mallory", "${jndi:ldap://…} in a header", "/", {"headers": [("user-agent", "${jndi:ldap://x/a}")]}),
    ("alice", "reads her order", "/orders/4711", {}),
]
CROSSES = "mallory"
PATIENCE = 15  # s for a notification; about one is usual.


def main() -> int:
    arguments = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return play(arguments)
    except KeyboardInterrupt:
        print("\nstopped")
        return 130
    except (EnvoyError, DemoError) as error:
        print(f"{show.red('demo:')} {error}", file=sys.stderr)
        return 1


class DemoError(Exception):
    """What a person has to mend before the demo can run."""


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./build.sh demo", description="A real Envoy with the filter, three users, four channels."
    )
    parser.add_argument(
        "--keep", action="store_true", help="leave everything running until Ctrl-C, and go on showing what happens"
    )
    parser.add_argument(
        "--port-base", type=int, metavar="N", help="use the ports N to N+3 instead of 10000-10002 and 9901"
    )
    return parser.parse_args()


def play(arguments: argparse.Namespace) -> int:
    base = arguments.port_base
    listener, app, receiver, admin = range(base, base + 4) if base else (10000, 10001, 10002, 9901)
    for port in (listener, app, receiver, admin):
        refuse_if_used(port)
    bootstrap = Bootstrap().ports(listener, admin, app, receiver)
    with Upstream(app), Receiver(receiver) as receiving, Envoy(bootstrap) as envoy:
        show.title("user-risk-filter: who attacks, how much, and who is notified")
        show.note(f"Envoy with {EXAMPLE.relative_to(ROOT)} on http://127.0.0.1:{listener}, an application behind it.")
        show.note("More than 10 points in 24 hours open an incident. No request is blocked or delayed.")
        print()
        sent_well = send(envoy, Client(listener))
        show.title("What the team gets")
        arrived = collect(receiving, PATIENCE if sent_well else 2)
        good = sent_well and arrived and judge(receiving)
        conclude(listener, arguments.keep)
        if arguments.keep:
            follow(envoy, receiving)
        return 0 if good else 1


def send(envoy: Envoy, to: Client) -> bool:
    """Plays the story; returns whether every request passed and one user crossed the threshold."""
    show.heading()
    increase = dict.fromkeys(user for user, *_ in STORY)
    opened: set[str] = set()
    good = True
    for user, what, path, options in STORY:
        if options.get("method") == "POST":
            options = {**options, "headers": [("content-type", "application/x-www-form-urlencoded")]}
        reply = to.send(path, user, **options)
        event = log_line(envoy, reply.request_id)
        if event:
            increase[user] = event["increase"]
        show.request(user, what, reply.status, event, increase[user] or 0)
        good &= reply.status == 200
        for incident in envoy.events("incident_opened"):
            if incident["id"] not in opened:
                opened.add(incident["id"])
                show.crossing(incident["user"], incident)
    if len(opened) != 1:
        show.note(f"Expected one incident, saw {len(opened)}. The end of Envoy's log:")
        print(envoy.tail())
    return good and len(opened) == 1


def log_line(envoy: Envoy, request_id: str) -> dict | None:
    """The log line of that request, or None if there is none after a moment."""
    try:
        return envoy.wait_event("malicious_request", timeout=0.3, request_id=request_id)
    except TimeoutError:
        return None


def collect(receiving: Receiver, patience: float) -> bool:
    """Shows each notification as it arrives; returns whether one came on every channel."""
    missing, shown = set(CHANNELS), 0
    deadline = time.monotonic() + patience
    while missing and time.monotonic() < deadline:
        with receiving.arrived:
            if len(receiving.requests) == shown:
                receiving.arrived.wait(0.2)
        for message in receiving.requests[shown:]:
            show.notification(message)
            missing.discard(channel_of(message))
            shown += 1
    for channel in sorted(missing):
        print(f"\n  {show.red('✗')} {show.bold(channel)}  nothing arrived within {patience} s")
    return not missing


def judge(receiving: Receiver) -> bool:
    """Returns whether all that arrived was signed, and about the right user."""
    signed = all(show.signature_holds(message) for message in receiving.about(CROSSES, "webhook"))
    others = [message for user, *_ in STORY if user != CROSSES for message in receiving.about(user)]
    for message in others:
        print(f"  {show.red('✗')} a message that nobody expected on {channel_of(message)}")
    return signed and not others


def conclude(port: int, kept: bool) -> None:
    show.title("To try next")
    if not kept:
        show.note("./build.sh demo --keep leaves it running; then")
    rows = [
        (
            "two harmless requests that prove the whole chain",
            [f"curl -H 'x-user-id: you' 'http://127.0.0.1:{port}/?q=user-risk-filter-test'   # twice"],
        ),
        (
            "an attack in JSON, which the application gets as it is",
            [
                "curl -H 'x-user-id: eve' -H 'content-type: application/json' \\",
                f'     -d \'{{"host": "; cat /etc/passwd"}}\' http://127.0.0.1:{port}/api',
            ],
        ),
        ("is a configuration valid? if not, what is wrong with it?", ["./build.sh build && target/release/riskctl check envoy/envoy.yaml"]),
        ("everything that is tested", ["./build.sh test"]),
    ]
    for what, commands in rows:
        show.note(what)
        for command in commands:
            print(f"    {command}")
    print()


def follow(envoy: Envoy, receiving: Receiver) -> None:
    """Until Ctrl-C: malicious requests and notifications as they happen."""
    seen, shown = len(envoy.events("malicious_request")), len(receiving.requests)
    try:
        show.title("Running; Ctrl-C ends it")
        while True:
            for event in envoy.events("malicious_request")[seen:]:
                seen += 1
                what = f"{event['method']} {event['route']}"
                show.request(event["user"] or "-", what, event["status"], event, event["increase"])
            for message in receiving.requests[shown:]:
                shown += 1
                show.notification(message)
            time.sleep(0.2)
    except KeyboardInterrupt:
        print("\nstopped")


def refuse_if_used(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise DemoError(
                f"port {port} is in use; end what uses it, or take other ports: ./build.sh demo --port-base N"
            ) from error


if __name__ == "__main__":
    sys.exit(main())
