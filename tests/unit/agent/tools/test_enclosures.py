"""What goes with a mail: work of the library by its title, never guessed; the library as the outbox sees it."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.paths import Paths
from agent.shelf import LibraryShelf
from agent.store import connect
from agent.tools.errors import ToolRefusedError
from sync.intent import check
from sync.transports.attached import files
from sync.transports.outcomes import ChangedError, RejectedError
from tests.unit.sync.items import an_item

CONTACTS = '[contacts]\nDana = "dana@example.org"\n'


def send(workshop: Any, attach: str, **more: Any) -> Any:
    return workshop.call("email.send", {"to": "Dana", "body": "here it is", "attach": attach}, **more)


def test_a_title_becomes_a_reference(workshop: Any) -> None:
    workshop.settings(CONTACTS)
    report = workshop.context.library.create("document", "Budget report", "one")
    workshop.context.library.save(report.id, "two")
    made = send(workshop, "budget report")
    (entry,) = made.intent.payload["attached"]
    assert entry == {
        "artifact": report.id, "version": 2, "name": "Budget report.md", "media_type": "text/markdown", "follow": "ask",
    }  # fmt: skip
    assert made.intent.sentence.endswith("here it is; with Budget report.md (version 2)")
    assert made.facts["attached"] == "Budget report.md (version 2)"
    check(made.intent)


def test_the_rule_of_the_settings_goes_with_it(workshop: Any) -> None:
    workshop.settings(CONTACTS + '[outbox]\nattachments = "pinned"\n')
    workshop.context.library.create("note", "Plan", "one")
    assert send(workshop, "Plan").intent.payload["attached"][0]["follow"] == "pinned"


def test_a_file_that_was_imported_keeps_its_name_and_type(workshop: Any, tmp_path: Path) -> None:
    (tmp_path / "plan.pdf").write_bytes(b"%PDF-1.7 \xff")
    workshop.settings(CONTACTS)
    workshop.context.library.import_file(tmp_path / "plan.pdf")
    (entry,) = send(workshop, "plan").intent.payload["attached"]
    assert (entry["name"], entry["media_type"]) == ("plan.pdf", "application/pdf")


def test_several_with_commas_and_a_title_with_one(workshop: Any) -> None:
    workshop.settings(CONTACTS)
    for title in ("Plan", "Budget", "Milk, eggs"):
        workshop.context.library.create("note", title, title)
    names = [entry["name"] for entry in send(workshop, "Plan, Budget").intent.payload["attached"]]
    assert names == ["Plan.md", "Budget.md"]
    assert send(workshop, "Milk, eggs").intent.payload["attached"][0]["name"] == "Milk, eggs.md"


def test_nothing_is_guessed(workshop: Any) -> None:
    workshop.settings(CONTACTS)
    first, _ = (workshop.context.library.create("note", f"Plan {n}", str(n)) for n in ("north", "south"))
    workshop.context.library.create("note", "Budget", "b")
    workshop.context.library.create("task", "Holiday", "t")
    asked = send(workshop, "Plan")
    assert (asked.ask, set(asked.choices)) == ("which_item", {"Plan north", "Plan south"})
    assert send(workshop, "Plan", target=first.id).intent.payload["attached"][0]["name"] == "Plan north.md"
    assert set(send(workshop, "Budget, Plan").choices) == {"Budget, Plan north", "Budget, Plan south"}
    assert send(workshop, "Holiday").ask == "which_item", "a task is nothing to send along"


def test_what_is_too_much_is_said_at_once(workshop: Any) -> None:
    workshop.settings(CONTACTS)
    workshop.context.library.create("file", "Film", content=b"\xff" * 25_000_001)
    with pytest.raises(ToolRefusedError, match=r"25\.0 MB"):
        send(workshop, "Film")
    for n in range(11):
        workshop.context.library.create("note", f"N{n:02}", "x")
    with pytest.raises(ToolRefusedError, match="too many"):
        send(workshop, ", ".join(f"N{n:02}" for n in range(11)))


@pytest.fixture
def shelf(paths: Paths, connection: sqlite3.Connection) -> LibraryShelf:
    clock: Callable[[], float] = lambda: 1_772_700_000.0  # noqa: E731
    return LibraryShelf(lambda: connect(paths.database), clock)


def test_the_shelf_is_the_library(workshop: Any, shelf: LibraryShelf) -> None:
    workshop.settings(CONTACTS)
    library = workshop.context.library
    report = library.create("document", "Report", "one\ntwo")
    payload = send(workshop, "Report").intent.payload
    assert files(an_item(**payload), shelf)[0].content == b"one\ntwo"
    library.save(report.id, "one\nthree")
    with pytest.raises(ChangedError) as caught:
        files(an_item(**payload), shelf)
    assert "-two\n+three" in caught.value.now
    library.trash(report.id)
    with pytest.raises(RejectedError, match=r"“Report” is in the trash"):
        files(an_item(**payload), shelf)
    library.purge(report.id)
    with pytest.raises(RejectedError, match="deleted for good"):
        files(an_item(**payload), shelf)
