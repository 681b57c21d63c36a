"""Spans are noted from any thread, know what they are a part of, and stop when the start is over."""

import threading

from agent.spans import SPANS_MAX, Spans


def names(spans: Spans) -> list[tuple[str, str]]:
    return [(lap.name, lap.parent) for lap in spans.laps()]


def test_laps_follow_each_other_without_a_gap() -> None:
    spans = Spans()
    spans.lap("one")
    spans.lap("two")
    first, second = spans.laps()
    assert first.begin_ns == spans.born_ns
    assert first.end_ns == second.begin_ns <= second.end_ns


def test_a_span_within_another_names_it() -> None:
    spans = Spans()
    with spans.span("database"), spans.span("migration"):
        pass
    assert names(spans) == [("migration", "database"), ("database", "")]


def test_threads_do_not_become_parts_of_each_other() -> None:
    spans = Spans()

    def work() -> None:
        with spans.span("beside"):
            pass

    with spans.span("here"):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert ("beside", "") in names(spans)


def test_an_error_ends_its_span() -> None:
    spans = Spans()
    try:
        with spans.span("outer"), spans.span("failing"):
            raise ValueError
    except ValueError:
        pass
    with spans.span("after"):
        pass
    assert names(spans) == [("failing", "outer"), ("outer", ""), ("after", "")]


def test_nothing_is_noted_after_the_start_and_never_without_bound() -> None:
    spans = Spans()
    for _ in range(SPANS_MAX + 5):
        spans.lap("again")
    assert len(spans.laps()) == SPANS_MAX
    ended = Spans()
    ended.stop()
    with ended.span("late"):
        pass
    assert ended.laps() == ()
