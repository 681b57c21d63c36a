"""What is kept of a correction: with consent only, bounded, never with a secret, gone with its thread."""

import json
from pathlib import Path

import pytest

from agent.conversation import Conversations
from agent.corrections import PURGES, Corrections, How, store
from agent.errors import BadRequestError
from agent.protocol.records import AnswerLabel, Outcome
from agent.store import Store
from agent.store.erase import erase_everything
from models.contracts import PointedCall
from models.starter.situation import Situation

LABEL = AnswerLabel("local", "starter", "ab", "", "1", "cd", 0.9, None, None)
TEXT = "email Dana that the contract is signed"
DECIDED = (PointedCall("email.send", {"to": "Dana", "body": "the contract"}, {"to": (6, 10), "body": (16, 28)}),)
MEANT = (PointedCall("email.send", {"to": "Dana", "body": "the contract is signed"}),)


@pytest.fixture
def corrections(store: Store, clock) -> Corrections:
    return Corrections(store, clock, lambda: True)


@pytest.fixture
def conversations(store: Store, clock) -> Conversations:
    return Conversations(store, clock, PURGES)


def said(conversations: Conversations, text: str = TEXT) -> tuple[str, str]:
    asked = conversations.begin_turn(None, text)
    conversations.end_turn(asked.turn_id, "done", Outcome.CALLED, LABEL)
    return asked.conversation_id, asked.turn_id


def keep(corrections: Corrections, how: How = How.EDITED, text: str = TEXT, **more: object):
    return corrections.record(text, DECIDED, MEANT, how=how, **more)  # type: ignore[arg-type]


def test_nothing_is_kept_without_consent(store: Store, clock) -> None:
    assert keep(Corrections(store, clock, lambda: False)) is None
    assert Corrections(store, clock, lambda: True).count() == 0


def test_a_pair_is_kept_whole(corrections: Corrections) -> None:
    situation = Situation(("task.add",), ("email.send", ("to",)), (("contact", "Dana"), ("contact", "Sam")))
    made = keep(corrections, situation=situation, model_sha256="ab", config_hash="cd")
    assert corrections.list() == (made,)
    assert made is not None
    assert (made.text, made.decided, made.corrected) == (TEXT, DECIDED, MEANT)
    assert made.situation == Situation(("task.add",), ("email.send", ("to",)), (("contact", "Dana"),)), "names not said"
    assert (made.how, made.model_sha256, made.config_hash) == (How.EDITED, "ab", "cd")


def test_a_second_edit_takes_the_place_of_the_first_and_keeps_what_was_decided(corrections: Corrections) -> None:
    keep(corrections, source="turn-1")
    other = (PointedCall("email.send", {"to": "Sam", "body": "the contract is signed"}),)
    corrections.record("whatever", MEANT, other, how=How.EDITED, source="turn-1")
    (pair,) = corrections.list()
    assert (pair.text, pair.decided, pair.corrected) == (TEXT, DECIDED, other)


def test_an_edit_that_is_taken_back_leaves_nothing(corrections: Corrections) -> None:
    keep(corrections, source="turn-1")
    assert corrections.record(TEXT, MEANT, DECIDED, how=How.EDITED, source="turn-1") is None
    assert corrections.count() == 0


def test_where_nothing_was_corrected_nothing_is_kept(corrections: Corrections) -> None:
    assert corrections.record(TEXT, DECIDED, DECIDED, how=How.EDITED) is None
    assert corrections.record(TEXT, DECIDED, None, how=How.SAID_WRONG) is not None


@pytest.mark.parametrize(
    "secret",
    [
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "https://hooks.slack.com/services/T0/B0/xyz",
        "the password is hunter2",
        "wifi password Sommer2024",
        "Passwort: rosebud",
        "my pin is 4821",
        "token=abc",
        "4111 1111 1111 1111",
        "aB3dE5gH7jK9mN1pQ3sT5vX7",
    ],
)
def test_a_pair_with_a_secret_is_not_kept(corrections: Corrections, secret: str) -> None:
    assert keep(corrections, text=f"note: {secret}") is None
    call = (PointedCall("note.create", {"body": secret}),)
    assert corrections.record(TEXT, DECIDED, call, how=How.EDITED) is None
    assert corrections.record(TEXT, call, None, how=How.UNDONE) is None


@pytest.mark.parametrize(
    "harmless",
    [
        "remind me to change my password",
        "remind me to change my password on friday at 5",
        "call +49 30 901820",
        "order 4111 1111",
        "https://example.org/a/long-page-name",
    ],
)
def test_everyday_words_are_no_secret(corrections: Corrections, harmless: str) -> None:
    assert keep(corrections, text=harmless) is not None


def test_what_is_too_long_is_not_kept(corrections: Corrections) -> None:
    assert keep(corrections, text="x" * (store.TEXT_CHARACTERS_MAX + 1)) is None
    long = (PointedCall("note.create", {"body": "x " * store.ARGUMENT_CHARACTERS_MAX}),)
    assert corrections.record(TEXT, DECIDED, long, how=How.EDITED) is None


def test_the_oldest_go_first(corrections: Corrections, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "PAIRS_MAX", 5)
    for number in range(9):
        keep(corrections, text=f"{TEXT} {number}")
    assert [pair.text[-1] for pair in corrections.list()] == ["8", "7", "6", "5", "4"]


def test_some_or_all_are_deleted(corrections: Corrections) -> None:
    first, second = keep(corrections), keep(corrections, text=f"{TEXT} today")
    assert first
    assert second
    with pytest.raises(BadRequestError):
        corrections.delete([first.id, "0000-none"])
    assert corrections.count() == 2, "all or none"
    assert corrections.delete([first.id[:8]]) == 1
    assert [pair.id for pair in corrections.list()] == [second.id]
    assert corrections.delete_all() == 1


# With its thread


@pytest.mark.parametrize("how", ["reset", "trash", "purge"])
def test_they_go_with_their_thread(
    corrections: Corrections, conversations: Conversations, store: Store, how: str
) -> None:
    here, turn = said(conversations)
    elsewhere, other_turn = said(conversations)
    keep(corrections, conversation_id=here, turn_id=turn, text=f"{TEXT} zebrafinch")
    kept = keep(corrections, conversation_id=elsewhere, turn_id=other_turn)
    getattr(conversations, how)(here)
    assert corrections.list() == (kept,)
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"zebrafinch" not in store.path.read_bytes(), "no page remembers it"


def test_undoing_a_reset_does_not_bring_them_back(corrections: Corrections, conversations: Conversations) -> None:
    here, turn = said(conversations)
    keep(corrections, conversation_id=here, turn_id=turn)
    conversations.reset(here)
    conversations.undo(here)
    assert conversations.messages(here)
    assert corrections.count() == 0


def test_an_edit_keeps_them_and_taking_it_back_drops_what_was_asked_again(
    corrections: Corrections, conversations: Conversations
) -> None:
    here, turn = said(conversations)
    edited = keep(corrections, conversation_id=here, turn_id=turn)
    asked = conversations.edit_message(conversations.messages(here)[0].id, "email Sam that it is signed")
    conversations.end_turn(asked.turn_id, "done", Outcome.CALLED, LABEL)
    keep(corrections, How.ASKED_AGAIN, conversation_id=here, turn_id=turn)
    assert corrections.count() == 2
    conversations.undo(here)
    assert corrections.list() == (edited,)


def test_the_preview_of_a_reset_names_them_where_there_are_any(
    corrections: Corrections, conversations: Conversations
) -> None:
    here, turn = said(conversations)
    assert conversations.preview_reset(here).drops_derived == ()
    keep(corrections, conversation_id=here, turn_id=turn)
    assert conversations.preview_reset(here).drops_derived == ("what you corrected here",)


def test_erasing_everything_erases_them(corrections: Corrections, conversations: Conversations, store: Store) -> None:
    here, turn = said(conversations)
    keep(corrections, conversation_id=here, turn_id=turn)
    erase_everything(store)
    assert corrections.count() == 0


# Taken along


def test_the_export_is_what_training_reads(corrections: Corrections, tmp_path: Path) -> None:
    keep(corrections, situation=Situation(("task.add",)), model_sha256="ab")
    corrections.record("hello", (), None, how=How.SAID_WRONG)
    file = tmp_path / "deep" / "pairs.jsonl"
    assert corrections.export(file, raw=True) == 2
    first, second = map(json.loads, file.read_text("utf-8").splitlines())
    assert first == {
        "text": TEXT,
        "situation": {"after": ["task.add"], "asked": None, "known": []},
        "answer": [{"tool": "email.send", "args": {"to": "Dana", "body": "the contract is signed"},
                    "spans": {"to": [6, 10], "body": [16, 38]}}],
        "rejected": [{"tool": "email.send", "args": {"to": "Dana", "body": "the contract"},
                      "spans": {"to": [6, 10], "body": [16, 28]}}],
        "how": "edited",
        "model_sha256": "ab",
    }  # fmt: skip
    assert (second["answer"], second["rejected"]) == (None, [])
    assert file.stat().st_mode & 0o077 == 0


def test_an_argument_that_was_not_said_has_no_span(corrections: Corrections) -> None:
    meant = (PointedCall("email.send", {"to": "Dana", "body": "we are done"}),)
    corrections.record(TEXT, DECIDED, meant, how=How.EDITED)
    (line,) = corrections.lines()
    assert json.loads(line)["answer"][0]["spans"] == {"to": [6, 10]}


def test_the_export_hides_people_who_are_called_by_a_part_of_their_name(corrections: Corrections) -> None:
    call = (PointedCall("email.send", {"to": "Dana", "body": "it is signed"}),)
    known = (("contact", "Dana Ito"), ("contact", "Sam Ho"), ("channel", "dana-ops"))
    corrections.record(TEXT, call, None, how=How.UNDONE, situation=Situation(known=known))
    (hidden,), (pair,) = corrections.lines(), corrections.list()
    assert pair.situation.known == (("contact", "Dana Ito"),)
    assert "Dana" not in hidden
    document = json.loads(hidden)
    assert document["rejected"][0]["args"]["to"] == "Person1"
    assert document["situation"]["known"] == [["contact", "Person1 Person2"]]


def test_the_export_hides_who_unless_asked(corrections: Corrections) -> None:
    text = "email Dana at dana@halden.example or +49 30 901820 about https://halden.example/offer/17"
    call = (PointedCall("email.send", {"to": "dana@halden.example", "body": "https://halden.example/offer/17"}),)
    corrections.record(text, call, None, how=How.UNDONE, situation=Situation(known=(("contact", "Dana"),)))
    (hidden,), (raw,) = corrections.lines(), corrections.lines(raw=True)
    for told in ("Dana", "dana", "halden", "901820"):
        assert told in raw
        assert told not in hidden
    document = json.loads(hidden)
    assert document["text"] == "email Person1 at person1@example.org or +55 55 555555 about https://example.org/page1"
    (shown,) = document["rejected"]
    assert shown["args"] == {"to": "person1@example.org", "body": "https://example.org/page1"}
    assert {name: document["text"][start:end] for name, (start, end) in shown["spans"].items()} == shown["args"]
    assert document["situation"]["known"] == [["contact", "Person1"]]
