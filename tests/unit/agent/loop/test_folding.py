"""Which turns go: in big steps, and what the next message would push out. The laws are in tests/props."""

import pytest

from agent.loop.folding import FILLED_TO, cut, next_cut


def test_it_folds_in_big_steps() -> None:
    turns = [100] * 20
    gone = cut(turns, 100, 2_000)
    assert gone is not None
    left = sum(turns[gone:])
    assert left <= FILLED_TO * 1_900
    assert cut([*turns[gone:], *[100] * 10], 100, 2_000) == 0, "then there is room for many turns"


@pytest.mark.parametrize(("turns", "fixed", "goes"), [([], 10, 0), ([50], 10, 1), ([100] * 8, 100, 5)])
def test_what_the_next_message_would_push_out(turns: list[int], fixed: int, goes: int) -> None:
    assert next_cut(turns, fixed, 1_000) == goes
