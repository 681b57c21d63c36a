"""What a model would write, taken from what its template makes of the finished message; and the reading of it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.contracts import ChatTool, Message, ToolCall
from models.dialects.compare import same_start
from models.dialects.conversation import conversation_shown, tool_shown
from models.dialects.derive import derive
from models.dialects.dialect import Dialect
from models.dialects.probing import Tokens
from models.dialects.reader import Event, Reader, Said, Spoiled, Thought, Wrote
from models.dialects.template import ChatTemplate

NOW = 1_750_000_000.0
ASKED = "zqasked"
SAID = "zqsaid"

NOTE = ChatTool(
    "note.create", "Keeps a note.",
    {
        "type": "object", "required": ["title"],
        "properties": {
            "title": {"type": "string", "description": "What it is called."},
            "body": {"type": "string", "description": "What it says."},
            "count": {"type": "integer", "description": "How many."},
            "share": {"type": "number", "description": "How much."},
            "done": {"type": "boolean", "description": "Whether it is done."},
            "tags": {"type": "array", "description": "Labels.", "items": {"type": "string"}},
            "more": {"type": "object", "description": "The rest.", "properties": {
                "deep": {"type": "number", "description": "A number."},
                "word": {"type": "string", "description": "A word."},
            }},
        },
    },
)  # fmt: skip
CLOCK = ChatTool("clock_now", "Tells the time.", {
    "type": "object", "properties": {"place": {"type": "string", "description": "Where."}},
})  # fmt: skip
TOOLS = (NOTE, CLOCK)


def call(tool: ChatTool, **arguments: Any) -> ToolCall:
    """With an id that follows from what it is."""
    return ToolCall(f"id{len(arguments)}{tool.name[0]}abcde", tool.name, arguments)


CASES: dict[str, tuple[str, tuple[ToolCall, ...]]] = {
    "one": ("", (call(CLOCK, place="Oslo"),)),
    "no arguments": ("", (call(CLOCK),)),
    "every type": ("", (call(
        NOTE, title='a "b" <c> & d', body="Grüße\n世界 😀 \\n </x>", count=-7, share=1.5, done=True, tags=["x", "y z"],
        more={"deep": 2.25, "word": "w"},
    ),)),
    "two": ("", (call(CLOCK, place="Oslo"), call(NOTE, title="x", done=False))),
    "text before": ("I will look.\nOne moment.", (call(CLOCK, place="Oslo"),)),
}  # fmt: skip


@dataclass(frozen=True)
class Model:
    """A template with its dialect."""

    template: ChatTemplate
    dialect: Dialect

    @classmethod
    def of(cls, text: str, name: str = "model.gguf") -> "Model":
        template = ChatTemplate(text, name, lambda error: None)
        return cls(template, derive(template, Tokens("<BOS>", "<EOS>"), NOW))

    def can(self, case: str) -> bool:
        """Whether the template can say it at all."""
        way, writing = self.dialect.way, self.dialect.writing
        return {"two": writing.several, "text before": way.text_with_calls}.get(case, True)

    def stream(self, text: str, calls: tuple[ToolCall, ...], tools: tuple[ChatTool, ...] = TOOLS) -> str:
        """The answer as the model would go on from the prompt, with what ends its message."""
        asked = Message("user", ASKED)
        prompt = self._behind([asked], tools, answer=True)
        body = self._behind([asked, Message("assistant", text, calls)], tools)
        said = self._behind([asked, Message("assistant", SAID)], tools).partition(SAID)[0]
        begun = prompt if body.startswith(prompt) else max(same_start(prompt, body), same_start(said, body), key=len)
        thinking = self.dialect.thinking
        close = thinking.close if thinking.begun and thinking.close not in body[len(begun) :] else ""
        return close + body[len(begun) :]

    def _behind(self, messages: list[Message], tools: tuple[ChatTool, ...], *, answer: bool = False) -> str:
        shown = conversation_shown(messages, self.dialect.way)
        told = [tool_shown(tool) for tool in tools]
        whole = self.template.render(shown, tools=told, answer=answer, bos="<BOS>", eos="<EOS>", now=NOW)
        return whole.rpartition(ASKED)[2]


@dataclass
class Heard:
    """What a reader told, put together."""

    text: str = ""
    thought: str = ""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def together(events: Iterable[Event]) -> Heard:
    heard = Heard()
    for event in events:
        match event:
            case Said(text):
                heard.text += text
            case Thought(text):
                heard.thought += text
            case Wrote(name, arguments):
                heard.calls.append((name, json.loads(json.dumps(arguments))))
            case Spoiled(reason):
                heard.reasons.append(reason)
    return heard


def read(dialect: Dialect, pieces: Iterable[str], tools: tuple[ChatTool, ...] = TOOLS) -> Heard:
    reader = Reader(dialect, {tool.name: tool for tool in tools})
    events = [event for piece in pieces for event in reader.feed(piece)]
    return together([*events, *reader.finish()])


def wanted(calls: tuple[ToolCall, ...]) -> list[tuple[str, Mapping[str, Any]]]:
    return [(one.name, dict(one.arguments)) for one in calls]
