"""What a chat model's memory of a conversation has no more room for, in the terminal: said before it happens."""

from agent.protocol.events import ContextMeasured, FoldingStarted
from app.presenters.wording import count


def folding(event: FoldingStarted) -> str:
    """Of this turn, before its answer is begun."""
    many = count(event.messages, "older message")
    what = "the model sums them up first." if event.summed else "they are left out, with no room for a summary."
    return f"{many}{_span(event.goes_from, event.goes_to)}: there is no more room, so {what}"


def nearly_full(event: ContextMeasured) -> str:
    """Of the turns to come; "" while there is room."""
    if not (event.nearly_full and event.goes):
        return ""
    share = min(event.used / max(event.limit, 1), 1.0)
    return (
        f"The model's memory of this conversation is {share:.0%} full. Soon the {count(event.goes, 'oldest message')}"
        f"{_span(event.goes_from, event.goes_to)} will be summed up to make room."
    )


def _span(first: str, last: str) -> str:
    return f" (from “{first}” to the answer to “{last}”)" if first else ""
