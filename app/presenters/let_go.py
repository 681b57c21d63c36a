"""Words of somebody else that left the box, and how they are known again: the box may bring them back by itself."""

from dataclasses import dataclass

PART_CHARACTERS_MIN = 20  # what is shorter stands in too many texts to say whose it is


@dataclass(frozen=True, slots=True)
class LetGo:
    """`sources` and `note`: what was said of the words; `whole`: what the box began with; `last`: what the user had
    made of it when it went."""

    sources: tuple[str, ...] = ()
    note: str = ""
    whole: tuple[str, ...] = ()
    last: str = ""

    def has(self, text: str) -> bool:
        """Whether this is one of these texts, or holds one, or is a part of one."""
        own = text.strip()
        if not self.sources or not own:
            return False
        return any(own == one.strip() for one in self.whole) or any(
            _share(own, one) for one in (*self.whole, self.last)
        )


def _share(one: str, other: str) -> bool:
    short, long = sorted((one.strip(), other.strip()), key=len)
    return len(short) >= PART_CHARACTERS_MIN and short in long
