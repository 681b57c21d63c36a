"""Saved states of a chat model, from the terminal: made, used, shown, and gone with their conversation."""

import time
from pathlib import Path

import pytest

from agent.conversation import Conversations
from agent.paths import Paths
from agent.protocol.records import AnswerLabel, Outcome
from agent.store import open_store
from tests.flow.person import Carryon
from tests.tiny_gguf import write_tiny_gguf

ASKED = "tell me something about the sea"
AGAIN = "tell me something about the wind"
SETTINGS = '[model]\ndefault = "parrot"\n[tools]\n"*" = "deny"\n'  # each of its letters is a token: no room for tools
LABEL = AnswerLabel("local", "parrot", "", "", "", "", None, None, None)


@pytest.fixture
def talking(carryon: Carryon, home: Path, tmp_path: Path) -> str:
    """A conversation, long already, whose state in a chat model is on the disk."""
    model = write_tiny_gguf(tmp_path / "parrot.gguf", context=8192)
    carryon("models", "add", str(model))
    (home / "agentrc").write_text(SETTINGS)
    place = long_thread(Paths.of())
    said = carryon("ask", ASKED, "--conversation", place, "--json").document
    assert said["model"]["name"] == "parrot"
    return place


def long_thread(paths: Paths) -> str:
    """Its id. It was held before there was a model that keeps states."""
    store = open_store(paths.database)
    try:
        conversations = Conversations(store, time.time)
        asked = conversations.begin_turn(None, "tell me of ships")
        conversations.end_turn(asked.turn_id, "They cross the sea. " * 40, Outcome.ANSWERED, LABEL)
        return asked.conversation_id
    finally:
        store.close()


def kept(home: Path) -> list[Path]:
    return list((home / "home").rglob("talk-*"))


def test_a_conversation_is_gone_from_the_disk_once_it_is_reset(carryon: Carryon, home: Path, talking: str) -> None:
    (row,) = (row for row in carryon("snapshot", "ls", "--json").document if row["what"] == "conversation")
    assert (row["model"], row["state"]) == ("parrot", "kept")
    assert row["tokens"] >= 256
    assert "tell me of ships" in carryon("snapshot", "ls").out
    dry = carryon("chat", "reset", talking, "--dry-run", "--json").document
    assert dry["drops_derived"] == ["the model's saved state"]
    assert kept(home)
    carryon("chat", "reset", talking)
    assert kept(home) == []
    carryon("chat", "undo", talking)
    assert kept(home) == []
    carryon("ask", AGAIN, "--conversation", talking)
    assert len(kept(home)) == 1
    carryon("chat", "delete", talking, "--for-good")
    assert kept(home) == []


def test_damage_is_found_by_verify_and_costs_no_answer(carryon: Carryon, home: Path, talking: str) -> None:
    assert [row["state"] for row in carryon("snapshot", "verify", "--json").document] == ["kept"]
    (path,) = kept(home)
    with path.open("r+b") as file:
        file.seek(-5, 2)
        file.write(b"xxxxx")
    (row,) = carryon("snapshot", "verify", "--json", code=1).document
    assert row["state"] == "damaged"
    assert carryon("ask", AGAIN, "--conversation", talking, "--json").document["outcome"] == "answered"
    assert len(kept(home)) == 2  # the damaged one is aside, a new one in its place
    (aside,) = [row for row in carryon("snapshot", "ls", "--json").document if row["state"] == "damaged"]
    assert aside["why"]
    assert aside["made_at"] is None
    pruned = carryon("snapshot", "prune", "--json").document
    assert (pruned["removed"], pruned["left"]) == (1, 1)
    carryon("snapshot", "verify")
    assert carryon("snapshot", "prune", "--all", "--json").document["removed"] == 1
    assert kept(home) == []


def test_room_is_made_without_the_database(carryon: Carryon, home: Path, talking: str) -> None:
    for file in (home / "home" / "data").glob("carryon.db*"):
        file.unlink()
    (home / "home" / "data" / "carryon.db").write_bytes(b"no database at all" * 500)
    assert carryon("chat", "list", code=3).err, "what needs it says so"
    said = carryon("snapshot", "ls")
    assert "parrot" in said.out
    assert "titles of conversations are left out" in said.err
    carryon("snapshot", "verify")
    gone = carryon("models", "remove", "parrot")
    assert "carryon models use starter" in gone.out, "it was the one in use"
    assert carryon("snapshot", "prune", "--all", "--json").document["removed"] == 1
    assert kept(home) == []


def test_the_setting_holds_at_once(carryon: Carryon, home: Path, talking: str) -> None:
    assert kept(home)
    carryon("rc", "set", "privacy.snapshots", "none")
    carryon("snapshot", "ls")
    assert kept(home) == []
    carryon("ask", AGAIN, "--conversation", talking)
    assert kept(home) == []


def test_erase_everything_erases_them_too(carryon: Carryon, home: Path, talking: str) -> None:
    assert kept(home)
    carryon("chat", "delete", "--everything", "--confirm", "erase everything")
    assert kept(home) == []
