"""The pool: hears how the workers stand, looks at the machine now and then, lets go and brings back.

Used by the session's thread (`tick`, `stir`, `asked`, …); how the models stand is told on the hosts' threads. No host
is ever called under the lock, since a host calls in here under a lock of its own.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from agent.agentrc.settings import Settings
from agent.pool.bounds import Bounds
from agent.pool.member import Member, Restable, Standing
from agent.pool.policy import NEVER, WORDS, Policy, Situation, Why
from agent.pool.records import Worker
from models.contracts import ChatRequest, Finished, ModelPort, State
from models.errors import CancelledError, ContextFullError, ModelError
from models.host.pressure import Reading, battery_level, memory_level
from models.host.readings import read

TRIES_MAX = 4  # beginnings that are tried before one is left as it is
Tell = Callable[[str, Standing], None]  # a model's name, and how it is to be shown; the newest last


@dataclass(frozen=True, slots=True)
class Residence:
    """What a window that stays open brings along. `beginning`: a small request that begins as a first message to that
    model does, by what is known now; None where it has none. `counted` is told how many tokens such a request was.
    `aside` runs a job beside everything else; `report` keeps what `carryon pool` shows, nothing at the end."""

    beginning: Callable[[str], ChatRequest | None]
    counted: Callable[[str, ChatRequest, int], None]
    aside: Callable[[Callable[[], None]], None]
    report: Callable[[tuple[Worker, ...]], None]
    process: int


class Pool:
    """Nothing is warmed up, let go or reported before `reside`: a single command has no use for it. `now` is a
    monotonic clock, `clock` unix time, both in seconds."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        tell: Tell = lambda _name, _standing: None,
        *,
        reading: Callable[[], Reading] = read,
        now: Callable[[], float] = time.monotonic,
        clock: Callable[[], float] = time.time,
        bounds: Bounds | None = None,
    ) -> None:
        self._settings, self._tell, self._reading = settings, tell, reading
        self._now, self._clock, self._bounds = now, clock, bounds or Bounds()
        self._lock = threading.Lock()
        self._telling = threading.Lock()
        self._members: dict[str, Member] = {}
        self._residence: Residence | None = None
        self._off = False
        self._hidden_at: float | None = None
        self._look_at = self._report_at = 0.0
        self._reported: tuple[Worker, ...] = ()

    # -- who is in it --------------------------------------------------------------------------------------------

    def join(self, name: str, model: ModelPort) -> None:
        """From now on this model's worker is looked after."""
        now = self._now()
        member = Member(name, model, Policy(self._bounds, now), model.state(), now, self._clock())
        with self._lock:
            self._members[name] = member
        model.listen(lambda state: self._heard(member, state))

    def reside(self, residence: Residence) -> None:
        """A window stays open: look after its workers from here on."""
        self._residence = residence
        for member in self._here():
            self._warm(member)
            self._announce(member)

    def close(self) -> None:
        """The window is gone, and with it what there was to report."""
        if self._residence:
            self._residence.report(())

    @property
    def keeps(self) -> bool:
        """Whether a chat model is to be up before anybody asks."""
        return self._settings().model_keep_warm != NEVER and not self._off

    def standing(self, name: str) -> Standing:
        with self._lock:
            member = self._members.get(name)
            return member.standing(warms=self._residence is not None) if member else Standing("stopped")

    def workers(self) -> tuple[Worker, ...]:
        return tuple(self._row(member) for member in self._here())

    # -- what the user does --------------------------------------------------------------------------------------

    def stir(self) -> None:
        """The user begins to write: bring back what rests, unless it is switched off."""
        now = self._now()
        for member in self._here():
            with self._lock:
                member.used_at = now
            if member.resting is not None and not self._off:
                member.model.start()

    def asked(self) -> None:
        """A request is on its way: a warm-up gives way to it. What that has read so far is read."""
        self.stir()
        for member in self._here():
            if member.reading:
                member.model.cancel()

    def hide(self, *, hidden: bool) -> None:
        """The window went to the tray, or is shown again; what rested for that comes back."""
        self._hidden_at = self._now() if hidden else None
        if not hidden:
            self._bring_back(Why.TRAY)

    def switch(self, *, off: bool) -> None:
        """Off: every worker goes at once and comes back for requests alone. On: as before."""
        self._off, self._look_at = off, 0.0
        if not off:
            self._bring_back(Why.OFF)
        self.tick()

    def _bring_back(self, why: Why) -> None:
        for member in self._here():
            if member.resting is why and (self.keeps or not member.talks):
                member.model.start()

    # -- the machine ---------------------------------------------------------------------------------------------

    def tick(self) -> float:
        """Look, if it is time; seconds until the next look."""
        now = self._now()
        if now >= self._look_at:
            self._look_at = now + self._bounds.look_s
            self._look()
        return max(0.0, self._look_at - now)

    def _look(self) -> None:
        members = self._here()
        reading = self._reading() if any(member.talks for member in members) else Reading()
        for member in members:
            if member.talks or self._off or member.resting is not None:
                self._judge(member, reading)
            self._warm(member)
        self._keep_report()

    def _judge(self, member: Member, reading: Reading) -> None:
        now = self._now()
        seen = self._situation(member, reading, now)
        with self._lock:
            returns = member.resting is not None and member.policy.returns(now, seen)
            idle = member.resting is None and member.state.phase != "busy"
            why = member.policy.rests(now, seen) if idle else None
        if returns:
            member.model.start()
        elif why is not None:
            self._let_go(member, why)

    def _situation(self, member: Member, reading: Reading, now: float) -> Situation:
        thresholds = self._bounds.pressure
        return Situation(
            keep=self._settings().model_keep_warm,
            memory=memory_level(reading, member.memory_bytes if member.resting else 0, thresholds),
            battery=battery_level(reading, thresholds),
            hidden_s=None if self._hidden_at is None else now - self._hidden_at,
            unused_s=now - member.used_at,
            off=self._off,
        )

    def _let_go(self, member: Member, why: Why) -> None:
        model = member.model
        if not isinstance(model, Restable):
            return
        member.memory_bytes = model.memory_bytes() or member.memory_bytes
        model.rest(WORDS[why])  # without effect where a request was quicker

    # -- the hidden warm-up --------------------------------------------------------------------------------------

    def _warm(self, member: Member) -> None:
        """Have a chat model read the beginning of every first message, if its process has not."""
        residence, under = self._residence, self._settings().config_hash
        if residence is None:
            return
        with self._lock:
            lacks = member.talks and under not in (member.read_under, member.failed_under)
            if not lacks or member.warming or member.state.phase != "ready":
                return
            member.warming = True
        residence.aside(lambda: self._read_ahead(member, residence, under))

    def _read_ahead(self, member: Member, residence: Residence, under: str) -> None:
        """Beside everything else. What it read stays read, also when it gives way in the middle: a request reads the
        rest, or it is read when there is time again."""
        wanted = residence.beginning(member.name)
        with self._lock:
            new = wanted not in (None, member.beginning) and member.read_under != under  # else a request was quicker
            member.reading = new and member.state.phase == "ready"
        read, failed, left = member.beginning, False, False
        try:
            read = _read(member, residence) if member.reading else read
        except CancelledError:
            left = True
        except ModelError:
            failed = True  # its state says what is wrong with it, or the first message will
        with self._lock:
            member.warming = member.reading = False
            member.failed_under = under if failed else ""
            if not (failed or left) and member.state.phase == "ready":
                member.read_under, member.beginning = under, read
        self._announce(member)

    # -- what the hosts tell -------------------------------------------------------------------------------------

    def _heard(self, member: Member, state: State) -> None:
        """On a thread of the host's, or on one that called it."""
        now, under = self._now(), self._settings().config_hash
        with self._lock:
            rested, before, member.state = member.resting, member.state, state
            if state.pid != before.pid or (member.resting is None) != (rested is None):
                member.read_under, member.beginning, member.moved_at = "", None, self._clock()
                member.policy.moved(now)
            worked = "busy" in (before.phase, state.phase) and not member.reading
            if worked or (rested is not None and member.resting is None):
                member.used_at = now
            if worked and member.read_under != under:  # a request that somebody made has read it
                member.read_under, member.beginning = under, None
            if state.phase == "closed" and self._members.get(member.name) is member:
                del self._members[member.name]
        self._announce(member)
        self._warm(member)

    def _announce(self, member: Member) -> None:
        """The lock around telling keeps the newest last, whichever thread it comes from."""
        with self._telling:
            with self._lock:
                standing = member.standing(warms=self._residence is not None)
                news = standing != member.told
                member.told = standing
            if news:
                self._tell(member.name, standing)

    # -- for the command line ------------------------------------------------------------------------------------

    def _here(self) -> tuple[Member, ...]:
        with self._lock:
            return tuple(self._members.values())

    def _row(self, member: Member) -> Worker:
        model = member.model
        probed_s = model.probed_s() if isinstance(model, Restable) else None
        standing = self.standing(member.name)
        return Worker(
            name=member.name,
            pid=member.state.pid,
            state=standing.state,
            why=standing.why,
            memory_bytes=model.memory_bytes(),
            restarts=member.state.restarts,
            probed_at=None if probed_s is None else round((self._clock() - probed_s) * 1_000),
            since_at=round(member.moved_at * 1_000),
            held_by=self._residence.process if self._residence else 0,
        )

    def _keep_report(self) -> None:
        """Anew when something changed, and now and then for memory and probes."""
        residence, rows = self._residence, self.workers()
        if residence is None or (_plain(rows) == _plain(self._reported) and self._now() < self._report_at):
            return
        self._reported, self._report_at = rows, self._now() + self._bounds.report_s
        residence.report(rows)


def _plain(rows: tuple[Worker, ...]) -> list[tuple[str, int | None, str, str]]:
    return [(row.name, row.pid, row.state, row.why) for row in rows]


def _read(member: Member, residence: Residence) -> ChatRequest | None:
    """Have it read the beginning; which that was. What it counts of one may be the reason for another."""
    read: ChatRequest | None = None
    tried: list[ChatRequest] = []
    while (wanted := residence.beginning(member.name)) and wanted not in tried and len(tried) < TRIES_MAX:
        tried.append(wanted)
        try:
            tokens = sum(piece.prompt_tokens for piece in member.model.chat(wanted) if isinstance(piece, Finished))
        except ContextFullError as error:
            tokens = error.used
        else:
            read = wanted
        residence.counted(member.name, wanted, tokens)
    return read
