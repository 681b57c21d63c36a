"""Reset, rewind, trash, branch, purge: what goes, what stays, what comes back."""

import sqlite3

import pytest

from agent.conversation import Conversations, Purge, journal
from agent.conversation.errors import CannotUndoError, NoConversationError
from agent.conversation.journal import ENTRIES_MAX, KEPT_MS
from agent.library import Library
from agent.protocol.records import AnswerLabel, Call, CallStatus, Message, Outcome
from agent.store import Store, open_store
from sync.owner import _began

LABEL = AnswerLabel("local", "starter", "", "", "", "", None, None, None)


def talk(conversations: Conversations, place: str | None, *texts: str) -> Message:
    """A turn for each text; the last answer."""
    for text in texts:
        asked = conversations.begin_turn(place, text)
        place = asked.conversation_id
        said = conversations.end_turn(asked.turn_id, f"re: {text}", Outcome.ANSWERED, LABEL)
    return said


def texts(conversations: Conversations, place: str) -> list[str]:
    return [said.text for said in conversations.messages(place)]


def everything(store: Store) -> list[list[tuple[object, ...]]]:
    tables = ("conversation", "turn", "message", "tool_call", "draft", "artifact", "artifact_version", "blob")
    return [
        [tuple(row) for row in store.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()] for table in tables
    ]


def test_reset_does_what_the_preview_said(store: Store, library: Library, clock: object) -> None:
    dropped: list[str] = []
    purges = [Purge("snapshots", lambda _, place: dropped.append(place)), Purge("summary", lambda _, place: None)]
    conversations = Conversations(store, clock, purges)  # type: ignore[arg-type]
    asked = conversations.begin_turn(None, "write it down and mail it")
    note = library.create("note", "Groceries", "milk", conversation_id=asked.conversation_id)
    library.trash(library.create("note", "Trashed", "x", conversation_id=asked.conversation_id).id)
    for number, outbox in enumerate(("o1", "o1", None)):
        conversations.add_call(Call(str(number), asked.turn_id, "email.send", {}, CallStatus.QUEUED, outbox_id=outbox))
    conversations.end_turn(asked.turn_id, "Done.", Outcome.CALLED, LABEL)
    preview = conversations.preview_reset(asked.conversation_id)
    assert (preview.messages, preview.keeps_outbox) == (2, 1)
    assert preview.keeps_artifacts == (library.get(note.id),)
    assert preview.drops_derived == ("snapshots", "summary")
    assert dropped == []
    assert conversations.reset(asked.conversation_id) == preview
    assert dropped == [asked.conversation_id]
    assert conversations.messages(asked.conversation_id) == ()
    assert library.versions(note.id)[0].conversation_id == asked.conversation_id


def test_two_resets_and_two_undos_are_nothing(store: Store, conversations: Conversations) -> None:
    said = talk(conversations, None, "one", "two")
    place = said.conversation_id
    conversations.save_draft(place, "a draft stays")
    first = everything(store)
    conversations.reset(place)
    assert conversations.get(place).title == "New conversation"
    assert conversations.get(place).can_undo
    talk(conversations, place, "three")
    second = everything(store)
    conversations.reset(place)
    assert texts(conversations, place) == []
    assert conversations.undo(place) == "reset"
    assert everything(store) == second
    conversations.undo(place)
    assert texts(conversations, place) == ["one", "re: one", "two", "re: two", "three", "re: three"]
    conversations.rewind(conversations.messages(place)[4].id)
    assert [row[1:] for row in everything(store)[2]] == [row[1:] for row in first[2]]


def test_undo_right_after_reset_is_the_identity(store: Store, conversations: Conversations) -> None:
    place = talk(conversations, None, "one", "two").conversation_id
    before = everything(store)
    for _ in range(3):
        conversations.reset(place)
        conversations.reset(place)
        conversations.undo(place)
        conversations.undo(place)
        assert everything(store) == before
    with pytest.raises(CannotUndoError, match="nothing to take back"):
        conversations.undo(place)


def test_what_changed_since_keeps_its_newer_value(conversations: Conversations) -> None:
    place = talk(conversations, None, "one").conversation_id
    conversations.reset(place)
    conversations.rename(place, "My name for it")
    conversations.undo(place)
    assert conversations.get(place).title == "My name for it"
    assert texts(conversations, place) == ["one", "re: one"]


def test_an_edit_replaces_the_course_and_undo_brings_it_back(conversations: Conversations) -> None:
    place = talk(conversations, None, "one", "two", "three").conversation_id
    old = texts(conversations, place)
    edited = conversations.edit_message(conversations.messages(place)[2].id, "two, but better")
    conversations.end_turn(edited.turn_id, "better", Outcome.ANSWERED, LABEL)
    new = texts(conversations, place)
    assert new == ["one", "re: one", "two, but better", "better"]
    assert conversations.undo(place) == "edit"
    assert texts(conversations, place) == old
    assert conversations.redo(place) == "edit"
    assert texts(conversations, place) == new
    conversations.undo(place)
    assert texts(conversations, place) == old


def test_regenerating_asks_the_same_again(conversations: Conversations) -> None:
    said = talk(conversations, None, "one")
    again = conversations.regenerate(said.id)
    assert (again.text, again.conversation_id) == ("one", said.conversation_id)
    assert texts(conversations, said.conversation_id) == ["one"]


def test_redo_is_refused_when_something_was_said_since(conversations: Conversations) -> None:
    place = talk(conversations, None, "one").conversation_id
    conversations.reset(place)
    conversations.undo(place)
    talk(conversations, place, "two")
    with pytest.raises(CannotUndoError, match="written in this conversation since"):
        conversations.redo(place)
    with pytest.raises(CannotUndoError, match="nothing to do again"):
        conversations.redo(conversations.create().id)


def test_a_call_settled_after_an_undo_survives_redo_and_undo(conversations: Conversations) -> None:
    asked = conversations.begin_turn(None, "set it")
    conversations.add_call(Call("c", asked.turn_id, "rc.set", {}, CallStatus.PROPOSED))
    conversations.end_turn(asked.turn_id, "Shall I?", Outcome.CALLED, LABEL)
    conversations.reset(asked.conversation_id)
    conversations.undo(asked.conversation_id)
    conversations.settle_call("c", CallStatus.DONE)
    conversations.redo(asked.conversation_id)
    conversations.undo(asked.conversation_id)
    assert conversations.call("c").status is CallStatus.DONE


def test_nothing_is_reset_while_another_process_answers(store: Store, conversations: Conversations) -> None:
    asked = conversations.begin_turn(None, "one")
    pid_one = "/".join((*conversations._me.split("/")[:1], "1", _began(1), "x"))
    store.execute("UPDATE turn SET owner = ?", (pid_one,))
    for change in (conversations.reset, conversations.undo):
        with pytest.raises(CannotUndoError, match="still answering"):
            change(asked.conversation_id)
    assert texts(conversations, asked.conversation_id) == ["one"]


def test_a_failing_purge_resets_nothing(store: Store, clock: object) -> None:
    def fail(connection: sqlite3.Connection, place: str) -> None:
        raise OSError("cannot delete")

    conversations = Conversations(store, clock, [Purge("snapshots", fail)])  # type: ignore[arg-type]
    place = talk(conversations, None, "one").conversation_id
    before = everything(store)
    with pytest.raises(OSError, match="cannot delete"):
        conversations.reset(place)
    assert everything(store) == before
    assert not conversations.get(place).can_undo


def test_the_trash_gives_back(conversations: Conversations) -> None:
    place = talk(conversations, None, "one").conversation_id
    conversations.reset(place)
    assert conversations.trash(place).trashed_at
    conversations.trash(place)
    assert conversations.restore(place).trashed_at is None
    assert conversations.undo(place) == "reset"
    conversations.trash(place)
    assert conversations.undo(place) == "trash"
    assert conversations.get(place).trashed_at is None
    conversations.trash(place)
    conversations.begin_turn(place, "writing in it brings it back")
    assert conversations.get(place).trashed_at is None


def test_a_branch_is_a_copy_up_to_the_message(conversations: Conversations, store: Store) -> None:
    place = talk(conversations, None, "one", "two").conversation_id
    first_answer = conversations.messages(place)[1]
    conversations.add_call(Call("c", first_answer.turn_id, "x", {"a": 1}, CallStatus.QUEUED, "words", "o1"))
    before = texts(conversations, place)
    branch = conversations.branch(first_answer.id)
    assert (branch.branch_of, branch.title) == (place, "one")
    assert texts(conversations, branch.id) == ["one", "re: one"]
    copied = conversations.messages(branch.id)[1].calls[0]
    assert (copied.args, copied.outbox_id) == ({"a": 1}, "o1")
    assert copied.id != "c"
    talk(conversations, branch.id, "elsewhere")
    conversations.reset(branch.id)
    assert texts(conversations, place) == before
    conversations.undo(branch.id)
    conversations.purge(place)
    assert conversations.get(branch.id).branch_of is None
    assert texts(conversations, branch.id) == ["one", "re: one", "elsewhere", "re: elsewhere"]


def test_a_branch_in_the_middle_of_a_turn_has_no_open_turn(conversations: Conversations) -> None:
    asked = conversations.begin_turn(None, "one")
    branch = conversations.branch(asked.id)
    assert [turn.conversation_id for turn in conversations.unfinished_turns()] == [asked.conversation_id]
    assert texts(conversations, branch.id) == ["one"]


def test_the_journal_is_bounded(store: Store, conversations: Conversations, clock: object) -> None:
    place = talk(conversations, None, "one").conversation_id
    for _ in range(ENTRIES_MAX + 10):
        conversations.reset(place)
    assert store.execute("SELECT count(*) FROM journal_entry").fetchone()[0] == ENTRIES_MAX
    clock.now += KEPT_MS / 1000 + 60  # type: ignore[attr-defined]
    conversations.reset(place)
    assert store.execute("SELECT count(*) FROM journal_entry").fetchone()[0] == 1
    assert store.execute("SELECT count(*) FROM journal_pen").fetchone()[0] == 0


def test_every_column_is_recorded(store: Store) -> None:
    """A later step that adds a column must make the recording triggers anew, or undo would lose it."""
    for table in journal.KEYS:
        columns = {row["name"] for row in store.execute(f"PRAGMA table_info({table})").fetchall()}
        for name in ("going", "changing", "coming"):
            sql = store.execute("SELECT sql FROM sqlite_master WHERE name = ?", (f"{table}_{name}",)).fetchone()[0]
            assert {column for column in columns if f"'{column}'," not in sql} == set(), (table, name)


def test_a_planted_word_is_gone_after_reset_and_without_trace_after_purge(
    store: Store, conversations: Conversations, library: Library
) -> None:
    canary = "zanzibarcanary"
    said = talk(conversations, None, f"my secret is {canary}", "and another thing")
    place = said.conversation_id
    asked = conversations.begin_turn(place, canary)
    conversations.add_call(
        Call("c", asked.turn_id, "x", {"body": canary}, CallStatus.DONE, canary, facts={"a": canary})
    )
    conversations.keep_partial(asked.turn_id, f"{canary} so far")
    conversations.end_turn(asked.turn_id, canary, Outcome.CALLED, LABEL)
    library.create("note", "kept", "not poisoned", conversation_id=place)
    conversations.reset(place)
    assert conversations.messages_for_model(place) == ()
    for found in (conversations.search(canary), conversations.passages(canary), library.search(canary)):
        assert found == ()
    reachable = [table for table in _tables_with(store, canary) if not table.startswith(("journal_", "sqlite_"))]
    assert reachable == []
    conversations.purge(place)
    with pytest.raises(NoConversationError):
        conversations.get(place)
    assert _tables_with(store, canary) == []
    for file in store.path.parent.glob("carryon.db*"):
        assert canary.encode() not in file.read_bytes(), file
    assert [artifact.title for artifact in library.list()] == ["kept"]
    assert library.versions(library.list()[0].id)[0].conversation_id is None


def _tables_with(store: Store, word: str) -> list[str]:
    found = []
    for (table,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for row in store.execute(f'SELECT * FROM "{table}"').fetchall():
            cells = [cell if isinstance(cell, bytes) else str(cell).encode() for cell in row]
            if any(word.encode() in cell for cell in cells) and not table.startswith("message_fts"):
                found.append(table)
    return sorted(set(found))


def test_a_purge_closes_with_the_file_small_again(store: Store, conversations: Conversations) -> None:
    asked = conversations.begin_turn(None, "x" * 3_000_000)
    conversations.purge(asked.conversation_id)
    log = store.path.with_name("carryon.db-wal")
    assert not log.exists() or log.stat().st_size == 0
    other = open_store(store.path)
    assert other.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    other.close()


def test_rewinding_to_a_notice(conversations: Conversations) -> None:
    place = talk(conversations, None, "one").conversation_id
    notice = conversations.notice(place, "another model from here")
    talk(conversations, place, "two")
    conversations.rewind(notice.id)
    assert texts(conversations, place) == ["one", "re: one"]
    conversations.undo(place)
    assert texts(conversations, place) == ["one", "re: one", "another model from here", "two", "re: two"]
