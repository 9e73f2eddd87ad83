"""How do tests look at a page? Debian's Chromium, driven by Playwright, and axe-core for what keeps people out."""

import contextlib
import shutil

from .bootstrap import ROOT

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
AXE = ROOT / "target" / "tools" / "axe" / "node_modules" / "axe-core" / "axe.min.js"

DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}


@contextlib.contextmanager
def chromium():
    """A browser that runs no longer than the `with`."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # No sandbox: the tests may run as root in a container, and look only at pages of this machine.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=False)
        yield browser
        browser.close()


class Watched:
    """A page in a context of its own, and all that went wrong in it: errors, refusals by the policy, dialogs."""

    def __init__(self, browser, **options):
        self.context = browser.new_context(**{"viewport": DESKTOP, "locale": "en-GB", "timezone_id": "UTC", **options})
        self.context.set_default_timeout(10_000)
        self.trouble: list[str] = []
        self.requests: list[str] = []
        self.page = self.open()

    def open(self):
        """One more tab."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        page.on("console", self._said)
        page.on("dialog", lambda dialog: (self.trouble.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self.requests.append(request.url))
        return page

    def faults(self) -> list[str]:
        """What axe-core finds on the page, as it is shown now."""
        if not self.page.evaluate("typeof axe !== 'undefined'"):
            self.page.evaluate(AXE.read_text())
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        return [f"{fault['id']}: {node['html'][:200]} {node['failureSummary']}" for fault in found for node in fault["nodes"]]

    def _said(self, message):
        # An answer that is no success shows in the console too; those are the test's own.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.trouble.append(f"{message.type}: {message.text}")
