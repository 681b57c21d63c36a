"""The joined parts of one profile, and what is done with several of them at once. compose.py makes it.

Used by one thread (the session's, or the command line's); the dispatcher has a thread and a connection of its own.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.agentrc.agentrc import Agentrc
from agent.agentrc.settings import Settings
from agent.conversation import Conversations
from agent.corrections import Corrections
from agent.corrections.lessons import Lessons
from agent.errors import BadRequestError, BrokenError
from agent.laptops import Laptops
from agent.library import Library
from agent.loop.copies import basis_of_edit
from agent.loop.dry import DryLog
from agent.loop.hands import Hands
from agent.loop.links import refuse_new
from agent.loop.minds import CHOSEN, STARTER, Minds
from agent.loop.ports import Ports, Request
from agent.loop.resuming import Resuming
from agent.loop.settling import DecidedBeforeError
from agent.loop.switching import LABELS_LOOKED_AT_MAX, Chosen, announced, switch
from agent.loop.turn import run_turn
from agent.paths import Paths
from agent.pool.pool import Pool
from agent.practice import Practice
from agent.protocol.events import ConnectivityChanged, Event
from agent.protocol.records import Artifact, Call, CallStatus, Message, Model, PracticeMessage
from agent.saved_states import SavedStates
from agent.store import Store
from agent.store.erase import erase_everything
from agent.store.transaction import transaction
from agent.tool_servers import ToolServers
from agent.tools.context import ToolContext
from agent.tools.copy_basis import GONE
from agent.tools.foreground import Foreground
from agent.tools.kept import PAGES, forget_all
from agent.tools.registry import Registry
from agent.tools.results import Deferred, Done, Result
from models.bounds import wrong_kind
from models.catalog import Catalog, KnownModel
from models.errors import ModelError
from sync import events as delivery
from sync.connectivity import Connectivity
from sync.dispatcher import Dispatcher, unheard
from sync.intent import Intent
from sync.item import Item
from sync.outbox import Outbox

if TYPE_CHECKING:
    from models.downloads import Watch

AGAIN = "again"  # what the user may say of a call that is in doubt, beside these
SAID: Mapping[str, tuple[CallStatus, str]] = {
    "happened": (CallStatus.DONE, "You said that it happened."),
    "not_happened": (CallStatus.REFUSED, "You said that it did not happen."),
}
PREFIX_CHARACTERS_MIN = 4  # of an id, as the command line accepts it


@dataclass(frozen=True)
class Runtime:
    paths: Paths
    connection: Store
    agentrc: Agentrc
    conversations: Conversations
    library: Library
    outbox: Outbox
    registry: Registry
    catalog: Catalog
    minds: Minds
    hands: Hands
    ports: Ports
    resuming: Resuming
    context: Callable[[Request, str, str, str], ToolContext]
    practice: Practice
    connectivity: Connectivity
    dispatcher: Dispatcher
    corrections: Corrections
    lessons: Lessons
    saved_states: SavedStates
    pool: Pool
    servers: ToolServers
    laptops: Laptops
    network_denied: bool
    foreground: Foreground

    # Settings

    @property
    def settings(self) -> Settings:
        return self.agentrc.settings

    def rule(self, tool: str) -> str:
        return self.settings.tool_rule(tool, outside=self.registry.get(tool).is_outside)

    def change_settings(self, wanted: Mapping[str, object]) -> None:
        """Write `~/.agentrc` and take the change into force."""
        self.agentrc.change(wanted)
        self.saved_states.hold_to_settings()
        self.nudge(settings=True)

    # Turns

    def turn(self, request: Request) -> Iterator[Event]:
        self.minds.begin()
        self.servers.keep_up()
        self.pool.asked()
        ports = replace(self.ports, log=DryLog()) if request.dry_run else self.ports
        events = run_turn(request, ports)
        return events if request.dry_run else announced(events, self._switch_notice)

    def resume(self, item_id: str = "", cause: str = "") -> Iterator[Event]:
        """Go on in the conversation that waited for this item; "": in the first that waited for something which has
        come. One turn, so that who asks for the next can see whether this one was stopped; no events: none is left."""
        if self.connection.read_only:
            return
        for waited in self.resuming.come(item_id):
            self.minds.begin()
            went_on = False
            for event in self.resuming.go_on(waited, cause):
                went_on = True
                yield event
            if went_on:
                return

    def _switch_notice(self, conversation_id: str) -> Message | None:
        """Stored where this conversation goes on with another model than before."""
        words = switch(self.conversations.labels(conversation_id, LABELS_LOOKED_AT_MAX), self._answering(), self._then)
        return self.conversations.notice(conversation_id, words) if words else None

    def _answering(self) -> Chosen:
        """The chosen model, and the digests of the weights that may answer now, as far as known without loading one."""
        try:
            digests = {model.name: model.sha256 for model in self.models() if model.current}
        except ModelError:  # the list of models cannot be read; the Models room says so, and an answer needs it not
            digests = {}
        info = self.minds.loaded(STARTER)
        known = tuple({**digests, STARTER: info.sha256 if info else ""}.items())
        return Chosen(self.settings.model_default, known, decides=self.settings.model_decides == CHOSEN)

    def _then(self, config_hash: str) -> str | None:
        kept = self.agentrc.snapshots.find(config_hash)
        return kept.model_default if kept else None

    def decide_proposal(self, call: Call, *, accept: bool) -> Call:
        """The user's yes or no to a call that was only proposed; returns it as it now stands."""
        settling = self.hands.settling
        if call.status is not CallStatus.PROPOSED:
            raise DecidedBeforeError(where=call.tool)
        if accept:
            self.hands.check_allowed(call)
        if not accept or "key" in call.facts:
            with transaction(self.connection):
                call = settling.undecided(call)
                declined = replace(call, status=CallStatus.REFUSED, result="You declined it.")
                return self._settled(settling.accept(call) if accept else declined)
        return self._carried_out(settling.undecided(call))

    def resolve_call(self, call: Call, verdict: str) -> Call:
        """The user's word on a call that may have been done, a key of SAID or AGAIN; returns it as it now stands."""
        if call.status is not CallStatus.UNKNOWN:
            raise DecidedBeforeError(where=call.tool)
        if verdict == AGAIN:
            return self._carried_out(self.hands.settling.undecided(call))
        if verdict not in SAID:
            raise BadRequestError(f"{verdict[:40]!r} is no answer.", call.tool, f"One of: {', '.join((*SAID, AGAIN))}.")
        status, words = SAID[verdict]
        with transaction(self.connection):
            call = self.hands.settling.undecided(call)
            return self._settled(replace(call, status=status, result=words))

    def settle_left(self) -> tuple[Call, ...]:
        """Calls whose process died over them, told as what they are: they may have been done."""
        return () if self.connection.read_only else self.hands.ahead.left()

    def _carried_out(self, call: Call) -> Call:
        """After the user's yes."""
        request = Request(self.conversations.asked(call.turn_id).text, approve=True)
        context = self.context(request, "", call.turn_id, call.id)
        acted = self.hands.run_approved(call, context)
        if acted.question:  # it could not be done as it stands: the next message completes it
            self.conversations.ask(call.turn_id, acted.question)
        return acted.call

    def _settled(self, call: Call) -> Call:
        return self.conversations.settle_call(
            call.id, call.status, call.result, call.facts, call.artifact_id, call.outbox_id
        )

    # Outbox

    def edit_item(self, item_id: str, changes: Mapping[str, Any]) -> Item:
        """Change arguments of a waiting item; what will be sent is made anew from them by the tool itself."""
        item = self.outbox.get(item_id)
        call = Call(item.call_id or item.id, item.turn_id or "", item.tool, {**item.args, **changes}, CallStatus.QUEUED)
        context = self.context(Request("", item.conversation_id), item.conversation_id or "", call.turn_id, call.id)
        if item.payload.get(GONE):
            raise BadRequestError("What is taken out again has nothing to change.", item.tool, "Cancel it instead.")
        work = str(item.payload.get("artifact", ""))  # whose copy this is; changed in its place, with the copy
        with transaction(self.connection) if work else nullcontext():  # what may wait for the network never holds it
            result = self.registry.call(item.tool, call.args, replace(context, target=work, offline=True))
            intent = result.intent if isinstance(result, Deferred) else _copy_of(result)
            if intent is None:
                raise BadRequestError(
                    "With this change it cannot be sent.", item.tool, "Look at the address or the name."
                )
            refuse_new(item, intent)
            edited = self.outbox.edit(
                item_id, intent.args, intent.payload, intent.sentence, intent.destination,
                basis=basis_of_edit(item, intent),
            )  # fmt: skip
        self.lessons.item_edited(edited)
        return edited

    def follow(self, artifact: Artifact, trashed_at: int | None = None) -> Item | None:
        """After a change of an appointment, on the transaction that made it: what its copy elsewhere is told. None for
        what has no such copy. `trashed_at`: when it went to the trash that it was just taken out of."""
        if artifact.kind != "event":
            return None
        from agent.outbox.following import follow

        return follow(self.outbox, self.context(Request(""), "", "", ""), artifact.id, trashed_at)

    def nudge(self, *, try_now: bool = False, settings: bool = False) -> None:
        self.dispatcher.nudge(try_now=try_now, settings=settings)

    def flush(self, heard: Callable[[delivery.Event], None] = unheard) -> tuple[Item, ...]:
        """Try everything that is due, now and here; the items that changed, as they now stand. `heard`: is told, from
        other threads, while it goes on. Raises BrokenError where the outbox could not be worked on."""
        if self.connection.read_only:
            raise self.connection.read_only
        told = self.dispatcher.flush_once(heard)
        for event in told:
            if isinstance(event, delivery.DispatcherFailed):
                raise BrokenError(event.what, event.where, event.todo)
        changed = dict.fromkeys(event.item.id for event in told if isinstance(event, delivery.ItemChanged))
        return tuple(self.outbox.get(item_id) for item_id in changed)

    # Network and practice

    def set_offline(self, offline: bool) -> None:
        """The manual switch; a network that was denied from outside stays denied."""
        self.connectivity.switch(offline=offline or self.network_denied)
        self.nudge()

    def connectivity_event(self, cause: str) -> ConnectivityChanged:
        standing = self.connectivity.standing
        return ConnectivityChanged(
            cause=cause, state=standing.state.value, manual=standing.manual, why=standing.why,
            sign_in=standing.sign_in, sign_in_url=standing.sign_in_url,
        )  # fmt: skip

    def practice_messages(self) -> tuple[PracticeMessage, ...]:
        return self.practice.messages()

    def set_practice(self, *, enabled: bool) -> None:
        """Off leaves no trace: the line in the settings and everything received go."""
        self.change_settings({"practice.enabled": True if enabled else None})
        if not enabled:
            self.practice.erase()
        self.nudge()

    # First run, and the end of everything

    @property
    def first_run(self) -> bool:
        return not self._welcomed.exists()

    def finish_first_run(self, *, practice: bool) -> None:
        self._welcomed.touch(mode=0o600)
        if practice:
            self.set_practice(enabled=True)

    @property
    def _welcomed(self) -> Path:
        return self.paths.state / "welcomed"

    def erase_everything(self) -> None:
        self.practice.erase()
        self.saved_states.clear()
        forget_all(self.paths.cache / PAGES)
        erase_everything(self.connection)
        self.servers.erase()

    # Ids as people type them

    def conversation_id(self, text: str) -> str:
        return self._whole("conversation", text)

    def artifact_id(self, text: str) -> str:
        return self._whole("artifact", text)

    def call_id(self, text: str) -> str:
        return self._whole("tool_call", text)

    def outbox_id(self, text: str) -> str:
        return self._whole("outbox_item", text)

    def _whole(self, table: str, text: str) -> str:
        """The id that begins with `text`; the first characters are enough while they are unique."""
        if len(text) < PREFIX_CHARACTERS_MIN:
            raise BadRequestError("That is too short for an id.", text, "Give at least four characters of it.")
        end = text + "\U0010ffff"
        rows = self.connection.execute(
            f"SELECT id FROM {table} WHERE id >= ? AND id < ? LIMIT 2",  # noqa: S608  a table name of ours
            (text, end),
        ).fetchall()
        if len(rows) != 1:
            what = "No such id." if not rows else "Several ids begin like that."
            raise BadRequestError(what, text, "`list` shows them.")
        return str(rows[0][0])

    # Models

    def models(self) -> tuple[Model, ...]:
        chosen = self.settings.model_default
        known = self.catalog.list()
        return tuple(
            Model(item.name, str(item.path), item.size_bytes, item.sha256, item.kind,
                  current=chosen in (item.name, str(item.path)), note=item.note)
            for item in known
        )  # fmt: skip

    def pull_model(
        self, url: str, *, sha256: str = "", name: str = "", accept_new: bool = False, watch: "Watch | None" = None
    ) -> KnownModel:
        """Fetch a model, all files of one that has several, checked and whole, and remember it. `watch` returns False
        to pause: CancelledError, and pulling again goes on."""
        from models.downloads import addresses, fetch, file_name, keep_on, shown

        if self.connectivity.standing.manual:
            raise BadRequestError("The network is denied.", shown(url), "Switch it on, or leave out --offline.")
        folder = self.paths.data / "models"
        if name:
            self.catalog.check_name(name, folder / file_name(addresses(url)[0]))
        fetched = [
            fetch(file, folder, sha256=sha256 if file == url else "", accept_new=accept_new, watch=watch or keep_on)
            for file in addresses(url)
        ]
        return self.catalog.add(fetched[0].path, name, sha256=fetched[0].sha256)

    def exchanged(self, name: str) -> None:
        """Another file lies under that name now: whoever computes with the old one ends."""
        self.minds.let_go(name)
        if name == self.settings.model_default and self.pool.keeps:
            self.minds.model(name).start()

    def use_model(self, name: str) -> None:
        """Load it first: a file that cannot be used is told before the settings name it."""
        info = self.minds.model(name).info()
        if info.kind == "search":
            self.minds.let_go(name)
            raise wrong_kind("chat", name, info.kind)
        self.change_settings({"model.default": name})


def _copy_of(result: Result) -> Intent | None:
    """Of work that is here and goes elsewhere, too."""
    return result.copy.intent if isinstance(result, Done) and result.copy else None
