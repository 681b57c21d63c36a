"""Wrong options, empty requests, broken files: said in the form that was asked for, and nothing is done by half."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flow.person import Carryon

ROOT = Path(__file__).parents[2]
CHAT_LIST = (sys.executable, "-m", "app.cli", "chat", "list")

WRONG_USAGE = (
    ("ask",),
    ("ask", "hello", "--bogus"),
    ("nonsense",),
    ("outbox", "resolve", "abcd", "banana"),
    ("rc", "set", "tone"),
    ("chat", "delete", "--everything", "abcd"),
)


@pytest.mark.parametrize("words", WRONG_USAGE)
def test_wrong_usage_is_one_document_where_json_is_asked_for(carryon: Carryon, home: Path, words: tuple[str]) -> None:
    said = carryon(*words, "--json", code=2)
    assert set(said.document["error"]) == {"what", "where", "todo"}
    assert said.err == ""


def test_wrong_usage_is_told_to_a_person_on_stderr(carryon: Carryon, home: Path) -> None:
    said = carryon("nonsense", code=2)
    assert said.out == ""
    assert "No such command" in said.err


@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_an_empty_request_begins_no_conversation(carryon: Carryon, home: Path, text: str) -> None:
    assert "nothing" in carryon("ask", text, "--json", code=2).document["error"]["what"]
    assert carryon("chat", "list", "--json").document == []


@pytest.mark.parametrize(
    "bad", [b"not json", b'{"id": "b"}', b'{"id": "b", "text": null}', b'{"id": null, "text": "x"}', b"\xff\xfe", b"7"]
)
def test_a_batch_with_a_mistake_does_nothing_at_all(carryon: Carryon, home: Path, tmp_path: Path, bad: bytes) -> None:
    batch = tmp_path / "batch.jsonl"
    batch.write_bytes(b'{"id": "a", "text": "what time is it"}\n' + bad + b"\n")
    error = carryon("ask", "--batch", str(batch), "--json", code=2).document["error"]
    assert error["where"] == f"{batch}:2"
    assert carryon("chat", "list", "--json").document == []


def test_a_conversation_goes_by_the_first_characters_of_its_id(carryon: Carryon, home: Path) -> None:
    first = carryon("ask", "what time is it", "--json").document["conversation"]
    assert carryon("ask", "and in Tokyo?", "--conversation", first[:8], "--json").document["conversation"] == first


@pytest.mark.parametrize("unknown", ["", "0123456789"])
def test_an_unknown_conversation_is_bad_input_also_in_a_dry_run(carryon: Carryon, home: Path, unknown: str) -> None:
    carryon("ask", "hello", "--conversation", unknown, "--dry-run", code=2)


def test_mistakes_in_settings_are_told_beside_the_answer(carryon: Carryon, home: Path) -> None:
    (home / "agentrc").write_text('tone = "terse\n')
    said = carryon("ask", "what time is it", "--json")
    assert said.document["outcome"] == "called"
    assert ":1:14: is not valid TOML" in said.err
    assert carryon("rc", "check", code=2).err == ""


def test_an_answer_that_broke_off_is_no_success(carryon: Carryon, home: Path) -> None:
    (home / "agentrc").write_text('[model]\ndefault = "gone"\n')
    said = carryon("ask", "write a poem about the sea", "--json", code=3)
    assert "gone" in said.document["reply"]


def test_a_person_reads_times_in_their_zone_and_scripts_in_utc(carryon: Carryon, home: Path) -> None:
    (home / "agentrc").write_text('timezone = "Pacific/Kiritimati"\n')  # 14 hours ahead, all year
    item = carryon("ask", "fetch http://127.0.0.1:9/page", "--json", "--offline").document["calls"][0]["outbox_id"]
    document = carryon("outbox", "show", item, "--json").document
    assert document["created_at"].endswith("Z")
    assert all(step["at"].endswith("Z") for step in document["timeline"])
    hours, local = int(document["created_at"][11:13]), carryon("outbox", "show", item).out
    assert f" {(hours + 14) % 24:02}:" in next(line for line in local.splitlines() if line.startswith("created_at"))


def test_a_reader_that_goes_away_is_no_fault_of_the_machinery(home: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(CHAT_LIST, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, timeout=120, check=False)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_closed_stdout_is_no_crash(home: Path) -> None:
    words = ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *CHAT_LIST]
    done = subprocess.run(words, cwd=ROOT, stderr=subprocess.PIPE, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_place_that_cannot_hold_a_profile_is_named(
    carryon: Carryon, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "file").touch()
    monkeypatch.setenv("CARRYON_HOME", str(home / "file"))
    error = carryon("chat", "list", "--json", code=3).document["error"]
    assert error["where"] == str(home / "file" / "config")
    assert "CARRYON_HOME" in error["todo"]


def test_a_group_of_settings_is_not_one_setting(carryon: Carryon, home: Path) -> None:
    assert "rc explain tools" in carryon("rc", "get", "tools", code=2).err


def test_the_doctor_knows_a_newer_profile(carryon: Carryon, home: Path) -> None:
    carryon("chat", "list")
    with sqlite3.connect(home / "home" / "data" / "carryon.db") as database:
        database.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " SELECT migration_set, 'later_999', applied_at FROM _sqlite_migrations LIMIT 1"
        )
    database.close()
    findings = {item["about"]: item for item in carryon("doctor", "--json", code=1).document}
    assert "newer" in findings["database"]["says"]


def test_an_item_that_expired_was_not_delivered(carryon: Carryon, home: Path) -> None:
    carryon("ask", "fetch http://127.0.0.1:9/page", "--offline")
    with sqlite3.connect(home / "home" / "data" / "carryon.db") as database:
        database.execute("UPDATE outbox_item SET expires_at = created_at + 1")
    database.close()
    (row,) = carryon("outbox", "flush", "--json", code=1).document
    assert row["state"] == "expired"
