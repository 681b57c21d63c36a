"""What the starter model can say: tools with their arguments, topics of a reply, settings, and the token of each.

Every token here is one entry of the model's tokenizer. Order matters: arguments are answered in the order written,
which leaves the model one way to say a thing. The tools are those that ship (agent/tools); a test holds their registry
against `TOOLS`.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.records import SLOTS_MAX

PIECES_MAX = 96  # numbered pieces of a request; a longer one keeps HEAD and TAIL and loses the middle
HEAD, TAIL = 64, 32
CALLS_MAX = 3

BEGIN, PAD, ANSWER, END = "<s>", "<pad>", "<answer>", "<end>"
CAPITAL, CAPITALS = "<up>", "<caps>"
REPLY, HANDOFF, CLARIFY = "<reply>", "<handoff>", "<clarify>"

# What came before the request: calls just made, or an argument just asked for; and what one may then say to it.
AFTER, ASKED = "<after>", "<asked>"
AMEND, AGAIN, UNDO, OTHER, FILL = "<amend>", "<again>", "<undo>", "<other>", "<fill>"
FOLLOW_UPS = (AMEND, AGAIN, UNDO, OTHER)

# A tool that the model never saw, told by its card: what it is for, then its arguments.
CARD, CARD_END, FITS = "<card>", "<card-end>", "<fits>"
SHARED = "<shared>"  # on a piece of the request that stands in the card too
SLOT_TOKENS = tuple(f"<slot{number}>" for number in range(SLOTS_MAX))

# Names that the user already has; a piece that stands in one is marked with its kind.
KNOWN_KINDS = ("contact", "channel", "project", "title")


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as the model sees it. `outside`: its effect leaves this machine, so it needs more certainty."""

    name: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    outside: bool = False

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.order or self.required + self.optional


# Their calls look something up, and may have found the wrong one ("no, the other note").
FOUND_BY_NAME = ("note.append", "library.open", "task.done", "library.search", "file.read", "file.find")
TOOLS: dict[str, Tool] = {
    tool.name: tool
    for tool in (
        Tool("note.create", ("body",), ("title",), order=("title", "body")),
        Tool("note.append", ("title", "text")),
        Tool("library.search", ("query",)),
        Tool("library.open", ("title",)),
        Tool("task.add", ("title",), ("due",)),
        Tool("task.list", (), ("when",)),
        Tool("task.done", ("title",)),
        Tool("calendar.add", ("title", "when"), ("duration",)),
        Tool("calendar.list", (), ("when",)),
        Tool("timer.set", ("duration",), ("label",)),
        Tool("calc.evaluate", ("expression",)),
        Tool("units.convert", ("value", "from", "to")),
        Tool("clock.now", (), ("place",)),
        Tool("file.read", ("path",)),
        Tool("file.find", ("query",)),
        Tool("email.send", ("to", "body"), ("subject",), order=("to", "subject", "body"), outside=True),
        Tool("message.post", ("channel", "text"), outside=True),
        Tool("issue.create", ("project", "title"), ("body",), outside=True),
        Tool("web.fetch", ("url",)),
        Tool("rc.set", ("key", "value")),
    )
}
ARGUMENTS = tuple(sorted({name for tool in TOOLS.values() for name in tool.arguments} - {"key"}))

# What a reply is about; code picks the words.
TOPICS = ("greeting", "thanks", "farewell", "how_are_you", "capabilities", "identity", "model", "offline", "privacy",
          "outbox", "reset", "settings", "help", "praise", "complaint", "other")  # fmt: skip

# A setting that ends in "=value" is complete; any other takes its value from the words of the request.
SETTINGS = (
    "tone=neutral", "tone=terse", "tone=warm", "tone=formal", "tone",
    "length=short", "length=normal", "length=long",
    "format=markdown", "format=plain", "format=bullets",
    "emoji=true", "emoji=false", "language", "timezone", "model.default",
    "network.mode=auto", "network.mode=offline", "tools.allow", "tools.ask", "tools.deny",
)  # fmt: skip


def tool_token(name: str) -> str:
    return f"<{name}>"


def argument_token(name: str) -> str:
    return f"<arg:{name}>"


def topic_token(name: str) -> str:
    return f"<topic:{name}>"


def setting_token(name: str) -> str:
    return f"<set:{name}>"


def word_token(number: int) -> str:
    return f"<w{number}>"


def known_token(kind: str) -> str:
    return f"<is:{kind}>"


OUTCOME_TOKENS = (*map(tool_token, TOOLS), REPLY, HANDOFF, CLARIFY)
SPECIAL_TOKENS: tuple[str, ...] = (
    BEGIN, PAD, ANSWER, END, CAPITAL, CAPITALS, AFTER, ASKED, *FOLLOW_UPS, FILL, CARD, CARD_END, FITS, SHARED,
    *SLOT_TOKENS,
    *map(known_token, KNOWN_KINDS), *OUTCOME_TOKENS,
    *map(argument_token, ARGUMENTS), *map(topic_token, TOPICS), *map(setting_token, SETTINGS),
    *map(word_token, range(PIECES_MAX)),
)  # fmt: skip

TOOL_OF = {tool_token(name): tool for name, tool in TOOLS.items()}
ARGUMENT_OF = {argument_token(name): name for name in ARGUMENTS}
TOPIC_OF = {topic_token(name): name for name in TOPICS}
SETTING_OF = {setting_token(name): name for name in SETTINGS}
