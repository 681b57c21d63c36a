"""Write-ahead: what another program does on this machine, no transaction of ours can hold. So its row says, on the disk
and before the request leaves, that it was begun; the yes is used up with that. What came of it is written behind.

A row that is begun and that nobody works on any more may have happened. The user decides about it, and nothing does it
again by itself.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import replace

from agent.errors import CarryonError
from agent.loop.errand import Errand, Trail
from agent.loop.links import refuse_any
from agent.loop.ports import Acted
from agent.loop.settling import Calls, DecidedBeforeError, Settling
from agent.protocol.records import Call, CallStatus
from agent.store import transaction
from agent.tools.errors import MayHaveHappenedError
from agent.tools.results import Result
from sync.boundaries import Boundary, passed
from sync.leases import LEASE_SLACK_MS
from sync.owner import is_there, new_owner

CALL_MS_MAX = 3_600_000  # longer than a call may take, with all that its server may ask (agent/mcp/limits.py)
CLOCKS_APART_MS = LEASE_SLACK_MS  # so far may two clocks be apart, of which one began it and the other asks


class Ahead:
    """`clock()` is unix seconds; `boundary` hears of the moments between which a process may die."""

    def __init__(
        self, connection: sqlite3.Connection, calls: Calls, settling: Settling, clock: Callable[[], float],
        boundary: Boundary = passed,
    ) -> None:  # fmt: skip
        self._connection = connection
        self._calls = calls
        self._settling = settling
        self._clock = clock
        self._boundary = boundary

    def run(self, errand: Errand, tool: Callable[[Errand], Result]) -> Acted:
        """`tool` calls `context.begin` before anything happens. Raises DecidedBeforeError; where the disk does not take
        what came of it, the row stays begun."""
        ahead = _Begin(self, errand)
        try:
            refuse_any(errand.call.tool, errand.call.args)
            result = tool(replace(errand, context=replace(errand.context, begin=ahead.begin)))
        except DecidedBeforeError:
            raise
        except CarryonError as error:
            doubt = _doubt(error) if ahead.is_begun else None
            with transaction(self._connection):
                return self._settling.fail(ahead.errand, doubt or error, unsure=doubt is not None)
        self._boundary("act: answered")
        with transaction(self._connection):
            acted = self._settling.settle(ahead.errand, result)
        self._boundary("act: settled")
        return acted

    def begin(self, errand: Errand) -> None:
        """`errand.begun_by` writes down that it begins."""
        with transaction(self._connection):
            call = errand.call
            if errand.stored:
                self._settling.undecided(call)
            until = int(self._clock() * 1000) + CALL_MS_MAX
            trail = replace(errand.trail(), begun_by=errand.begun_by, begun_until=until, tries=call.tries + 1)
            self._settling.write(replace(call, status=CallStatus.BEGUN, facts=trail.facts()), is_there=errand.stored)
        self._boundary("act: begun")

    def left(self) -> tuple[Call, ...]:
        """Calls that were begun and that nobody works on any more: they are in doubt from now on, and these are told.
        For a moment at which this process works on none."""
        found = [call for call in self._calls.begun() if self._is_left(Trail.of(call))]
        if not found:
            return ()
        with transaction(self._connection):
            now = {call.id: call for call in self._calls.begun()}
            return tuple(self._settling.leave(now[call.id]) for call in found if now.get(call.id) == call)

    def _is_left(self, trail: Trail) -> bool:
        """Its process is gone or is this one; or, where that cannot be seen (another machine, or this one before it was
        started anew), no call takes so long."""
        if trail.begun_by.rsplit("/", 1)[0] == new_owner().rsplit("/", 1)[0]:
            return True
        if (there := is_there(trail.begun_by)) is not None:
            return not there  # whatever the clocks say, which may have been set, or the machine have slept
        left_ms = trail.begun_until - self._clock() * 1000
        return not 0 < left_ms <= CALL_MS_MAX + CLOCKS_APART_MS


def _doubt(error: CarryonError) -> MayHaveHappenedError | None:
    """Why nobody knows. That nothing was changed, as our own disk says, is not so of the other program."""
    if isinstance(error, sqlite3.Error):
        return MayHaveHappenedError("What came of it could not be kept on the disk.", error.where)
    return error if isinstance(error, MayHaveHappenedError) else None


class _Begin:
    """Of one call: whether it was begun, and as what it is settled then."""

    def __init__(self, ahead: Ahead, errand: Errand) -> None:
        self._ahead = ahead
        self.errand = errand

    @property
    def is_begun(self) -> bool:
        return bool(self.errand.begun_by)

    def begin(self) -> None:
        begun = replace(self.errand, begun_by=new_owner())
        self._ahead.begin(begun)
        self.errand = begun
