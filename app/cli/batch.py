"""A file of requests for `carryon ask --batch`: its lines, and the threads in which they are said.

{"id", "text"} is a request of its own. "conversation" joins lines: those that name the same word go on in one thread,
a whole id goes on in that conversation. "context", for a dry run, is what a line is read with:
{"after": [{"tool", "args"}], "asked": {"tool", "args", "lacks"}, "known": [["contact", "Dana"]]}, each if there is one.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.errors import BadRequestError
from agent.loop.ports import Situation
from agent.protocol.records import Call, CallStatus, Message, Question

LINES_MAX = 100_000
LINE_BYTES_MAX = 8_000_000
CONTEXT_CALLS_MAX = 20
ID_CHARACTERS = 36  # of a whole id; a shorter word is the batch's own name for a thread
NO_REQUEST, WRITE_SO = "This line is no request.", 'Write {"id": "1", "text": "…"}, in UTF-8.'
CONTEXT_SO = '"context" holds "after", "asked" and "known", as the README of app/cli says.'


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    text: str
    conversation: str = ""
    context: Situation | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How a turn ended, with the calls of its own."""

    message: Message
    calls: tuple[Call, ...]


def check(batch: Path, *, dry_run: bool) -> None:
    """Nothing is done for a file that has a mistake further down."""
    for row in rows(batch):
        if row.context and not dry_run:
            raise BadRequestError("A context is imagined, so nothing can be done in it.", row.id, "Add --dry-run.")


def rows(batch: Path) -> Iterator[Row]:
    if not batch.is_file():
        raise BadRequestError("There is no such file.", str(batch), "Give a file of JSON lines.")
    with batch.open("rb") as file:
        for number, line in enumerate(file, 1):
            if number > LINES_MAX or len(line) > LINE_BYTES_MAX:
                raise BadRequestError("The batch is too large.", f"{batch}:{number}", "Split the file.")
            if line.strip():
                yield _row(line, f"{batch}:{number}")


def _row(line: bytes, where: str) -> Row:
    try:
        entry = json.loads(line.decode("utf-8"))
        name, text, thread = entry["id"], entry["text"], entry.get("conversation") or ""
        context = _situation(entry["context"], where) if entry.get("context") else None
    except (ValueError, TypeError, KeyError, RecursionError, AttributeError) as error:
        raise BadRequestError(NO_REQUEST, where, WRITE_SO) from error
    if isinstance(name, str | int) and isinstance(text, str) and text.strip() and isinstance(thread, str | int):
        return Row(str(name), text, str(thread), context)
    raise BadRequestError(NO_REQUEST, where, WRITE_SO)


def _situation(plain: Mapping[str, Any], where: str) -> Situation:
    try:
        calls = tuple(
            Call(f"{where}/{at}", "", str(call["tool"]), _words(call.get("args", {})), CallStatus.DONE)
            for at, call in enumerate(plain.get("after", ())[:CONTEXT_CALLS_MAX])
        )
        asked = plain.get("asked")
        question = (
            Question(str(asked["tool"]), _words(asked.get("args", {})), tuple(map(str, asked["lacks"])))
            if asked
            else None
        )
        return Situation(calls, question, known=tuple((str(kind), str(name)) for kind, name in plain.get("known", ())))
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise BadRequestError("This context cannot be read.", where, CONTEXT_SO) from error


def _words(args: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in args.items()}


@dataclass(slots=True)
class Threads:
    """Where each line is said. `within`: the conversation of the whole batch; `whole`: an id by its beginning."""

    within: str | None
    whole: Callable[[str], str]
    _ids: dict[str, str | None] = field(default_factory=dict)
    _imagined: dict[str, Situation] = field(default_factory=dict)

    def place(self, row: Row, *, dry_run: bool) -> tuple[str | None, Situation | None]:
        """The conversation to go on in, and for a dry run what is imagined instead of it."""
        if row.context or not row.conversation:
            return self.within, row.context
        if len(row.conversation) >= ID_CHARACTERS:
            return self.whole(row.conversation), None
        if dry_run:
            return None, self._imagined.get(row.conversation)
        return self._ids.get(row.conversation), None

    def went_on(self, row: Row, ended: Ended) -> None:
        """A dry run stores nothing, so what it would have done is remembered here."""
        if row.conversation:
            self._ids[row.conversation] = ended.message.conversation_id or None
            before = self._imagined.get(row.conversation, Situation())
            self._imagined[row.conversation] = Situation(ended.calls or before.calls, ended.message.question)
