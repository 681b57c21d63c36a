"""A web page as readable text: its title, and its words as Markdown without pictures and scripts."""

import re
from html import unescape

_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_NOISE = re.compile(r"<(script|style|noscript|svg|template)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
TITLE_CHARACTERS_MAX = 300


def readable(source: str) -> tuple[str, str]:
    """Title and text of an HTML page."""
    from html2text import HTML2Text

    found = _TITLE.search(source[:100_000])
    title = re.sub(r"\s+", " ", unescape(found[1])).strip()[:TITLE_CHARACTERS_MAX] if found else ""
    maker = HTML2Text(bodywidth=0)
    maker.ignore_images = True
    maker.ignore_emphasis = True
    maker.unicode_snob = True
    text = maker.handle(_NOISE.sub(" ", source))
    return title, re.sub(r"\n{3,}", "\n\n", text).strip()
