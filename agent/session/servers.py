"""The room of servers: what is declared, asking one what it has beside the conversation, what its tools are, and the
questions that servers put to the user.

What takes long (fetching, starting, asking) runs on a lane; what comes of it is taken over between commands.
"""

import queue
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from agent.errors import BadRequestError
from agent.explain import explain
from agent.protocol import commands, server_commands
from agent.protocol.events import Event, Failed, StoreChanged
from agent.protocol.server_events import ServerProgressed, ServersListed
from agent.session.ending import Ending
from agent.session.lane import Lane
from agent.session.server_importing import ServerImporting
from agent.session.server_prompts import ServerPrompts
from agent.session.server_questions import ServerQuestions
from agent.session.server_views import view
from agent.session.sign_ins import SignInRoom
from sync.steering import on_one_line

if TYPE_CHECKING:
    from agent.compose import Runtime
    from agent.mcp.outcomes import Step
    from agent.mcp.records import Listing

LOOK_S, REST_S = 0.2, 3_600.0
CHANGED_REST_S = 30.0  # at most so often is one asked because it said that its tools changed
TOLD_EVERY_S, TEXT_CHARACTERS_MAX = 0.25, 60  # of a call that goes on
ASKING, FETCHING = "is asked what it has", "is being fetched"
CHANGED = "The server says something else about {tool} than what was on the screen; look at it again."
Handler = Callable[[Any], Iterator[Event]]


class ServerRoom:
    def __init__(self, runtime: "Runtime", emit: Callable[[Event], None]) -> None:
        self._runtime, self._emit = runtime, emit
        self.questions = ServerQuestions(emit)
        self.prompts = ServerPrompts(runtime, emit)
        self._importing = ServerImporting(runtime, self._after)
        self.sign_ins = SignInRoom(runtime, emit)
        self._lane = Lane("servers")
        self._busy: dict[str, str] = {}
        self._over: queue.Queue[_Asking] = queue.Queue()
        self._changed: dict[str, None] = {}  # said so, not asked yet; no more than are declared
        self._asked_at: dict[str, float] = {}  # because they said so, in the last CHANGED_REST_S
        self._told_at = 0.0
        runtime.servers.ask = self.questions.ask
        runtime.servers.progressed = self._progressed

    def handlers(self) -> Mapping[type[commands.Command], Handler]:
        return {
            server_commands.ListServers: lambda command: self._listed(command.id),
            server_commands.RefreshServer: self._refresh,
            server_commands.SwitchServer: self._switch,
            server_commands.SayClasses: self._say,
            **self._importing.handlers(),
            server_commands.SignOutServer: self._sign_out,
        }

    # Between commands

    def tick(self) -> float:
        """Take over what has ended; seconds until the next look."""
        while True:
            try:
                self._settle(self._over.get_nowait())
            except queue.Empty:
                break
        self._changed |= dict.fromkeys(self._runtime.servers.said_changed())
        self._ask_changed(time.monotonic())
        return LOOK_S if self._busy else CHANGED_REST_S if self._changed else REST_S

    def _ask_changed(self, now: float) -> None:
        """Those that said that their tools are others now. A server that says so after each listing is not asked
        without end, and one for which there is no place in the line keeps its turn."""
        self._asked_at = {name: at for name, at in self._asked_at.items() if now - at < CHANGED_REST_S}
        for name in [name for name in self._changed if name not in self._busy and name not in self._asked_at]:
            if not self._put(name, fetches=False):
                return
            del self._changed[name]
            self._asked_at[name] = now

    def stop(self) -> None:
        """The user takes back the call that goes on; from any thread."""
        self.questions.decline_all()
        self._runtime.servers.stop()

    def end(self) -> None:
        """Without waiting for what goes on."""
        self._lane.end()
        self.prompts.end()
        self.sign_ins.end()
        self.stop()

    def close(self, ending: Ending) -> None:
        self.end()
        self._lane.join(ending)
        self.prompts.close(ending)
        self.sign_ins.close(ending)

    def _settle(self, asked: "_Asking") -> None:
        from agent.mcp.errors import McpError

        self._busy.pop(asked.name, None)
        try:
            if asked.failure:
                raise asked.failure
            if asked.listing:
                self._runtime.servers.front.keep(asked.name, asked.listing)
        except Exception as error:  # noqa: BLE001  told; what is between commands must not end them
            _, what, where, todo = explain(error)
            if isinstance(error, McpError):
                self._runtime.servers.front.note_failure(asked.name, error)
            self._emit(Failed(what=what, where=where, todo=todo))
        for event in self._listed(""):
            self._emit(event)

    def _progressed(self, name: str, step: "Step") -> None:
        now = time.monotonic()
        if now - self._told_at >= TOLD_EVERY_S:
            self._told_at = now
            text = on_one_line(" ".join(step.text.split())[:TEXT_CHARACTERS_MAX])
            self._emit(ServerProgressed(server=name, fraction=step.fraction, text=text))

    # What the user asks

    def _listed(self, cause: str) -> Iterator[Event]:
        front = self._runtime.servers.front
        shown = tuple(view(one, front, self._busy.get(one.server.name, "")) for one in front.all())
        yield ServersListed(cause=cause, servers=shown)

    def _refresh(self, command: server_commands.RefreshServer) -> Iterator[Event]:
        front = self._runtime.servers.front
        server = front.roster.server(command.name)
        shown = front.shown(command.name)
        fetches = shown.fetches and (command.update or shown.resolution is None)
        self._line_up(server.name, fetches=fetches)
        yield from self._listed(command.id)

    def _line_up(self, name: str, *, fetches: bool) -> None:
        if name not in self._busy and not self._put(name, fetches=fetches):
            raise BadRequestError("Too many servers are asked already.", name, "Wait for one of them.")

    def _put(self, name: str, *, fetches: bool) -> bool:
        """False: the lane is full."""
        taken = self._lane.put(_Asking(self._runtime, name, fetches, self._over.put))
        if taken:
            self._busy[name] = FETCHING if fetches else ASKING
        return taken

    def _switch(self, command: server_commands.SwitchServer) -> Iterator[Event]:
        self._runtime.servers.front.roster.server(command.name)
        self._runtime.change_settings({f"servers.{command.name}.enabled": None if command.on else False})
        yield from self._after(command.id)

    def _sign_out(self, command: server_commands.SignOutServer) -> Iterator[Event]:
        self._runtime.servers.front.sign_out(command.name)
        yield from self._listed(command.id)

    def _say(self, command: server_commands.SayClasses) -> Iterator[Event]:
        front = self._runtime.servers.front
        shown = front.shown(command.name)
        now = {one.tool.name: one.digest for one in shown.standings}
        for tool in command.said:
            if now.get(tool) != command.looked_at.get(tool):
                raise BadRequestError(CHANGED.format(tool=tool), command.name)
        said = {tool: front.classing(shown, tool, words) for tool, words in command.said.items()}
        front.accept(front.classes(command.name, said))
        yield from self._after(command.id)

    def _after(self, cause: str) -> Iterator[Event]:
        self._runtime.servers.keep_up()
        self._runtime.nudge(settings=True)  # what waited for this server is looked at now
        yield from self._listed(cause)
        yield StoreChanged(cause=cause, areas=frozenset({"settings"}))


class _Asking:
    """One server, on the lane."""

    def __init__(self, runtime: "Runtime", name: str, fetches: bool, over: Callable[["_Asking"], None]) -> None:
        self._runtime, self.name, self._fetches, self._over = runtime, name, fetches, over
        self.listing: Listing | None = None
        self.failure: Exception | None = None

    def run(self) -> None:
        front = self._runtime.servers.front
        try:
            if self._fetches:
                front.update(self.name)
            self.listing = front.fetch(self.name)
        except Exception as error:  # noqa: BLE001  told to the user by the session's thread
            self.failure = error
        self._over(self)

    def stop(self) -> None:
        self._runtime.servers.stop()
