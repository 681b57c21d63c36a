"""What is to happen elsewhere, as the core decided it. An intent becomes an Item once the outbox has stored it.

`destination` names an account and how to reach it: "smtp:work", "webhook:ops", "tracker:web"; "none:email" while no
account is set up. `payload` is what the transport sends:

    smtp      to, subject, body
    webhook   channel, text
    tracker   project, title, body
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.errors import InvalidIntentError

PAYLOAD_BYTES_MAX = 4_000_000
SENTENCE_CHARACTERS_MAX = 1_000
DESTINATION_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True)
class Need:
    """One earlier item that this one waits for. `token`: a text that stands in this item's args, payload or sentence
    for something of the other's receipt, made for this purpose alone so that no user's words can be taken for it;
    `takes`: which part of the receipt replaces it: "reference", "url" or "text". "" for both: order is all."""

    item_id: str
    token: str = ""
    takes: str = ""


@dataclass(frozen=True, slots=True)
class Intent:
    """`sentence`: for a person, "E-mail to dana@example.org: the contract is signed"; `expires_at`: unix milliseconds,
    None for the outbox's own bound. The ids only point at where it came from: nothing cascades from them.

    `basis`: what it was decided on (a version, an ETag, a free slot), as its transport understands it; a world that
    differs from it at delivery makes a conflict. `needs`: earlier items that must be delivered first. `sources`: what
    was read before it that nobody here wrote ("the page example.org"), in words, for the card."""

    tool: str
    args: Mapping[str, Any]
    destination: str
    payload: Mapping[str, Any]
    sentence: str
    expires_at: int | None = None
    conversation_id: str | None = None
    turn_id: str | None = None
    call_id: str | None = None
    replaces: str | None = field(default=None, kw_only=True)  # the item whose edited successor this is
    basis: Mapping[str, Any] | None = field(default=None, kw_only=True)
    needs: tuple[Need, ...] = field(default=(), kw_only=True)
    sources: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.tool, self.destination, self.args, self.payload)


def fingerprint(tool: str, destination: str, args: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
    """SHA-256 of what would be sent, so that a change after the first attempt cannot go unseen."""
    return hashlib.sha256(canonical([tool, destination, dict(args), dict(payload)]).encode()).hexdigest()


def canonical(value: Any) -> str:
    """JSON text in one spelling. Raises InvalidIntentError for what JSON cannot hold."""
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InvalidIntentError(
            f"What should be sent cannot be written down: {error}.", "outbox", "Use text and numbers."
        ) from error


def check(intent: Intent) -> None:
    """Bounds, before anything is stored. A surrogate half would pass JSON and fail in SQLite, so it is found here."""
    kind, colon, name = intent.destination.partition(":")
    if not (kind and colon and name) or len(intent.destination) > DESTINATION_CHARACTERS_MAX:
        raise InvalidIntentError("A destination is written kind:name.", intent.destination[:80], "Such as smtp:work.")
    if not intent.tool or not intent.sentence.strip():
        raise InvalidIntentError("An item needs a tool and a sentence that says what it does.", intent.tool or "outbox")
    if len(intent.sentence) > SENTENCE_CHARACTERS_MAX:
        raise InvalidIntentError(
            f"The sentence is longer than {SENTENCE_CHARACTERS_MAX} characters.", intent.tool, "Shorten it."
        )
    text = intent.sentence + canonical(dict(intent.args)) + canonical(dict(intent.payload))
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise InvalidIntentError("The text holds half a character.", intent.tool, "Remove it and try again.") from error
    if size > PAYLOAD_BYTES_MAX:
        raise InvalidIntentError(
            f"This is {size / 1e6:.1f} MB; at most {PAYLOAD_BYTES_MAX // 1_000_000} MB can be sent.",
            intent.tool,
            "Shorten it, or send it in parts.",
        )
