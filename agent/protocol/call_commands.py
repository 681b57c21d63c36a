"""What is asked about calls in the transcript: how their outbox items stand, what became of one that is in doubt."""

from dataclasses import dataclass

from agent.protocol.commands import Command

CALLS_ASKED_MAX = 500  # in one question; more than a window shows


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCallItems(Command):
    """The outbox items of these calls, as they stand now, however old they are."""

    call_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveCall(Command):
    """The user's word on a call that may have been done: happened, not_happened or again. `tries`: how often it had
    been tried when the user saw it, so that one press does it once."""

    call_id: str
    verdict: str
    tries: int
