"""Destinations as people say them, and how each is doing: how many wait for it, whether it is reached, the next try."""

from dataclasses import dataclass

from agent.protocol.outbox_records import PlaceStanding
from app.presenters.states import WAITING_STATES
from app.presenters.wording import count, one_line, when
from sync.states import NEEDS_YOU

KINDS = {
    "smtp": "e-mail account", "webhook": "channel", "tracker": "tracker", "web": "web", "caldav": "calendar",
    "webdav": "folder elsewhere", "git": "repository", "http": "request", "mcp": "server of tools",
    "ask": "question",
}  # fmt: skip
ICONS = {"smtp": "mail", "webhook": "channel", "tracker": "issue", "web": "globe", "caldav": "calendar",
         "webdav": "folder", "git": "branch", "http": "globe", "mcp": "spark", "ask": "search"}  # fmt: skip
TROUBLE_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True)
class PlaceView:
    """`words`: whether it is being reached; `trouble`: why not, in the destination's own words."""

    destination: str
    name: str
    icon: str
    about: str
    words: str
    tone: str
    trouble: str
    can_try: bool


def place_name(destination: str) -> str:
    """ "smtp:work" as people say it: "work (e-mail account)"."""
    kind, _, name = destination.partition(":")
    if name == "practice":
        return "the practice mailbox on this machine"
    if kind == "none":
        return "no account yet"
    return f"{name} ({KINDS[kind]})" if name and kind in KINDS else destination


def place_icon(destination: str) -> str:
    return ICONS.get(destination.partition(":")[0], "outbox")


def place_view(place: PlaceStanding, now_ms: int) -> PlaceView:
    words, tone = _reached(place, now_ms)
    return PlaceView(
        destination=place.destination,
        name=place_name(place.destination),
        icon=place_icon(place.destination),
        about=_about(place, now_ms),
        words=words,
        tone=tone,
        trouble=one_line(place.trouble, TROUBLE_CHARACTERS_MAX),
        can_try=bool(place.head_id) and not place.sending,
    )


def _about(place: PlaceStanding, now_ms: int) -> str:
    waiting = sum(place.counts.get(state, 0) for state in WAITING_STATES)
    needing = sum(place.counts.get(state, 0) for state in NEEDS_YOU)
    parts = [f"{waiting:,} waiting" if waiting else "nothing waits"]
    if needing:
        parts.append(f"{needing:,} {'needs' if needing == 1 else 'need'} you")
    if place.reached_at:
        parts.append(f"last arrived {when(place.reached_at, now_ms)}")
    return " · ".join(parts)


def _reached(place: PlaceStanding, now_ms: int) -> tuple[str, str]:
    if place.sending:
        return "Being tried now…", "info"
    if not place.head_id:
        return ("Reached", "good") if place.reached_at else ("Nothing on its way", "muted")
    if place.trouble or place.attempts:
        tried = f"{count(place.attempts, 'try', 'tries')}, " if place.attempts else ""
        later = place.next_try_at is not None and place.next_try_at > now_ms
        then = f"next try {when(place.next_try_at or 0, now_ms)}" if later else "next try when it can be reached"
        return f"Not reached: {tried}{then}", "wait"
    return "Queued until online", "info"
