"""What two people who work at a time find afterwards, on both laptops alike."""

import itertools
import shutil
from pathlib import Path

import pytest

from agent.replica import trust
from agent.replica.disk import Disk
from agent.replica.errors import NoExchangeError
from agent.replica.folder import ROOT
from tests.sim.laptops import Laptop, carry, contents, settle, visible
from tests.unit.agent.replica.conftest import Make, both

LIST = "milk\neggs\nbread\n\n\nsoap\n"


def marks(folder: str) -> set[str]:
    """Of what came out of an open folder, whoever wrote it (test_trust.py)."""
    return {trust.marked(folder), f"{trust.NAME}{folder}"}


def test_work_comes_with_its_history_its_fields_and_what_nobody_here_wrote(anna: Laptop, bert: Laptop) -> None:
    anna.library.read_before = ("the page https://example.org",)
    note = anna.library.create("note", "Shopping", LIST, data={"kept": "too"})
    anna.library.save(note.id, LIST + "salt\n")
    anna.library.tag(note.id, ["home", "ä"])
    task = anna.library.add_task("Call the bank", said="friday", due_at=5)
    event = anna.library.add_event("Fair", 10, 20, all_day=True, zone="Europe/Berlin")
    both(anna, bert)
    assert visible(bert) == visible(anna)
    assert [bert.library.text(note.id, n) for n in (1, 2)] == [LIST, LIST + "salt\n"]
    assert bert.library.get(note.id).data == {"kept": "too"}
    assert bert.library.get(task.id).data["said"] == "friday"
    assert bert.library.get(event.id).data["zone"] == "Europe/Berlin"
    assert set(bert.library.sources([note.id])) - marks("stick") == {"the page https://example.org"}
    assert bert.library.search("salt")[0].id == note.id


def test_other_places_of_a_text_are_both_taken(anna: Laptop, bert: Laptop) -> None:
    note = anna.library.create("note", "Shopping", LIST)
    both(anna, bert)
    anna.library.save(note.id, LIST.replace("milk", "oat milk"))
    bert.library.save(note.id, LIST.replace("soap", "green soap"))
    both(anna, bert)
    assert anna.library.text(note.id) == LIST.replace("milk", "oat milk").replace("soap", "green soap")
    assert visible(anna) == visible(bert)
    assert "joined" in anna.library.versions(note.id)[0].note


def test_of_the_same_place_both_wordings_stay(anna: Laptop, bert: Laptop) -> None:
    note = anna.library.create("note", "Shopping", LIST)
    both(anna, bert)
    anna.library.save(note.id, LIST.replace("eggs", "ten eggs"))
    bert.library.save(note.id, LIST.replace("eggs", "no eggs"))
    both(anna, bert)
    assert anna.library.text(note.id) == LIST.replace("eggs", "ten eggs\nno eggs")
    assert visible(anna) == visible(bert)
    assert "1 place was changed in both" in bert.library.versions(note.id)[0].note


def test_lines_added_to_an_unended_last_one_do_not_double_it(anna: Laptop, bert: Laptop) -> None:
    note = anna.library.create("note", "Trip", "tent")
    both(anna, bert)
    anna.library.append(note.id, "charger")
    bert.library.append(note.id, "sunscreen")
    both(anna, bert)
    assert anna.library.text(note.id) == bert.library.text(note.id) == "tent\ncharger\nsunscreen"


def test_both_laptops_make_the_very_same_join(make: Make) -> None:
    """Each before it heard of the other's."""
    anna, bert = make("anna", folder="a"), make("bert", folder="b")
    note = anna.library.create("note", "Shopping", LIST)
    settle([anna, bert])
    anna.library.save(note.id, LIST.replace("eggs", "ten eggs"))
    bert.library.save(note.id, LIST.replace("eggs", "no eggs"))
    anna.exchange()
    bert.exchange()
    mine, theirs = anna.shared / "carryon-library", bert.shared / "carryon-library"
    shutil.copytree(mine / anna.id, theirs / anna.id, dirs_exist_ok=True)
    shutil.copytree(theirs / bert.id, mine / bert.id, dirs_exist_ok=True)
    assert len(anna.exchange().merges) == len(bert.exchange().merges) == 1
    newest = "SELECT uid, hlc, parents FROM version_line ORDER BY n DESC LIMIT 1"
    assert tuple(anna.store.execute(newest).fetchone()) == tuple(bert.store.execute(newest).fetchone())
    settle([anna, bert])
    assert len(anna.library.versions(note.id)) == len(bert.library.versions(note.id)) == 4


def test_the_join_can_be_taken_back_by_restoring(anna: Laptop, bert: Laptop) -> None:
    note = anna.library.create("note", "Shopping", LIST)
    both(anna, bert)
    anna.library.save(note.id, "anna's\n")
    bert.library.save(note.id, "bert's\n")
    anna.exchange()
    (joined,) = bert.exchange().merges
    assert bert.library.restore(note.id, joined.was).head == joined.n + 1
    both(bert, anna)
    assert anna.library.text(note.id) == "bert's\n"
    assert b"anna's\n" in contents(anna, note.id)


def test_of_bytes_the_newer_ones_stand_and_the_others_stay(anna: Laptop, bert: Laptop) -> None:
    made = anna.library.create("file", "photo", content=b"\xff0")
    both(anna, bert)
    for laptop, content in ((bert, b"\xffb"), (anna, b"\xffa")):
        origin_of(laptop, made.id, content)
    both(anna, bert)
    assert anna.library.content(made.id) == bert.library.content(made.id) == b"\xffa"
    assert contents(bert, made.id) == {b"\xff0", b"\xffa", b"\xffb"}
    assert "the other one is kept" in bert.library.versions(made.id)[0].note


def origin_of(laptop: Laptop, artifact_id: str, content: bytes) -> None:
    from agent.library.artifacts import Origin, add_version, next_number
    from agent.store.transaction import transaction

    with transaction(laptop.store):
        origin = Origin("you", int(laptop.clock() * 1000))
        add_version(laptop.store, artifact_id, next_number(laptop.store, artifact_id), content, origin)


@pytest.mark.parametrize("ahead_s", [0, 3_600, -3_600])
def test_the_later_title_stands_however_the_clocks_go(anna: Laptop, bert: Laptop, ahead_s: int) -> None:
    """Later means: after having seen the other one's."""
    anna.ahead_s = ahead_s
    note = anna.library.create("note", "first", LIST)
    both(anna, bert)
    anna.library.rename(note.id, "second")
    both(anna, bert)
    bert.library.rename(note.id, "third")
    both(bert, anna)
    assert anna.library.get(note.id).title == bert.library.get(note.id).title == "third"


def test_titles_given_at_a_time_become_one(anna: Laptop, bert: Laptop) -> None:
    note = anna.library.create("note", "first", LIST)
    both(anna, bert)
    anna.library.rename(note.id, "anna's")
    bert.library.rename(note.id, "bert's")
    both(anna, bert)
    assert anna.library.get(note.id).title == bert.library.get(note.id).title == "bert's"


def test_a_clock_that_is_a_year_ahead_is_told_and_not_followed(anna: Laptop, bert: Laptop) -> None:
    anna.ahead_s = 400 * 86_400
    note = anna.library.create("note", "from the future", LIST)
    other = anna.library.create("note", "untouched", LIST)
    anna.exchange()
    (notice,) = bert.exchange().notices
    assert "400 days ahead" in notice
    bert.library.rename(note.id, "seen and renamed")
    mine = bert.library.create("note", "mine", LIST)
    stamps = dict(bert.store.execute("SELECT artifact_id, hlc FROM op_log WHERE what = 'title'").fetchall())
    assert stamps[mine.id] < stamps[other.id]
    both(bert, anna)
    assert anna.library.get(note.id).title == "seen and renamed"


def test_a_tag_given_while_somebody_else_takes_it_away_stays(anna: Laptop, bert: Laptop) -> None:
    note = anna.library.create("note", "n", LIST)
    anna.library.tag(note.id, ["home", "old"])
    both(anna, bert)
    bert.library.tag(note.id, ["old"])
    bert.library.tag(note.id, ["old", "home"])
    anna.library.tag(note.id, [])
    both(anna, bert)
    assert anna.library.get(note.id).tags == bert.library.get(note.id).tags == ("home",)


def test_what_was_thrown_away_comes_back_where_somebody_wrote_in_it(anna: Laptop, bert: Laptop) -> None:
    note = anna.library.create("note", "n", LIST)
    both(anna, bert)
    bert.library.save(note.id, LIST + "more\n")
    anna.library.trash(note.id)
    anna.exchange()
    (notice,) = bert.exchange().notices
    assert "out of the trash" in notice
    both(anna, bert)
    assert anna.library.get(note.id).trashed_at is None
    assert visible(anna) == visible(bert)


def test_the_trash_stands_where_nobody_wrote(anna: Laptop, bert: Laptop) -> None:
    note = anna.library.create("note", "n", LIST)
    both(anna, bert)
    anna.library.trash(note.id)
    bert.library.rename(note.id, "renamed meanwhile")
    both(anna, bert)
    assert bert.library.get(note.id).trashed_at
    assert visible(anna) == visible(bert)


def test_deleted_for_good_is_gone_everywhere(make: Make) -> None:
    laptops = [make(name) for name in ("anna", "bert", "carl")]
    note = laptops[0].library.create("note", "n", "a secret that should go\n")
    both(*laptops)
    laptops[1].library.purge(note.id)
    both(*laptops)
    assert [visible(laptop) for laptop in laptops] == [{}, {}, {}]
    assert not laptops[0].store.execute("SELECT 1 FROM blob").fetchone()


@pytest.mark.parametrize("first", ["anna", "bert"])
def test_what_was_written_while_it_was_deleted_lies_in_the_trash(make: Make, first: str) -> None:
    laptops = {name: make(name) for name in ("anna", "bert", "carl")}
    note = laptops["anna"].library.create("note", "n", LIST)
    both(*laptops.values())
    laptops["anna"].library.purge(note.id)
    laptops["bert"].library.save(note.id, "not lost\n")
    laptops[first].exchange()
    both(*laptops.values())
    for laptop in laptops.values():
        assert laptop.library.text(note.id) == "not lost\n"
        assert laptop.library.get(note.id).trashed_at
    assert visible(laptops["anna"]) == visible(laptops["bert"]) == visible(laptops["carl"])


def test_what_the_one_who_deleted_it_had_told_before_comes_back_with_it(make: Make) -> None:
    """He let go of it all, and is the only one to whom nobody would tell it."""
    anna, bert = make("anna", folder="a"), make("bert", folder="b")
    event = anna.library.add_event("Fair", 10, 20)
    settle([anna, bert])
    anna.library.move_event(event.id, 11, 21)
    anna.library.tag(event.id, ["home"])
    anna.exchange()
    bert.library.save(event.id, "bring the tent\n")
    bert.exchange()
    carry(bert, anna)
    anna.library.purge(event.id)
    anna.exchange()
    assert anna.library.get(event.id).trashed_at
    settle([anna, bert])
    assert visible(anna) == visible(bert)
    assert anna.library.get(event.id).data["starts_at"] == 11
    assert anna.library.get(event.id).tags == ("home",)


def test_what_comes_back_comes_with_all_its_versions_however_large(make: Make) -> None:
    """More than one file holds."""
    anna, bert, carl = (make(name) for name in ("anna", "bert", "carl"))
    note = anna.library.create("note", "n", "0\n")
    both(anna, bert, carl)
    anna.library.purge(note.id)
    anna.exchange()
    carl.exchange()
    for number in range(4):
        bert.library.save(note.id, f"{number}\n" * 600_000)
    both(bert, anna, carl)
    assert visible(anna) == visible(bert) == visible(carl)
    assert contents(anna, note.id) == contents(bert, note.id) == contents(carl, note.id)
    assert len(contents(carl, note.id)) == 5


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_of_exchanges_does_not_matter(make: Make, order: tuple[int, ...]) -> None:
    laptops = [make(name) for name in ("anna", "bert", "carl")]
    note = laptops[0].library.create("note", "n", LIST)
    both(*laptops)
    for number, laptop in enumerate(laptops):
        laptop.library.save(note.id, LIST.replace("\n\n\n", f"\n\n{number}\n\n") + f"{number}\n")
    for number in order:
        laptops[number].exchange()
    both(*laptops)
    texts = {laptop.library.text(note.id) for laptop in laptops}
    assert len(texts) == 1
    assert sorted(texts.pop().split()) == sorted([*LIST.split(), "0", "1", "2", "0", "1", "2"])


def test_two_folders_pass_on_what_came_through_one(make: Make, tmp_path: Path) -> None:
    anna, bert, carl = make("anna"), make("bert"), make("carl", folder="other")
    note = anna.library.create("note", "n", LIST)
    both(anna, bert)
    bert.shared = tmp_path / "other"
    both(bert, carl)
    carl.library.save(note.id, LIST + "from far\n")
    both(carl, bert)
    bert.shared = tmp_path / "stick"
    both(bert, anna)
    assert anna.library.text(note.id) == LIST + "from far\n"


def test_a_dry_run_says_it_all_and_does_nothing(anna: Laptop, bert: Laptop) -> None:
    note = anna.library.create("note", "n", LIST)
    both(anna, bert)
    anna.library.save(note.id, "anna's\n")
    bert.library.save(note.id, "bert's\n")
    anna.exchange()
    before = visible(bert), sorted(bert.shared.rglob("*"))
    told = bert.exchange(dry_run=True)
    assert (told.came, told.went, len(told.merges)) == (("n",), 1, 1)
    assert (visible(bert), sorted(bert.shared.rglob("*"))) == before
    assert len(bert.exchange().merges) == 1


def test_nothing_new_writes_nothing(anna: Laptop, bert: Laptop) -> None:
    anna.library.create("note", "n", LIST)
    both(anna, bert)
    before = {path: path.stat().st_mtime_ns for path in anna.shared.rglob("*")}
    assert anna.exchange().is_quiet
    assert bert.exchange().is_quiet
    assert {path: path.stat().st_mtime_ns for path in anna.shared.rglob("*")} == before


def test_a_large_library_is_written_anew_once_a_day_at_most(
    anna: Laptop, bert: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Disk, "files_max", 3)
    for number in range(5):
        anna.library.create("note", f"n{number}", f"{number}\n" * 600_000)
    both(anna, bert)
    first = written(anna)
    assert len(first) >= 3
    anna.exchange()
    assert written(anna) == first
    anna.ahead_s += 2 * 86_400
    anna.exchange()
    anew = written(anna)
    assert not set(anew) & set(first)
    anna.exchange()
    assert written(anna) == anew
    bert.exchange()
    assert visible(anna) == visible(bert)


def test_a_crowded_folder_is_not_left_so_for_a_day(anna: Laptop, bert: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Disk, "files_max", 3)
    for number in range(13):
        anna.library.create("note", f"n{number}", "x\n")
        anna.exchange()
    assert len(written(anna)) < 12
    bert.exchange()
    assert visible(anna) == visible(bert)


def test_a_large_version_is_told_in_one_file_only(anna: Laptop) -> None:
    for number in range(3):
        anna.library.create("note", f"n{number}", f"{number}\n" * 1_200_000)
    anna.exchange()
    assert len(written(anna)) == 3


def written(laptop: Laptop) -> list[str]:
    """Its files in the folder."""
    return sorted(path.name for path in (laptop.shared / ROOT / laptop.id).glob("*-*.carryon"))


def test_a_folder_that_is_not_there_is_told(anna: Laptop) -> None:
    anna.shared.rmdir()
    with pytest.raises(NoExchangeError, match="not there"):
        anna.exchange()


def test_a_laptop_that_is_no_more_is_forgotten_and_its_work_stays(make: Make) -> None:
    from agent.replica.exchange import Exchange

    anna, bert = make("anna"), make("bert")
    note = bert.library.create("note", "bert's", LIST)
    both(anna, bert)
    Exchange(anna.store, anna.database, anna.clock, "anna").forget(Disk(anna.shared), anna.seal, "bert")
    carl = make("carl")
    done = carl.exchange()
    assert [it.name for it in done.laptops] == ["anna"]
    assert carl.library.text(note.id) == LIST


def test_a_save_between_what_came_and_its_join_loses_nothing(
    anna: Laptop, bert: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a crash in between: the other's version is here and not joined yet."""
    from agent.replica import exchange

    note = anna.library.create("note", "n", "one\n")
    both(anna, bert)
    anna.library.save(note.id, "one\nanna\n")
    bert.library.save(note.id, "one\nbert\n")
    anna.exchange()
    with monkeypatch.context() as patched:
        patched.setattr(exchange, "open_ones", lambda _connection: [])
        bert.exchange()
    assert bert.library.text(note.id) == "one\nbert\n"
    assert bert.library.get(note.id).head == 2
    bert.library.save(note.id, "one\nbert\nmore\n", based_on=2)
    bert.library.save(note.id, "one\nanna\nof theirs\n", based_on=3)
    both(bert, anna)
    assert visible(anna) == visible(bert)
    assert {"one", "anna", "bert", "more", "of", "theirs"} == set(anna.library.text(note.id).split())
