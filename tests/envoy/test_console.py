"""Does the console's page work in a real browser: sign in, look, act, and stay text whatever users call themselves?"""

import json
import re
import time

import pytest

from lab import bootstrap, client
from lab.bootstrap import SECRETS, Bootstrap
from lab.browser import AXE, CHROMIUM, DESKTOP, PHONE, Watched, chromium
from lab.client import Client, fresh_user
from lab.scene import Scene

TOKEN = "a-token-for-the-laboratory-only"
HOSTILE = "<img src=x onerror=alert(1)>"
LONG = "x" * 10_000
FORMULA = "=cmd|' /C calc'!A0"

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium: apt install chromium")
expect = pytest.importorskip("playwright.sync_api").expect
expect.set_options(timeout=15_000)  # The page asks every five seconds, and machines that test are busy.


@pytest.fixture(scope="module")
def scene():
    example = Bootstrap()
    example.settings.update(
        mode="protect",
        notify=[bootstrap.WEBHOOK],
        links={"log": "https://logs.example.com/?q={request_id}"},
        service={"name": "shop", "environment": "production"},
    )
    example.with_console()
    secrets = SECRETS | {"USER_RISK_ADMIN_TOKEN": TOKEN}
    with Scene(example, channels=("webhook",), secrets=secrets) as running:
        running.ops = Client(running.envoy.port_of("ops"))
        yield running
        running.assert_healthy()


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture
def seen(scene, browser):
    """A page that is signed in. At the end nothing has gone wrong in it, and it has asked nobody else."""
    watched = Watched(browser)
    sign_in(watched.page, scene)
    yield watched
    assert not watched.trouble
    own = f"http://127.0.0.1:{scene.ops.port}/.user-risk"
    assert all(url.startswith((own, "blob:")) for url in watched.requests), watched.requests
    watched.context.close()


def sign_in(page, scene, view=""):
    page.goto(f"http://127.0.0.1:{scene.ops.port}/.user-risk{view}")
    page.get_by_label("token").fill(TOKEN)
    page.get_by_label("token").press("Enter")
    expect(page.get_by_role("button", name="Forget the token")).to_be_visible()


def order(scene, name, user, **more):
    """An order by the API."""
    from urllib.parse import urlencode

    query = urlencode({"user": user, "who": "jo", "why": "a test", **more})
    reply = scene.ops.send(f"/.user-risk/{name}?{query}", method="POST", headers=[("x-user-risk-token", TOKEN)])
    assert reply.status == 200, reply.body
    return json.loads(reply.body)


def give(page, button, **fields):
    """An order by the page."""
    page.get_by_role("button", name=button).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Who are you").fill("jo")
    dialog.get_by_label("Why").fill("a test")
    for label, value in fields.items():
        dialog.get_by_label(label).select_option(value)
    dialog.locator("button.main").click()
    expect(dialog).to_be_hidden()


def becomes(status, scene, user):
    """The user's requests are answered so, by every worker: the others hear of an order with their next tick."""
    deadline = time.monotonic() + 5
    while any(scene.client.send("/", user).status != status for _ in range(10)):
        assert time.monotonic() < deadline, f"not {status} yet"
        time.sleep(0.1)


def test_the_page_is_locked_up(scene):
    """It needs no token, holds nothing of anybody, and may load nothing."""
    for path, headers in (("/.user-risk", [("accept-encoding", "gzip")]), ("/.user-risk/", [])):
        reply = scene.ops.send(path, headers=headers)
        sent = dict(reply.headers)
        assert (reply.status, sent["content-type"]) == (200, "text/html; charset=utf-8")
        assert (reply.body[:2] == b"\x1f\x8b") == (sent.get("content-encoding") == "gzip") == bool(headers)
        policy = sent["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'sha256-") and "unsafe" not in policy
        assert (sent["cache-control"], sent["x-content-type-options"]) == ("no-store", "nosniff")
        assert sent["referrer-policy"] == "no-referrer"
    assert scene.ops.send("/.user-risk", method="HEAD").status == 200
    assert scene.ops.send("/.user-risk", method="POST").status == 401
    assert scene.client.send("/.user-risk").status == 404, "another listener has no page"


def test_an_attack_is_seen_blocked_and_forgiven(scene, seen, user):
    page = seen.page
    score = sum(event["points"] for event in scene.cross(user))
    # The list updates itself.
    expect(page.get_by_role("link", name=user)).to_be_visible(timeout=15_000)
    row = page.get_by_role("row").filter(has_text=user)
    expect(row).to_contain_text(f"{score} warning")
    page.get_by_role("link", name=user).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(user)
    events = page.get_by_role("region", name="Incident").get_by_role("listitem")
    attack = events.filter(has_text="rce.")
    expect(attack).to_contain_text("critical")
    expect(attack).to_contain_text("+8")
    link = attack.get_by_role("link")
    assert re.fullmatch(r"https://logs\.example\.com/\?q=[0-9a-f-]{36}", link.get_attribute("href"))
    told = page.get_by_role("region", name="Who was told").get_by_role("row").filter(has_text="webhook")
    expect(told).to_contain_text("arrived")
    assert scene.client.send("/", user).status == 200
    give(page, "Block…", **{"For how long": "1h"})
    expect(page.get_by_role("main")).to_contain_text("blocked until")
    becomes(403, scene, user)
    give(page, "Unblock…")
    expect(page.get_by_role("main")).not_to_contain_text("blocked until")
    becomes(200, scene, user)
    give(page, "Mute…", **{"For how long": "8h"})
    expect(page.get_by_role("main")).to_contain_text("muted until")
    give(page, "Unmute…")
    give(page, "Forgive…")
    expect(page.locator(".summary")).to_contain_text("0 points")
    orders = [event for event in scene.envoy.events("order") if event["user"] == user]
    assert [event["order"] for event in orders] == ["block", "unblock", "mute", "unmute", "forgive"]
    assert {(event["who"], event["why"]) for event in orders} == {("jo", "a test")}


def test_names_are_text(scene, seen):
    page = seen.page
    for name in (HOSTILE, LONG, FORMULA):
        scene.client.send(client.SQLI, name)
        scene.client.send(client.SHELL, name)
    expect(page.get_by_role("link", name=HOSTILE)).to_be_visible(timeout=15_000)
    assert page.locator("main img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "a long name does not push the page apart"
    page.get_by_role("link", name=HOSTILE).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    page.goto(page.url.split("#")[0] + "#/find/" + HOSTILE)
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    page.goto(page.url.split("#")[0] + "#/find/nobody<b>of-this-name")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nobody found")
    expect(page.get_by_role("main")).to_contain_text("nobody<b>of-this-name")


def test_a_list_is_saved_and_no_spreadsheet_runs_it(scene, seen, user):
    page = seen.page
    for name in (user, FORMULA):
        scene.client.send(client.SQLI, name)
        scene.client.send(client.SHELL, name)
    expect(page.get_by_role("link", name=user)).to_be_visible(timeout=15_000)
    saved = {}
    for form in ("CSV", "JSON"):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Download {form}").click()
        saved[form] = download.value.path().read_text()
    assert "'=cmd|' /C calc'!A0" in saved["CSV"] and user in saved["CSV"]
    assert {user, FORMULA} <= {one["user"] for one in json.loads(saved["JSON"])}


def test_a_user_is_found_by_name_and_by_hash(scene, seen, user):
    page = seen.page
    event = scene.attack(client.SQLI, user)
    for wanted in (user, order(scene, "unmute", user)["user"]["id"][:8]):
        page.get_by_label("Name, address or hash").fill(wanted)
        page.get_by_role("button", name="Find").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(user)
        page.get_by_role("link", name="Risky").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Risky users")
    assert event["points"] == 8
    # Too few points to be risky: only the list of all has them.
    page.get_by_role("link", name="All users").click()
    while (further := page.get_by_role("button", name="Look further")).count():
        further.click()
        page.wait_for_timeout(50)
    expect(page.get_by_role("link", name=user)).to_be_visible()


def test_somebody_is_muted_before_the_first_point(scene, seen, user):
    page = seen.page
    page.get_by_role("button", name="Mute or block somebody…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name or address").fill(user)
    dialog.get_by_label("Who are you").fill("jo")
    dialog.get_by_label("Why").fill("a pentest")
    dialog.locator("button.main").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(user)
    expect(page.get_by_role("main")).to_contain_text("muted until")
    page.get_by_role("link", name="Muted").click()
    expect(page.get_by_role("link", name=user)).to_be_visible()


def test_a_long_list_has_pages(scene, seen):
    page = seen.page
    for _ in range(60):
        order(scene, "mute", fresh_user("many"), **{"for": "1h"})
    page.get_by_role("link", name="Muted").click()
    expect(page.get_by_role("rowheader")).to_have_count(50)
    expect(page.get_by_label("Pages of the list")).to_contain_text(re.compile(r"1–50 of 6\d"))
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_label("Pages of the list")).to_contain_text("51–")
    page.get_by_role("link", name="Previous").click()
    expect(page.get_by_label("Pages of the list")).to_contain_text("1–50")


def test_the_token_stays_in_its_tab(scene, browser):
    watched = Watched(browser)
    page = watched.page
    page.goto(f"http://127.0.0.1:{scene.ops.port}/.user-risk#/health")
    page.get_by_label("token").fill("not-the-token-at-all")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("That is not the token.")).to_be_visible()
    page.get_by_label("token").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()
    # The address that was asked for is shown.
    expect(page.get_by_role("heading", level=1)).to_have_text("Health")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Health")
    other = watched.open()
    other.goto(page.url)
    expect(other.get_by_label("token")).to_be_visible()
    page.get_by_role("button", name="Forget the token").click()
    expect(page.get_by_label("token")).to_be_visible()
    assert page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])").find(TOKEN) < 0
    assert not any(TOKEN in url for url in watched.requests) and not watched.trouble
    watched.context.close()


def test_it_goes_by_keyboard(scene, seen, user):
    page = seen.page
    score = sum(event["points"] for event in scene.cross(user))
    link = page.get_by_role("link", name=user)
    expect(link).to_be_visible(timeout=15_000)
    page.keyboard.press("Tab")  # The heading has the focus; from there on to the tools.
    expect(page.get_by_role("button", name="Download CSV")).to_be_focused()
    link.focus()
    score += scene.attack(client.JNDI, user)["points"]
    expect(page.get_by_role("row").filter(has_text=user)).to_contain_text(f"{score} ")
    expect(link).to_be_focused()  # An update takes the focus from nobody.
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.get_by_role("button", name="Mute…").press("Enter")
    expect(page.get_by_label("For how long")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name="Mute…")).to_be_focused()


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not here: ./build.sh test envoy installs it with npm")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_keeps_anybody_out(scene, browser, scheme, size):
    user = fresh_user()
    scene.cross(user)
    order(scene, "mute", user, **{"for": "1h"})
    order(scene, "block", user, **{"for": "1h"})
    watched = Watched(browser, color_scheme=scheme, viewport=size)
    page = watched.page
    page.goto(f"http://127.0.0.1:{scene.ops.port}/.user-risk")
    expect(page.get_by_label("token")).to_be_visible()
    faults = {"sign in": watched.faults()}
    sign_in(page, scene)
    for view in ("users", "incidents", "records", "health", f"find/{user}"):
        page.goto(f"http://127.0.0.1:{scene.ops.port}/.user-risk#/{view}")
        expect(page.locator("main .scroll, main .strips").first).to_be_visible()
        faults[view] = watched.faults()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{view} is too wide"
    page.get_by_role("button", name="Mute or block somebody…").or_(page.get_by_role("button", name="Forgive…")).first.click()
    faults["order"] = watched.faults()
    assert not {view: found for view, found in faults.items() if found}
    assert not watched.trouble
    watched.context.close()
