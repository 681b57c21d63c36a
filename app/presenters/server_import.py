"""Servers of other programs: found on this machine, chosen one by one, read as a change of the settings, taken over and
taken back. Nothing is written before the user has seen it.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from agent.protocol import events, server_commands
from agent.protocol.commands import Command
from agent.protocol.server_events import ClientsFound, ServersPreviewed, ServersTaken
from agent.protocol.server_records import CandidateView, ClientView
from app.presenters.presenter import Clock, Handlers, Presenter, Submit
from app.presenters.wording import count, one_line

NAME_CHARACTERS_MAX, HOW_CHARACTERS_MAX = 80, 160
NONE = (
    "No other program keeps servers here, as far as is known: not Claude, Cursor, VS Code, Windsurf, LM Studio or "
    "Gemini CLI."
)
SECRETS = "These go to the system's keyring, never into the file: {names}."


class Step(StrEnum):
    CLOSED = "closed"
    LOOKING = "looking"
    CHOOSING = "choosing"
    READING = "reading"  # what would be written


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """`key`: of the file and the server in it; `can`: whether it may be chosen; `note`: why not, or what to know."""

    key: tuple[str, str]
    name: str
    how: str
    note: str
    can: bool


@dataclass(frozen=True, slots=True)
class ProgramRow:
    name: str
    path: str
    trouble: str
    rows: tuple[ChoiceRow, ...]


class ServerImportPresenter(Presenter):
    """Parts that change: "step", "choice", "trouble", "taken"."""

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self.step = Step.CLOSED
        self.programs: tuple[ProgramRow, ...] = ()
        self.preview: ServersPreviewed | None = None
        self.trouble = ""
        self._chosen: dict[tuple[str, str], None] = {}
        self.asked = ""  # id of the command that is waited for
        self._taking = ""  # the same, while it is the one that writes
        self._taken: ServersTaken | None = None

    def handlers(self) -> Handlers:
        return {
            ClientsFound: self._found,
            ServersPreviewed: self._previewed,
            ServersTaken: self._took,
            events.Failed: self._failed,
        }

    # What the view shows

    @property
    def nothing(self) -> str:
        return "" if self.programs else NONE

    @property
    def can_preview(self) -> bool:
        return bool(self._chosen) and not self.asked

    @property
    def warnings(self) -> tuple[str, ...]:
        """Beside the change itself."""
        if self.preview is None:
            return ()
        secrets = (SECRETS.format(names=", ".join(self.preview.secrets)),) if self.preview.secrets else ()
        return (*secrets, *(one_line(note, 300) for note in self.preview.notes))

    @property
    def taken(self) -> str:
        """What was taken over last, as long as it can be taken back."""
        if self._taken is None or not self._taken.change:
            return ""
        words = f"Taken over: {', '.join(self._taken.names)}. Ask each what it has, then look at its tools."
        kept = f" In the keyring, where it stays: {', '.join(self._taken.secrets)}." if self._taken.secrets else ""
        left = "".join(f" Not taken: {one_line(one, 300)}" for one in self._taken.left)
        return words + kept + left

    def is_chosen(self, key: tuple[str, str]) -> bool:
        return key in self._chosen

    # What the user does

    def open(self, path: str = "") -> None:
        """`path`: in this file instead of the places that are known."""
        self.trouble = ""
        self._go(Step.LOOKING)
        self._ask(server_commands.LookForServers(path=path))

    def choose(self, key: tuple[str, str], on: bool) -> None:
        if on:
            self._chosen[key] = None
        else:
            self._chosen.pop(key, None)
        self._changed("choice")

    def read(self) -> None:
        """Show what would be written."""
        if self.can_preview:
            self.trouble = ""
            self._ask(server_commands.PreviewServers(choices=self._choices()))

    def take(self) -> None:
        if self.preview is not None and not self.asked:
            self._ask(server_commands.TakeServers(choices=self._choices(), looked_at=self.preview.fingerprint))
            self._taking = self.asked

    def take_back(self) -> None:
        if self._taken is not None and self._taken.change:
            self._submit(server_commands.TakeBackServers(change=self._taken.change))

    def back(self) -> None:
        """Not while it is being written: how that ended has to be told here."""
        if self.asked and self.asked == self._taking:
            return
        self.preview, self.trouble, self.asked = None, "", ""
        self._go(Step.CHOOSING)

    def close(self) -> None:
        self.preview, self.asked = None, ""
        self._chosen.clear()
        self._go(Step.CLOSED)

    def _choices(self) -> Mapping[str, tuple[str, ...]]:
        paths = dict.fromkeys(path for path, _ in self._chosen)
        return {path: tuple(name for where, name in self._chosen if where == path) for path in paths}

    def _ask(self, command: Command) -> None:
        self.asked = command.id
        self._submit(command)
        self._changed("choice")

    # What happened

    def _found(self, event: ClientsFound) -> None:
        if not self._is_mine(event.cause):
            return
        self.programs = tuple(map(_program, event.clients))
        self._chosen = {row.key: None for program in self.programs for row in program.rows if row.can}
        self._go(Step.CHOOSING)

    def _previewed(self, event: ServersPreviewed) -> None:
        if self._is_mine(event.cause):
            self.preview = event
            self._go(Step.READING)

    def _took(self, event: ServersTaken) -> None:
        mine = self._is_mine(event.cause)
        self._taken = event
        if mine:
            self.close()
        self._changed("taken")

    def _failed(self, event: events.Failed) -> None:
        if not self._is_mine(event.cause):
            return
        self.trouble = " ".join(part for part in (event.what, event.todo) if part)
        if self.step is Step.LOOKING:
            self._go(Step.CHOOSING)
        self._changed("trouble")

    def _is_mine(self, cause: str) -> bool:
        if not cause or cause != self.asked:
            return False
        self.asked = ""
        return True

    def _go(self, step: Step) -> None:
        self.step = step
        self._changed("step")


def _program(one: ClientView) -> ProgramRow:
    rows = tuple(_row(one.path, candidate) for candidate in one.candidates)
    return ProgramRow(one_line(one.client, NAME_CHARACTERS_MAX), one.path, one_line(one.trouble, 300), rows)


def _row(path: str, one: CandidateView) -> ChoiceRow:
    notes = [one.why]
    notes += [f"Its name here: {one.name}."] if one.name and one.name != one.theirs else []
    notes += [f"{count(len(one.secrets), 'secret')} of it to the keyring."] if one.secrets else []
    note = " ".join(filter(None, notes))
    return ChoiceRow(
        (path, one.theirs), one_line(one.theirs, NAME_CHARACTERS_MAX), one_line(one.how, HOW_CHARACTERS_MAX),
        note[:1].upper() + note[1:], not one.why,
    )  # fmt: skip
