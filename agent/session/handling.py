"""One command at a time, answered with events. Each room holds handlers by type of command; they are joined here."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from agent.protocol.commands import Command
from agent.protocol.events import Event, Failed, StoreChanged
from agent.protocol.server_commands import AnswerServer, CancelSignIn, FetchPrompt, LeavePrompt, SignInServer
from agent.session import calls, chat, library, models, outbox, pool, product, settings, starts
from agent.session.outbox_many import Decisions

if TYPE_CHECKING:
    from agent.compose import Runtime
    from agent.protocol.server_commands import OutOfTurn
    from agent.session.laptops import LaptopsRoom
    from agent.session.model_jobs import ModelJobs
    from agent.session.servers import ServerRoom

Handler = Callable[["Runtime", Any], Iterator[Event]]

HANDLERS: Mapping[type[Command], Handler] = {
    **chat.HANDLERS,
    **calls.HANDLERS,
    **library.HANDLERS,
    **outbox.HANDLERS,
    **settings.HANDLERS,
    **models.HANDLERS,
    **product.HANDLERS,
    **starts.HANDLERS,
    **pool.HANDLERS,
}


class Session:
    """The core of one front end. `handle` is called from one thread; `cancel` from any. `jobs`: what a front end that
    stays open can have done beside its commands; `servers`: of tools, which it can ask and be asked by. `on_change`
    hears after each command which areas it said have changed."""

    def __init__(
        self, runtime: "Runtime", on_change: Callable[[frozenset[str]], None] = lambda _areas: None,
        jobs: "ModelJobs | None" = None, servers: "ServerRoom | None" = None, laptops: "LaptopsRoom | None" = None,
    ) -> None:  # fmt: skip
        self.runtime = runtime
        self._on_change = on_change
        self._jobs = jobs
        self._servers = servers
        self._decisions = Decisions(runtime)
        rooms = (self._decisions, jobs, servers, laptops)
        self._own = {kind: handler for room in rooms if room for kind, handler in room.handlers().items()}

    def handle(self, command: Command) -> Iterator[Event]:
        if own := self._own.get(type(command)):
            answers = own(command)
        elif handler := HANDLERS.get(type(command)):
            answers = handler(self.runtime, command)
        else:
            yield Failed(cause=command.id, what=f"Carryon does not know the command {type(command).__name__}.")
            return
        areas = set[str]()
        for event in answers:
            if isinstance(event, StoreChanged):
                areas |= event.areas
            yield event
        self._on_change(frozenset(areas))

    def tick(self) -> float:
        """What is looked at now and then, between commands; seconds until the next time."""
        beside = [part.tick() for part in (self._jobs, self._servers) if part]
        return min((self.runtime.pool.tick(), *beside))

    def cancel(self) -> None:
        """What goes on now: a decision about many items, or else a turn with what it asked of servers."""
        if self._decisions.stop():
            return
        self.runtime.minds.cancel()
        self.runtime.foreground.stop()
        if self._servers:
            self._servers.stop()

    def put_off(self) -> None:
        """What the turn at hand waits for at the network; from any thread."""
        self.runtime.foreground.put_off()

    def answer(self, command: "OutOfTurn") -> None:
        """To a server's question, whose call waits on the session's thread; or about a text of a server, which goes on
        beside it. From any thread."""
        if not self._servers:
            return
        match command:
            case AnswerServer():
                self._servers.questions.answer(command.question_id, command.values)
            case FetchPrompt():
                self._servers.prompts.fetch(command)
            case LeavePrompt():
                self._servers.prompts.leave(command)
            case SignInServer():
                self._servers.sign_ins.begin(command)
            case CancelSignIn():
                self._servers.sign_ins.cancel(command)
