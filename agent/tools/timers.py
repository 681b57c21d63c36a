"""timer.set: kept in the library's tables, so that it rings after a restart too."""

from collections.abc import Mapping
from datetime import timedelta

from agent.times import duration, resolve
from agent.tools.context import ToolContext
from agent.tools.facts import moment_fact
from agent.tools.results import Done, NeedsClarification, Result
from agent.tools.titles import one_line


def start(args: Mapping[str, str], context: ToolContext) -> Result:
    length = duration(args["duration"]) or _until(args["duration"], context)
    if length is None:
        return NeedsClarification("duration", {"said": args["duration"]})
    rings_at = context.now_ms + round(length.total_seconds() * 1000)
    label = one_line(args.get("label", ""))
    context.library.add_timer(label, rings_at, conversation_id=context.conversation_id)
    facts = {"label": label or None, "seconds": round(length.total_seconds())}
    return Done({**facts, "rings": moment_fact(rings_at, context.zone)})


def _until(said: str, context: ToolContext) -> timedelta | None:
    """ "timer until half past five"; a bare number may be minutes or an hour of the day, so it is neither."""
    if said.strip().isdigit():
        return None
    when = resolve(said, context.now, context.settings.language)
    if when is None or not when.has_time:
        return None
    ahead = timedelta(seconds=when.start.timestamp() - context.clock())
    return ahead if ahead > timedelta(0) else None
