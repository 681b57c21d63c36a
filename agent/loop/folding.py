"""How many of the oldest turns have to go so that the rest fits. Pure numbers, in tokens.

In big steps: folding costs the model a reading of everything anew, so each makes room for many turns. The newest stay
whole: what the user is about to follow up is among them.
"""

from collections.abc import Sequence

KEPT_WHOLE = 3  # of the newest turns, where that can be: follow-ups reach back so far (recall.TURNS_BACK_MAX + 1)
FILLED_TO = 0.4  # of what turns may take: how full it is after folding


def cut(turns: Sequence[int], fixed: int, holds: int) -> int | None:
    """How many of the oldest `turns` go; 0: all fit; None: it does not fit whatever goes. `fixed`: tokens that stand
    around them, the turn at hand among them."""
    if fixed > holds:
        return None
    if fixed + sum(turns) <= holds:
        return 0
    target = fixed + round((holds - fixed) * FILLED_TO)
    for kept in range(min(KEPT_WHOLE, len(turns)), -1, -1):
        gone = _gone(turns, fixed, target, len(turns) - kept)
        if fixed + sum(turns[gone:]) <= holds:
            return gone
    return len(turns)


def _gone(turns: Sequence[int], fixed: int, target: int, most: int) -> int:
    gone, total = 0, fixed + sum(turns)
    while gone < most and total > target:
        total -= turns[gone]
        gone += 1
    return gone


def next_cut(turns: Sequence[int], fixed: int, holds: int) -> int:
    """How many of the oldest turns the next message would push out, should it be just too long."""
    room = holds - fixed - sum(turns)
    return cut(turns, fixed + max(room, 0) + 1, holds) or 0
