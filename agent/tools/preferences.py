"""rc.set: finds the setting and its value, by name where they are given, else from the whole sentence, and proposes
the change as a diff of the settings file. Nothing changes before the user accepts.
"""

import json
from collections.abc import Mapping
from typing import Any

from agent.agentrc.errors import RcError
from agent.agentrc.keys import format_key, resolve
from agent.agentrc.options import ALSO_SAID, OPTIONS, Kind
from agent.agentrc.servers import TABLE as SERVERS
from agent.agentrc.sources import assigned
from agent.tools.context import ToolContext
from agent.tools.places import zone_of
from agent.tools.preference_words import LANGUAGES, wishes
from agent.tools.results import NeedsClarification, Proposed, Result
from agent.tools.titles import CHOICES_MAX, one_line

OFFERED = ("tone", "length", "format", "language", "timezone", "emoji", "tools.*", "model.default", "network.mode")


def propose(args: Mapping[str, str], context: ToolContext) -> Result:
    """`key` and `value` win when they fit; the user's sentence decides otherwise."""
    found = _given(args) or _from_words(args, context.said)
    if not found:
        return _which_value(args) or _which(context.said)
    (key, value), *others = found
    return _proposed(key, value, others, context)


Change = tuple[str, Any]


def _given(args: Mapping[str, str]) -> list[Change]:
    """The change that the arguments name, [] when they do not make one."""
    key, value = args.get("key", ""), args.get("value")
    key = ALSO_SAID.get(key.strip().casefold(), key.strip())
    if not key or value is None:
        return []
    return _valid(key, value)


def _valid(key: str, value: str) -> list[Change]:
    """Which programs may be started here, and what their tools are, no model proposes: the user looks at those."""
    try:
        option, path = resolve(key)
        if path[0] == SERVERS:
            return []
        return [(format_key(path), assigned(format_key(path), _meant(option.kind, value), "user")[1])]
    except RcError:
        return []


def _meant(kind: Kind, value: str) -> str:
    """A value in the user's words as the file has it: portuguese is pt, Lisbon is Europe/Lisbon."""
    said = one_line(value)
    if kind is Kind.LANGUAGE:
        return LANGUAGES.get(said.casefold(), said)
    if kind is Kind.ZONE:
        found = zone_of(said)
        return found[1] if found else said
    return said.casefold() if kind in (Kind.CHOICE, Kind.BOOL) else said


def _from_words(args: Mapping[str, str], said: str) -> list[Change]:
    text = said or " ".join(args.values())
    changes = [change for wish in wishes(text) for change in _valid(wish.key, wish.value)]
    named = ALSO_SAID.get(args.get("key", "").casefold(), args.get("key", ""))
    return sorted(changes, key=lambda change: change[0] != named)


def _proposed(key: str, value: Any, others: list[Change], context: ToolContext) -> Result:
    diff = context.diff(key, value)
    facts = {
        "key": key,
        "value": value,
        "old": _present(key, context),
        "diff": diff,
        "also": [list(one) for one in others],
    }
    return Proposed(key, value, facts)


def _present(key: str, context: ToolContext) -> Any:
    """The value in force, None where nothing is set."""
    path = resolve(key)[1]
    if path[0] == "tools":
        return dict(context.settings.tool_rules).get(path[1])
    place: Any = json.loads(context.settings.compiled)
    for name in path:
        place = place.get(name) if isinstance(place, dict) else None
    return place


def _which_value(args: Mapping[str, str]) -> NeedsClarification | None:
    """The setting is known, what it should be is not."""
    said = args.get("key", "").strip()
    key = ALSO_SAID.get(said.casefold(), said)
    if "value" in args or key not in OFFERED or "*" in key:
        return None
    option, path = resolve(key)
    return NeedsClarification("value", {"key": format_key(path)}, tuple(option.choices)[:CHOICES_MAX])


def _which(said: str) -> NeedsClarification:
    options = [{"key": option.key, "about": option.about} for option in OPTIONS if option.key in OFFERED]
    return NeedsClarification("setting", {"said": said, "options": options}, OFFERED)
