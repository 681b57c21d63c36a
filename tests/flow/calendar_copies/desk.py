"""The library room of a window, and what is said in its tests."""

from agent.protocol import commands, events
from agent.runtime import Runtime
from agent.session.handling import Session
from sync.item import Item
from sync.states import State
from tests.flow.talking import called, follow
from tests.sim.calendar_server import CalendarServer

DENTIST = called("calendar.add", title="Dentist", when="6 May 2032 at 10")
NOON = follow("amend", "calendar.add", title="Dentist", when="6 May 2032 at 12")


class Desk:
    """The library room of a window."""

    def __init__(self, runtime: Runtime) -> None:
        self._session = Session(runtime)
        self._runtime = runtime

    def rename(self, artifact_id: str, title: str) -> list[Item]:
        return self._do(commands.SaveArtifact(artifact_id=artifact_id, title=title, text="", based_on=1))

    def trash(self, artifact_id: str) -> list[Item]:
        return self._do(commands.TrashArtifact(artifact_id=artifact_id))

    def take_out(self, artifact_id: str) -> list[Item]:
        return self._do(commands.TrashArtifact(artifact_id=artifact_id, restore=True))

    def move(self, artifact_id: str, hours: int) -> Item | None:
        """Nothing in the window moves one yet; another laptop can."""
        event = self._runtime.library.get(artifact_id)
        starts, ends = (int(event.data[name]) + hours * 3_600_000 for name in ("starts_at", "ends_at"))
        moved = self._runtime.library.move_event(artifact_id, starts, ends, zone="Europe/Berlin")
        return self._runtime.follow(moved)

    def _do(self, command: commands.Command) -> list[Item]:
        told = list(self._session.handle(command))
        assert not [event for event in told if isinstance(event, events.Failed)]
        return [event.item for event in told if isinstance(event, events.ItemChanged)]


def only(server: CalendarServer) -> str:
    (text,) = server.kept()
    return text


def states(runtime: Runtime) -> list[State]:
    return [item.state for item in runtime.outbox.list()]


def doubt(runtime: Runtime, server: CalendarServer, *, arrived: bool) -> Item:
    """Nobody knows whether the first copy arrived."""
    if arrived:
        runtime.flush()
    (item,) = runtime.outbox.list()
    runtime.connection.execute(
        "UPDATE outbox_item SET state = 'unknown', receipt = NULL, uncertain_since = 1, offers = 1, attempts = 1,"
        " mode = 'query'"
    )
    return item
