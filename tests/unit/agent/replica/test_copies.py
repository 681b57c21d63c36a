"""A profile that was copied, restored, erased or killed is not taken for the one that wrote."""

import shutil

import pytest

from agent.replica.disk import Disk
from agent.replica.errors import NoExchangeError
from agent.replica.folder import Folder
from agent.replica.segment import At
from agent.store.backup import backup
from agent.store.erase import erase_everything
from tests.sim.laptops import Laptop, contents, visible
from tests.sim.mortal import Death, child, wait
from tests.unit.agent.replica.conftest import Make, both


def test_a_copied_profile_is_another_laptop(anna: Laptop, bert: Laptop, make: Make) -> None:
    note = anna.library.create("note", "n", "one\n")
    anna.exchange()
    anna.store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copied = make("copied")
    copied.close()
    shutil.copyfile(anna.database, copied.database)
    copied.wake()
    copied.library.save(note.id, "one\ncopied\n")
    anna.library.save(note.id, "one\nanna\n")
    both(copied, anna, bert)
    assert copied.id != anna.id
    assert visible(copied) == visible(anna) == visible(bert)
    assert {"copied", "anna"} <= set(bert.library.text(note.id).split())


def test_a_backup_that_was_put_back_gets_everything_again_and_another_id(anna: Laptop, bert: Laptop) -> None:
    note = anna.library.create("note", "n", "one\n")
    both(anna, bert)
    was = anna.id
    copy = backup(anna.store, anna.home / "copy.db")
    anna.library.save(note.id, "one\ntwo\n")
    bert.library.rename(note.id, "renamed")
    both(anna, bert)
    anna.close()
    for beside in anna.home.glob("carryon.db*"):
        beside.unlink()
    copy.rename(anna.database)
    anna.wake()
    anna.library.save(note.id, "one\nthree\n")
    both(anna, bert)
    assert anna.id != was
    assert visible(anna) == visible(bert)
    assert set(anna.library.text(note.id).split()) == {"one", "two", "three"}
    assert contents(bert, note.id) >= {b"one\ntwo\n", b"one\nthree\n"}


def test_a_backup_from_before_an_exchange_that_broke_off_reads_all_anew(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a server, which notes now and then how far a laptop is."""
    monkeypatch.setattr(Disk, "needs_seal", True)
    monkeypatch.setattr("agent.replica.taking.KEPT_EVERY", 2)
    anna, bert = make("anna", "pw"), make("bert", "pw")
    bert.library.create("note", "from bert", "x\n")
    both(anna, bert)
    for number in range(6):
        anna.library.create("note", f"n{number}", "x\n")
        anna.exchange()
    copy, was, read, left = backup(bert.store, bert.home / "copy.db"), bert.id, Folder.read, [5]

    def breaking(self: Folder, laptop: str, at: At) -> bytes:
        left[0] -= laptop == anna.id
        if left[0] < 0:
            raise NoExchangeError("The connection broke.", "", "")
        return read(self, laptop, at)

    with monkeypatch.context() as broken:
        broken.setattr(Folder, "read", breaking)
        with pytest.raises(NoExchangeError):
            bert.exchange()
    assert len(bert.library.list()) == 6
    bert.close()
    for beside in bert.home.glob("carryon.db*"):
        beside.unlink()
    copy.rename(bert.database)
    bert.wake()
    both(bert, anna)
    assert bert.id != was
    assert len(bert.library.list()) == 7
    assert visible(anna) == visible(bert)


def test_profiles_that_were_one_before_there_was_a_log_agree_on_it(make: Make) -> None:
    from agent.library import Library
    from agent.store import open_store
    from agent.store.migrations import all_steps

    anna, bert = make("anna"), make("bert")
    for laptop in (anna, bert):
        laptop.close()
        laptop.database.unlink()
    old = tuple(step for step in all_steps() if not step[0].startswith("replica"))
    store = open_store(anna.database, old)
    note = Library(store, anna.clock).create("note", "n", "one\n")
    Library(store, anna.clock).tag(note.id, ["home"])
    store.close()
    shutil.copyfile(anna.database, bert.database)
    for laptop, text in ((anna, "one\nanna\n"), (bert, "one\nbert\n")):
        store = open_store(laptop.database, old)
        library = Library(store, laptop.clock)
        library.save(note.id, text)
        library.rename(note.id, text.split()[1])
        store.close()
        laptop.wake()
    both(anna, bert)
    assert visible(anna) == visible(bert)
    assert anna.library.text(note.id) == "one\nanna\nbert\n"
    assert len([it for it in anna.library.versions(note.id) if it.size_bytes == 4]) == 1


def test_erasing_everything_here_is_not_undone_by_itself(anna: Laptop, bert: Laptop) -> None:
    from agent.replica.own import has_joined

    anna.library.create("note", "n", "x")
    both(anna, bert)
    assert has_joined(anna.store, Disk(anna.shared), anna.database)
    erase_everything(anna.store)
    assert not has_joined(anna.store, Disk(anna.shared), anna.database)
    assert len(bert.library.list()) == 1
    anna.library.create("note", "anew", "y")
    both(anna, bert)
    assert visible(anna) == visible(bert)


@pytest.mark.parametrize("seed", range(2))
def test_a_laptop_that_is_killed_at_any_statement_goes_on(make: Make, seed: int) -> None:
    """Forked, killed by SIGKILL, opened again: no half exchange, and the same library in the end."""
    anna, bert = make("anna"), make("bert")
    note = anna.library.create("note", "n", "one\n")
    both(anna, bert)
    died = 0
    for n in range(1 + seed, 400, 23):
        anna.library.save(note.id, anna.library.text(note.id) + f"anna {n}\n")
        bert.library.save(note.id, bert.library.text(note.id) + f"bert {n}\n")
        anna.exchange()
        died += _killed(bert, n)
        both(bert, anna)
        assert visible(anna) == visible(bert)
    assert died >= 5
    words = anna.library.text(note.id)
    assert all(f"{who} {n}\n" in words for who in ("anna", "bert") for n in range(1 + seed, 400, 23))


def _killed(laptop: Laptop, n: int) -> bool:
    laptop.close()
    death = Death("sql", n)

    def work(_writing: int) -> None:
        laptop.wake()
        laptop.store.set_trace_callback(lambda _: death.passes("sql"))
        death.armed = True
        laptop.exchange()

    _, killed = wait(*child(work))
    laptop.wake()
    return killed
