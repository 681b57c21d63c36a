"""The only place where concrete parts meet. Whatever opens last closes first."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from agent.agentrc.agentrc import Agentrc
from agent.conversation import Conversations
from agent.corrections import PURGES, Corrections
from agent.corrections.lessons import Lessons
from agent.destinations import Destinations
from agent.library import Library
from agent.library.recording import RecordedLibrary
from agent.loop.follow_ups import FollowUps
from agent.loop.hands import Hands
from agent.loop.learning import LearningLoop
from agent.loop.minds import STARTER, Minds
from agent.loop.ports import Ports, Request
from agent.loop.recall import StoredRecall
from agent.loop.records import StoredLog
from agent.loop.settling import Settling
from agent.loop.taking_back import TakingBack
from agent.paths import Paths
from agent.practice import Practice
from agent.runtime import Runtime
from agent.speech.speaker import Speaker
from agent.store import Store, connect, open_store
from agent.tools.context import ToolContext
from agent.tools.registry import Registry
from models.catalog import Catalog
from models.contracts import ModelPort, State
from models.host import ModelHost
from sync.connectivity import Connectivity
from sync.dispatcher import Dispatcher
from sync.events import Event as SyncEvent
from sync.outbox import Outbox

Clock = Callable[[], float]
PAGES = "pages"  # kept web pages, in the cache folder
OnState = Callable[[str, State], None]

__all__ = ["Runtime", "build"]


@contextmanager
def build(
    paths: Paths,
    *,
    overrides: tuple[str, ...] = (),
    offline: bool = False,
    environ: Mapping[str, str] = os.environ,
    folder: Path | None = None,
    clock: Clock = time.time,
    open_model: Callable[[str], ModelPort] | None = None,
    starter: ModelPort | None = None,
    on_delivery: Callable[[SyncEvent], None] = lambda _event: None,
    on_model: OnState = lambda _name, _state: None,
) -> Iterator[Runtime]:
    """One profile, open. `offline` denies the network; `starter` is a worker that was started early."""
    with ExitStack() as undo:
        paths.make()
        agentrc = Agentrc(paths, environ=environ, sets=overrides, folder=folder or Path.cwd(), clock=clock)
        agentrc.load()
        connection = open_store(paths.database)
        undo.callback(connection.close)
        catalog = Catalog(paths.data)
        minds = Minds(open_model or _opener(catalog, starter, on_model), lambda: agentrc.settings)
        undo.callback(minds.close)
        practice = Practice(paths.practice)
        undo.callback(practice.close)
        denied = offline or agentrc.settings.network_mode == "offline"
        connectivity = Connectivity(clock, offline=denied)
        dispatcher = Dispatcher(
            lambda: connect(paths.database),
            Destinations(lambda: agentrc.settings, practice, paths.cache / PAGES, clock).transport,
            connectivity,
            clock,
            on_delivery,
        )
        yield _join(paths, connection, agentrc, catalog, minds, practice, connectivity, dispatcher, clock, denied)


def _join(
    paths: Paths, connection: Store, agentrc: Agentrc, catalog: Catalog, minds: Minds,
    practice: Practice, connectivity: Connectivity, dispatcher: Dispatcher, clock: Clock, denied: bool,
) -> Runtime:  # fmt: skip
    conversations = Conversations(connection, clock, PURGES)
    library = Library(connection, clock)
    outbox = Outbox(connection, clock)
    corrections = Corrections(connection, clock, lambda: agentrc.settings.learning_corrections)
    lessons = Lessons(corrections, conversations, outbox, lambda: agentrc.settings)
    registry = Registry()
    speaker = Speaker(lambda: agentrc.settings)

    def context(request: Request, conversation_id: str, turn_id: str, call_id: str) -> ToolContext:
        return ToolContext(
            library=RecordedLibrary(connection, clock), settings=agentrc.settings, clock=clock,
            conversation_id=conversation_id or None, turn_id=turn_id or None, call_id=call_id, said=request.text,
            offline=not connectivity.allows(loopback=False), cache=paths.cache / PAGES,
            diff=lambda key, value: agentrc.desk.propose(key, value).diff,
        )  # fmt: skip

    def rule(tool: str, outside: bool) -> str:
        return agentrc.settings.tool_rule(tool, outside=outside)

    taking_back = TakingBack(outbox, agentrc.change, agentrc.said)
    settling = Settling(conversations, outbox, registry, speaker, agentrc.change)
    hands = Hands(connection, registry, context, speaker, rule, taking_back, settling)
    follow_ups = FollowUps(connection, hands, registry, conversations, outbox, speaker, taking_back)
    recall = StoredRecall(conversations, library, outbox, registry, lambda: agentrc.settings)
    ports = Ports(minds, follow_ups, StoredLog(conversations), speaker, recall, LearningLoop(lessons))
    return Runtime(
        paths, connection, agentrc, conversations, library, outbox, registry, catalog, minds, hands, ports,
        context, practice, connectivity, dispatcher, corrections, lessons, network_denied=denied,
    )  # fmt: skip


def _opener(catalog: Catalog, starter: ModelPort | None, on_model: OnState) -> Callable[[str], ModelPort]:
    def open_model(name: str) -> ModelPort:
        if name == STARTER and starter is not None:
            model = starter
        else:
            known = catalog.resolve(name)
            model = ModelHost(known.path, name=known.name, sha256=known.sha256)
            model.start()
        model.listen(lambda state: on_model(name, state))
        return model

    return open_model
