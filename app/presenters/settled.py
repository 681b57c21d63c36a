"""How much of a Markdown text that is still being written stands: what comes later is shown below it, not within."""

import re

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_GOES_ON = re.compile(r"[ \t>|]|[-*+](?:\s|$)|\d{1,9}[.)]?(?:\s|$)|$")  # perhaps more of the list, quote, table before


def settled(text: str) -> int:
    """Characters up to the last empty line behind which something new begins; 0: nothing stands yet."""
    at = found = 0
    fence, apart = "", False
    for line in text.splitlines(keepends=True):
        if apart and not fence and not _GOES_ON.match(line):
            found = at
        if mark := _FENCE.match(line):
            fence = _after(fence, mark[1], line[mark.end() :])
        apart = not fence and not line.strip()
        at += len(line)
    return found


def _after(fence: str, mark: str, rest: str) -> str:
    """The fence that is open behind one, none where it closed the last."""
    if not fence:
        return mark
    closes = mark[0] == fence[0] and len(mark) >= len(fence) and not rest.strip()
    return "" if closes else fence
