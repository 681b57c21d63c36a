"""The waterfall is read by people: names they know, times in order, nothing hidden."""

from collections.abc import Callable

from agent.spans import START
from agent.starts.names import plain
from agent.starts.record import UNACCOUNTED, Span, Start, StartClass
from agent.starts.waterfall import BAR_WIDTH, waterfall

SPANS = (
    Span("interpreter", 0, 20), Span("qt", 20, 80),
    Span("model starter", 100, 200), Span("model map", 110, 150, "model starter"),
    Span(UNACCOUNTED, 200, 240), Span("registry", 240, 240.2), Span("first token", 240.2, 250),
)  # fmt: skip


def test_it_says_what_took_how_long_and_where(make_start: Callable[..., Start]) -> None:
    lines = waterfall(make_start(window_ms=90, ready_ms=240.2, first_token_ms=250.0, spans=SPANS))
    text = "\n".join(lines)
    assert lines[0] == "Ready in 0.24 s: window after 0.09 s, first word after 0.25 s. A start everyday (why)."
    assert "Loading the window library" in text
    assert "Not accounted for" in text
    assert "  Reading the model" in text, "a part stands under what it is a part of"
    assert "1 more, shorter" in text
    bars = [line for line in lines if "█" in line]
    assert len(bars) == len(SPANS) - 1
    assert max(len(line) for line in bars) <= 40 + 14 + BAR_WIDTH
    assert bars[1].index("█") > bars[0].index("█")


def test_every_name_in_use_has_words() -> None:
    shown = (
        "interpreter", "qt", "window imports", "first paint", "spawn starter", "migration x_001", "tool note.create",
        "model context", "schema library", "database", UNACCOUNTED,
    )  # fmt: skip
    assert [name for name in shown if plain(name) == name] == []
    assert plain("something new") == "something new"


def test_this_process_was_never_started_for_good() -> None:
    """A test's own process must not end up in a ledger."""
    assert "interpreter" not in [lap.name for lap in START.laps()]


def test_classes_have_words(make_start: Callable[..., Start]) -> None:
    heads = {waterfall(make_start(kind=kind))[0] for kind in StartClass}
    assert len(heads) == len(StartClass)
