"""The lines between host and worker: one JSON object each, UTF-8, bounded, nothing else on those pipes.

On its command line the worker is given one `Start`, as JSON; or DEVICES_SWITCH: it says devices {devices} and ends.
To the worker:    {"op": "decide"|"chat"|"embed", "id", …}  {"op": "cancel", "id"}  {"op": "ping", "n"}
                  {"op": "shutdown"}
From the worker:  ready {info, placement}, failed {error}; for a request: delta {index, text, thinking}, called {call},
                  decided {decision}, embedded {vectors, tokens}, finished {…}, error {error}, cancelled; and pong
                  {n, work}: `work` counts steps, so that a worker that answers but no longer gets on is seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import IO, Any

from models.contracts import CardArgument, ChatRequest, ChatTool, DecideRequest, Message, ToolCall, ToolCard

DEVICES_SWITCH = "--devices"
LINE_BYTES_MAX = 16 * 1024 * 1024  # 2 million characters, each escaped, fit; a longer line ends the conversation

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Start:
    """What a worker is to load. `sha256` empty: the worker finds it out itself, if the file is small."""

    path: str
    name: str
    sha256: str
    threads: int
    n_ctx: int  # 0: planned
    careful: bool  # an earlier worker died of it: leave out what is special to the processor, and the graphics card
    born: float  # unix seconds when the host started the process
    snapshots: str = ""  # the folder of saved states; empty: none are kept
    snapshot_bytes: int = 0  # that they may take; 0: the usual
    prompt_version: str = ""  # of the words that the caller puts around a conversation

    def argument(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def parse(cls, argument: str) -> Start:
        return cls(**json.loads(argument))


def decide_request(order: Line) -> DecideRequest:
    """The request of a "decide" order, its lists made tuples again."""
    made = dict(order["request"])
    cards = ({**card, "arguments": tuple(CardArgument(**one) for one in card["arguments"])} for card in made["tools"])
    asked = made["asked"]
    made |= {
        "after": tuple(made["after"]),
        "asked": (asked[0], tuple(asked[1])) if asked else None,
        "known": tuple((kind, name) for kind, name in made["known"]),
        "tools": tuple(ToolCard(**card) for card in cards),
    }
    return DecideRequest(**made)


def chat_request(order: Line) -> ChatRequest:
    """The request of a "chat" order, its lists made records again."""
    made = dict(order["request"])
    made["messages"] = tuple(map(_message, made["messages"]))
    made["stop"] = tuple(made.get("stop", ()))
    made["tools"] = tuple(ChatTool(**tool) for tool in made.get("tools", ()))
    return ChatRequest(**made)


def _message(record: Line) -> Message:
    return Message(**{**record, "calls": tuple(ToolCall(**call) for call in record.get("calls", ()))})


class WireError(ValueError):
    """The other side broke the protocol; nothing after this can be trusted."""


def encode(line: Line) -> bytes:
    data = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
    if len(data) > LINE_BYTES_MAX:
        raise WireError(f"a line of {len(data):,} bytes is longer than {LINE_BYTES_MAX:,}")
    return data


def lines(stream: IO[bytes]) -> Iterator[Line]:
    """Every line until the other side closes (a last line that was cut is dropped); WireError when one is too long or
    no JSON object."""
    while data := stream.readline(LINE_BYTES_MAX + 1):
        if len(data) > LINE_BYTES_MAX:
            raise WireError("the line is too long")
        if not data.endswith(b"\n"):
            return
        try:
            line = json.loads(data)
        except ValueError as error:
            raise WireError(f"not JSON: {data[:80]!r}") from error
        if not isinstance(line, dict):
            raise WireError(f"not an object: {data[:80]!r}")
        yield line
