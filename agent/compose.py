"""The only place where concrete parts meet. Whatever opens last closes first."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

from agent.agentrc.agentrc import Agentrc
from agent.conversation import Conversations
from agent.corrections import PURGES, Corrections
from agent.corrections.lessons import Lessons
from agent.laptops import Laptops
from agent.library import Library
from agent.library.recording import RecordedLibrary
from agent.loop.ahead import Ahead
from agent.loop.briefing import Briefing
from agent.loop.follow_ups import FollowUps
from agent.loop.hands import Hands
from agent.loop.learning import LearningLoop
from agent.loop.minds import STARTER, Minds
from agent.loop.ports import Ports, Request
from agent.loop.prompt import PROMPT_VERSION
from agent.loop.recall import StoredRecall
from agent.loop.records import StoredLog
from agent.loop.resuming import Resuming
from agent.loop.settling import Settling
from agent.loop.taking_back import TakingBack
from agent.paths import Paths
from agent.pool.member import Standing
from agent.pool.pool import Pool
from agent.practice import Practice
from agent.runtime import Runtime
from agent.saved_states import SavedStates
from agent.spans import span
from agent.speech.speaker import Speaker
from agent.store import Store, connect, open_store
from agent.tool_servers import ToolServers
from agent.tools.connected import Connected
from agent.tools.context import ToolContext
from agent.tools.foreground import Foreground
from agent.tools.kept import PAGES
from agent.tools.manifest import Manifest
from agent.tools.registry import Registry
from models.catalog import Catalog
from models.contracts import ModelPort
from models.host import ModelHost
from models.host import Settings as HostSettings
from sync.connectivity import Connectivity
from sync.dispatcher import Dispatcher
from sync.events import Event as SyncEvent
from sync.item import Item
from sync.life import Life
from sync.outbox import Outbox
from sync.thrift import Rule, Rules, Thrift
from sync.transports.port import Transport

Clock = Callable[[], float]
TOOLS = "tools.json"  # in the cache: which declarations of tools were found good
SENT_LOOKED_AT_MAX = 200  # for what a destination was last sent
OnState = Callable[[str, Standing], None]

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
    on_model: OnState = lambda _name, _standing: None,
) -> Iterator[Runtime]:
    """One profile, open. `offline` denies the network; `starter` is a worker that was started early."""
    with ExitStack() as undo:
        paths.make()
        agentrc = Agentrc(paths, environ=environ, sets=overrides, folder=folder or Path.cwd(), clock=clock)
        with span("settings"):
            agentrc.load()
        with span("database"):
            connection = open_store(paths.database)
        undo.callback(connection.close)
        with span("parts"):
            catalog = Catalog(paths.data)
            saved_states = SavedStates(paths.snapshots, lambda: agentrc.settings)
            saved_states.hold_to_settings()
            pool = Pool(lambda: agentrc.settings, on_model)
            opener = open_model or _opener(catalog, starter, pool, saved_states, agentrc)
            minds = Minds(opener, lambda: agentrc.settings)
            undo.callback(minds.close)
            practice = Practice(paths.practice)
            undo.callback(practice.close)
            denied = offline or agentrc.settings.network_mode == "offline"
            connectivity = Connectivity(clock, offline=denied)
            servers = ToolServers(agentrc, paths, lambda: connectivity.allows(loopback=False), clock)
            undo.callback(servers.close)
            dispatcher = Dispatcher(
                lambda: connect(paths.database),
                _transports(agentrc, practice, paths, clock, servers),
                connectivity,
                clock,
                on_delivery,
                life=Life(paths.outbox_life),
                thrift=_thrift(agentrc, paths, clock),
            )
        with span("joining"):
            runtime = _join(
                paths, connection, agentrc, catalog, minds, practice, connectivity, dispatcher, saved_states, pool,
                servers, clock, denied,
            )  # fmt: skip
        yield runtime


def _join(
    paths: Paths, connection: Store, agentrc: Agentrc, catalog: Catalog, minds: Minds,
    practice: Practice, connectivity: Connectivity, dispatcher: Dispatcher, saved_states: SavedStates, pool: Pool,
    servers: ToolServers, clock: Clock, denied: bool,
) -> Runtime:  # fmt: skip
    conversations = Conversations(connection, clock, (*PURGES, saved_states.purge()))
    library = Library(connection, clock)
    outbox = Outbox(connection, clock)
    corrections = Corrections(connection, clock, lambda: agentrc.settings.learning_corrections)
    lessons = Lessons(corrections, conversations, outbox, lambda: agentrc.settings)
    with span("registry"):
        registry = Registry(
            manifest=Manifest(paths.cache / TOOLS), connect=servers.connect, more=Connected(lambda: agentrc.settings)
        )
        servers.attach(registry)
    speaker = Speaker(lambda: agentrc.settings)
    foreground = servers.foreground = Foreground()

    def context(request: Request, conversation_id: str, turn_id: str, call_id: str) -> ToolContext:
        return ToolContext(
            library=RecordedLibrary(connection, clock), settings=agentrc.settings, clock=clock,
            conversation_id=conversation_id or None, turn_id=turn_id or None, call_id=call_id, said=request.text,
            offline=request.kept_only or not connectivity.allows(loopback=False), cache=paths.cache / PAGES,
            kept_only=request.kept_only, foreground=foreground,
            diff=lambda key, value: agentrc.desk.propose(key, value).diff,
            sent=lambda destination: outbox.list(("delivered",), destination, SENT_LOOKED_AT_MAX, newest_first=True),
        )  # fmt: skip

    def rule(tool: str, outside: bool) -> str:
        return agentrc.settings.tool_rule(tool, outside=outside)

    taking_back = TakingBack(outbox, agentrc.change, agentrc.said)
    settling = Settling(conversations, outbox, registry, speaker, agentrc.change)
    ahead = Ahead(connection, conversations, settling, clock)
    hands = Hands(connection, registry, context, speaker, rule, taking_back, settling, ahead)
    follow_ups = FollowUps(connection, hands, registry, conversations, outbox, speaker, taking_back)
    recall = StoredRecall(conversations, library, outbox, registry, lambda: agentrc.settings)
    brief = Briefing(registry, lambda: agentrc.settings, outbox)
    ports = Ports(minds, follow_ups, StoredLog(conversations), speaker, recall, LearningLoop(lessons), brief)
    resuming = Resuming(conversations, outbox, registry, ports, lambda: agentrc.settings.config_hash)
    return Runtime(
        paths, connection, agentrc, conversations, library, outbox, registry, catalog, minds, hands, ports, resuming,
        context, practice, connectivity, dispatcher, corrections, lessons, saved_states, pool, servers,
        Laptops(connection, paths.database, lambda: agentrc.settings, connectivity.allows, clock),
        network_denied=denied,
        foreground=foreground,
    )  # fmt: skip


def _thrift(agentrc: Agentrc, paths: Paths, clock: Clock) -> Thrift:
    """The settings as they are at that moment; nothing is weighed before something could have to wait."""

    def rules() -> Rules:
        settings = agentrc.settings
        return Rules(cast("Rule", settings.network_metered), cast("Rule", settings.network_low_battery))

    def weigh(item: Item) -> int | None:
        from agent.weighing import weigher

        return weigher(lambda: connect(paths.database), clock)(item)

    return Thrift(clock, rules, weigh)


def _transports(
    agentrc: Agentrc, practice: Practice, paths: Paths, clock: Clock, servers: ToolServers
) -> Callable[[str], Transport]:  # fmt: skip
    """Names to transports. No transport and no tool is imported before the first delivery."""

    def transport(destination: str) -> Transport:
        from agent.destinations import Destinations
        from agent.shelf import LibraryShelf

        shelf = LibraryShelf(lambda: connect(paths.database), clock)
        known = Destinations(lambda: agentrc.settings, practice, paths.cache / PAGES, clock, shelf, servers)
        return known.transport(destination)

    return transport


def _opener(
    catalog: Catalog, starter: ModelPort | None, pool: Pool, saved_states: SavedStates, agentrc: Agentrc
) -> Callable[[str], ModelPort]:
    def settings(name: str) -> HostSettings:
        """The starter reads one message at a time: it is opened as ever."""
        usual = HostSettings(snapshots=saved_states.folder, prompt_version=PROMPT_VERSION)
        return usual if name == STARTER else replace(usual, n_ctx=agentrc.settings.model_context)

    def open_model(name: str) -> ModelPort:
        if name == STARTER and starter is not None:
            model = starter
        else:
            with span("catalog"):
                known = catalog.resolve(name)
            model = ModelHost(
                known.path, name=known.name, sha256=known.sha256, settings=settings(name), terms=saved_states.terms
            )
            with span(f"spawn {name}"):
                model.start()
        pool.join(name, model)
        return model

    return open_model
