"""What an item is to carry once another is delivered, in words: "the link of “Issue in web: login is broken”".

For whoever shows it. In what is stored and edited the placeholder itself stays (agent/loop/links.py makes it).
"""

import re
from collections.abc import Sequence

from sync.item import Item

_PLACEHOLDER = re.compile(r"(?<![A-Za-z0-9_-])(link|number)-of-([0-9a-f]{9})(?![A-Za-z0-9_-])")


def in_words(text: str, item: Item, needs: Sequence[Item] = ()) -> str:
    """`text`: of the item; `needs`: what it waits for, where that is known whole. Unchanged where it waits for nothing:
    then it is no placeholder."""
    if not item.waits_for:
        return text
    return _PLACEHOLDER.sub(lambda found: f"the {found[1]} of {_named(found[2], item, needs)}", text)


def _named(begins: str, item: Item, needs: Sequence[Item]) -> str:
    """`begins`: the first characters of the id of the call that is meant."""
    meant = [one.sentence for one in needs if (one.call_id or "").replace("-", "").startswith(begins)]
    named = meant or (list(item.waits_on) if item.waits_for == 1 else [])
    return f"“{named[0]}”" if named else "what it waits for"
