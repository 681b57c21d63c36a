"""A whole conversation with the scripted model over a real profile: what is said, what comes of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from agent.compose import build
from agent.loop.ports import Request
from agent.paths import Paths
from agent.protocol.events import CallSettled, TurnEnded
from agent.protocol.records import Call, Message, Outcome
from agent.runtime import Runtime
from models.contracts import DecideRequest, Decision, PointedCall
from models.scripted import Entry, Scripted

SETTINGS = """schema = 1
timezone = "Europe/Berlin"

[accounts.work]
kind = "smtp"
host = "127.0.0.1"
port = 9
security = "none"
from = "me@example.org"

[contacts]
Dana = "dana@example.org"
Ivo = "ivo@example.org"

[channels.ops]
kind = "webhook"
url = "http://127.0.0.1:9/ops"
"""


class Growing(Scripted):
    """A script that is written while it is played."""

    def then(self, decision: Decision) -> None:
        self._script.append(decision)


def opened(paths: Paths, model: Growing) -> Iterator[Runtime]:
    with build(paths, environ={}, starter=model, offline=True) as runtime:
        yield runtime


def called(tool: str, **args: str) -> Decision:
    return Decision("called", 0.95, (pointed(tool, args),))


def pointed(tool: str, args: dict[str, str]) -> PointedCall:
    """`from_` stands for the argument "from", which Python does not take as a name."""
    return PointedCall(tool, {name.rstrip("_"): value for name, value in args.items()})


def follow(how: str, tool: str, **args: str) -> Decision:
    return Decision("called", 0.95, (pointed(tool, args),), follow=how)  # type: ignore[arg-type]


def lacking(tool: str, *lacks: str, **args: str) -> Decision:
    guess = (pointed(tool, args),) if args else ()
    return Decision("clarify", 0.9, missing=tool, lacks=lacks, guess=guess)


def unsure(first: PointedCall, second: PointedCall | None = None) -> Decision:
    return Decision("clarify", 0.4, missing=first.tool, guess=(first,), second=(second,) if second else ())


@dataclass
class Answer:
    """`calls`: of this turn; `also`: earlier ones that changed with it."""

    message: Message
    calls: list[Call] = field(default_factory=list)
    also: list[Call] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.message.text

    @property
    def outcome(self) -> Outcome | None:
        return self.message.outcome

    @property
    def call(self) -> Call:
        (only,) = self.calls
        return only


@dataclass
class Talk:
    """`script` is what the model will decide next; what it was asked is in `asked`."""

    runtime: Runtime
    script: Callable[[Entry], None]
    asked: list[DecideRequest]
    conversation: str | None = None

    def say(self, text: str, decision: Decision | None = None, *, approve: bool = False, dry: bool = False) -> Answer:
        """`decision` None: the model must not be asked."""
        before = len(self.asked)
        if decision:
            self.script(decision)
        events = list(self.runtime.turn(Request(text, self.conversation, approve=approve, dry_run=dry)))
        assert len(self.asked) == before + (decision is not None)
        ended = events[-1]
        assert isinstance(ended, TurnEnded)
        settled = [event for event in events if isinstance(event, CallSettled)]
        if not dry:
            self.conversation = ended.message.conversation_id
        return Answer(
            ended.message,
            [event.call for event in settled if event.turn_id == ended.turn_id],
            [event.call for event in settled if event.turn_id != ended.turn_id],
        )

    @property
    def read_with(self) -> DecideRequest:
        return self.asked[-1]
