"""What is to happen elsewhere, as the core decided it. An intent becomes an Item once the outbox has stored it.

`destination` names an account and how to reach it: "smtp:work", "webhook:ops", "tracker:web"; "none:email" while no
account is set up. `payload` is what the transport sends:

    smtp      to, subject, body
    webhook   channel, text
    tracker   project, title, body
    caldav    uid, title, starts, ends, zone
    webdav    path, attached
    git       remote, branch, commit
    action    method, url, headers, json or body, find, key_token
    web       url
    ask       what the server or the host is asked, and keep: under which key the answer is kept

smtp and webdav take `attached`, work of the library by reference (sync/transports/attached.py).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sync import placeholders
from sync.errors import InvalidIntentError
from sync.steering import on_one_line

PAYLOAD_BYTES_MAX = 4_000_000
SENTENCE_CHARACTERS_MAX = 1_000
DESTINATION_CHARACTERS_MAX = 200
BASIS_BYTES_MAX = 20_000
NEEDS_MAX = 20
SOURCES_MAX, SOURCE_CHARACTERS_MAX = 20, 300
PARTS = ("reference", "url", "text")  # of a receipt


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

    def __post_init__(self) -> None:
        """A person decides by the sentence, so nothing in it may be unseen, and it stays on its line."""
        object.__setattr__(self, "sentence", on_one_line(self.sentence))

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
    size = _bytes(intent.sentence + canonical(dict(intent.args)) + canonical(dict(intent.payload)), intent.tool)
    if size > PAYLOAD_BYTES_MAX:
        raise InvalidIntentError(
            f"This is {size / 1e6:.1f} MB; at most {PAYLOAD_BYTES_MAX // 1_000_000} MB can be sent.",
            intent.tool,
            "Shorten it, or send it in parts.",
        )
    _check_ground(intent)
    _check_needs(intent)


def _check_ground(intent: Intent) -> None:
    """What it was decided on and read from."""
    if intent.basis and _bytes(canonical(dict(intent.basis)), intent.tool) > BASIS_BYTES_MAX:
        what = f"What it was decided on takes more than {BASIS_BYTES_MAX // 1_000} kB."
        raise InvalidIntentError(what, intent.tool, "Keep a version only.")
    for source in intent.sources:
        _bytes(source, intent.tool)
    if len(intent.sources) > SOURCES_MAX or any(len(source) > SOURCE_CHARACTERS_MAX for source in intent.sources):
        raise InvalidIntentError(
            f"At most {SOURCES_MAX} sources of {SOURCE_CHARACTERS_MAX} characters each can be named.", intent.tool
        )


def _check_needs(intent: Intent) -> None:
    if len(intent.needs) > NEEDS_MAX:
        raise InvalidIntentError(f"One item can wait for {NEEDS_MAX} others at most.", intent.tool, "Split the plan.")
    tokens = [need.token for need in intent.needs if need.token]
    for need in intent.needs:
        if bool(need.token) != bool(need.takes) or need.takes not in ("", *PARTS):
            what = "A placeholder and the part of the receipt that replaces it belong together."
            raise InvalidIntentError(what, intent.tool, f"The part is one of: {', '.join(PARTS)}.")
        if need.token:
            _check_token(intent, need.token, tokens)


def _check_token(intent: Intent, token: str, tokens: list[str]) -> None:
    where = [dict(intent.args), dict(intent.payload), intent.sentence]
    if not placeholders.TOKEN.fullmatch(token) or sum(token in other for other in tokens) > 1:
        what = "A placeholder is a word of its own, of letters, digits and hyphens."
        raise InvalidIntentError(what, token[:80], "Make it with placeholders.new_token().")
    if not placeholders.stands_in(where, token) or any(token in name for name in placeholders.names(where)):
        what = "A placeholder has to stand in a text of the item, and cannot be a name in it."
        raise InvalidIntentError(what, token, "Put it where the result belongs.")


def _bytes(text: str, tool: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:
        raise InvalidIntentError("The text holds half a character.", tool, "Remove it and try again.") from error
