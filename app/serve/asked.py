"""A request of OpenAI's form as one that a model takes. What cannot be done is refused in words, what is only left out
(a way of sampling, say) is named in the answer's headers, so that nothing is ignored in silence.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from app.serve.fields import Fields
from app.serve.messages import read_messages
from app.serve.tools import read_form, read_tools
from models import bounds
from models.contracts import PENALTY_MAX, STOPS_MAX, TEXT_CHARACTERS_MAX, TOKENS_MAX, ChatRequest

STOP_CHARACTERS_MAX = 500
TEXTS_MAX = 2_048  # of one request for vectors, as OpenAI has it
TEMPERATURE_MAX = 2.0
_INSTEAD = {"functions": "tools", "function_call": "tool_choice"}


@dataclass(frozen=True, slots=True)
class Chat:
    """`usage`: in a stream, tell it at the end; `one_call`: more calls than one are not wanted."""

    model: str
    request: ChatRequest
    stream: bool
    usage: bool
    one_call: bool
    ignored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vectors:
    model: str
    texts: tuple[str, ...]
    base64: bool


def read_chat(value: object) -> Chat:
    body = Fields(value)
    _refuse_others(body)
    options = body.inner("stream_options")
    tools, choice = read_tools(body)
    seed, usual = body.whole("seed"), ChatRequest(())
    request = ChatRequest(
        read_messages(body),
        max_tokens=_tokens(body),
        temperature=body.number("temperature", 0, TEMPERATURE_MAX, usual.temperature),
        seed=secrets.randbits(32) if seed is None else seed % 2**32,
        stop=_stops(body),
        tools=tools,
        tool_choice=choice,
        schema=read_form(body),
        top_p=body.number("top_p", 0, 1, usual.top_p),
        min_p=body.number("min_p", 0, 1, usual.min_p),
        presence_penalty=body.number("presence_penalty", -PENALTY_MAX, PENALTY_MAX, usual.presence_penalty),
        frequency_penalty=body.number("frequency_penalty", -PENALTY_MAX, PENALTY_MAX, usual.frequency_penalty),
    )
    bounds.check_chat(request)
    return Chat(
        body.text("model", ""), request, body.flag("stream"), options is not None and options.flag("include_usage"),
        not body.flag("parallel_tool_calls", default=True), body.ignored(),
    )  # fmt: skip


def read_vectors(value: object) -> Vectors:
    body = Fields(value)
    form = body.text("encoding_format", "float")
    if form not in ("float", "base64"):
        body.refuse("encoding_format", "must be float or base64")
    if body.whole("dimensions") is not None:
        body.refuse("dimensions", "cannot be chosen", "Leave it out: a vector is as long as the model makes it.")
    texts = body.any("input")
    texts = [texts] if isinstance(texts, str) else body.list("input", TEXTS_MAX)
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
        body.refuse("input", "must be a text or a list of texts, none of them empty", "Tokens are not taken.")
    if sum(map(len, texts)) > TEXT_CHARACTERS_MAX:
        body.refuse("input", f"is longer than {TEXT_CHARACTERS_MAX:,} characters", "Ask in several parts.")
    return Vectors(body.text("model", ""), tuple(texts), form == "base64")


def _refuse_others(body: Fields) -> None:
    if body.whole("n") not in (None, 1):
        body.refuse("n", "must be 1: this server gives one answer at a time", "Ask again for another one.")
    if body.flag("logprobs"):
        body.refuse("logprobs", "cannot be told")
    if body.any("modalities") not in (None, ["text"]):
        body.refuse("modalities", "can only be text")
    for old, new in _INSTEAD.items():
        if body.any(old) is not None:
            body.refuse(old, "is an old form", f"Use {new}.")


def _tokens(body: Fields) -> int:
    """The most that the answer may have; a wish for more than is ever given counts as no limit."""
    old, new = body.whole("max_tokens"), body.whole("max_completion_tokens")
    name, wanted = ("max_tokens", old) if new is None else ("max_completion_tokens", new)
    if wanted is None:
        return TOKENS_MAX
    return min(wanted, TOKENS_MAX) if wanted > 0 else body.refuse(name, "must be at least 1")


def _stops(body: Fields) -> tuple[str, ...]:
    value = body.any("stop")
    stops = [value] if isinstance(value, str) else body.list("stop", STOPS_MAX)
    if not all(isinstance(stop, str) and 0 < len(stop) <= STOP_CHARACTERS_MAX for stop in stops):
        body.refuse("stop", f"must be texts of 1 to {STOP_CHARACTERS_MAX} characters")
    return tuple(stops)
