"""Notes, search, tasks, appointments and timers against a real library."""

from typing import Any

import pytest

from agent.tools.titles import first_words, one_line


def test_a_note_is_an_artifact_with_a_title_of_its_first_words(workshop: Any) -> None:
    made = workshop.done("note.create", {"body": "Farida prefers the aisle seat. Tell Ines."})
    assert made.facts == {"title": "Farida prefers the aisle seat", "characters": 41}
    assert workshop.context.library.text(made.artifact_id) == "Farida prefers the aisle seat. Tell Ines."


def test_a_note_keeps_the_title_it_is_given(workshop: Any) -> None:
    made = workshop.done("note.create", {"title": "Allotment\nrules", "body": "no bonfires"})
    assert made.facts["title"] == "Allotment rules"


def test_a_megabyte_is_kept_to_the_last_letter(workshop: Any) -> None:
    body = "x" * 999_999 + "z"
    made = workshop.done("note.create", {"body": body})
    assert workshop.context.library.text(made.artifact_id) == body


def test_append_makes_a_version_and_keeps_the_old_one(workshop: Any) -> None:
    made = workshop.done("note.create", {"title": "Reading list", "body": "Middlemarch"})
    more = workshop.done("note.append", {"title": "reading list", "text": "The Years"})
    assert more.artifact_id == made.artifact_id
    assert more.facts == {"title": "Reading list", "text": "The Years", "version": 2}
    library = workshop.context.library
    assert library.text(made.artifact_id) == "Middlemarch\nThe Years"
    assert library.text(made.artifact_id, 1) == "Middlemarch"


def test_append_to_one_of_several_asks_and_writes_nothing(workshop: Any) -> None:
    for title in ("Standup log", "Standup notes"):
        workshop.done("note.create", {"title": title, "body": "x"})
    asked = workshop.asks("note.append", {"title": "standup", "text": "y"})
    assert asked.ask == "which_note"
    assert set(asked.choices) == {"Standup log", "Standup notes"}
    assert all(artifact.head == 1 for artifact in workshop.context.library.search())


def test_append_to_nothing_asks_without_choices(workshop: Any) -> None:
    assert workshop.asks("note.append", {"title": "Kosovo trip", "text": "y"}).choices == ()


def test_search_and_open(workshop: Any) -> None:
    made = workshop.done("note.create", {"title": "Compost", "body": "tea ratio is one to ten"})
    found = workshop.done("library.search", {"query": "tea ratio"}).facts
    assert found["count"] == 1
    assert found["found"][0]["id"] == made.artifact_id
    assert found["found"][0]["updated"] == "2026-03-04T10:00:00+01:00"
    opened = workshop.done("library.open", {"title": "compost"})
    assert opened.facts == {"title": "Compost", "kind": "note", "text": "tea ratio is one to ten", "cut": False}
    assert workshop.asks("library.open", {"title": "Tenancy agreement"}).ask == "which_item"


@pytest.mark.parametrize("query", ['"', "* OR", "NEAR(", "a AND", "'; DROP TABLE artifact; --", "%"])
def test_search_takes_any_words(workshop: Any, query: str) -> None:
    assert workshop.done("library.search", {"query": query}).facts["count"] == 0


# Tasks


def test_a_task_keeps_the_words_and_rings_when_it_is_due(workshop: Any) -> None:
    made = workshop.done("task.add", {"title": "switch off the dehumidifier", "due": "10 tonight"})
    assert made.facts == {
        "title": "switch off the dehumidifier",
        "due": "2026-03-04T22:00:00+01:00",
        "said": "10 tonight",
        "understood": True,
    }
    (timer,) = workshop.context.library.waiting_timers()
    assert timer.label == "switch off the dehumidifier"
    workshop.now[0] += 12 * 3600
    assert workshop.context.library.due_timers() == (timer,)


def test_a_task_of_a_day_rings_at_nine(workshop: Any) -> None:
    made = workshop.done("task.add", {"title": "invoice Dana", "due": "friday"})
    assert made.facts["due"] == "2026-03-06"
    (timer,) = workshop.context.library.waiting_timers()
    assert timer.rings_at == workshop.context.now_ms + (47 * 3600) * 1000


def test_a_time_that_is_none_is_kept_as_said(workshop: Any) -> None:
    made = workshop.done("task.add", {"title": "renew the passes", "due": "before the summer holidays"})
    assert made.facts["due"] is None
    assert made.facts["understood"] is False
    task = workshop.context.library.get(made.artifact_id)
    assert task.data["said"] == "before the summer holidays"


def test_a_task_without_a_time(workshop: Any) -> None:
    made = workshop.done("task.add", {"title": "buy cheese"})
    assert made.facts == {"title": "buy cheese", "due": None, "said": None, "understood": True}
    assert workshop.context.library.waiting_timers() == ()


def add_tasks(workshop: Any) -> None:
    for title, due in (("call Ines", "tomorrow"), ("prune roses", "next week"), ("order toner", None)):
        workshop.done("task.add", {"title": title, "due": due})


def test_lists_of_tasks(workshop: Any) -> None:
    add_tasks(workshop)
    everything = workshop.done("task.list").facts
    assert everything["count"] == 3
    tomorrow = workshop.done("task.list", {"when": "tomorrow"}).facts
    assert [task["title"] for task in tomorrow["tasks"]] == ["call Ines"]
    assert tomorrow["tasks"][0]["due"] == "2026-03-05"
    assert workshop.done("task.list", {"when": "next week"}).facts["count"] == 1
    assert workshop.asks("task.list", {"when": "blue moon"}).ask == "time"


def test_what_is_late_is_on_todays_list(workshop: Any) -> None:
    add_tasks(workshop)
    workshop.now[0] += 2 * 86_400
    (task,) = workshop.done("task.list", {"when": "today"}).facts["tasks"]
    assert (task["title"], task["late"]) == ("call Ines", True)


def test_due_today_is_not_late(workshop: Any) -> None:
    workshop.done("task.add", {"title": "call Ines", "due": "today"})
    (task,) = workshop.done("task.list").facts["tasks"]
    assert task["late"] is False


@pytest.mark.parametrize(
    "said", ["order toner", "Order Toner.", "toner", "the order toner", "order the toner", "ordr toner"]
)
def test_a_task_is_ticked_off_by_a_part_of_its_name(workshop: Any, said: str) -> None:
    add_tasks(workshop)
    result = workshop.done("task.done", {"title": said})
    assert result.facts == {"title": "order toner", "already": False}
    assert workshop.done("task.list").facts["count"] == 2
    assert workshop.done("task.done", {"title": "order toner"}).facts["already"] is True


def test_a_task_that_is_done_no_longer_rings(workshop: Any) -> None:
    workshop.done("task.add", {"title": "call Ines", "due": "tomorrow"})
    workshop.done("timer.set", {"duration": "5 minutes", "label": "call Ines"})
    workshop.done("task.done", {"title": "call Ines"})
    assert [timer.label for timer in workshop.context.library.waiting_timers()] == ["call Ines"]


def test_two_tasks_that_fit_are_a_question(workshop: Any) -> None:
    for title in ("pay the rent", "pay the gas"):
        workshop.done("task.add", {"title": title})
    asked = workshop.asks("task.done", {"title": "pay"})
    assert set(asked.choices) == {"pay the rent", "pay the gas"}
    assert workshop.done("task.list").facts["count"] == 2


# Appointments


@pytest.mark.parametrize(
    ("args", "starts", "ends", "all_day"),
    [
        ({"when": "tue 2pm", "duration": "30 min"}, "2026-03-10T14:00:00+01:00", "2026-03-10T14:30:00+01:00", False),
        ({"when": "tomorrow 1pm"}, "2026-03-05T13:00:00+01:00", "2026-03-05T14:00:00+01:00", False),
        ({"when": "friday 2-4pm"}, "2026-03-06T14:00:00+01:00", "2026-03-06T16:00:00+01:00", False),
        ({"when": "friday"}, "2026-03-06", "2026-03-07", True),
        ({"when": "friday", "duration": "2 days"}, "2026-03-06", "2026-03-08", True),
        ({"when": "friday at 9", "duration": "all day"}, "2026-03-06", "2026-03-07", True),
        ({"when": "next weekend"}, "2026-03-14", "2026-03-16", True),
        ({"when": "tomorrow morning"}, "2026-03-05T09:00:00+01:00", "2026-03-05T10:00:00+01:00", False),
        ({"when": "29 march 1am", "duration": "2 h"}, "2026-03-29T01:00:00+01:00", "2026-03-29T04:00:00+02:00", False),
    ],
)  # fmt: skip
def test_appointments(workshop: Any, args: dict[str, str], starts: str, ends: str, all_day: bool) -> None:
    made = workshop.done("calendar.add", {"title": "optician", **args})
    assert (made.facts["starts"], made.facts["ends"], made.facts["all_day"]) == (starts, ends, all_day)
    listed = workshop.done("calendar.list", {"when": args["when"]}).facts["events"]
    assert [event["id"] for event in listed] == [made.artifact_id]


def test_a_clash_is_told_and_made_all_the_same(workshop: Any) -> None:
    workshop.done("calendar.add", {"title": "dentist", "when": "friday at 14:00"})
    made = workshop.done("calendar.add", {"title": "board", "when": "friday at 14:30"})
    assert made.facts["clashes"] == ["dentist"]
    assert workshop.done("calendar.list", {"when": "friday"}).facts["count"] == 2


def test_a_time_or_length_that_is_none_is_a_question(workshop: Any) -> None:
    assert workshop.asks("calendar.add", {"title": "x", "when": "whenever"}).ask == "time"
    asked = workshop.asks("calendar.add", {"title": "x", "when": "friday at 9", "duration": "a while"})
    assert (asked.ask, asked.facts["said"]) == ("duration", "a while")
    assert workshop.done("calendar.list").facts["count"] == 0


def test_the_coming_week_when_nothing_is_said(workshop: Any) -> None:
    workshop.done("calendar.add", {"title": "near", "when": "tuesday at 9"})
    workshop.done("calendar.add", {"title": "far", "when": "1 april at 9"})
    listed = workshop.done("calendar.list").facts
    assert [event["title"] for event in listed["events"]] == ["near"]
    assert listed["from"] == "2026-03-04T10:00:00+01:00"


# Timers


def test_a_timer_is_on_the_disk_and_rings_after_a_restart(workshop: Any, connection: Any) -> None:
    made = workshop.done("timer.set", {"duration": "3 minute", "label": "tea"})
    assert made.facts == {"label": "tea", "seconds": 180, "rings": "2026-03-04T10:03:00+01:00"}
    from agent.library import Library

    later = Library(connection, lambda: workshop.now[0] + 181)
    assert [timer.label for timer in later.due_timers()] == ["tea"]


def test_a_timer_until_a_time_of_day(workshop: Any) -> None:
    assert workshop.done("timer.set", {"duration": "until half past ten"}).facts["seconds"] == 1_800


@pytest.mark.parametrize("said", ["a while", "5", "tomorrow", "-3 minutes", "0 seconds"])
def test_a_timer_of_no_length_is_a_question(workshop: Any, said: str) -> None:
    assert workshop.asks("timer.set", {"duration": said}).ask == "duration"
    assert workshop.context.library.waiting_timers() == ()


# Titles


def test_titles_are_cut_between_words() -> None:
    assert first_words("# Plan\n\nmore") == "Plan"
    assert first_words("word " * 40).endswith("word…")
    assert len(first_words("x" * 500)) <= 61
    assert first_words("\n \n") == ""


def test_one_line_leaves_no_line_break_of_any_kind() -> None:
    assert one_line("a\r\nBcc: x\u2028y\x85z\x00") == "a Bcc: x y z"
