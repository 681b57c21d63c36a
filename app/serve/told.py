"""What a model says, in OpenAI's form: whole, or as the chunks of a stream."""

from __future__ import annotations

import base64
import json
import secrets
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from app.serve.asked import Vectors
from app.serve.offers import Offer
from models.contracts import Called, Delta, Finished, FinishReason, ToolCall
from models.embedding import Embedded, Vector

Piece = Delta | Called | Finished
_REASONS: dict[FinishReason, str] = {
    "stop": "stop", "length": "length", "context": "length", "calls": "tool_calls",
}  # fmt: skip


@dataclass
class Telling:
    """One answer while it is told. What a model says to itself goes along as `reasoning_content`, as other local
    servers do it. `created`: unix seconds."""

    offer: Offer
    created: int
    one_call: bool = False
    usage: bool = False  # a stream ends with it
    id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    _text: list[str] = field(default_factory=list)
    _thought: list[str] = field(default_factory=list)
    _calls: list[ToolCall] = field(default_factory=list)
    _finished: Finished | None = None

    def chunks(self, piece: Piece) -> Iterator[dict[str, Any]]:
        """What a stream says of a piece."""
        match piece:
            case Delta(_, text, thinking):
                yield self._chunk({"reasoning_content" if thinking else "content": text})
            case Called(call):
                if self._wanted(call):
                    yield self._chunk({"tool_calls": [{"index": len(self._calls) - 1, **_call(call)}]})
            case Finished():
                yield self._chunk({}, _REASONS[piece.reason])
                if self.usage:
                    yield {**self._head("chat.completion.chunk"), "choices": [], "usage": _usage(piece)}

    def opening(self) -> dict[str, Any]:
        return self._chunk({"role": "assistant", "content": ""})

    def take(self, piece: Piece) -> None:
        """Keep a piece of an answer that is told whole."""
        match piece:
            case Delta(_, text, thinking):
                (self._thought if thinking else self._text).append(text)
            case Called(call):
                self._wanted(call)
            case Finished():
                self._finished = piece

    def whole(self) -> dict[str, Any]:
        """The answer, once all its pieces were taken."""
        finished = self._finished
        assert finished is not None, "a model ends with one, or raises"
        text, thought = "".join(self._text), "".join(self._thought)
        message: dict[str, Any] = {"role": "assistant", "content": None if self._calls and not text else text}
        message["refusal"] = None
        if thought:
            message["reasoning_content"] = thought
        if self._calls:
            message["tool_calls"] = [_call(call) for call in self._calls]
        reason = _REASONS[finished.reason]
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
        return {**self._head("chat.completion"), "choices": [choice], "usage": _usage(finished)}

    def _wanted(self, call: ToolCall) -> bool:
        if self.one_call and self._calls:
            return False
        self._calls.append(call)
        return True

    def _chunk(self, delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        made = {**self._head("chat.completion.chunk"), "choices": [choice]}
        return {**made, "usage": None} if self.usage else made

    def _head(self, kind: str) -> dict[str, Any]:
        head = {"id": self.id, "object": kind, "created": self.created, "model": self.offer.name}
        return {**head, "system_fingerprint": self.offer.fingerprint}


def _call(call: ToolCall) -> dict[str, Any]:
    arguments = json.dumps(dict(call.arguments), ensure_ascii=False)
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}


def _usage(finished: Finished) -> dict[str, Any]:
    return {
        "prompt_tokens": finished.prompt_tokens, "completion_tokens": finished.tokens,
        "total_tokens": finished.prompt_tokens + finished.tokens,
        "prompt_tokens_details": {"cached_tokens": finished.reused},
    }  # fmt: skip


def vectors_document(asked: Vectors, offer: Offer, parts: list[Embedded]) -> dict[str, Any]:
    vectors = [vector for part in parts for vector in part.vectors]
    tokens = sum(part.tokens for part in parts)
    data = [
        {"object": "embedding", "index": index, "embedding": _base64(vector) if asked.base64 else vector.tolist()}
        for index, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": offer.name, "usage": usage}


def _base64(vector: Vector) -> str:
    """4-byte floats, the smallest byte first."""
    values = array("f", vector)
    if sys.byteorder == "big":
        values.byteswap()
    return base64.b64encode(values.tobytes()).decode("ascii")
