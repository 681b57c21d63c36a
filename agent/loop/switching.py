"""No silent swap: where a conversation goes on with another model than before, a notice in it says so.

Which model was chosen for an earlier answer is known from its label: the hash of the settings behind it, and the digest
of the weights that made it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from agent.protocol.events import Event, NoticeAdded, TurnStarted
from agent.protocol.records import AnswerLabel, Message

STARTER = "starter"
LABELS_LOOKED_AT_MAX = 20  # newest first
DIGEST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Chosen:
    """The model that the settings name; `digests` of the models that may answer now, "" where one is not known;
    `decides`: it is asked first, before the starter."""

    name: str
    digests: tuple[tuple[str, str], ...] = ()
    decides: bool = False

    def digest(self, name: str) -> str:
        return dict(self.digests).get(name, "")


def switch(earlier: Sequence[AnswerLabel], now: Chosen, chosen_then: Callable[[str], str | None]) -> str:
    """Words for the notice; "" when all goes on as before. `earlier`: labels, newest first; `chosen_then`: the model
    that the settings of a hash name, None where they are not kept."""
    labels = [label for label in earlier if label.model][:LABELS_LOOKED_AT_MAX]
    if not labels:
        return ""
    before = chosen_then(labels[0].config_hash)
    if before is not None and before != now.name:
        then = next((label.model_sha256 for label in labels if label.model == before), "")
        return f"From here on: {_told(now)}. Until here: {_named(before, then)}."
    for name, digest in now.digests:
        then = next((label.model_sha256 for label in labels if label.model == name), "")
        if then and digest and then != digest:
            return f"From here on: {_named(name, digest)}, other weights than before ({then[:DIGEST_SHOWN]})."
    return ""


def announced(turn: Iterator[Event], notice: Callable[[str], Message | None]) -> Iterator[Event]:
    """The turn's events, and behind the user's message the notice that another model answers it."""
    for event in turn:
        yield event
        if isinstance(event, TurnStarted) and (said := notice(event.message.conversation_id)):
            yield NoticeAdded(cause=event.cause, message=said)


def _told(now: Chosen) -> str:
    named = _named(now.name, now.digest(now.name))
    if now.name == STARTER:
        return f"{named} alone"
    return f"{named} talks and decides" if now.decides else f"{named} talks; the starter decides what is done"


def _named(name: str, digest: str) -> str:
    shown = "the starter" if name == STARTER else name
    return f"{shown} (on this machine{', ' + digest[:DIGEST_SHOWN] if digest else ''})"
