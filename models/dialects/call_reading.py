"""Reads a section of calls as it arrives. Marks that models like to leave out behind a call may be missing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.contracts import ChatTool
from models.dialects.compare import has_tag
from models.dialects.dialect import ARGUMENTS, ENVELOPE, NAME, SLOTS, Envelope, Writing
from models.dialects.parameter_reading import read_parameters
from models.dialects.source import EndedError, MalformedError, Source, Steps
from models.dialects.values import read_value, value_of

NAME_CHARACTERS_MAX = 200
NAMED_WITHIN = 1_000  # an opening that may be text is waited on for so many characters
SLOT = re.compile(f"([{SLOTS}])")
_NUMBERING = "_.:-"

Tools = Mapping[str, ChatTool]


@dataclass(frozen=True, slots=True)
class Written:
    """A call as it stands in the text from `start` to `end`."""

    name: str
    arguments: Mapping[str, Any]
    start: int
    end: int


class Section:
    """`found`: the calls that are complete so far."""

    def __init__(self, source: Source, writing: Writing, tools: Tools) -> None:
        self.found: list[Written] = []
        self._source = source
        self._writing = writing
        self._tools = tools
        self._named = False  # a tool that is known

    def certain(self) -> bool:
        """Whether this can only be a call."""
        if self._writing.sure or self._named or self.found:
            return True
        name = self._name_in_envelope()
        return name is not None and name in self._tools

    def read(self) -> Steps[None]:
        """To the end of the section. MalformedError: what is behind the last call found is none."""
        source, writing = self._source, self._writing
        yield from self._marks(writing.head)
        start = 0
        while True:
            yield from source.skip_space()
            name, arguments = yield from self._call()
            self.found.append(Written(name, arguments, start, source.at))
            yield from source.tries(writing.after)
            start = source.at
            if not writing.several or not (yield from self._another()):
                break
            source.at = start
            yield from source.literal(writing.between)
        yield from source.tries(writing.tail)
        yield from source.tries(writing.ending)

    def _another(self) -> Steps[bool]:
        """Whether one more call follows; leaves the source where it was."""
        source, writing = self._source, self._writing
        start = source.at
        lead = SLOT.split(writing.between + writing.before)[0]
        if lead.strip():
            another = (yield from source.tries(lead)) and not source.ended_at()
        else:
            yield from source.skip_space()
            another = writing.form == ENVELOPE and (yield from source.peek()) == "{"
        source.at = start
        return another

    def _call(self) -> Steps[tuple[str, Mapping[str, Any]]]:
        source, writing = self._source, self._writing
        yield from self._marks(writing.before)
        if writing.envelope is not None:
            return from_envelope((yield from self._object()), writing.envelope)
        name: str = ""
        arguments: Mapping[str, Any] = {}
        parts = SLOT.split(writing.form)
        for number, part in enumerate(parts):
            if part == NAME and not name:
                name = yield from self._name("".join(parts[number + 1 :]))
            elif part == NAME:
                yield from source.literal(name)
            elif part == ARGUMENTS:
                arguments = yield from self._arguments(name, self._behind("".join(parts[number + 1 :])))
            elif ARGUMENTS in parts[:number]:
                yield from source.tries(part)
            else:
                yield from self._marks(part)
        return name, arguments

    def _object(self) -> Steps[Any]:
        """An object that holds all of a call; where text may begin so too, only while it may name a tool."""
        steps = read_value(self._source)
        while True:
            try:
                next(steps)
            except StopIteration as done:
                if not self.certain():
                    raise MalformedError("it names no tool") from None
                return done.value
            if not self.certain() and (self._name_in_envelope() or len(self._source.text) > NAMED_WITHIN):
                raise MalformedError("it names no tool")
            yield

    def _behind(self, rest: str) -> tuple[str, ...]:
        """The texts that may follow the arguments, `rest` of the form first. A tag says enough; where none follows, it
        takes all that stands before the next call, or before the end."""
        writing = self._writing
        first = SLOT.split(rest + writing.after)[0]
        if has_tag(first):
            return (first,)
        next_call = SLOT.split(writing.between + writing.before)[0]
        found = [first + writing.tail + writing.ending]
        if writing.several and next_call.strip():
            found.append(first + next_call)
        return tuple(text for text in found if text.strip())

    def _arguments(self, name: str, behind: tuple[str, ...]) -> Steps[Mapping[str, Any]]:
        if self._writing.parameters is not None:
            tool = self._tools.get(name)
            schema = tool.parameters if tool else {}
            return (yield from read_parameters(self._source, self._writing.parameters, schema, behind))
        return as_arguments((yield from read_value(self._source)))

    def _marks(self, pattern: str) -> Steps[None]:
        """Literal text, with numberings of the model's own between."""
        for part in SLOT.split(pattern):
            if not part or part not in SLOTS:
                yield from self._source.literal(part)
                continue
            while (sign := (yield from self._source.peek())) and (sign.isalnum() or sign in _NUMBERING):
                self._source.at += 1

    def _name(self, behind: str) -> Steps[str]:
        """To where the text behind the name begins; a known name may hold that character too."""
        borders = self._borders(behind)
        name = ""
        while sign := (yield from self._source.peek()):
            known = any(tool.startswith(name + sign) for tool in self._tools)
            if not known and (" " if sign.isspace() else sign) in borders:
                break
            name += sign
            self._source.at += 1
            if len(name) > NAME_CHARACTERS_MAX or not (known or self._writing.sure):
                raise MalformedError("it names no tool")
        if self._source.ended_at():
            raise EndedError
        self._named = self._named or name in self._tools
        if not name.strip() or not (name in self._tools or self._writing.sure):
            raise MalformedError("it names no tool")
        return name.strip()

    def _borders(self, behind: str) -> str:
        """The characters that may follow a name; a blank stands for all blanks."""
        following = [behind]
        if behind[:1] == ARGUMENTS:
            parameters = self._writing.parameters
            following = [parameters.open, behind[1:] + self._writing.after] if parameters else ["{", " "]
        signs = "".join(text[:1] for text in following)
        return "".join(" " if sign.isspace() else sign for sign in signs)

    def _name_in_envelope(self) -> str | None:
        """The name that an object which is still arriving has given already."""
        key = self._writing.envelope.key_of("name") if self._writing.envelope else ""
        begun = self._source.text[:NAMED_WITHIN]
        found = re.search(rf'"{re.escape(key)}"\s*:\s*"([^"]*)"', begun) if key else None
        return found[1] if found else None


def from_envelope(value: Any, envelope: Envelope) -> tuple[str, Mapping[str, Any]]:
    """Name and arguments out of the object that holds both."""
    if not isinstance(value, dict):
        raise MalformedError("an object with a tool's name was expected")
    if not envelope.members:
        if len(value) != 1:
            raise MalformedError("an object with one tool's name was expected")
        name, held = next(iter(value.items()))
        return name, as_arguments(held)
    name = value.get(envelope.key_of("name"))
    if not isinstance(name, str) or not name:
        raise MalformedError("it names no tool")
    return name, as_arguments(value.get(envelope.key_of("arguments"), {}))


def as_arguments(value: Any) -> Mapping[str, Any]:
    """An object, also one that is written as a text."""
    if isinstance(value, str):
        value = value_of(value) if value.strip() else {}
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise MalformedError("its arguments are not an object")
    return value
