"""A conflict as two sides: what you decided on, and how it is now; where work was compared, what differs."""

from dataclasses import dataclass

from app.presenters.wording import one_line
from sync.item import Item

SIDE_CHARACTERS_MAX = 2_000
SHORT_CHARACTERS_MAX = 160
DIFF_LINES_MAX = 60
_DIFF_BEGINS = ("--- ", "@@")


@dataclass(frozen=True, slots=True)
class Sides:
    what: str
    then: str
    now: str
    diff: str = ""

    @property
    def short(self) -> tuple[str, str]:
        return one_line(self.then, SHORT_CHARACTERS_MAX), one_line(self.now, SHORT_CHARACTERS_MAX)


def sides(item: Item) -> Sides | None:
    """None where the item is no conflict, or nobody wrote down what differs."""
    told = item.conflict
    if str(item.state) != "conflict" or not told:
        return None
    now, diff = _apart(str(told.get("now", "")))
    then = str(told.get("then", ""))[:SIDE_CHARACTERS_MAX]
    return Sides(str(told.get("what", "")), then or "not written down", now or "not known", diff)


def _apart(text: str) -> tuple[str, str]:
    """Words, and the lines of difference below them."""
    words: list[str] = []
    differing: list[str] = []
    for line in text[: SIDE_CHARACTERS_MAX * 2].splitlines():
        if differing or line.startswith(_DIFF_BEGINS):
            differing.append(line)
        else:
            words.append(line)
    return "\n".join(words)[:SIDE_CHARACTERS_MAX], "\n".join(differing[:DIFF_LINES_MAX])
