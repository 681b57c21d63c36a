"""What programs that copy folders do, disks that fill up, and work of an uncommon size: never a standstill for ever."""

import errno
import shutil
from pathlib import Path

import pytest

from agent.errors import CarryonError
from agent.replica import disk as disk_module
from agent.replica import giving, reading
from agent.store.errors import file_not_written
from tests.sim.laptops import Laptop, contents, settle, visible
from tests.unit.agent.replica.conftest import Make, both

KEY = "correct horse"


def home(laptop: Laptop) -> Path:
    return laptop.shared / "carryon-library" / laptop.id


def chain(of: Laptop) -> list[Path]:
    return sorted(home(of).glob("[0-9a-f]*-*.carryon"))


def renamed(path: Path) -> Path:
    return path.rename(path.with_name(f"{path.stem} (conflicted copy 2027-01-15){path.suffix}"))


@pytest.mark.parametrize("passphrase", ["", KEY])
@pytest.mark.parametrize("which", ["state", "first", "last"])
def test_a_file_that_was_renamed_a_conflicted_copy_is_made_good(make: Make, passphrase: str, which: str) -> None:
    anna, bert = make("anna", passphrase), make("bert", passphrase)
    for number in range(3):
        anna.library.create("note", f"n{number}", "x\n")
        both(anna, bert)
    renamed({"state": home(anna) / "state.carryon", "first": chain(anna)[0], "last": chain(anna)[-1]}[which])
    anna.library.create("note", "later", "y\n")
    both(anna, bert)
    assert visible(anna) == visible(bert)
    assert len(bert.library.list()) == 4


@pytest.mark.parametrize("passphrase", ["", KEY])
@pytest.mark.parametrize("length", [0, 20, 60])
def test_a_state_of_ones_own_that_came_back_half_is_made_good(make: Make, passphrase: str, length: int) -> None:
    anna, bert = make("anna", passphrase), make("bert", passphrase)
    anna.library.create("note", "n", "x\n")
    both(anna, bert)
    state = home(anna) / "state.carryon"
    state.write_bytes(state.read_bytes()[:length])
    anna.library.create("note", "later", "y\n")
    both(anna, bert)
    assert visible(anna) == visible(bert)
    assert len(bert.library.list()) == 2


def test_an_older_state_that_a_service_put_back_loses_nothing(anna: Laptop, bert: Laptop) -> None:
    anna.library.create("note", "n", "x\n")
    both(anna, bert)
    old = (home(anna) / "state.carryon").read_bytes()
    for number in range(3):
        anna.library.create("note", f"n{number}", "x\n")
        bert.library.create("note", f"b{number}", "x\n")
        both(anna, bert)
    (home(anna) / "state.carryon").write_bytes(old)
    anna.library.create("note", "later", "y\n")
    both(anna, bert)
    assert visible(anna) == visible(bert)


@pytest.mark.parametrize("length", [0, 1_000])
def test_a_large_content_that_stays_broken_is_written_once_more(anna: Laptop, bert: Laptop, length: int) -> None:
    photo = anna.library.create("file", "photo", content=b"\xff" * 200_000)
    anna.exchange()
    (blob,) = (home(anna) / "blobs").glob("*/*")
    blob.write_bytes(blob.read_bytes()[:length])
    both(bert, anna)
    assert bert.library.content(photo.id) == b"\xff" * 200_000


def test_files_of_an_old_generation_that_come_back_are_taken_away_again(anna: Laptop, bert: Laptop) -> None:
    note = anna.library.create("note", "n", "a secret that should go\n")
    both(anna, bert)
    (old,) = chain(anna)
    kept = old.read_bytes()
    anna.library.purge(note.id)
    anna.exchange(whole=True)
    old.write_bytes(kept)
    anna.library.create("note", "later", "y\n")
    both(anna, bert)
    assert not old.exists()
    assert visible(anna) == visible(bert)
    assert len(bert.library.list()) == 1


def test_a_clock_that_was_ahead_when_the_folder_was_begun(anna: Laptop, bert: Laptop) -> None:
    """And somebody deletes this laptop's files there, before the other one looks again."""
    anna.ahead_s = 400 * 86_400
    anna.library.create("note", "n", "x\n")
    both(anna, bert)
    anna.ahead_s = 0
    shutil.rmtree(home(anna))
    anna.library.create("note", "later", "y\n")
    anna.exchange()
    both(bert, anna)
    assert visible(anna) == visible(bert)
    assert len(bert.library.list()) == 2


def test_what_no_laptop_would_take_keeps_nothing_else_from_being_taken(anna: Laptop, bert: Laptop) -> None:
    task = anna.library.add_task("long", said="x" * 50_000, due_at=5)
    many = anna.library.create("note", "many tags", "x\n")
    for number in range(60):
        anna.library.tag(many.id, [f"t{number}-{n}" for n in range(20)])
    anna.library.create("note", "fat", "x\n", data={"kept": "x" * 2_000_000})
    note = anna.library.create("note", "n", "x\n")
    (notice,) = anna.exchange().notices
    assert notice.startswith("“fat” stays on this laptop only")
    both(anna, bert)
    assert not [it for it in bert.exchange().laptops if it.waiting]
    anna.library.save(note.id, "y\n")
    both(anna, bert)
    assert {it.title for it in bert.library.list()} == {"long", "many tags", "n"}
    assert (bert.library.text(note.id), bert.library.get(task.id).data["said"]) == ("y\n", "x" * 50_000)


def test_a_file_that_would_be_larger_than_is_read_becomes_several(
    anna: Laptop, bert: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(giving, "TEXT_BYTES_MAX", 20_000)
    for number in range(20):
        anna.library.create("note", f"n{number}", f"{number}\n" * 2_000)
    anna.exchange()
    assert len(chain(anna)) > 3
    (home(anna) / "state.carryon").unlink()  # found again from the files alone
    for number in range(20):
        anna.library.create("note", f"m{number}", f"{number}\n" * 2_000)
    assert anna.crash(0, 0), "after the first of several"
    anna.library.create("note", "later", "x\n")
    both(anna, bert)
    assert visible(anna) == visible(bert)
    assert len(bert.library.list()) == 41


def test_what_is_told_in_two_files_is_never_there_in_half(
    anna: Laptop, bert: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one may come days later."""
    monkeypatch.setattr(reading, "ROWS_MAX", 1)
    note = anna.library.add_task("t", due_at=5)
    anna.library.tag(note.id, ["home"])
    anna.exchange()
    files = chain(anna)
    for last in files[1:]:
        last.rename(last.with_suffix(".away"))
    for number in range(len(files)):
        bert.exchange()
        for it in bert.library.list():
            assert bert.library.text(it.id) == "", number
            assert bert.library.get(it.id).head, number
        if number + 1 < len(files):
            files[number + 1].with_suffix(".away").rename(files[number + 1])
    both(bert, anna)
    assert visible(anna) == visible(bert)


def test_a_stick_that_is_full_is_told_and_the_rest_goes_when_there_is_room(
    anna: Laptop, bert: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = anna.library.create("note", "n", "x\n")
    anna.library.create("file", "photo", content=b"\xff" * 200_000)
    room = [1]
    write = disk_module.write_whole

    def full(path: Path, content: bytes) -> None:
        if not room[0]:
            raise file_not_written(OSError(errno.ENOSPC, "No space left on device"), path)
        room[0] -= 1
        write(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(disk_module, "write_whole", full)
        for _ in range(3):
            with pytest.raises(CarryonError, match=r"(?i)space"):
                anna.exchange()
    assert bert.exchange()
    both(anna, bert)
    assert visible(anna) == visible(bert)
    assert bert.library.text(note.id) == "x\n"


def test_a_disk_that_is_full_here_leaves_the_library_as_it_was(anna: Laptop, bert: Laptop) -> None:
    for number in range(20):
        anna.library.create("file", f"photo {number}", content=bytes([255, number]) * 60_000)
        anna.exchange()
    pages = bert.store.execute("PRAGMA page_count").fetchone()[0]
    bert.store.execute(f"PRAGMA max_page_count = {pages + 100}")
    with pytest.raises(Exception, match=r"(?i)full|room"):
        bert.exchange()
    came = len(bert.library.list())
    assert came < 20
    for it in bert.library.list():
        assert bert.library.content(it.id)
    bert.store.execute("PRAGMA max_page_count = 1073741823")
    both(bert, anna)
    assert visible(anna) == visible(bert)


def test_the_same_title_on_both_laptops_is_two_pieces_of_work(anna: Laptop, bert: Laptop) -> None:
    one = anna.library.create("note", "Shopping", "milk\n")
    two = bert.library.create("note", "Shopping", "eggs\n")
    both(anna, bert)
    assert visible(anna) == visible(bert)
    assert {anna.library.text(one.id), anna.library.text(two.id)} == {"milk\n", "eggs\n"}


def test_a_file_as_large_as_the_library_takes_comes_whole(anna: Laptop, bert: Laptop) -> None:
    from agent.library.blobs import CONTENT_BYTES_MAX

    content = b"\xff" + bytes(range(256)) * (CONTENT_BYTES_MAX // 256 - 1)
    made = anna.library.create("file", "film", content=content)
    both(anna, bert)
    assert bert.library.content(made.id) == content


def test_a_text_that_both_grew_to_the_bound_still_joins(make: Make) -> None:
    anna, bert = make("anna"), make("bert")
    note = anna.library.create("note", "n", "0\n")
    both(anna, bert)
    anna.library.save(note.id, "0\n" + "a" * 20_000_000)
    bert.library.save(note.id, "b" * 20_000_000 + "\n0\n")
    settle_in_one_folder(anna, bert)
    assert visible(anna) == visible(bert)
    assert len(contents(anna, note.id)) >= 3


def settle_in_one_folder(*laptops: Laptop) -> None:
    for _ in range(4):
        for laptop in laptops:
            laptop.exchange()


def test_a_service_that_brings_half_of_everything_in_any_order_comes_to_rest(make: Make) -> None:
    import random

    from tests.sim.laptops import carry

    anna, bert = make("anna", KEY, folder="a"), make("bert", KEY, folder="b")
    chance = random.Random(7)
    for number in range(12):
        anna.library.create("file", f"a{number}", content=b"\xff" * 70_000 + bytes([number]))
        bert.library.create("note", f"b{number}", f"{number}\n")
        anna.exchange()
        bert.exchange()
        carry(anna, bert, chance)
        carry(bert, anna, chance)
    settle([anna, bert])
    assert visible(anna) == visible(bert)
