"""Effects of other programs' tools, through the outbox: destination "mcp:SERVER", payload tool, args, digest.

Every delivery carries the item's key, as `_meta` of the request and in the argument that a tool has for one. Whether
the server heeds it is what the user said of the tool; where not, it is at most once, then the user is asked.
"""

from collections.abc import Callable, Mapping
from typing import Any

from agent.mcp.errors import (
    AddressRefusedError,
    CallRefusedError,
    McpError,
    PutOffError,
    SecretLackingError,
    ServerMissingError,
    SignInNeededError,
    ToolChangedError,
)
from agent.mcp.outcomes import CallOutcome
from agent.mcp.running.line import Line
from sync.item import Item
from sync.transports.outcomes import (
    ChangedError,
    DeliveryError,
    NotConfiguredError,
    RejectedError,
    RetryableError,
    UncertainError,
    UnreachableError,
)
from sync.transports.port import Mode, Offer, Receipt

KEY_KEPT_S = 86_400.0
WITHIN_S = 90.0  # with the start of the server; less than a lease of the outbox
SAID_CHARACTERS_MAX = 300
REFERENCES = ("id", "number", "key", "reference", "sha", "uid")
URLS = ("url", "html_url", "web_url", "link", "permalink")


class McpTransport:
    """Over a line that the registry opened and will close. `keyed`: its tools of which the user said that they
    recognise a repeat; the others are tried at most once, as no server can be asked in general. `loopback`: what it
    does needs no network; a program on this machine may well need it. `found_changed`: is told of a tool that is
    another now, and its digest."""

    mode: Mode = "none"

    def __init__(
        self, line: Line, *, keyed: frozenset[str] = frozenset(), loopback: bool = False,
        found_changed: Callable[[str, str], None] = lambda _tool, _now: None,
    ) -> None:  # fmt: skip
        self.name = line.entry.name
        self._keyed = keyed
        self.loopback = loopback
        self.key_kept_s = KEY_KEPT_S
        self._line = line
        self._found_changed = found_changed

    def mode_of(self, item: Item) -> Mode:
        return "key" if item.payload.get("tool") in self._keyed else "none"

    def deliver(self, item: Item, offer: Offer) -> Receipt:
        tool, args, digest = asked(item, self.name)
        offered = _Offered(offer)
        try:
            outcome = self._line.call(
                tool, args, digest=digest, key=item.idempotency_key, before=offered, within_s=WITHIN_S
            )
        except McpError as error:
            if isinstance(error, ToolChangedError):
                self._found_changed(tool, error.now)
            here = bool(self._line.entry.command)
            raise meaning(error, self.name, tool, offered=offered.made, here=here) from error
        if outcome.failed:
            raise RejectedError(
                f"{self.name} did not do it: {_said(outcome) or 'it gave no reason'}.",
                self.name,
                "Change it, or ask there.",
            )
        return _receipt(self.name, tool, outcome)

    def find(self, item: Item) -> Receipt | None:
        raise NotImplementedError("a server of tools cannot be asked what became of a call")


def asked(item: Item, name: str) -> tuple[str, Mapping[str, Any], str]:
    """Tool, arguments, digest. What the user said to send "all the same" wins over what it was decided on."""
    tool, args = item.payload.get("tool"), item.payload.get("args")
    if not isinstance(tool, str) or not tool or not isinstance(args, Mapping):
        raise RejectedError("The item names no tool to use.", name, "Cancel it and ask again.")
    basis = item.basis or {}
    return tool, args, str(basis.get("digest") or item.payload.get("digest") or "")


def meaning(error: McpError, name: str, tool: str, *, offered: bool, here: bool) -> DeliveryError:
    """`offered`: the request may have left; `here`: the server is a program of this machine."""
    told = error.what, error.where or name, error.todo
    match error:
        case ToolChangedError():
            basis = {"digest": error.now} if error.now else None
            then, now = f"{tool} as you looked at it", f"{tool} says something else of itself now"
            return ChangedError(*told, then=then, now=now if error.now else f"{tool} is gone", basis=basis)
        case PutOffError():
            return RetryableError(*told, after_s=error.after_s)
        case CallRefusedError():
            return RejectedError(*told)
        case ServerMissingError() | SecretLackingError() | SignInNeededError() | AddressRefusedError():
            return NotConfiguredError(*told)
    if offered:
        return UncertainError(*told, answered=here)  # a program's silence says nothing of the network
    return UnreachableError(told[0], told[1], "Nothing was sent; it is tried again.")


class _Offered:
    """The outbox's offer, and whether it was made."""

    def __init__(self, offer: Callable[[], None]) -> None:
        self._offer = offer
        self.made = False

    def __call__(self) -> None:
        self._offer()
        self.made = True


def _said(outcome: CallOutcome) -> str:
    """The beginning of what it answered, on one line."""
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in outcome.text[:4_000]).split())
    return text[:SAID_CHARACTERS_MAX].rstrip(".")


def _receipt(name: str, tool: str, outcome: CallOutcome) -> Receipt:
    facts = outcome.structured if isinstance(outcome.structured, Mapping) else {}
    said = _said(outcome) or outcome.fault
    return Receipt(
        f"{name} did {tool}" + (f": {said}." if said else "."),
        next((str(facts[key]) for key in REFERENCES if isinstance(facts.get(key), str | int)), ""),
        next((str(facts[key]) for key in URLS if _is_web(facts.get(key))), _first_link(outcome)),
    )


def _first_link(outcome: CallOutcome) -> str:
    return next((link.uri for link in outcome.links if _is_web(link.uri)), "")


def _is_web(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))
