"""Follow-ups from the command line with the model that ships: what is read, merged, asked and taken back."""

from pathlib import Path

from tests.flow.person import Carryon


def test_a_reminder_is_moved_and_taken_back(carryon: Carryon) -> None:
    first = carryon("ask", "remind me on friday to call Ivo", "--json").document
    place = first["conversation"]
    dry = carryon("ask", "make that monday", "--conversation", place, "--dry-run", "--json").document
    assert [(call["tool"], call["status"]) for call in dry["calls"]] == [("task.add", "proposed")]
    moved = carryon("ask", "make that monday", "--conversation", place, "--json").document
    (call,) = moved["calls"]
    assert (call["args"]["title"], call["args"]["due"].casefold()) == (first["calls"][0]["args"]["title"], "monday")
    undone = carryon("ask", "undo that", "--conversation", place, "--json").document
    assert [call["status"] for call in undone["calls"]] == ["undone"]


def test_what_is_missing_is_asked_for_and_the_answer_completes_it(carryon: Carryon, agentrc: Path) -> None:
    asked = carryon("ask", "send an email to Dana", "--json").document
    assert (asked["outcome"], asked["calls"], asked["missing"]) == ("clarify", [], ["body"])
    assert "Dana" in asked["reply"]
    made = carryon("ask", "the contract is signed", "--conversation", asked["conversation"], "--json").document
    (call,) = made["calls"]
    assert (call["tool"], call["status"]) == ("email.send", "waiting_approval")
    assert call["args"] == {"to": "Dana", "body": "the contract is signed"}


def test_two_notes_of_a_name_are_numbered_and_picked(carryon: Carryon) -> None:
    for text in ("new note Packing: bring shirts", "new note Packing: bring shoes"):
        carryon("ask", text)
    asked = carryon("ask", "add socks to my Packing note")
    assert "\n  1. " in asked.out
    assert "\n  2. " in asked.out
    place = carryon("chat", "list", "--json").document[0]["id"]
    done = carryon("ask", "2", "--conversation", place, "--json").document
    assert [(call["tool"], call["status"]) for call in done["calls"]] == [("note.append", "done")]
    assert done["level"] == "rules"
