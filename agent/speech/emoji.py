"""No emoji means none: marks for Carryon's own words where they are wanted, and a filter for what a chat model says."""

import re

MARKS = {
    "done": "✅",
    "queued": "📤",
    "lacks": "📤",
    "waiting_approval": "✋",
    "proposed": "✋",
    "refused": "🚫",
    "unknown": "✋",
    "failed": "⚠️",
    "greeting": "👋",
    "farewell": "👋",
    "thanks": "😊",
    "praise": "😊",
}

# Text signs of the same blocks that are no pictures: stars, notes, boxes to tick, ticks and crosses, arrows.
_PICTURES = (
    "\U0001f000-\U0001faff\u231a\u231b\u23e9-\u23f3\u23f8-\u23fa\u25fd\u25fe\u2600-\u2604\u2607-\u260f\u2613-\u2669"
    "\u266c-\u2712\u2715\u2716\u2719-\u278f\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\u3030\u303d\u3297\u3299"
)
_PICTURE = re.compile(
    f" ?(?:[{_PICTURES}]|[\u2190-\u2bff\u00a9\u00ae\u203c\u2049]\ufe0f)"
    "[\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
    f"(?:\u200d[{_PICTURES}\u2190-\u2bff][\ufe0f\U0001f3fb-\U0001f3ff]*)*"
)
_REMAINS = re.compile("[\ufe0f\u20e3]")  # of one that was cut between two pieces


def without_emoji(text: str) -> str:
    """The text without pictures; a blank before one goes with it."""
    return _REMAINS.sub("", _PICTURE.sub("", text))
