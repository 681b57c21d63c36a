"""Characters that steer what a reader sees without being seen: they move a terminal's cursor, turn the direction of
writing so that an address reads as another one, or take no room at all. What strangers write may hold them, so they are
made visible wherever a person decides by what is shown.
"""

import re

MARK = "\N{REPLACEMENT CHARACTER}"
BREAK = "\N{DOWNWARDS ARROW WITH CORNER LEFTWARDS}"
# Controls but tab and line feed; marks that turn the direction; what takes no room. The joiners of scripts and of
# emoji stay, and so do the unseen letters within a flag.
UNSEEN = "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
_STEERS = re.compile(f"(\U0001f3f4[\U000e0061-\U000e007a]{{2,6}}\U000e007f)|[{UNSEEN}\U000e0000-\U000e007f]")
_BREAKS = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")


def shown(text: str) -> str:
    """The text with a mark for each of them; as long as it was."""
    return _STEERS.sub(lambda found: found[1] or MARK, text)


def on_one_line(text: str) -> str:
    """Likewise, and line breaks can be seen."""
    return shown(_BREAKS.sub(BREAK, text))


def without(text: str) -> str:
    """For what never needs them: a name of a file, an address."""
    return _STEERS.sub(lambda found: found[1] or "", text)
