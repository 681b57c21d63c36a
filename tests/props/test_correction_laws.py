"""Laws of corrections: bounds hold whatever comes, and an export neither tells an address nor loses a border."""

import json
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.corrections import Corrections, How, store
from agent.corrections.redaction import Redaction
from agent.store import open_store
from models.contracts import PointedCall
from models.starter.situation import Situation

WORDS = st.sampled_from([
    "email", "to", "that", "Dana", "Sam", "dana@halden.example", "sam.lee@halden.example", "am", "signed,", "(Dana)",
    "https://halden.example/a?b=1", "+49 30 901820", "ÄÖÜ", "ist", "5",
])  # fmt: skip
PRIVATE = ("dana", "sam", "halden", "901820")
KNOWN = (("contact", "Dana"), ("contact", "Sam"))


@st.composite
def pointed(draw: st.DrawFn) -> tuple[str, PointedCall]:
    """A text of words, and a call whose arguments are runs of them."""
    words = draw(st.lists(WORDS, min_size=1, max_size=14))
    text = " ".join(words)
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word) + 1)
    args, spans = {}, {}
    for name in ("to", "body"):
        first = draw(st.integers(0, len(words) - 1))
        last = draw(st.integers(first, len(words) - 1))
        start, end = starts[first], starts[last] + len(words[last])
        args[name], spans[name] = text[start:end], (start, end)
    return text, PointedCall("email.send", args, spans)


PART_OF_A_NUMBER = ("+49 30 901820 5", PointedCall("email.send", {"to": "+49 30 901820"}, {"to": (0, 13)}))


@given(pointed())
@example(PART_OF_A_NUMBER)
def test_an_export_tells_nobody_and_every_span_is_its_argument(made: tuple[str, PointedCall]) -> None:
    text, call = made
    with tempfile.TemporaryDirectory() as folder:
        corrections = Corrections(open_store(Path(folder) / "c.db"), lambda: 1.0, lambda: True)
        kept = corrections.record(text, (call,), None, how=How.UNDONE, situation=Situation(known=KNOWN))
        assert kept is not None
        (line,) = corrections.lines()
        corrections._connection.close()  # the folder goes
    assert not [private for private in PRIVATE if private in line.casefold()]
    document = json.loads(line)
    (shown,) = document["rejected"]
    assert shown["spans"].keys() == call.args.keys()
    for name, (start, end) in shown["spans"].items():
        assert document["text"][start:end] == shown["args"][name]


@given(st.text(max_size=200), st.integers(0, 200), st.integers(0, 200))
def test_redacting_any_text_keeps_spans_inside_it(text: str, one: int, other: int) -> None:
    redacted = Redaction(("Dana",)).of(text)
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    low, high = redacted.span(start, end)
    assert 0 <= low <= high <= len(redacted.text)
    assert redacted.span(0, len(text)) == (0, len(redacted.text))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(list(How)), st.sampled_from(["", "a", "b"])), max_size=40), st.integers(1, 6))
def test_no_more_pairs_than_the_bound_and_one_of_each_source(deeds: list[tuple[How, str]], most: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        connection = open_store(Path(folder) / "c.db")
        connection.execute("PRAGMA synchronous = OFF")
        corrections = Corrections(connection, lambda: 1.0, lambda: True)
        before, store.PAIRS_MAX = store.PAIRS_MAX, most
        try:
            for number, (how, source) in enumerate(deeds):
                meant = (PointedCall("task.add", {"title": f"number {number}"}),)
                corrections.record("add a task", (), meant, how=how, source=source)
                kept = corrections.list(1_000)
                assert len(kept) <= most
                assert kept[0].corrected == meant, "the newest is there"
                sources = [(pair.how, pair.source) for pair in kept if pair.source]
                assert len(sources) == len(set(sources))
        finally:
            store.PAIRS_MAX = before
            connection.close()
