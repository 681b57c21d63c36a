"""The corpus: hand-written wordings from data/, by language.

    requests/<language>/<outcome>.txt    what people ask; several.txt for more than one call in a message
    followups/<language>/<tool>.txt      what they say right after a call, or to the question for what it lacks
    tools/<language>/*.txt               invented tools with requests that fit them, and some that do not

A tenth of the wordings, chosen by a hash of the line, is held out: no training request is ever made from those. So is
every wording that is a request of the exam (data/held_out), and of the invented tools a tenth, whole.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from models.records import CardArgument, ToolCard
from models.starter.vocabulary import (
    AGAIN,
    AMEND,
    CLARIFY,
    FILL,
    HANDOFF,
    OTHER,
    REPLY,
    TOOLS,
    UNDO,
    setting_token,
    tool_token,
    topic_token,
)  # fmt: skip

DATA = Path(__file__).parent / "data"
LANGUAGES = ("en", "de", "es", "fr")
HELD_OUT_EACH = 10
BORDER = "//"  # in several.txt: where the next call begins
LABELLED = ("several", "reply", "clarify", "rc.set")  # of these each line says before " :: " what it asks for
# Files whose lines do so with the outcome in front: "reply thanks :: cheers", "task.add :: …". In those called named
# every name is one that the user has.
MIXED, NAMED = ("mixed", "named"), "named"

_VERBS = {"amend": AMEND, "again": AGAIN, "cancel": UNDO, "other": OTHER, "answer": FILL}


@dataclass(frozen=True, slots=True)
class Wording:
    """One hand-written line: the outcome it asks for, how the answer of each call opens, the text in the notation.

    `outcome` is a tool, reply, handoff, clarify, several, or a verb of a follow-up; `tool` is what that is about.
    """

    outcome: str
    heads: tuple[tuple[str, ...], ...]
    text: str
    language: str = "en"
    tool: str = ""
    named: bool = False

    @property
    def held_out(self) -> bool:
        return _falls_out(self.text) or plain(self.text) in exam_texts()


@dataclass(frozen=True, slots=True)
class Invented:
    """A tool for learning what a card is, with requests that fit it and some that nearly do.

    What is much like it stands beside it in its file.
    """

    card: ToolCard
    fitting: tuple[str, ...]
    near: tuple[str, ...]
    language: str = "en"

    @property
    def held_out(self) -> bool:
        return _falls_out(self.card.name)


def wordings() -> list[Wording]:
    """All requests and follow-ups, in a fixed order."""
    found = [line for file in sorted((DATA / "requests").glob("*/*.txt")) for line in _requests(file)]
    return found + [line for file in sorted((DATA / "followups").glob("*/*.txt")) for line in _follow_ups(file)]


def inventions() -> list[Invented]:
    return [tool for file in sorted((DATA / "tools").glob("*/*.txt")) for tool in _tools(file)]


def lines_of(file: Path) -> list[str]:
    """The lines of a data file without comments, blanks and repeats."""
    kept = (line for line in file.read_text("utf-8").splitlines() if line.strip() and not line.startswith("# "))
    return list(dict.fromkeys(kept))


def digest() -> str:
    """SHA-256 over every data file, name and bytes, in order."""
    total = hashlib.sha256()
    for file in sorted(DATA.rglob("*.txt")):
        total.update(file.relative_to(DATA).as_posix().encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def plain(text: str) -> str:
    """The bare words of a wording or request, for telling whether two are the same."""
    return re.sub(r"\W+", " ", re.sub(r"\[\w+\|", "", text).casefold()).strip()


@cache
def exam_texts() -> frozenset[str]:
    files = sorted((DATA / "held_out").glob("*.jsonl"))
    rows = (json.loads(line) for file in files for line in file.read_text("utf-8").splitlines())
    return frozenset(plain(row["text"]) for row in rows)


def _falls_out(text: str) -> bool:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % HELD_OUT_EACH == 0


def _requests(file: Path) -> Iterator[Wording]:
    language, named = file.parent.name, file.stem.startswith(NAMED)
    for line in lines_of(file):
        outcome, label, text = file.stem, "", line
        if outcome.startswith(MIXED) or outcome in LABELLED:
            label, labelled, text = line.partition(" :: ")
            if not labelled:
                raise ValueError(f"{file}: no ' :: ' in {line!r}")
        if outcome.startswith(MIXED):
            outcome, _, label = label.partition(" ")
        tool = label if outcome == "clarify" else ""
        yield Wording(outcome, tuple(_heads(outcome, label)), text, language, tool, named)


def _heads(outcome: str, label: str) -> Iterator[tuple[str, ...]]:
    match outcome:
        case "handoff":
            yield (HANDOFF,)
        case "reply":
            yield (REPLY, topic_token(label))
        case "clarify":
            yield (CLARIFY, tool_token(label))
        case "rc.set":
            yield (tool_token("rc.set"), setting_token(label))
        case "several":
            yield from ((tool_token(tool),) for tool in label.split(" + "))
        case _:
            yield (tool_token(outcome),)


def _follow_ups(file: Path) -> Iterator[Wording]:
    tool, language = file.stem, file.parent.name
    if tool not in TOOLS:
        raise ValueError(f"{file}: no tool is called {tool}")
    for line in lines_of(file):
        verb, _, text = line.partition(" :: ")
        head = (FILL,) if verb == "answer" else (_VERBS[verb], tool_token(tool))
        yield Wording(verb, (head,), text, language, tool)


def _tools(file: Path) -> Iterator[Invented]:
    for block in ("\n" + "\n".join(lines_of(file))).split("\n= ")[1:]:
        head, *lines = block.splitlines()
        lines = [line for line in lines if plain(line.removeprefix("! ")) not in exam_texts()]
        near = tuple(line[2:] for line in lines if line.startswith("! "))
        fitting = tuple(line for line in lines if not line.startswith("! "))
        yield Invented(_card(head), fitting, near, file.parent.name)


def _card(head: str) -> ToolCard:
    name, about, *rest = (part.strip() for part in head.split("|"))
    arguments = [part.partition(":") for part in rest[0].split(";") if part.strip()] if rest else []
    return ToolCard(name, about, tuple(_argument(name.strip(), words.strip()) for name, _, words in arguments))


def _argument(name: str, about: str) -> CardArgument:
    return CardArgument(name.rstrip("?"), about, required=not name.endswith("?"))
