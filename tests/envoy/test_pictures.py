"""How does the console look? Draws the pictures of docs/images anew when it is asked to: PICTURES=1."""

import os
import random
import re
import shutil
import subprocess
from urllib.parse import urlencode

import pytest

from lab import bootstrap, client
from lab.bootstrap import ROOT, SECRETS, Bootstrap
from lab.browser import CHROMIUM, DESKTOP, PHONE, Watched, chromium
from lab.client import Client

TOKEN = "a-token-for-the-laboratory-only"

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and os.environ.get("PICTURES")), reason="set PICTURES=1 to draw docs/images anew"
)

#: Users for the pictures in docs/images, and what they did.
CAST = [
    ("mallory@example.com", [client.SQLI, client.SHELL, client.JNDI, client.XSS, "/?f=../../../../etc/passwd"]),
    ("4711", [client.SQLI, client.SHELL]),
    ("trent", [client.XSS, client.JNDI, client.SHELL]),
    ("<img src=x onerror=alert(1)>", [client.SQLI, client.JNDI]),
]


#: Name, size, colours, view.
PICTURES = [
    ("console-light", {"width": 1280, "height": 640}, "light", "users"),
    ("console-dark", DESKTOP, "dark", "find/mallory@example.com"),
    ("console-phone", PHONE, "light", "users"),
]


def test_pictures_for_the_documentation(start):
    scene = picture_scene(start)
    with chromium() as browser:
        for name, size, scheme, view in PICTURES:
            watched = Watched(browser, color_scheme=scheme, viewport=size)
            watched.context.route(re.compile(r"/(users|user)\?"), with_a_day)
            watched.page.goto(f"http://127.0.0.1:{scene.ops.port}/.user-risk#/{view}")
            watched.page.get_by_label("token").fill(TOKEN)
            watched.page.get_by_label("token").press("Enter")
            watched.page.wait_for_timeout(1000)
            watched.page.screenshot(path=ROOT / "docs" / "images" / f"{name}.png")
            watched.context.close()


def test_the_picture_of_a_message_in_slack(start, tmp_path):
    """Drawn as Slack does by a library that is not Slack's; emoji need a font: Debian's fonts-noto-color-emoji."""
    links = {
        "log": "https://logs.example.com/?q={request_id}",
        "user": "https://shop.example.com/admin/users/{user}",
    }
    service = {"name": "shop", "environment": "production", "runbook_url": "https://wiki.example.com/risk"}
    scene = start(notify=[bootstrap.SLACK], links=links, service=service)
    scene.cross("mallory")
    message = scene.receiver.wait("mallory", "slack")[0].body
    library = tmp_path / "slack-blocks"
    shutil.copytree(ROOT / ".ci" / "slack-blocks", library)
    subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=library, check=True)
    command = ["node", str(ROOT / "tests" / "envoy" / "slack_message.cjs"), str(library / "node_modules")]
    page = tmp_path / "message.html"
    page.write_bytes(subprocess.run(command, input=message, stdout=subprocess.PIPE, check=True).stdout)
    with chromium() as browser:
        watched = Watched(browser, viewport={"width": 760, "height": 400})
        watched.page.goto(page.as_uri())
        watched.page.screenshot(path=ROOT / "docs" / "images" / "slack.png", full_page=True)


def picture_scene(start):
    settings = {"mode": "protect", "notify": [bootstrap.WEBHOOK], "service": {"name": "shop", "environment": "production"}}
    scene = start(edit=Bootstrap.with_console, secrets=SECRETS | {"USER_RISK_ADMIN_TOKEN": TOKEN}, **settings)
    scene.ops = Client(scene.envoy.port_of("ops"))
    for user, attacks in CAST:
        for attack in attacks:
            scene.attack(attack, user)
    for order, user, span in (("block", "trent", "2h"), ("mute", "4711", "8h")):
        query = urlencode({"user": user, "for": span, "who": "jo", "why": "a picture"})
        assert scene.ops.send(f"/.user-risk/{order}?{query}", "operator", "POST", headers=[("x-user-risk-token", TOKEN)]).status == 200
    return scene


def with_a_day(route):
    """The pictures are taken seconds after the attacks; over which hours the points were spread is made up."""
    answer = route.fetch()
    body = answer.json()
    for user in body.get("users", [body]):
        rest, spread = user["hours"][-1], random.Random(user["user"])
        for hour in spread.sample(range(9, 23), 3):
            user["hours"][hour] = spread.randint(0, max(0, rest // 3))
            rest -= user["hours"][hour]
        user["hours"][-1] = rest
    route.fulfill(response=answer, json=body)
