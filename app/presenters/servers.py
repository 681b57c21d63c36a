"""Servers of tools: what each is, the sheet on which the user says what its tools are, and the questions they ask."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from agent.protocol import events, server_commands
from agent.protocol.server_events import (
    ServerAsked,
    ServerQuestionClosed,
    ServersListed,
    SignInEnded,
    SignInWanted,
)
from agent.protocol.server_records import ClassView, RefusedView, ServerQuestion, ServerToolView, ServerView
from app.presenters.presenter import AreaPresenter, Clock, Handlers, Submit
from app.presenters.wording import count, when

CLASSES = ("local", "deferrable", "online")
REPEATS = ("none", "key", "query")
ONLINE = "online"
NEVER_USED = "refuse"
PAST_WORDS = {NEVER_USED: "ask later", "flag": "use it, and warn"}  # the settings' words, and how they are said
TOUCHES = ("nothing", "files", "network", "files, network")
QUESTIONS_MAX = 8
WANTED, SIGNED_IN = "wanted", "signed in"
SIGN_IN_WORDS = {WANTED: "Sign in", SIGNED_IN: "Sign out"}


@dataclass(frozen=True, slots=True)
class ServerRow:
    """`tone` of the chip; `look`: words on the button that opens the sheet, "" for none."""

    name: str
    how: str
    chip: str
    tone: str
    about: str
    trouble: str
    enabled: bool
    busy: bool
    look: str
    can_update: bool
    sign_in: str = ""  # words on the button, "" for none


@dataclass(frozen=True, slots=True)
class ToolRow:
    """One line of the sheet. `waits`: nothing was said of it yet, or it is another than what was looked at; `note`: why
    that, and what the suggestion was made of."""

    tool: str
    name: str
    about: str
    note: str
    waits: bool
    connectivity: str
    fresh: str
    repeat: str
    touches: str
    past: str
    digest: str


class ServersPresenter(AreaPresenter):
    """Parts that change: "servers", "sheet" (None: closed), "question" (None: there is none)."""

    area = "settings"

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self.servers: tuple[ServerView, ...] = ()
        self.sheet: tuple[ToolRow, ...] | None = None
        self.sheet_of = ""
        self.refused: tuple[RefusedView, ...] = ()  # of the server on the sheet
        self._before: tuple[ToolRow, ...] = ()
        self._questions: list[ServerQuestion] = []

    def handlers(self) -> Handlers:
        return {
            ServersListed: self._listed,
            ServerAsked: self._asked,
            ServerQuestionClosed: self._question_closed,
            SignInWanted: lambda _event: self.heard_areas(frozenset({self.area})),
            SignInEnded: self._sign_in_ended,
            events.SettingsChanged: lambda _event: self.heard_areas(frozenset({self.area})),
        }

    def refresh(self) -> None:
        self._submit(server_commands.ListServers())

    @property
    def rows(self) -> tuple[ServerRow, ...]:
        return tuple(self._row(server) for server in self.servers)

    # What the user does

    def ask(self, name: str) -> None:
        """What it has."""
        self._submit(server_commands.RefreshServer(name=name))

    def update(self, name: str) -> None:
        self._submit(server_commands.RefreshServer(name=name, update=True))

    def switch(self, name: str, on: bool) -> None:
        self._submit(server_commands.SwitchServer(name=name, on=on))

    def sign_in_or_out(self, name: str) -> None:
        """What the button says."""
        if self._is(name, SIGNED_IN):
            self._submit(server_commands.SignOutServer(name=name))
        else:
            self._submit(server_commands.SignInServer(name=name))

    def look(self, name: str) -> None:
        """Open the sheet of its tools, those that wait first."""
        server = next((one for one in self.servers if one.name == name), None)
        if server is not None:
            rows = sorted(map(_tool_row, server.tools), key=lambda row: not row.waits)
            self.sheet = self._before = tuple(rows)
            self.sheet_of, self.refused = name, server.refused
            self._changed("sheet")

    def say(self, tool: str, **parts: Any) -> None:
        """On the sheet; in force once it is accepted."""
        self.sheet = tuple(replace(row, **parts) if row.tool == tool else row for row in self.sheet or ())

    def accept(self) -> None:
        """All that waits, and what was changed."""
        said = [row for row in self.sheet or () if row.waits or row not in self._before]
        if said:
            self._submit(
                server_commands.SayClasses(
                    name=self.sheet_of, said={row.tool: _parts(row) for row in said},
                    looked_at={row.tool: row.digest for row in said},
                )
            )  # fmt: skip
        self.close()

    def close(self) -> None:
        self.sheet, self._before = None, ()
        self._changed("sheet")

    # Questions of servers

    @property
    def question(self) -> ServerQuestion | None:
        return self._questions[0] if self._questions else None

    def answer(self, values: Mapping[str, Any] | None) -> None:
        """None says no."""
        if question := self.question:
            self._submit(server_commands.AnswerServer(question_id=question.id, values=values))
            self._let_go(question.id)

    # What happened

    def _listed(self, event: ServersListed) -> None:
        self.servers = event.servers
        self._changed("servers")

    def _asked(self, event: ServerAsked) -> None:
        if len(self._questions) < QUESTIONS_MAX:
            self._questions.append(event.question)
            self._changed("question")

    def _question_closed(self, event: ServerQuestionClosed) -> None:
        self._let_go(event.question_id)

    def _sign_in_ended(self, event: SignInEnded) -> None:
        if event.signed_in and any(one.name == event.server and one.asked_at is None for one in self.servers):
            self.ask(event.server)
        self.heard_areas(frozenset({self.area}))

    def _is(self, name: str, sign_in: str) -> bool:
        return any(one.name == name and one.sign_in == sign_in for one in self.servers)

    def _let_go(self, question_id: str) -> None:
        left = [one for one in self._questions if one.id != question_id]
        if len(left) != len(self._questions):
            self._questions = left
            self._changed("question")

    def _row(self, server: ServerView) -> ServerRow:
        waiting = sum(bool(tool.why) for tool in server.tools)
        chip, tone = self._chip(server, waiting)
        parts = [
            server.version,
            server.package,
            f"asked {when(server.asked_at, self.now_ms())}" if server.asked_at else "",
        ]
        parts += [count(server.resources, "resource") if server.resources else ""]
        parts += [count(server.prompts, "prompt") if server.prompts else ""]
        parts += [f"{len(server.refused)} declared wrongly" if server.refused else ""]
        return ServerRow(
            name=server.name, how=server.how, chip=chip, tone=tone, about=" · ".join(filter(None, parts)),
            trouble=self._trouble(server), enabled=server.enabled, busy=bool(server.busy),
            look=_look(server, waiting), can_update=server.can_update, sign_in=SIGN_IN_WORDS.get(server.sign_in, ""),
        )  # fmt: skip

    def _trouble(self, server: ServerView) -> str:
        """Once it is in order nothing is said of what failed before."""
        failed = server.enabled and not server.busy and server.failed_at is not None and server.sign_in != WANTED
        told = f"Asked {when(server.failed_at, self.now_ms())}: {server.failure}" if failed and server.failed_at else ""
        return " ".join(filter(None, (server.trouble, told)))

    @staticmethod
    def _chip(server: ServerView, waiting: int) -> tuple[str, str]:
        if server.busy:
            return server.busy, "info"
        if not server.enabled:
            return "off", "muted"
        if server.sign_in == WANTED:
            return "sign in", "wait"
        if server.trouble:
            return "not ready", "bad"
        if waiting:
            return f"{count(waiting, 'tool')} to look at", "wait"
        return count(len(server.tools), "tool"), "good"


def _look(server: ServerView, waiting: int) -> str:
    if server.tools:
        return "Look at them" if waiting else "Its tools"
    return "What is left out" if server.refused else ""


def _tool_row(tool: ServerToolView) -> ToolRow:
    shown = tool.said if tool.said and not tool.why else tool.suggested
    notes = [tool.why, tool.suggested_why if tool.why else ""]
    if tool.said and tool.why:
        notes.insert(1, f"You said: {tool.said.connectivity}, touches {_touches(tool.said)}.")
    return ToolRow(
        tool=tool.tool, name=tool.name, about=tool.about, note=" ".join(filter(None, notes)), waits=bool(tool.why),
        connectivity=shown.connectivity, fresh=shown.fresh, repeat=shown.repeat, touches=_touches(shown),
        past=PAST_WORDS.get(shown.past, shown.past), digest=tool.digest,
    )  # fmt: skip


def _touches(said: ClassView) -> str:
    return ", ".join(said.touches) or "nothing"


def _parts(row: ToolRow) -> Mapping[str, str]:
    """`past` is about answers: where a tool gives none any more, what was said of it is taken back."""
    plain = {"class": row.connectivity, "fresh": row.fresh, "repeat": row.repeat, "touches": row.touches}
    said = next((word for word, words in PAST_WORDS.items() if words == row.past), row.past)
    if row.connectivity == ONLINE:
        return {**plain, "past": said}
    return plain if said == NEVER_USED else {**plain, "past": NEVER_USED}
