"""Text up to a stop: however it is cut, the same text comes, and no stop text is ever shown."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from models.worker.stops import Outlet

words = st.text("ab\n €😀", max_size=30)


@given(words, st.lists(st.text("ab\n€", min_size=1, max_size=4), max_size=3), st.lists(st.integers(0, 90), max_size=12))
def test_pieces_do_not_matter(text: str, stops: list[str], cuts: list[int]) -> None:
    outlet = Outlet(stops)
    borders = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    shown = "".join(outlet.feed(text[start:end]) for start, end in pairwise(borders))
    shown += outlet.feed("", final=True)
    found = [text.index(stop) for stop in stops if stop in text]
    if not found:
        assert shown == text
    else:
        assert text.startswith(shown)
        assert not any(stop in shown for stop in stops)
    assert outlet.hit == bool(found)
