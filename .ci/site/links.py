"""Links that leave docs/ for the rest of the project: on the site they lead to the repository, as mkdocs knows only docs/.

Run by mkdocs: ./build.sh site. SITE_REPOSITORY is the repository's address; without it such a link is only its text.
"""

import os
import posixpath
import re
from pathlib import Path

REPOSITORY = os.environ.get("SITE_REPOSITORY", "")
ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[([^\]]*)\]\(([^)#\s:]+)(#[^)\s]*)?\)")


def on_page_markdown(markdown, page, config, files):
    folder = posixpath.dirname(page.file.src_uri)

    def elsewhere(link):
        text, target, fragment = link.groups()
        path = posixpath.normpath(posixpath.join("docs", folder, target))
        if path.startswith("docs/"):
            return link[0]
        if not (ROOT / path).exists():
            raise SystemExit(f"docs/{page.file.src_uri}: {target} is not there")
        return f"[{text}]({REPOSITORY}/blob/main/{path}{fragment or ''})" if REPOSITORY else text

    return LINK.sub(elsewhere, markdown)
