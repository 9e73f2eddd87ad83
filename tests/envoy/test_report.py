"""Does the report of a replay look right in a browser, by day and by night, whatever users call themselves?"""

import html.parser
import shutil
import subprocess

import pytest

from lab.bootstrap import ROOT

RISKCTL = ROOT / "target" / "release" / "riskctl"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HOSTILE = "</title></style><img src=x onerror=document.title='run'><script>document.title='run'</script>"
LINE = '192.0.2.7 - {user} [03/Jan/2026:09:0{minute}:00 +0000] "GET {path} HTTP/1.1" 200 1 "-" "-"\n'

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium: apt install chromium")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    log, page = folder / "access.log", folder / "report.html"
    paths = ["/run?cmd=%3Bcat+/etc/passwd", "/?q=1%27+union+select+1,2--"]
    log.write_text("".join(LINE.format(user=HOSTILE, minute=at, path=path) for at, path in enumerate(paths)))
    subprocess.run([RISKCTL, "replay", "--html", page, log], capture_output=True, check=True)
    return page


def _chromium(*arguments, page):
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=960,1600"]
    done = subprocess.run([CHROMIUM, *flags, *arguments, page.as_uri()], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


class _Seen(html.parser.HTMLParser):
    """The names of all elements, and the text that is shown."""

    def __init__(self):
        super().__init__()
        self.elements, self.text = set(), ""

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs), (tag, attrs)

    def handle_data(self, data):
        self.text += data


def test_names_are_text_and_nothing_runs(page):
    seen = _Seen()
    seen.feed(_chromium("--dump-dom", page=page))
    assert not seen.elements & {"script", "img", "link", "iframe", "object"}
    assert "User risk: what would have happened" in seen.text, "the title is ours"
    assert HOSTILE in seen.text and "1 incident" in seen.text


def test_it_is_drawn_by_day_and_by_night(page, tmp_path):
    sizes = []
    for name, dark in [("day", "1"), ("night", "0")]:
        picture = tmp_path / f"{name}.png"
        _chromium(f"--blink-settings=preferredColorScheme={dark}", f"--screenshot={picture}", page=page)
        sizes.append(picture.read_bytes())
    day, night = sizes
    assert min(len(day), len(night)) > 10_000 and day != night, "both are drawn, and they differ"
