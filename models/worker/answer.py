"""What comes of the tokens of an answer: text up to a stop, thinking, calls with ids of their own."""

from __future__ import annotations

import codecs
from collections.abc import Mapping

from models.contracts import ChatRequest, ChatTool, ToolCall
from models.dialects.conversation import made_id
from models.dialects.dialect import Dialect
from models.dialects.reader import Event, Reader, Said, Spoiled, Thought, Wrote
from models.worker.desk import Say
from models.worker.engine import Engine
from models.worker.sampling import written
from models.worker.stops import Outlet

NOTES_MAX = 3  # reasons told about calls that could not be used
IDS_TRIED_MAX = 100


class Answer:
    """`hit`: a stop text was reached; `calls`: how many were handed out; `notes`: what was wrong with others."""

    def __init__(self, engine: Engine, request: ChatRequest, dialect: Dialect, say: Say) -> None:
        self._engine = engine
        self._say = say
        self._request = request
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._outlet = Outlet(request.stop)
        self._taken_ids = {call.id for message in request.messages for call in message.calls}
        self.reader = Reader(dialect, callable_tools(request))
        self.notes: list[str] = []
        self.calls = 0

    @property
    def hit(self) -> bool:
        return self._outlet.hit

    def take(self, token: int) -> None:
        """A token that does not end the answer."""
        data = self._engine.piece(token)
        if data:
            self._hand_out(self.reader.feed(self._decode(data)))
            return
        control = self._decode(b"", True) + written(self._engine, token).decode("utf-8", "replace")
        self._hand_out(self.reader.feed(control, control=True))

    def finish(self) -> None:
        self._hand_out([*self.reader.feed(self._decode(b"", True)), *self.reader.finish()])
        self._say_text("", final=True)

    def _hand_out(self, events: list[Event]) -> None:
        for event in events:
            match event:
                case Said(text):
                    self._say_text(text)
                case Thought(text):
                    self._say(text, thinking=True)
                case Wrote(name, arguments):
                    self.calls += 1
                    self._say(ToolCall(self._new_id(), name, arguments))
                case Spoiled(reason) if len(self.notes) < NOTES_MAX and reason not in self.notes:
                    self.notes.append(reason)

    def _say_text(self, text: str, *, final: bool = False) -> None:
        if shown := self._outlet.feed(text, final=final):
            self._say(shown)

    def _new_id(self) -> str:
        """The same request with the same answer gives the same ids; none that the conversation has already."""
        messages = self._request.messages
        for attempt in range(IDS_TRIED_MAX):
            made = made_id(f"{len(messages)} {self._request.seed} {self.calls} {attempt} {messages[-1].text[:1000]}")
            if made not in self._taken_ids:
                break
        self._taken_ids.add(made)
        return made


def callable_tools(request: ChatRequest) -> Mapping[str, ChatTool]:
    return {tool.name: tool for tool in request.tools} if request.tool_choice != "none" else {}
