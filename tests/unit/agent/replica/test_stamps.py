"""When a change was made: later than all that was seen, in one order everywhere, and never dragged into the future."""

import pytest

from agent.replica.hlc import AHEAD_MS_MAX, Stamp, hear, of_ms, to_ms
from tests.sim.laptops import Laptop

DAY_S = 86_400


def stamps(laptop: Laptop) -> list[int]:
    rows = laptop.store.execute("SELECT hlc FROM op_log WHERE what = 'title' ORDER BY seq").fetchall()
    return [row[0] for row in rows]


def test_each_change_is_later_than_the_one_before_even_in_one_millisecond(anna: Laptop) -> None:
    anna.store.create_function("julianday", 1, lambda _: 2_461_000.5)
    for number in range(300):
        anna.library.create("note", f"n{number}", "x")
    made = stamps(anna)
    assert made == sorted(set(made))
    assert to_ms(made[-1]) == to_ms(made[0])


@pytest.mark.parametrize("back_s", [60, 3_600])
def test_a_clock_that_was_set_back_a_little_is_waited_for(anna: Laptop, back_s: int) -> None:
    anna.library.create("note", "before", "x")
    anna.ahead_s = -back_s
    anna.library.create("note", "after", "x")
    first, second = stamps(anna)
    assert second > first


def test_a_clock_that_was_years_ahead_is_left_behind_but_not_by_what_it_stamped(anna: Laptop) -> None:
    anna.ahead_s = 400 * DAY_S
    note = anna.library.create("note", "then", "x")
    anna.ahead_s = 0
    anna.library.create("note", "now", "x")
    then, now = stamps(anna)
    assert now < then
    anna.library.rename(note.id, "renamed")
    assert max(stamps(anna)) == then + 1
    anna.library.save(note.id, "y")
    lines = anna.store.execute("SELECT hlc FROM version_line WHERE artifact_id = ? ORDER BY n", (note.id,)).fetchall()
    assert lines[1][0] > lines[0][0]


def test_another_clock_is_followed_up_to_a_day(anna: Laptop) -> None:
    anna.library.create("note", "n", "x")
    now = int(anna.clock() * 1_000)
    assert hear(anna.store, of_ms(now + 3_600_000)) == 0
    anna.library.create("note", "later", "x")
    assert to_ms(stamps(anna)[-1]) >= now + 3_600_000
    assert hear(anna.store, of_ms(now + 2 * AHEAD_MS_MAX)) > AHEAD_MS_MAX
    anna.library.create("note", "still", "x")
    assert to_ms(stamps(anna)[-1]) < now + AHEAD_MS_MAX


def test_any_two_stamps_have_an_order() -> None:
    assert Stamp(1, "b") < Stamp(2, "a")
    assert Stamp(1, "a") < Stamp(1, "b")


def test_no_change_of_the_library_is_left_out(anna: Laptop) -> None:
    """Each kind of change raises `seq` by itself, so it is told; what changes nothing does not."""

    def seq() -> int:
        return int(anna.store.execute("SELECT seq FROM replica").fetchone()[0])

    library = anna.library
    note, task = library.create("note", "n", "x"), library.add_task("t", due_at=1)
    event = library.add_event("e", 1, 2)
    changes = (
        lambda: library.save(note.id, "y"), lambda: library.rename(note.id, "m"), lambda: library.tag(note.id, ["a"]),
        lambda: library.trash(note.id), lambda: library.untrash(note.id), lambda: library.restore(note.id, 1),
        lambda: library.set_due(task.id, said="s", due_at=2), lambda: library.mark_task(task.id),
        lambda: library.mark_task(task.id, done=False), lambda: library.move_event(event.id, 3, 4),
        lambda: library.purge(task.id),
    )  # fmt: skip
    for change in changes:
        before = seq()
        change()
        assert seq() > before
    before = seq()
    library.save(note.id, library.text(note.id))
    library.rename(note.id, "m")
    library.tag(note.id, ["a"])
    library.add_timer("tea", 1)
    assert seq() == before
