"""An appointment's copy for the calendar elsewhere: what is sent, and what it was decided on (which other appointments
were known at that time)."""

from collections.abc import Mapping, Sequence

from agent.protocol.records import Artifact
from agent.tools.context import ToolContext
from agent.tools.facts import moment_fact
from agent.tools.outgoing import Place, default_account, deferred
from agent.tools.results import Copy
from sync.intent import Intent

TOOL = "calendar.add"
KNOWN_MAX = 25
_NAMES = ("starts_at", "ends_at")


def uid(artifact_id: str) -> str:
    """The same in an exported .ics, so that importing one over the other makes no second appointment."""
    return f"{artifact_id}@carryon"


def copied(event: Artifact, others: Sequence[Artifact], args: Mapping[str, str], context: ToolContext) -> Copy | None:
    """None where the settings have no calendar elsewhere."""
    name = default_account(context.settings.calendars)
    if name is None:
        return None
    intent = written(event, others, args, context, name)
    return Copy(intent, name, context.settings.tool_rule(TOOL, outside=True) == "ask")


def written(
    event: Artifact, others: Sequence[Artifact], args: Mapping[str, str], context: ToolContext, name: str
) -> Intent:
    """For the calendar of that name."""
    starts, ends = _times(event, context)
    payload = {
        "uid": uid(event.id), "artifact": event.id, "title": event.title, "starts": starts, "ends": ends,
        "zone": str(context.zone),
    }  # fmt: skip
    sentence = f"Appointment “{event.title[:200]}” for the calendar {name}: {_said(starts, ends)}"
    return deferred(
        TOOL, args, Place(f"caldav:{name}", name), payload, sentence, {}, context,
        basis={"busy": [_known(other, context) for other in others[:KNOWN_MAX]]},
    ).intent  # fmt: skip


def known_beside(event: Artifact, context: ToolContext) -> list[Artifact]:
    """What else is in the calendar here at its time."""
    if event.data.get("all_day"):
        return []
    others = context.library.events(int(event.data["starts_at"]), int(event.data["ends_at"]))
    return [other for other in others if other.id != event.id and not other.data.get("all_day")]


def _times(event: Artifact, context: ToolContext) -> tuple[str, str]:
    whole = bool(event.data.get("all_day"))
    starts, ends = (str(moment_fact(event.data[name], context.zone, whole_day=whole)) for name in _NAMES)
    return starts, ends


def _said(starts: str, ends: str) -> str:
    day, _, time = starts.partition("T")
    last_day, _, until = ends.partition("T")
    if not time:
        return f"{day} until {last_day}"
    return f"{day} {time[:5]} to {until[:5] if last_day == day else f'{last_day} {until[:5]}'}"


def _known(event: Artifact, context: ToolContext) -> dict[str, str]:
    starts, ends = _times(event, context)
    return {"uid": uid(event.id), "title": event.title[:100], "starts": starts, "ends": ends}
