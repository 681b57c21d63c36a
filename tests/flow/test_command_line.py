"""The command line's contract: one JSON document on stdout, exit codes, words that say what, where and what to do."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.flow.person import Carryon

ROW = {"id", "tool", "args", "destination", "state", "idempotency_key", "created_at", "expires_at", "attempts",
       "last_error", "receipt"}  # fmt: skip
ANSWER = {
    "conversation",
    "turn",
    "outcome",
    "calls",
    "reply",
    "level",
    "model",
    "confidence",
    "timings_ms",
    "config_hash",
    "data_from",
}


def test_ask_answers_with_the_whole_document(carryon: Carryon, agentrc: Path) -> None:
    said = carryon("ask", "email Dana that the contract is signed", "--json").document
    assert set(said) == ANSWER
    assert set(said["model"]) == {"name", "sha256"}
    assert set(said["timings_ms"]) == {"first_token", "total"}
    (call,) = said["calls"]
    assert set(call) == {"id", "tool", "args", "status", "result", "outbox_id"}
    assert call["status"] == "waiting_approval"
    (row,) = carryon("outbox", "list", "--json").document
    assert set(row) >= ROW
    assert (row["id"], row["idempotency_key"]) == (call["outbox_id"], call["outbox_id"])


def test_a_dry_run_stores_and_runs_nothing(carryon: Carryon, home: Path) -> None:
    said = carryon("ask", "remind me to water the plants tomorrow", "--dry-run", "--json").document
    assert [call["status"] for call in said["calls"]] == ["proposed"]
    assert said["conversation"] is None
    assert carryon("library", "list", "--json").document == []
    assert carryon("chat", "list", "--json").document == []


def test_a_batch_answers_line_by_line_with_ids(carryon: Carryon, tmp_path: Path) -> None:
    batch = tmp_path / "batch.jsonl"
    batch.write_text('{"id": "a", "text": "what time is it"}\n\n{"id": "b", "text": "thanks!"}\n')
    lines = carryon("ask", "--batch", str(batch), "--dry-run").out.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["a", "b"]


def test_the_same_request_gets_the_same_answer(carryon: Carryon) -> None:
    first, second = (carryon("ask", "timer 12 minutes", "--dry-run", "--json").document for _ in range(2))
    assert (first["calls"][0]["args"], first["confidence"]) == (second["calls"][0]["args"], second["confidence"])


def test_approve_edit_cancel_retry(carryon: Carryon, agentrc: Path) -> None:
    item = carryon("ask", "email Dana that the contract is signed", "--json", "--offline").document["calls"][0][
        "outbox_id"
    ]
    edited = carryon("outbox", "edit", item, "body=the contract is signed and sealed", "--json").document
    assert edited["args"]["body"] == "the contract is signed and sealed"
    assert carryon("outbox", "approve", item, "--json").document["state"] == "queued"
    assert carryon("outbox", "cancel", item, "--json").document["state"] == "cancelled"
    assert carryon("outbox", "retry", item, "--json").document["state"] == "queued"
    assert carryon("outbox", "show", item, "--json").document["timeline"]


def test_the_environment_can_deny_the_network(carryon: Carryon, agentrc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARRYON_OFFLINE", "1")
    carryon("ask", "email Dana that the contract is signed", "--approve")
    assert carryon("outbox", "flush", "--json").document == []
    assert carryon("outbox", "list", "--json").document[0]["state"] == "queued"


@pytest.mark.parametrize(
    "words",
    [
        ("ask",),
        ("ask", "x", "--batch", "nothing.jsonl"),
        ("ask", "--batch", "nothing.jsonl"),
        ("outbox", "show", "ffffffff"),
        ("outbox", "list", "--state", "lost"),
        ("chat", "reset", "no-such-id"),
        ("library", "show", "no-such-id"),
        ("rc", "get", "toone"),
        ("rc", "set", "length", "gigantic"),
        ("--set", "toone=terse", "rc", "path"),
        ("models", "add", "nothing.gguf"),
        ("models", "use", "nobody"),
        ("nonsense",),
    ],
)
def test_bad_input_ends_with_two_and_words(carryon: Carryon, words: tuple[str, ...]) -> None:
    said = carryon(*words, code=2)
    assert said.err.strip()
    assert "Traceback" not in said.err


def test_an_error_is_one_json_document_too(carryon: Carryon) -> None:
    error = carryon("rc", "get", "toone", "--json", code=2).document["error"]
    assert "tone" in error["what"]


def test_a_broken_dotfile_keeps_the_last_good_one(carryon: Carryon, agentrc: Path) -> None:
    carryon("rc", "set", "tone", "terse")
    agentrc.write_text(agentrc.read_text().replace('tone = "terse"', 'tonne = "terse"'))
    said = carryon("rc", "check", code=2)
    assert "tonne" in said.out
    assert "did you mean" in said.out.lower()
    assert ":" in said.out
    assert carryon("rc", "get", "tone").out.strip() == "terse"


def test_a_damaged_database_is_kept_and_can_be_restored(carryon: Carryon, home: Path) -> None:
    carryon("ask", "note: the spare key is under the third pot")
    carryon("backup")
    database = home / "home" / "data" / "carryon.db"
    for beside in (database.with_name("carryon.db-wal"), database.with_name("carryon.db-shm")):
        beside.unlink(missing_ok=True)
    broken = bytearray(database.read_bytes())
    broken[:200] = bytes(200)
    database.write_bytes(broken)
    said = carryon("library", "list", code=3)
    assert str(database) in said.err
    assert "restore" in said.err
    assert database.read_bytes() == bytes(broken)
    carryon("restore")
    assert "spare key" in carryon("library", "list").out
    assert [path.read_bytes() for path in database.parent.glob("carryon.db.kept-*")] == [bytes(broken)]


def test_nothing_of_the_users_is_written_over(carryon: Carryon, home: Path) -> None:
    carryon("ask", "note: the spare key is under the third pot")
    (row,) = carryon("library", "list", "--json").document
    (conversation, *_) = carryon("chat", "list", "--json").document
    thesis, database = home / "thesis.md", home / "home" / "data" / "carryon.db"
    thesis.write_text("years of work")
    for words in (
        ("backup", str(thesis)), ("library", "export", str(thesis)), ("library", "export", str(thesis), "--calendar"),
        ("library", "export", str(thesis), "--id", row["id"]), ("chat", "export", conversation["id"], str(thesis)),
        ("backup", str(database), "--replace"), ("backup", str(database.with_name("carryon.db-wal")), "--replace"),
        ("library", "export", str(database), "--replace"),
        ("library", "export", str(database.with_name("carryon.db-wal")), "--replace"),
    ):  # fmt: skip
        assert "another name" in carryon(*words, code=2).err
    assert thesis.read_text() == "years of work"
    carryon("library", "export", str(thesis), "--id", row["id"], "--replace")
    assert "spare key" in thesis.read_text()
    assert "spare key" in carryon("library", "list").out


def test_a_newer_database_can_be_read_and_is_not_touched(carryon: Carryon, home: Path) -> None:
    carryon("ask", "note: the spare key is under the third pot")
    database = home / "home" / "data" / "carryon.db"
    connection = sqlite3.connect(database)
    connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('carryon', 'library_999_moons', '')"
    )
    connection.commit()
    connection.close()
    assert "spare key" in carryon("library", "list").out
    said = carryon("ask", "note: another", code=3)
    assert "newer" in said.err


@pytest.mark.parametrize("content", [b"", b"GGUF", b"PK\x03\x04" + bytes(500), b"GGUF\x03\x00\x00\x00" + b"\xff" * 400])
def test_a_file_that_is_no_model_is_refused_with_its_name(carryon: Carryon, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    assert "model.gguf" in carryon("models", "add", str(path), code=2).err


def test_an_address_that_is_none_is_asked_about_or_refused(carryon: Carryon, agentrc: Path) -> None:
    said = carryon("ask", "email nobody@@nowhere that the contract is signed", "--json", code=None).document
    assert all(call["status"] not in ("queued", "waiting_approval", "done") for call in said["calls"])


def test_a_megabyte_is_kept_whole(carryon: Carryon, tmp_path: Path) -> None:
    text = "note: " + "the quick brown fox " * 52_000
    batch = tmp_path / "long.jsonl"
    batch.write_text(json.dumps({"id": "long", "text": text}) + "\n")
    said = json.loads(carryon("ask", "--batch", str(batch)).out)
    shown = carryon("chat", "show", said["conversation"], "--json").document
    assert shown["messages"][0]["text"] == text


def test_tools_and_doctor(carryon: Carryon) -> None:
    assert len(carryon("tools", "--json").document) == 20
    assert {finding["ok"] for finding in carryon("doctor", "--json").document} == {True}


def test_practice_leaves_no_trace(carryon: Carryon, home: Path) -> None:
    carryon("practice", "on")
    carryon("--set", "contacts.Dana=dana@example.org", "ask", "email Dana that it is signed", "--approve")
    carryon("outbox", "flush")
    (letter,) = carryon("practice", "list", "--json").document
    assert letter["to"] == "dana@example.org"
    before = list((home / "home").rglob("practice*"))
    assert before
    carryon("practice", "off")
    assert not list((home / "home").rglob("practice*"))
    assert "practice" not in (home / "agentrc").read_text()
