"""Classes between records, the settings' words and a person's: `class=local fresh=0s repeat=none touches=files`."""

from collections.abc import Mapping
from typing import Any

from agent.agentrc.classings import PARTS, wrong_with
from agent.agentrc.durations import seconds, written
from agent.agentrc.keys import format_key
from agent.errors import BadRequestError
from agent.mcp.declaring.classes import SEEN_CHARACTERS
from agent.mcp.records import Classing
from agent.tools.spec import Connectivity, Idempotency, Past, Touches

NOTHING = ("", "nothing", "none")


def table(said: Classing) -> dict[str, Any]:
    """As it stands in the settings."""
    past = {} if said.past is Past.REFUSE else {"past": said.past.value}
    return {
        "class": said.connectivity.value, "fresh": written(said.fresh_for_s), "repeat": said.idempotency.value,
        "touches": sorted(one.value for one in said.touches), "seen": said.digest[:SEEN_CHARACTERS], **past,
    }  # fmt: skip


def key(server: str, tool: str) -> str:
    return format_key(("servers", server, "tools", tool))


def in_words(said: Classing) -> str:
    touches = ", ".join(sorted(one.value for one in said.touches)) or "nothing"
    fresh = written(said.fresh_for_s)
    past = ", past flag" if said.past is Past.FLAG else ""
    return f"{said.connectivity.value}, fresh {fresh}, repeat {said.idempotency.value}, touches {touches}{past}"


def changed(before: Classing, words: Mapping[str, str]) -> Classing:
    """`before` with the parts that the user names. Raises BadRequestError for what is none."""
    plain = table(before)
    for part, value in words.items():
        if part not in PARTS or part == "seen":
            raise BadRequestError(
                f"A class has no part {part[:40]!r}.", "", "Its parts are: class, fresh, repeat, touches, past."
            )
        plain[part] = _touches(value) if part == "touches" else value.strip()
    if wrong := wrong_with(plain):
        raise BadRequestError(f"It {wrong}", "", "Say for example: class=local fresh=0s repeat=none touches=files")
    return Classing(
        Connectivity(plain["class"]), seconds(plain["fresh"]) or 0, Idempotency(plain["repeat"]),
        frozenset(Touches(one) for one in plain["touches"]), before.digest, Past(plain.get("past", "refuse")),
    )  # fmt: skip


def _touches(value: str) -> list[str]:
    if value.strip().casefold() in NOTHING:
        return []
    return list(dict.fromkeys(part.strip().casefold() for part in value.split(",") if part.strip()))
