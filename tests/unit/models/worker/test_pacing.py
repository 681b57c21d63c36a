"""What is written close together goes out together: the first at once, nothing lost, nothing out of order."""

from hypothesis import given
from hypothesis import strategies as st

from models.worker.pacing import TOGETHER_S, Pacing


class Line:
    """What was sent, and a clock that stands until it is moved."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bool]] = []
        self.now = 100.0
        self.pacing = Pacing(self._send, lambda: self.now)

    def _send(self, text: str, *, thinking: bool) -> None:
        self.sent.append((text, thinking))

    def say(self, text: str, after_s: float = 0.0, *, thinking: bool = False) -> None:
        self.now += after_s
        self.pacing.say(text, thinking=thinking)


def test_the_first_piece_goes_at_once() -> None:
    line = Line()
    line.say("a")
    assert line.sent == [("a", False)]


def test_a_fast_models_tokens_go_together() -> None:
    line = Line()
    for letter in "abcd":
        line.say(letter, TOGETHER_S / 3 + 1e-6)
    assert line.sent == [("a", False), ("bcd", False)]


def test_a_slow_model_is_told_of_at_once() -> None:
    line = Line()
    for letter in "abc":
        line.say(letter, TOGETHER_S)
    assert [text for text, _ in line.sent] == ["a", "b", "c"]


def test_what_is_held_goes_before_the_end() -> None:
    line = Line()
    line.say("a")
    line.say("b")
    line.pacing.flush()
    line.pacing.flush()
    assert line.sent == [("a", False), ("b", False)]


pieces = st.lists(st.tuples(st.text(min_size=1, max_size=3), st.booleans(), st.floats(0, 2 * TOGETHER_S)))


@given(pieces)
def test_joining_changes_neither_text_nor_order(said: list[tuple[str, bool, float]]) -> None:
    line = Line()
    for text, thinking, after in said:
        line.say(text, after, thinking=thinking)
    line.pacing.flush()
    assert [(letter, kind) for text, kind in line.sent for letter in text] == [
        (letter, kind) for text, kind, _ in said for letter in text
    ]
    assert all(text for text, _ in line.sent)
