"""What the tests of the pool share: a clock that is set, a machine that is told what to say, a worker that rests."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace

from agent.agentrc.settings import Settings
from agent.agentrc.sources import builtin
from agent.agentrc.stack import Stack
from agent.pool.bounds import Bounds
from agent.pool.member import Standing
from agent.pool.pool import Pool, Residence
from agent.pool.records import Worker
from models.contracts import ChatRequest, Delta, Finished, Message, ModelInfo, Phase, State
from models.errors import CancelledError, ModelError
from models.host.pressure import Reading
from models.scripted import INFO, Scripted

GB = 1_000_000_000
DEFAULTS = Stack([builtin()]).settings()
CALM = Reading(8 * GB, 16 * GB, 0.0, 90.0, True)
FLAT = replace(CALM, battery_percent=15.0, plugged=False)
TIGHT = replace(CALM, available_bytes=int(0.8 * GB))
OUT = replace(CALM, available_bytes=int(0.2 * GB))
BEGINNING = ChatRequest((Message("system", "You are Carryon."), Message("user", "Hello")), max_tokens=1)


class Sleeper(Scripted):
    """A scripted model with a process of its own to let go: `lives` counts how often it came up. Once ready it counts
    as asked for by nobody until `work` or a chat."""

    def __init__(self, kind: str = "chat", *, memory_bytes: int = GB) -> None:
        super().__init__([], info=replace(INFO, kind=kind))
        self.lives = 0
        self.read: list[ChatRequest] = []
        self.fails: ModelError | None = None
        self.on_chat: Callable[[], object] = lambda: None  # what happens while it answers
        self._memory = memory_bytes
        self._phase: Phase = "stopped"
        self._reason = ""
        self._pid = 100
        self.start()

    def start(self) -> None:
        if self._phase == "stopped":
            self.lives += 1
            self._pid += 1
            self.be("starting")
            self.be("ready")

    def rest(self, why: str) -> bool:
        if self._phase != "ready":
            return False
        self.be("stopped", why)
        return True

    def probed_s(self) -> float | None:
        return 3.0 if self._phase == "ready" else None

    def memory_bytes(self) -> int | None:
        return None if self._phase == "stopped" else self._memory

    def state(self) -> State:
        pid = None if self._phase == "stopped" else self._pid
        return State(self._phase, self._reason, 0, pid, self.info_of())

    def info_of(self) -> ModelInfo:
        return self._info

    def be(self, phase: Phase, reason: str = "") -> None:
        self._phase, self._reason = phase, reason
        self._tell()

    def replaced(self) -> None:
        """It died and another one came."""
        self._pid += 1
        self.be("restarting", "The model stopped.")
        self.be("ready")

    def chat(self, request: ChatRequest) -> Generator[Delta | Finished, None, None]:
        self.start()
        self.be("busy")
        try:
            self.on_chat()
            if self.fails:
                raise self.fails
            self.read.append(request)
            yield Finished("length", 1, 5, 0, 1.0, 1.0)
        finally:
            self.be("ready")

    def cancel(self) -> None:
        """Of the request that runs: it ends at its next step."""
        self.fails = CancelledError()


@dataclass
class House:
    """A pool over the machine `reading`, at the time `now`."""

    keep: str = "auto"
    bounds: Bounds = field(default_factory=Bounds)
    reading: Reading = CALM
    now: float = 1_000.0
    beginning: ChatRequest | None = BEGINNING
    counted: list[tuple[str, ChatRequest, int]] = field(default_factory=list)
    told: list[tuple[str, Standing]] = field(default_factory=list)
    jobs: list[Callable[[], None]] = field(default_factory=list)
    reports: list[tuple[Worker, ...]] = field(default_factory=list)
    hash: str = "1"

    def __post_init__(self) -> None:
        self.pool = Pool(
            self.settings, lambda name, standing: self.told.append((name, standing)),
            reading=lambda: self.reading, now=lambda: self.now, clock=lambda: self.now + 1_800_000_000.0,
            bounds=self.bounds,
        )  # fmt: skip

    def reside(self) -> None:
        self.pool.reside(Residence(lambda _name: self.beginning, self.count, self.jobs.append, self.reports.append, 42))

    def count(self, name: str, request: ChatRequest, tokens: int) -> None:
        self.counted.append((name, request, tokens))

    def settings(self) -> Settings:
        return replace(DEFAULTS, model_keep_warm=self.keep, config_hash=self.hash)

    def resident(self, name: str = "talker", kind: str = "chat", *, warm: bool = True) -> Sleeper:
        """With a model in it, warmed up unless told otherwise, and old enough to be let go."""
        model = Sleeper(kind)
        self.pool.join(name, model)
        self.reside()
        if warm:
            self.do_jobs()
        return model

    def do_jobs(self) -> None:
        while self.jobs:
            self.jobs.pop(0)()

    def pass_by(self, seconds: float, reading: Reading | None = None) -> None:
        """Time goes on, look by look."""
        self.reading = reading or self.reading
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + self.pool.tick() + 1e-6)
        self.pool.tick()

    def shown(self, name: str = "talker") -> str:
        return next(standing.state for told, standing in reversed(self.told) if told == name)
