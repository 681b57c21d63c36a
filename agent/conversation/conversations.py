"""Conversations of one profile: the service that the session talks to. Each method is one change, or joins yours."""

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.conversation import (
    begun,
    branching,
    drafts,
    export,
    journal,
    reading,
    resetting,
    search,
    summaries,
    threads,
    turns,
)
from agent.conversation.errors import CannotUndoError, NoConversationError
from agent.conversation.purging import purge
from agent.conversation.resetting import Purge
from agent.conversation.rounds import Round, Spoken
from agent.conversation.search import Passage
from agent.conversation.turns import Made, Turn
from agent.protocol.records import (
    AnswerLabel,
    Call,
    CallStatus,
    Conversation,
    Message,
    Outcome,
    Question,
    ResetPreview,
    Summary,
)
from agent.store.connection import Store
from agent.store.matching import searchable
from agent.store.transaction import transaction
from sync.owner import new_owner

LISTED_MAX = 200
PASSAGES_MAX = 50
WAITING_SHOWN_MAX = 1_000
SUMMARIES = Purge(
    "the summary of older messages", summaries.drop_all, on=frozenset({"reset"}), holds=summaries.holds_any
)  # within the reset's own entry, so that its undo brings the summary back


class Conversations:
    """For one thread. `clock()` is unix seconds; `purges` are the derived copies that a reset drops."""

    def __init__(
        self, connection: sqlite3.Connection, clock: Callable[[], float], purges: Sequence[Purge] = ()
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._purges = (SUMMARIES, *purges)
        self._owner = ""

    # Threads

    def create(self, title: str = "") -> Conversation:
        with transaction(self._connection):
            return self.get(threads.create(self._connection, title, self._now))

    def get(self, conversation_id: str) -> Conversation:
        return threads.get(self._connection, conversation_id)

    def list(self, *, trashed: bool = False, limit: int = LISTED_MAX) -> tuple[Conversation, ...]:
        """Newest first."""
        return threads.listed(self._connection, trashed=trashed, limit=limit)

    def search(self, query: str = "", *, trashed: bool = False, limit: int = LISTED_MAX) -> tuple[Conversation, ...]:
        """Best first; no query lists all, newest first. Whatever is typed is words, never syntax."""
        asked = searchable(query)
        if not asked:
            return self.list(trashed=trashed, limit=limit)
        return search.conversations(self._connection, asked, trashed=trashed, limit=limit)

    def passages(self, query: str, *, trashed: bool = False, limit: int = PASSAGES_MAX) -> tuple[Passage, ...]:
        return search.passages(self._connection, searchable(query), trashed=trashed, limit=limit)

    def rename(self, conversation_id: str, title: str) -> Conversation:
        with transaction(self._connection):
            self.get(conversation_id)
            threads.rename(self._connection, conversation_id, title)
            return self.get(conversation_id)

    def branch(self, message_id: str) -> Conversation:
        """A new conversation that holds everything up to and with this message."""
        with transaction(self._connection):
            self.message(message_id)
            return self.get(branching.branch(self._connection, message_id, self._now))

    def export(self, conversation_id: str, path: Path) -> None:
        """Markdown or JSON, by the ending of the name."""
        export.export(self.get(conversation_id), self.messages(conversation_id), path)

    def save_draft(self, conversation_id: str | None, text: str, sources: Sequence[str] = ()) -> None:
        """What stands in the composer; None: of a conversation that has not begun. `sources`: who wrote some of it
        besides the user."""
        drafts.save(self._connection, conversation_id, text, self._now, sources)

    def bring_back(self, conversation_id: str | None, text: str, sent_at: int, sources: Sequence[str] = ()) -> bool:
        """Into the draft: what was sent, and lost with its process before it could be stored."""
        return drafts.bring_back(self._connection, conversation_id, text, sent_at, self._now, sources)

    def draft_sources(self, conversation_id: str | None) -> tuple[str, ...]:
        return drafts.load_lent(self._connection, conversation_id)[1]

    def draft(self, conversation_id: str | None) -> str:
        return drafts.load(self._connection, conversation_id)

    # Messages and turns

    def messages(self, conversation_id: str) -> tuple[Message, ...]:
        said = turns.messages(self._connection, conversation_id)
        return summaries.shown(self._connection, conversation_id, said)

    def messages_for_model(self, conversation_id: str) -> tuple[Spoken, ...]:
        """What a prompt may be made of: the thread as it stands now, and nothing else."""
        return turns.spoken(self._connection, conversation_id)

    def read(self, conversation_id: str) -> tuple[str, ...]:
        """What has been read in it that nobody here wrote: "the page https://example.org"."""
        return reading.read(self._connection, conversation_id)

    def lent(self, conversation_id: str) -> tuple[str, ...]:
        """Who else wrote in the user's own messages: "the prompt triage of the server tracker"."""
        return reading.lent(self._connection, conversation_id)

    def message(self, message_id: str) -> Message:
        return turns.message(self._connection, message_id)

    def question_of(self, message_id: str) -> Message:
        return turns.question_of(self._connection, message_id)

    def labels(self, conversation_id: str, limit: int) -> tuple[AnswerLabel, ...]:
        """What made the answers so far, newest first."""
        return turns.labels(self._connection, conversation_id, limit)

    def asked(self, turn_id: str) -> Message:
        """The user's message that began this turn."""
        return turns.asked(self._connection, turn_id)

    def begin_turn(self, conversation_id: str | None, text: str, sources: Sequence[str] = ()) -> Message:
        """The user's message, stored. None begins a conversation; one in the trash comes back."""
        with transaction(self._connection):
            place = conversation_id or threads.create(self._connection, "", self._now)
            self._end_left_turns(place)
            if self.get(place).trashed_at is not None:
                self.restore(place)
            if conversation_id is None:
                drafts.forget_sent(self._connection, None, text)
            return turns.begin(self._connection, place, text, self._me, self._now, sources)

    def waiting_calls(self, tools: Collection[str], limit: int = WAITING_SHOWN_MAX) -> tuple[Call, ...]:
        """Those of these tools whose effect or answer was waited for in the outbox, as far as the threads know; oldest
        first. What waits for a conversation in the trash is kept until that is taken out."""
        return turns.waiting(self._connection, tools, limit)

    def item_of(self, conversation_id: str, begins: str) -> str | None:
        """The outbox item of the call in this thread whose id begins so, dashes left out."""
        return turns.item_of(self._connection, conversation_id, begins)

    def begun(self) -> tuple[Call, ...]:
        """Calls that another program was asked to carry out, and of which nothing came back yet."""
        return begun.standing(self._connection, CallStatus.BEGUN)

    def in_doubt(self) -> tuple[Call, ...]:
        """Calls of which nobody knows whether they were carried out."""
        return begun.standing(self._connection, CallStatus.UNKNOWN)

    def doubts(self, limit: int) -> tuple[tuple[str, str], ...]:
        """Where calls stand that wait for the user's word: conversation and call."""
        return begun.in_threads(self._connection, limit)

    def doubted(self, conversation_id: str, tool: str) -> tuple[Mapping[str, Any], ...]:
        """Arguments of the calls of this tool that are in doubt there, also where an edit has let them go."""
        return begun.doubted(self._connection, conversation_id, tool)

    def begin_fetched(self, call_id: str, words: str) -> Message | None:
        """A turn about what this call waited for; its first message is the notice. None when another process has begun
        it, or its thread was reset or lies in the trash."""
        with transaction(self._connection):
            try:
                call = turns.call(self._connection, call_id)
            except NoConversationError:
                return None
            place = turns.conversation_of(self._connection, call.turn_id)
            if call.status not in (CallStatus.QUEUED, CallStatus.WAITING) or not place:
                return None
            if self.get(place).trashed_at is not None:
                return None
            turns.settle_call(self._connection, call_id, CallStatus.DONE, words, None)
            self._end_left_turns(place)
            return turns.begin_by_notice(self._connection, place, words, self._me, self._now)

    def add_call(self, call: Call) -> None:
        with transaction(self._connection):
            turns.add_call(self._connection, call)

    def settle_call(
        self, call_id: str, status: CallStatus, result: str | None = None, facts: Mapping[str, Any] | None = None,
        artifact_id: str | None = None, outbox_id: str | None = None,
    ) -> Call:  # fmt: skip
        """What is None stays as it is."""
        with transaction(self._connection):
            return turns.settle_call(self._connection, call_id, status, result, facts, artifact_id, outbox_id)

    def call(self, call_id: str) -> Call:
        return turns.call(self._connection, call_id)

    def outbox_ids(self, call_ids: Sequence[str]) -> dict[str, str]:
        """Call to outbox item; without calls that have none."""
        return turns.outbox_ids(self._connection, call_ids)

    def keep_partial(self, turn_id: str, text: str, rounds: Sequence[Round] = ()) -> None:
        """The answer so far, for the case that the process dies before its end, and how a chat model spoke it."""
        with transaction(self._connection):
            turns.keep_partial(self._connection, turn_id, text, rounds)

    def end_turn(
        self, turn_id: str, text: str, outcome: Outcome | None, label: AnswerLabel,
        *, complete: bool = True, question: Question | None = None,
    ) -> Message:  # fmt: skip
        """The agent's message, with the turn's calls and what it asks."""
        with transaction(self._connection):
            return turns.end(
                self._connection, turn_id, text, outcome, label, self._now, complete=complete, question=question
            )

    def ask(self, turn_id: str, question: Question) -> None:
        """A turn that has ended asks after all, because what it proposed could not be done as it stands."""
        with transaction(self._connection):
            turns.ask(self._connection, turn_id, question)

    def made_before(self, conversation_id: str, turn_id: str = "", *, limit: int) -> tuple[Made, ...]:
        """What the last turns before this one did, the newest first."""
        return turns.made_before(self._connection, conversation_id, turn_id, limit)

    def notice(self, conversation_id: str, text: str) -> Message:
        with transaction(self._connection):
            self.get(conversation_id)
            return turns.notice(self._connection, conversation_id, text, self._now)

    def unfinished_turns(self) -> tuple[Turn, ...]:
        return turns.unfinished(self._connection)

    def recover(self) -> tuple[Message, ...]:
        """After a crash: end the turns whose process is gone. Turns of other living processes are left alone, and so is
        everything in a profile that can only be read."""
        left = [turn for turn in self.unfinished_turns() if turns.is_left(turn, self._me)]
        if not left or (isinstance(self._connection, Store) and self._connection.read_only):
            return ()
        with transaction(self._connection):
            return tuple(turns.interrupt(self._connection, turn, self._now) for turn in left)

    # What a model is told instead of the oldest messages

    def summary(self, conversation_id: str) -> tuple[Summary, int] | None:
        """The one that counts, and the place of the last message that it stands for."""
        return summaries.current(self._connection, conversation_id)

    def sum_up(self, conversation_id: str, until_seq: int, made: Summary, words: str) -> Message:
        """Store a summary of everything up to that place; the notice that says so. Undo takes it back."""
        with journal.joined(self._connection, conversation_id, "summary", self._now):
            return summaries.add(self._connection, conversation_id, until_seq, made, words, self._now)

    def announced(self, summary: Summary, words: str) -> Message | None:
        """A notice of it, where the one that there was went with the answer that it stood before."""
        with transaction(self._connection):
            if summaries.is_announced(self._connection, summary.id):
                return None
            return summaries.announce(self._connection, summary.id, words, self._now)

    def edit_summary(self, summary_id: str, text: str) -> Summary:
        """The user's own words; undo takes them back."""
        return self._summary_changed(summary_id, lambda connection: summaries.edit(connection, summary_id, text))

    def switch_summary(self, summary_id: str, *, on: bool) -> Summary:
        return self._summary_changed(summary_id, lambda connection: summaries.switch(connection, summary_id, on=on))

    def _summary_changed(self, summary_id: str, change: Callable[[sqlite3.Connection], None]) -> Summary:
        with transaction(self._connection):
            place = summaries.get(self._connection, summary_id).conversation_id
            with journal.entry(self._connection, place, "summary", self._now):
                change(self._connection)
            return summaries.get(self._connection, summary_id)

    # What can be taken back

    def rewind(self, message_id: str) -> str:
        """Drop the turn of this message and what follows it; the conversation's id."""
        with transaction(self._connection):
            self._ready(self.message(message_id).conversation_id)
            return resetting.rewind(self._connection, message_id, self._purges, self._now)

    def edit_message(self, message_id: str, text: str, sources: Sequence[str] = ()) -> Message:
        """Say it differently: the replaced course is in the journal, the new message begins a turn."""
        with transaction(self._connection):
            return self.begin_turn(self.rewind(message_id), text, sources)

    def regenerate(self, message_id: str) -> Message:
        """Ask the same again."""
        asked = self.question_of(message_id)
        return self.edit_message(message_id, asked.text, asked.sources)

    def preview_reset(self, conversation_id: str) -> ResetPreview:
        return resetting.preview(self._connection, conversation_id, self._purges)

    def reset(self, conversation_id: str) -> ResetPreview:
        """Empty the thread; what was made in it stays. Returns what the preview would have shown."""
        with transaction(self._connection):
            before = self.preview_reset(conversation_id)
            self._ready(conversation_id)
            resetting.reset(self._connection, conversation_id, self._purges, self._now)
            return before

    def undo(self, conversation_id: str) -> str:
        """Take back the newest "reset", "edit", "trash" or "summary", and say which. CannotUndoError says why not."""
        with transaction(self._connection):
            self._ready(conversation_id)
            resetting.drop_derived(self._connection, conversation_id, self._purges, "undo")
            return journal.undo(self._connection, conversation_id, self._now)

    def redo(self, conversation_id: str) -> str:
        with transaction(self._connection):
            self._ready(conversation_id)
            resetting.drop_derived(self._connection, conversation_id, self._purges, "redo")
            return journal.redo(self._connection, conversation_id)

    def trash(self, conversation_id: str) -> Conversation:
        with transaction(self._connection):
            if self.get(conversation_id).trashed_at is None:
                resetting.trash(self._connection, conversation_id, self._purges, self._now)
            return self.get(conversation_id)

    def restore(self, conversation_id: str) -> Conversation:
        """Out of the trash. What was done before the delete can still be taken back."""
        with transaction(self._connection):
            if self.get(conversation_id).trashed_at is not None:
                threads.set_trashed(self._connection, conversation_id, None)
                journal.forget_newest(self._connection, conversation_id, "trash")
            return self.get(conversation_id)

    def purge(self, conversation_id: str) -> None:
        """For good. Artifacts stay; backups made before keep the text until they are replaced."""
        self.get(conversation_id)
        purge(self._connection, conversation_id, self._purges)

    @property
    def _now(self) -> int:
        return int(self._clock() * 1000)

    @property
    def _me(self) -> str:
        self._owner = self._owner or new_owner()
        return self._owner

    def _ready(self, conversation_id: str) -> None:
        """Refuse while an answer is being written there; a turn that a crash left is no obstacle."""
        self.get(conversation_id)
        self._end_left_turns(conversation_id)
        if any(turn.conversation_id == conversation_id for turn in self.unfinished_turns()):
            raise CannotUndoError(
                "Carryon is still answering in this conversation.",
                conversation_id,
                "Press Stop or wait, then try again.",
            )

    def _end_left_turns(self, conversation_id: str) -> None:
        for turn in self.unfinished_turns():
            if turn.conversation_id == conversation_id and turns.is_left(turn, self._me):
                turns.interrupt(self._connection, turn, self._now)
