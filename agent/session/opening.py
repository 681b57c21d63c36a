"""A session with everything around it that goes on by itself: delivery, live reload, timers, the model's state.

Opened and closed on the session thread. Each neighbour tells what happened through `emit`, from its own thread.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from agent.agentrc.agentrc import Reloaded
from agent.compose import Runtime, build
from agent.errors import CarryonError
from agent.loop.minds import STARTER
from agent.paths import Paths
from agent.pool.member import Standing
from agent.pool.pool import Residence
from agent.protocol import events
from agent.protocol.events import Event
from agent.protocol.network_events import AttemptStalled
from agent.session.calls import settled_left
from agent.session.ending import Ending
from agent.session.handling import Session
from agent.session.laptops import LaptopsRoom
from agent.session.left_over import take_up
from agent.session.model_jobs import ModelJobs
from agent.session.models import words
from agent.session.pool import resident
from agent.session.servers import ServerRoom
from agent.session.settings import changed, loaded
from agent.session.timers import Timers
from agent.spans import span
from agent.starts.first_word import asker
from agent.starts.record import Start
from agent.starts.recording import recording
from agent.store.backup import daily
from models.contracts import ModelPort
from models.errors import ModelError
from sync import events as sync_events

Emit = Callable[[Event], None]
OnStart = Callable[[Start], None]
DISPATCHER_JOIN_SECONDS_MAX = 5.0  # a delivery under way keeps its lease; the next start settles it
EXCHANGED = frozenset({"library", "settings"})  # what is exchanged with other laptops, and with which folder
NETWORK_MODE = "network.mode"


@contextmanager
def open_session(
    paths: Paths,
    emit: Emit,
    *,
    starter: ModelPort | None = None,
    offline: bool = False,
    on_start: OnStart | None = None,
) -> Iterator[Session]:
    """The profile, its session and the threads beside it. `on_start` is told of this start once it is kept; for it a
    model is asked for its first word, too."""
    with ExitStack() as undo:
        runtime = undo.enter_context(
            build(
                paths, offline=offline, starter=starter,
                on_delivery=lambda event: _tell(event, emit),
                on_model=lambda name, standing: emit(_model_event(name, standing)),
            )
        )  # fmt: skip
        with span("recovery"):
            left = tuple(settled_left(runtime))  # before the turns that they belong to are ended
            runtime.conversations.recover()  # leaves a newer database alone
            for event in (*left, *take_up(runtime)):
                emit(event)
        if why := runtime.connection.read_only:
            emit(_read_only(why))
        ending = Ending()
        leaving = [] if runtime.connection.read_only else [undo.enter_context(_delivering(runtime, ending))]
        laptops = LaptopsRoom(runtime, emit)
        with span("watching"):
            undo.enter_context(runtime.agentrc.watch(lambda reloaded: _reloaded(runtime, reloaded, emit, laptops)))
            timers = Timers(paths, emit, ending)
            if not runtime.connection.read_only:
                undo.enter_context(timers)
        runtime.foreground.tell = lambda stall: emit(AttemptStalled(words=stall.words, instead=stall.instead.value))
        with span("telling"):
            emit(loaded(runtime, ""))
            emit(runtime.connectivity_event(""))
            emit(events.StoreChanged(areas=frozenset({"conversations", "library", "outbox", "models"})))
        with span("models"):
            residence = resident(runtime)
            runtime.pool.reside(replace(residence, aside=_unread) if on_start else residence)
            undo.callback(runtime.pool.close)
            models = _warm(runtime, emit)
        with span("backup"):
            _back_up(runtime, emit)
        if not runtime.connection.read_only:
            undo.enter_context(_recording(runtime, models, residence, emit, on_start))
        jobs = ModelJobs(runtime, emit)
        undo.callback(jobs.close, ending)
        servers = ServerRoom(runtime, emit)
        undo.callback(servers.close, ending)
        undo.callback(laptops.close, ending)
        if not runtime.connection.read_only:
            laptops.start()
        for leave in (*leaving, timers.leave, jobs.end, servers.end, laptops.leave):  # all, before one is waited for
            undo.callback(leave)

        def on_change(areas: frozenset[str]) -> None:
            timers.nudge()
            if areas & EXCHANGED:
                laptops.nudge()

        yield Session(runtime, on_change=on_change, jobs=jobs, servers=servers, laptops=laptops)


def _back_up(runtime: Runtime, emit: Emit) -> None:
    """Today's copy; a disk that has no room for it is told and keeps nobody from working."""
    if runtime.connection.read_only:
        return
    try:
        daily(runtime.connection, time.time())
    except CarryonError as error:
        emit(events.Failed(what=f"There is no backup of today. {error.what}", where=error.where, todo=error.todo))


def _read_only(why: CarryonError) -> events.Failed:
    told = f"{why.what} You can read everything; nothing is changed and nothing is sent."
    return events.Failed(what=told, where=why.where, todo=f"{why.todo} Or use another profile (CARRYON_HOME).")


def _warm(runtime: Runtime, emit: Emit) -> dict[str, ModelPort | None]:
    """Load what will answer before it is asked, if the user wants that; a file that cannot be used is told now, and
    None is under its name."""
    models: dict[str, ModelPort | None] = {}
    for name in dict.fromkeys((STARTER, runtime.settings.model_default if runtime.pool.keeps else STARTER)):
        try:
            models[name] = runtime.minds.model(name)
        except ModelError as error:
            models[name] = None
            emit(events.ModelStateChanged(state="refused", name=name, why=words(error)))
    return models


@contextmanager
def _recording(
    runtime: Runtime, models: dict[str, ModelPort | None], residence: Residence, emit: Emit, on_start: OnStart | None
) -> Iterator[None]:
    """What this start took goes into the profile, and Insights hears of it."""

    def done(start: Start) -> None:
        emit(events.StoreChanged(areas=frozenset({"insights"})))
        if on_start:
            on_start(start)

    ask = asker(models, runtime.settings.model_default, residence.beginning, residence.counted) if on_start else None
    with recording(runtime.paths.database, models, done, ask):
        yield


def _unread(_job: Callable[[], None]) -> None:
    """Where the first word is asked for, that question reads what the warm-up would: in its own time, which is told."""


@contextmanager
def _delivering(runtime: Runtime, ending: Ending) -> Iterator[Callable[[], None]]:
    """What is given ends it, without waiting for it."""
    stop = threading.Event()
    thread = threading.Thread(target=runtime.dispatcher.run, args=(stop,), name="dispatcher", daemon=True)
    thread.start()

    def leave() -> None:
        stop.set()
        runtime.dispatcher.nudge()

    try:
        yield leave
    finally:
        leave()
        ending.wait_for(thread, DISPATCHER_JOIN_SECONDS_MAX)


def _reloaded(runtime: Runtime, reloaded: Reloaded, emit: Emit, laptops: LaptopsRoom) -> None:
    """Saved in an editor: in force at once, told to every view."""
    if NETWORK_MODE in reloaded.changed:
        runtime.set_offline(reloaded.settings.network_mode == "offline")
        emit(runtime.connectivity_event(""))
    runtime.saved_states.hold_to_settings()
    runtime.nudge(settings=True)
    laptops.nudge()  # another folder may be named
    emit(changed(reloaded, runtime.agentrc.file))
    emit(loaded(runtime, ""))


def _tell(event: sync_events.Event, emit: Emit) -> None:
    match event:
        case sync_events.ItemChanged(item):
            emit(events.ItemChanged(item=item))
        case sync_events.ConnectivityChanged(state, manual, why, wanted, url):
            emit(events.ConnectivityChanged(state=state, manual=manual, why=why, sign_in=wanted, sign_in_url=url))
        case sync_events.DispatcherFailed(what, where, todo):
            emit(events.Failed(what=what, where=where, todo=todo))


def _model_event(name: str, standing: Standing) -> events.ModelStateChanged:
    return events.ModelStateChanged(state=standing.state, name=name, why=standing.why)
