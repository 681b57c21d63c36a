"""The folder: bounds, age, purges, several processes at once."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.snapshots import gone
from models.snapshots.budget import FILES_MAX, limit, surplus
from models.snapshots.folder import MARK_SECONDS, Snapshots
from models.snapshots.form import DamagedError
from models.snapshots.key import conversation_digest
from models.snapshots.listing import Entry
from models.snapshots.names import QUARANTINE
from models.snapshots.quarantine import QUARANTINED_MAX
from models.snapshots.survey import survey, verify
from tests.unit.models.snapshots.sample import BODY, SETUP, files, saved

GIB = 1024**3


def plenty(_folder: Path) -> int:
    return 10**12


@pytest.fixture
def folder(tmp_path: Path) -> Snapshots:
    return Snapshots(tmp_path / "states", free=plenty)


def aged(folder: Snapshots, name: str, age: int) -> None:
    os.utime(folder.folder / name, (10**9 - age, 10**9 - age))


def test_the_longest_unused_goes_first(tmp_path: Path) -> None:
    folder = Snapshots(tmp_path / "states", free=plenty)
    names = [saved(folder, f"c{number}") for number in range(4)]
    size = (folder.folder / names[0]).stat().st_size
    for name, age in zip(names, (30, 40, 10, 20), strict=True):
        aged(folder, name, age)
    folder.used(names[1])  # it has just been of use
    small = Snapshots(tmp_path / "states", 3 * size + size // 2, free=plenty)
    newest = saved(small, "c9")
    assert files(folder.folder) == {names[1], names[2], newest}


def test_a_tenth_of_the_free_disk_is_the_most(tmp_path: Path) -> None:
    free = 40 * 10_000
    folder = Snapshots(tmp_path / "states", GIB, free=lambda _folder: free)
    for number in range(20):
        saved(folder, f"c{number}")
    sizes = sum(entry.bytes for entry in folder.entries())
    assert 0 < sizes <= (free + sizes) // 10
    assert limit(GIB, 5 * GIB, 0) == GIB // 2
    assert limit(GIB, 100 * GIB, 0) == GIB
    assert limit(GIB, 0, 0) == 0


def test_the_number_of_files_is_bounded_too() -> None:
    entries = [Entry(Path(f"talk-{n}-x.kv"), "conversation", 1, n, False) for n in range(FILES_MAX + 3)]
    assert [entry.used_at for entry in surplus(entries, 0, GIB)] == [0, 1, 2, 3]


def test_damaged_files_are_set_aside_and_only_the_newest_stay(folder: Snapshots) -> None:
    for number in range(QUARANTINED_MAX + 3):
        name = saved(folder, f"c{number}")
        with (folder.folder / name).open("r+b") as file:
            file.truncate(100)
        with pytest.raises(DamagedError):
            folder.load(name)
    assert all(entry.aside for entry in folder.entries())
    assert len(folder.entries()) == QUARANTINED_MAX


def test_what_is_aside_goes_before_what_is_of_use(tmp_path: Path) -> None:
    folder = Snapshots(tmp_path / "states", free=plenty)
    broken, good = saved(folder, "broken"), saved(folder, "good")
    aged(folder, good, 1_000)
    (folder.folder / broken).write_bytes(b"x" * 4_000)
    with pytest.raises(DamagedError):
        folder.load(broken)
    size = (folder.folder / good).stat().st_size
    newest = saved(Snapshots(folder.folder, int(2.2 * size), free=plenty), "new")
    assert files(folder.folder) == {good, newest}


def test_a_conversation_is_forgotten_with_all_its_states_and_no_other(folder: Snapshots) -> None:
    mine, other, beginning = saved(folder, "mine"), saved(folder, "other"), saved(folder)
    aside = saved(folder, "mine", body=BODY * 2)
    assert aside == mine
    (folder.folder / mine).write_bytes(b"damaged")
    with pytest.raises(DamagedError):
        folder.load(mine)
    saved(folder, "mine")
    digest = conversation_digest("mine")
    assert folder.holds(digest)
    folder.forget(digest)
    assert files(folder.folder) == {other, beginning}
    assert not folder.holds(digest)


def test_a_state_that_was_being_written_while_its_conversation_was_purged_does_not_stay(folder: Snapshots) -> None:
    name = saved(folder, "mine")
    state = folder.load(name)
    assert state is not None
    digest = conversation_digest("mine")
    before = folder.marks(digest)  # a worker begins to answer
    folder.forget(digest)  # the user resets
    assert not folder.save(name, state.header, state.payload, before)  # the worker ends
    assert files(folder.folder) == set()
    assert folder.save(name, state.header, state.payload, folder.marks(digest))  # the thread anew
    before = folder.marks(digest)
    assert folder.clear() == 1
    assert not folder.save(name, state.header, state.payload, before)
    assert files(folder.folder) == set()


def test_a_purge_while_llama_reads_it_is_heard_too(folder: Snapshots) -> None:
    name, digest = saved(folder, "mine"), conversation_digest("mine")
    with folder.out_of_reach(name, digest):
        assert not (folder.folder / name).exists()
        folder.forget(digest)
    assert files(folder.folder) == set()


def test_a_state_that_ends_the_process_is_not_met_again(folder: Snapshots) -> None:
    name = saved(folder, "mine")
    code = (
        "import os; from pathlib import Path; from models.snapshots.folder import Snapshots\n"
        f"with Snapshots(Path({str(folder.folder)!r})).out_of_reach({name!r}, ''): os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    assert folder.header(name) is None
    assert [entry.aside for entry in folder.entries()] == [True]


def test_what_did_no_harm_is_back_in_its_place(folder: Snapshots) -> None:
    name = saved(folder, "mine")
    with folder.out_of_reach(name, ""):
        pass
    assert folder.load(name) is not None


def test_on_a_full_disk_a_purge_deletes_first_and_marks_then(
    folder: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, digest = saved(folder, "mine"), conversation_digest("mine")
    state = folder.load(name)
    assert state is not None
    before, mark = folder.marks(digest), gone.mark

    def full_until_something_goes(place: Path, word: str) -> None:
        if (place / name).exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        mark(place, word)

    monkeypatch.setattr(gone, "mark", full_until_something_goes)
    assert folder.clear() == 1
    assert files(folder.folder) == set()
    assert not folder.save(name, state.header, state.payload, before), "what was being written is purged, too"


def damaged(folder: Snapshots, name: str) -> None:
    (folder.folder / name).write_bytes(b"damaged")
    with pytest.raises(DamagedError):
        folder.load(name)


def test_why_a_state_is_aside_stays_known_and_goes_with_it(folder: Snapshots) -> None:
    name = saved(folder, "mine")
    damaged(folder, name)
    for rows in (survey(folder), verify(folder)):
        assert [(row.state, row.made_at) for row in rows] == [("damaged", None)]
        assert rows[0].why
    for one in (folder.folder / QUARANTINE).iterdir():
        assert os.name == "nt" or one.stat().st_mode & 0o077 == 0, one.name
    folder.forget(conversation_digest("mine"))
    assert not list((folder.folder / QUARANTINE).iterdir()), "nothing is left that names it"


def test_a_state_that_is_back_has_no_reason_to_be_aside(folder: Snapshots) -> None:
    name = saved(folder, "mine")
    with folder.out_of_reach(name, ""):
        (entry,) = folder.entries()
        assert "ended over it" in entry.reason
    assert not list((folder.folder / QUARANTINE).iterdir())
    with pytest.raises(DamagedError), folder.out_of_reach(name, ""):
        raise DamagedError("llama.cpp would not take it")
    assert [entry.reason for entry in folder.entries()] == ["llama.cpp would not take it"]


def test_pruning_on_demand_lets_go_of_what_is_aside(folder: Snapshots) -> None:
    good, bad = saved(folder, "good"), saved(folder, "bad")
    damaged(folder, bad)
    assert folder.prune() == 0, "a worker that saves keeps them for a look"
    assert folder.prune(aside=True) == 1
    assert files(folder.folder) == {good}
    assert not list((folder.folder / QUARANTINE).iterdir())


def test_only_what_the_settings_allow_lies_there(folder: Snapshots) -> None:
    plain, sealed = saved(folder, "plain"), saved(folder, "sealed", key=bytes(32))
    folder.hold_to("encrypted")
    assert files(folder.folder) == {sealed}
    saved(folder, "plain")
    folder.hold_to("kept")
    assert files(folder.folder) == {plain}
    folder.hold_to("none")
    assert files(folder.folder) == set()


def test_leftovers_and_old_marks_are_swept(folder: Snapshots, tmp_path: Path) -> None:
    folder.make()
    folder.forget("abc")
    (folder.folder / ".part-1").write_bytes(b"half")
    folder.mark_useless("setup")
    later = Snapshots(folder.folder, free=plenty, clock=lambda: 10**11)
    folder.prune()
    assert len(list(folder.folder.iterdir())) == 3
    later.prune()
    assert list(folder.folder.iterdir()) == []
    assert MARK_SECONDS >= 3_600


def test_the_beginning_last_of_use_is_known_by_its_model(folder: Snapshots) -> None:
    assert folder.newest_prefix(SETUP.base_sha256) is None
    first, second = saved(folder), saved(folder, tokens=list(range(400)))
    saved(folder, "a conversation")
    aged(folder, second, 100)
    assert folder.newest_prefix(SETUP.base_sha256) == first
    aged(folder, first, 200)
    assert folder.newest_prefix(SETUP.base_sha256) == second
    assert folder.newest_prefix("cd" * 32) is None


def test_nothing_is_made_where_nothing_is_kept(folder: Snapshots) -> None:
    assert folder.entries() == []
    assert folder.clear() == 0
    folder.forget("abc")
    folder.hold_to("none")
    assert folder.header("talk-a-b.kv") is None
    assert not folder.folder.exists()
