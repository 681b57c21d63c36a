"""Artifacts and versions: what is written stays, whoever writes next."""

import hashlib
import sqlite3

import pytest

from agent.conversation import Conversations
from agent.errors import BadRequestError
from agent.library import Library
from agent.library.blobs import CONTENT_BYTES_MAX
from agent.library.errors import NoArtifactError, TooLargeError
from agent.store import Store


def test_a_version_is_its_bytes(library: Library) -> None:
    made = library.create("note", "Groceries", "milk\n", data={"from": "x"}, author="you")
    (version,) = library.versions(made.id)
    assert version.sha256 == hashlib.sha256(b"milk\n").hexdigest()
    assert (version.n, version.size_bytes, version.author) == (1, 5, "you")
    assert made.data == {"from": "x"}
    saved = library.save(made.id, "milk\neggs\n", title="Shopping")
    assert (saved.head, saved.title) == (2, "Shopping")
    assert library.text(made.id) == "milk\neggs\n"
    assert library.text(made.id, 1) == "milk\n"
    assert [version.n for version in library.versions(made.id)] == [2, 1]


def test_the_same_text_makes_no_version(library: Library) -> None:
    made = library.create("note", "a", "text")
    assert library.save(made.id, "text").head == 1
    assert library.save(made.id, "text", title="b").title == "b"


def test_equal_content_is_stored_once(library: Library, store: Store) -> None:
    library.create("note", "a", "same")
    library.create("note", "b", "same")
    assert store.execute("SELECT count(*) FROM blob").fetchone()[0] == 1


def test_two_conversations_edit_one_artifact(library: Library, conversations: Conversations) -> None:
    one, two = conversations.create("one"), conversations.create("two")
    made = library.create("note", "Plan", "first\n", conversation_id=one.id)
    library.append(made.id, "second", conversation_id=two.id)
    newest, oldest = library.versions(made.id)
    assert (oldest.conversation_id, newest.conversation_id) == (one.id, two.id)
    assert library.text(made.id, 1) == "first\n"
    assert library.text(made.id) == "first\nsecond"
    assert library.made_in(one.id) == library.made_in(two.id) == (library.get(made.id),)
    assert library.diff(made.id, 1, 2).splitlines()[-2:] == [" first", "+second"]


def test_an_edit_of_an_older_version_is_joined(library: Library) -> None:
    made = library.create("note", "Plan", "one\ntwo\nthree\n")
    library.save(made.id, "one\ntwo\nthree\nfour\n", based_on=1)
    joined = library.save(made.id, "zero\none\ntwo\nthree\n", based_on=1)
    assert library.text(made.id) == "zero\none\ntwo\nthree\nfour\n"
    assert library.versions(made.id)[0].note == "joined with version 2"
    library.save(made.id, "zero\none\nTWO!\nthree\nfour\n", based_on=joined.head)
    library.save(made.id, "zero\none\n2\nthree\nfour\n", based_on=joined.head)
    assert library.text(made.id) == "zero\none\nTWO!\n2\nthree\nfour\n"
    assert "both wordings are kept" in library.versions(made.id)[0].note


def test_restoring_adds_a_version(library: Library) -> None:
    made = library.create("note", "a", "first")
    library.save(made.id, "second")
    restored = library.restore(made.id, 1)
    assert (restored.head, library.text(made.id)) == (3, "first")
    assert library.versions(made.id)[0].note == "restored from version 1"
    assert library.restore(made.id, 1).head == 3


def test_versions_cannot_be_changed_by_anybody(library: Library, store: Store) -> None:
    library.create("note", "a", "first")
    for change in ("UPDATE blob SET content = x'00'", "UPDATE artifact_version SET sha256 = 'x'"):
        with pytest.raises(sqlite3.IntegrityError, match="never changes"):
            store.execute(change)


def test_what_is_not_there_is_named(library: Library) -> None:
    made = library.create("note", "a", "x")
    with pytest.raises(NoArtifactError, match="version 7"):
        library.text(made.id, 7)
    for ask in (library.get, library.text, library.content, library.versions, library.trash, library.untrash,
                library.purge, library.mark_task, library.set_due, lambda unknown: library.save(unknown, "x"),
                lambda unknown: library.append(unknown, "x"), lambda unknown: library.tag(unknown, ["x"]),
                lambda unknown: library.rename(unknown, "x"), lambda unknown: library.restore(unknown, 1)):  # fmt: skip
        with pytest.raises(NoArtifactError) as said:
            ask("no-such-id")
        assert "no-such-id" in said.value.where


def test_bounds(library: Library) -> None:
    with pytest.raises(TooLargeError, match="32 MB"):
        library.create("file", "x", content=b"x" * (CONTENT_BYTES_MAX + 1))
    assert library.list() == ()
    made = library.create("note", "long " * 500, "x")
    assert len(made.title) <= 300
    assert len(library.tag(made.id, [f"tag {number}" for number in range(500)]).tags) == 50


def test_titles_come_from_the_text_when_there_is_none(library: Library) -> None:
    assert library.create("note", "", "# Heading\n\nbody").title == "Heading"
    assert library.create("note", " \n ", "").title == "Untitled"
    assert library.create("file", "", content=b"\xff\xfe\x00").title


def test_binary_content_is_kept_and_is_no_text(library: Library) -> None:
    made = library.create("file", "picture.png", content=b"\x89PNG\xff\x00")
    assert library.content(made.id) == b"\x89PNG\xff\x00"
    assert library.text(made.id) == ""
    with pytest.raises(BadRequestError, match="no text"):
        library.append(made.id, "words")
    assert library.content(made.id) == b"\x89PNG\xff\x00"


def test_the_trash_gives_back_and_a_purge_leaves_no_trace(library: Library, store: Store) -> None:
    canary = "zanzibarcanary"
    kept = library.create("note", "kept", "shared text")
    gone = library.create("note", canary, f"shared {canary}")
    library.save(gone.id, "shared text")
    library.tag(gone.id, [canary])
    assert library.trash(gone.id).trashed_at
    assert library.search(canary) == ()
    assert [found.id for found in library.search(canary, trashed=True)] == [gone.id]
    assert library.untrash(gone.id).trashed_at is None
    library.purge(gone.id)
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert canary.encode() not in store.path.read_bytes()
    assert library.text(kept.id) == "shared text"
    store.execute("INSERT INTO artifact_fts(artifact_fts, rank) VALUES ('integrity-check', 1)")


def test_half_a_surrogate_pair_loses_nothing_else(library: Library) -> None:
    made = library.create("note", "t \ud83d", "keep \ud83d this", data={"k": "\ud83d"})
    library.tag(made.id, ["\ud83dx"])
    assert library.text(made.id) == "keep \ufffd this"
    assert library.search("keep \ud83d")
