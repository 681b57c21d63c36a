"""Search and the thing that was meant."""

import pytest

from agent.library import Library
from agent.store import Store, transaction


def titles(found) -> list[str]:  # type: ignore[no-untyped-def]
    return [artifact.title for artifact in found]


def test_titles_weigh_more_than_words_and_only_the_newest_text_counts(library: Library) -> None:
    body = library.create("note", "Monday", "the budget, and the budget again")
    library.create("note", "Budget", "numbers")
    library.save(library.create("note", "Old", "budget").id, "nothing of the kind")
    assert titles(library.search("budget")) == ["Budget", "Monday"]
    assert library.search("budget")[1].snippet == "the **budget**, and the **budget** again"
    library.rename(body.id, "Tuesday")
    assert titles(library.search("tuesday")) == ["Tuesday"]
    assert library.search("monday") == ()


def test_half_typed_words_any_words_and_signs(library: Library) -> None:
    library.create("note", "Contract", "with Dana")
    library.create("note", "Prices", "5 € each")
    library.create("note", "会议", "明天下午提醒我开会")
    assert titles(library.search("contr")) == ["Contract"]
    assert titles(library.search("that contract of ours")) == ["Contract"]
    assert titles(library.search("€")) == ["Prices"]
    assert titles(library.search("提醒")) == ["会议"]
    assert titles(library.search(" \x00 ")) == ["会议", "Prices", "Contract"]


def test_kind_and_tag_are_found_behind_many_better_ones(library: Library, store: Store) -> None:
    with transaction(store):
        for number in range(300):
            library.create("note", f"word {number}", "word word word")
        rare = library.create("document", "Report", "one word among many others that say something else")
    library.tag(rare.id, ["Q3 ", "q3", "  ", "Q3"])
    assert library.get(rare.id).tags == ("Q3", "q3")
    assert titles(library.search("word", tag="Q3", limit=5)) == ["Report"]
    assert titles(library.search("word", kind="document", limit=5)) == ["Report"]
    assert titles(library.search("q3")) == ["Report"]
    assert titles(library.list(tag="Q3")) == titles(library.list(kind="document")) == ["Report"]
    assert library.tags() == (("Q3", 1), ("q3", 1))
    assert len(library.search("word", limit=7)) == 7


@pytest.mark.parametrize("query", ['"', "title:x OR", "(", "x' --", "NEAR(", "*", "%", "_", "\x00.", "\ud800!", "^"])
def test_whatever_is_typed_is_no_syntax(library: Library, query: str) -> None:
    library.create("note", "plain", "words")
    assert library.search(query) == ()
    assert library.find_by_title(query).sure is None


def test_a_cut_sign_at_the_end_of_a_beginning_is_no_damage(library: Library) -> None:
    for shift in range(4):
        library.create("note", "t", "x" * shift + "🎉" * 200)
    assert all("🎉" in artifact.snippet for artifact in library.list())


def test_the_meant_thing_by_title(library: Library) -> None:
    exact = library.create("note", "Groceries", "")
    library.create("note", "Groceries for the party", "")
    party = library.create("note", "The party at Dana's", "")
    assert library.find_by_title("groceries").sure == exact
    assert library.find_by_title("GROCERIES FOR").sure is not None
    assert library.find_by_title("dana party").sure == party
    several = library.find_by_title("groc")
    assert several.sure is None
    assert titles(several.candidates) == ["Groceries for the party", "Groceries"]
    assert library.find_by_title("grocerys").sure == exact
    assert library.find_by_title("").candidates == ()
    nothing = library.find_by_title("quarterly figures of the branch")
    assert (nothing.sure, nothing.candidates) == (None, ())


def test_equal_titles_are_asked_back(library: Library) -> None:
    library.create("note", "Plan", "a")
    newer = library.create("note", "plan", "b")
    found = library.find_by_title("Plan")
    assert found.sure is None
    assert found.candidates[0] == newer


def test_kinds_and_the_trash_narrow_what_is_meant(library: Library) -> None:
    note = library.create("note", "Invoice Dana", "")
    task = library.add_task("Invoice Dana")
    assert library.find_by_title("invoice dana", kinds=("task",)).sure == task
    assert library.find_by_title("invoice dana", kinds=("note", "document")).sure == note
    library.trash(note.id)
    assert library.find_by_title("invoice dana").sure == task


def test_an_open_task_is_meant_before_a_done_one(library: Library) -> None:
    done = library.add_task("water the plants")
    library.mark_task(done.id)
    assert library.find_by_title("water the plants", kinds=("task",)).sure == library.get(done.id)
    again = library.add_task("water the plants")
    assert library.find_by_title("water the plants", kinds=("task",)).sure == again
