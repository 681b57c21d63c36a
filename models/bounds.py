"""The bounds of a request, checked before anything is sent: the host and the twin refuse alike."""

from __future__ import annotations

from models.contracts import (
    KNOWN_NAMES_MAX,
    MESSAGES_MAX,
    STOPS_MAX,
    TEXT_CHARACTERS_MAX,
    TOKENS_MAX,
    TOOL_CARDS_MAX,
    ChatRequest,
    DecideRequest,
    Kind,
)
from models.errors import RequestTooLargeError, WrongKindError


def check_decide(request: DecideRequest) -> None:
    _check_length(len(request.text))
    for what, count, most in (
        ("names", len(request.known), KNOWN_NAMES_MAX), ("tools", len(request.tools), TOOL_CARDS_MAX)
    ):  # fmt: skip
        if count > most:
            raise RequestTooLargeError(
                f"A request can name {most:,} {what}; this one names {count:,}.", "the request", "Give fewer."
            )  # fmt: skip


def check_chat(request: ChatRequest) -> None:
    if not request.messages or len(request.messages) > MESSAGES_MAX:
        count = len(request.messages)
        raise RequestTooLargeError(
            f"A chat needs 1 to {MESSAGES_MAX:,} messages; this one has {count:,}.", "the conversation",
            "Start a new conversation." if count else "Write something first.",
        )  # fmt: skip
    if not 1 <= request.max_tokens <= TOKENS_MAX:
        raise RequestTooLargeError(
            f"An answer can have 1 to {TOKENS_MAX:,} tokens; {request.max_tokens:,} were asked for.", "max_tokens",
            "Ask for fewer.",
        )  # fmt: skip
    if len(request.stop) > STOPS_MAX or not all(request.stop):
        raise RequestTooLargeError(f"At most {STOPS_MAX} stop texts, none of them empty.", "stop", "Give fewer.")
    _check_length(sum(len(message.text) for message in request.messages))


def _check_length(characters: int) -> None:
    if characters > TEXT_CHARACTERS_MAX:
        raise RequestTooLargeError(
            f"This is {characters:,} characters long; a model is given at most {TEXT_CHARACTERS_MAX:,}.", "the message",
            "Send a shorter part of it, or keep it as a note and ask about that.",
        )  # fmt: skip


def wrong_kind(needed: Kind, name: str) -> WrongKindError:
    """`needed`: what the request wanted and model `name` is not."""
    if needed == "starter":
        return WrongKindError(f"{name} cannot decide about tools.", name, "Only the starter does; chat with this one.")
    return WrongKindError(f"{name} cannot chat.", name, "Choose another model for that: carryon models list.")
