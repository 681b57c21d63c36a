"""A start as text: one line a span, drawn where it lies in time."""

from collections.abc import Iterator

from agent.starts.names import CLASSES, plain
from agent.starts.record import Span, Start

BAR_WIDTH = 48
NAME_WIDTH = 40
SHOWN_MS_MIN = 0.5  # shorter spans are told in one line at the end


def waterfall(start: Start) -> list[str]:
    return [headline(start), *_bars(start), *_small(start), f"{start.accounted:.1%} of the time is accounted for."]


def headline(start: Start) -> str:
    """ "Ready in 0.41 s: window after 0.13 s, first word after 0.44 s. Everyday: everything was in memory still." """
    parts = []
    if start.window_ms is not None:
        parts.append(f"window after {seconds(start.window_ms)}")
    if start.first_token_ms is not None:
        parts.append(f"first word after {seconds(start.first_token_ms)}")
    marks = f": {', '.join(parts)}" if parts else ""
    lead = "Ready in" if start.ok else "Not ready: a model did not come up. The rest took"
    return f"{lead} {seconds(start.ready_ms)}{marks}. A start {CLASSES[start.kind]} ({start.evidence})."


def seconds(ms: float) -> str:
    return f"{ms / 1000:.2f} s"


def _bars(start: Start) -> Iterator[str]:
    for span in start.spans:
        if span.ms >= SHOWN_MS_MIN:
            yield f"{_indented(span, start):<{NAME_WIDTH}.{NAME_WIDTH}} {span.ms:>8.1f} ms  {_bar(span, start.end_ms)}"


def _indented(span: Span, start: Start) -> str:
    return "  " * _depth(span, {one.name: one.parent for one in start.spans}) + plain(span.name)


def _depth(span: Span, parents: dict[str, str]) -> int:
    depth, parent = 0, span.parent
    while parent and depth < len(parents):
        depth, parent = depth + 1, parents.get(parent, "")
    return depth


def _bar(span: Span, whole_ms: float) -> str:
    per_ms = BAR_WIDTH / max(whole_ms, 1e-9)
    begin = min(round(span.begin_ms * per_ms), BAR_WIDTH - 1)
    return " " * begin + "█" * max(1, min(round(span.ms * per_ms), BAR_WIDTH - begin))


def _small(start: Start) -> Iterator[str]:
    small = [span for span in start.spans if span.ms < SHOWN_MS_MIN]
    if small:
        yield f"{len(small)} more, shorter than {SHOWN_MS_MIN} ms, together {sum(one.ms for one in small):.1f} ms."
