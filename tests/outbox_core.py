"""A real core for the Outbox's rooms: profile, session and outbox on the disk; commands are answered when `settle` is
called, on this thread."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from agent.compose import Runtime, build
from agent.paths import Paths
from agent.protocol.commands import CancelTurn, Command
from agent.session.handling import Session
from app import demo
from app.presenters.desk import Desk
from sync.intent import Intent, Need
from sync.item import Item

ROUNDS_MAX = 500


class OutboxCore:
    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.asked: list[Command] = []
        self._waiting: deque[Command] = deque()
        self._session = Session(runtime)
        self.desk: Desk = Desk(self.submit, demo.clock)

    def submit(self, command: Command) -> None:
        self.asked.append(command)
        if isinstance(command, CancelTurn):  # never waits, as in the session's thread
            self._session.cancel()
            return
        self._waiting.append(command)

    def settle(self) -> None:
        """Answer what was asked, and what is asked because of that."""
        for _ in range(ROUNDS_MAX):
            if not self._waiting:
                return
            for event in self._session.handle(self._waiting.popleft()):
                self.desk.handle(event)
        raise AssertionError("the room never stops asking")

    def show(self) -> None:
        self.desk.show_view("outbox")
        self.settle()

    # What waits

    def mail(self, subject: str, *, to: str = "dana@halden.example", approval: bool = True, **more: object) -> Item:
        args = {"to": to, "subject": subject, "body": f"About {subject}."}
        intent = Intent("email.send", args, "smtp:work", args, f"E-mail to {to}: {subject}", **more)  # type: ignore[arg-type]
        return self.runtime.outbox.enqueue(intent, approval=approval)

    def post(self, text: str, *, channel: str = "ops", approval: bool = False, **more: object) -> Item:
        args = {"channel": channel, "text": text}
        intent = Intent("message.post", args, f"webhook:{channel}", args, f"Message to {channel}: {text}", **more)  # type: ignore[arg-type]
        return self.runtime.outbox.enqueue(intent, approval=approval)

    def plan(self) -> tuple[Item, Item]:
        """An issue, and a message that waits for it."""
        first = self.mail("first of a plan")
        return first, self.post("second of a plan", approval=True, needs=(Need(first.id),))


@contextmanager
def outbox_core(paths: Paths) -> Iterator[OutboxCore]:
    with build(paths, offline=True, clock=demo.clock) as runtime:
        yield OutboxCore(runtime)
