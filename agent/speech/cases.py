"""Which phrase a call asks for: its status, or something more exact that the facts tell. And which facts are lists,
texts and times."""

from collections.abc import Mapping
from typing import Any

TIMES = frozenset({"due", "starts", "ends", "rings", "now", "expires", "fetched", "until", "updated"})
LISTS: Mapping[str, str] = {
    "library.search": "found",
    "task.list": "tasks",
    "calendar.list": "events",
    "file.find": "found",
}
TEXTS: Mapping[str, str] = {"library.open": "text", "file.read": "text", "web.fetch": "text"}
AS_IS = frozenset({"library.open", "web.fetch"})  # texts that are Markdown already; others are shown letter by letter
STATUSES = ("proposed", "begun", "done", "unknown", "queued", "waiting_approval", "refused", "failed", "undone")


def case(tool: str, facts: Mapping[str, Any], status: str) -> str:
    """The status, or a case of it: none, one, vague, already, clash, about, binary, cached, stale, asks_later,
    lacks, stays, trashed, would_undo."""
    if status == "refused" and facts.get("stays"):
        return "stays"
    if status == "undone":
        return "would_undo" if facts.get("would") else "trashed" if facts.get("trashed") else status
    if status in ("queued", "waiting_approval"):
        return "lacks" if facts.get("lacks") else "asks_later" if facts.get("asks_later") else status
    if status != "done":
        return status
    if tool in LISTS:
        return {0: "none", 1: "one"}.get(_count(tool, facts), "done")
    return next((name for name, holds in _DONE_CASES.get(tool, _COPIES) if holds(facts)), "done")


def _count(tool: str, facts: Mapping[str, Any]) -> int:
    count = facts.get("count")
    return count if isinstance(count, int) else len(facts.get(LISTS[tool], ()))


_COPIES: tuple[tuple[str, Any], ...] = (
    ("stale", lambda facts: bool(facts.get("stale"))),
    ("cached", lambda facts: bool(facts.get("cached"))),
)
_DONE_CASES: Mapping[str, tuple[tuple[str, Any], ...]] = {
    "task.add": (("vague", lambda facts: bool(facts.get("said")) and facts.get("understood") is False),),
    "task.done": (("already", lambda facts: bool(facts.get("already"))),),
    "calendar.add": (("clash", lambda facts: bool(facts.get("clashes"))),),
    "calc.evaluate": (("about", lambda facts: facts.get("exact") is False),),
    "units.convert": (("about", lambda facts: facts.get("exact") is False),),
    "file.read": (("binary", lambda facts: bool(facts.get("binary"))),),
}
