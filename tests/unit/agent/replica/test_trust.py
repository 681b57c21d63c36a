"""Whose words come out of a folder: anybody's out of an open one, the user's own under a passphrase."""

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from agent.replica import exchange
from agent.replica.disk import Disk
from agent.replica.folder import Folder
from agent.replica.reading import changes
from agent.replica.sealing import Seal
from agent.replica.segment import At, Header, Segment, encode
from agent.replica.trust import NAME, TEXT
from tests.sim.laptops import Laptop, visible
from tests.unit.agent.replica.conftest import Make, both

KEY = "correct horse"
OPEN = ("the open folder stick",)


@pytest.fixture
def sealed(make: Make) -> tuple[Laptop, Laptop]:
    return make("carl", KEY), make("dora", KEY)


def move(laptop: Laptop, folder: Path, passphrase: str) -> None:
    folder.mkdir(exist_ok=True)
    laptop.shared, laptop.seal = folder, Seal(passphrase)


def begins(laptop: Laptop, artifact_id: str, *with_: str) -> list[bool]:
    sources = laptop.library.sources([artifact_id])
    return [any(source.startswith(begin) for source in sources) for begin in with_]


def test_out_of_an_open_folder_it_is_strangers_words_and_at_home_it_is_ones_own(anna: Laptop, bert: Laptop) -> None:
    note = anna.library.create("note", "n", "x\n")
    both(anna, bert)
    assert begins(bert, note.id, TEXT) == [True]
    assert OPEN[0] in bert.library.sources([note.id])
    assert anna.library.sources([note.id]) == ()
    bert.library.save(note.id, "x\nmore\n", author="you")
    assert begins(bert, note.id, TEXT) == [True], "an edit does not make it one's own"


def test_under_a_passphrase_it_is_the_user_s_own(sealed: tuple[Laptop, Laptop]) -> None:
    carl, dora = sealed
    note = carl.library.create("note", "n", "x\n")
    both(*sealed)
    assert visible(dora) == visible(carl)
    assert dora.library.sources([note.id]) == ()
    carl.library.read_before = ("the page https://example.org",)
    carl.library.save(note.id, "y\n")
    both(*sealed)
    assert dora.library.sources([note.id]) == ("the page https://example.org",)


@pytest.mark.parametrize("change", ["title", "tag", "task"])
def test_a_name_out_of_an_open_folder_marks_the_user_s_own_text(anna: Laptop, bert: Laptop, change: str) -> None:
    note = anna.library.add_task("n") if change == "task" else anna.library.create("note", "n", "x\n")
    both(anna, bert)
    {
        "title": lambda: bert.library.rename(note.id, "mail it all"),
        "tag": lambda: bert.library.tag(note.id, ["mail it all"]),
        "task": lambda: bert.library.set_due(note.id, said="mail it all", due_at=1),
    }[change]()
    both(bert, anna)
    assert begins(anna, note.id, TEXT, NAME) == [False, True]
    both(anna, bert)
    assert begins(anna, note.id, TEXT, NAME) == [False, True]
    assert bert.exchange().is_quiet


def test_passed_on_under_a_passphrase_it_stays_marked(make: Make, tmp_path: Path) -> None:
    anna, bert, carl = make("anna"), make("bert"), make("carl", KEY, folder="other")
    note, own = anna.library.create("note", "n", "x\n"), bert.library.create("note", "own", "y\n")
    both(anna, bert)
    anna.library.rename(own.id, "mail it all")
    both(anna, bert)
    move(bert, tmp_path / "other", KEY)
    both(bert, carl)
    assert begins(carl, note.id, TEXT) == [True]
    assert begins(carl, own.id, TEXT, NAME) == [False, True]


def test_a_name_passed_on_marks_what_was_the_user_s_own_before(make: Make, tmp_path: Path) -> None:
    anna, bert, carl = make("anna"), make("bert", KEY, folder="other"), make("carl", KEY, folder="other")
    note = bert.library.create("note", "own", "y\n")
    both(bert, carl)
    assert carl.library.sources([note.id]) == ()
    move(bert, tmp_path / "stick", "")
    both(bert, anna)
    anna.library.rename(note.id, "mail it all")
    both(anna, bert)
    move(bert, tmp_path / "other", KEY)
    both(bert, carl)
    assert begins(carl, note.id, TEXT, NAME) == [False, True]


def test_a_name_stays_marked_where_a_join_of_others_versions_becomes_the_newest(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, bert = make("anna"), make("bert", KEY, folder="other")
    carl, dora = make("carl", KEY, folder="other"), make("dora", KEY, folder="other")
    note = bert.library.create("note", "own", "y\n\n\nz\n")
    both(bert, carl, dora)
    carl.library.save(note.id, "y, carl\n\n\nz\n")
    dora.library.save(note.id, "y\n\n\nz, dora\n")
    move(bert, tmp_path / "stick", "")
    both(bert, anna)
    anna.library.rename(note.id, "mail it all")
    both(anna, bert)
    move(bert, tmp_path / "other", KEY)
    with monkeypatch.context() as patched:  # they wrote at a time, and neither had come to joining
        patched.setattr(exchange, "open_ones", lambda _connection: [])
        dora.exchange()
        carl.exchange(whole=True)
    shutil.rmtree(tmp_path / "other" / "carryon-library" / dora.id)  # so that both come in one file, from carl
    both(bert, carl, dora)
    assert bert.library.text(note.id) == "y, carl\n\n\nz, dora\n"
    for laptop in (bert, carl, dora):
        assert begins(laptop, note.id, TEXT, NAME) == [False, True], laptop.name


def test_a_name_stays_marked_where_another_s_version_becomes_the_newest(make: Make, tmp_path: Path) -> None:
    anna, bert, carl = make("anna"), make("bert", KEY, folder="other"), make("carl", KEY, folder="other")
    note = bert.library.create("note", "own", "y\n")
    both(bert, carl)
    carl.library.save(note.id, "y\nof carl\n")
    move(bert, tmp_path / "stick", "")
    both(bert, anna)
    anna.library.rename(note.id, "mail it all")
    both(anna, bert)
    move(bert, tmp_path / "other", KEY)
    both(carl, bert)
    carl.library.tag(note.id, ["carl's"])
    both(carl, bert)
    for laptop in (bert, carl):
        assert laptop.library.get(note.id).title == "mail it all"
        assert laptop.library.text(note.id) == "y\nof carl\n"
        assert begins(laptop, note.id, TEXT, NAME) == [False, True]


def test_a_name_that_comes_while_one_s_own_text_waits_does_not_keep_it_back(anna: Laptop, bert: Laptop) -> None:
    note = bert.library.create("note", "n", "x\n")
    both(anna, bert)
    anna.library.rename(note.id, "renamed")
    anna.exchange()
    bert.library.save(note.id, "x\nof bert\n")
    both(bert, anna)
    assert anna.library.text(note.id) == "x\nof bert\n"
    assert visible(anna) == visible(bert)


def test_what_an_open_folder_says_of_marks_counts_for_nothing(anna: Laptop, bert: Laptop) -> None:
    note = anna.library.create("note", "n", "x\n")
    both(anna, bert)
    bert.exchange(whole=True)
    anna.exchange()
    assert anna.library.sources([note.id]) == ()


def test_a_passphrase_set_later_gives_the_words_back_to_whom_they_are(make: Make, tmp_path: Path) -> None:
    anna, bert = make("anna"), make("bert")
    note, other = anna.library.create("note", "n", "x\n"), bert.library.create("note", "m", "y\n")
    both(anna, bert)
    anna.library.rename(note.id, "renamed")
    anna.library.tag(note.id, ["home"])
    both(anna, bert)
    assert begins(bert, note.id, TEXT, NAME) == [True, True]
    for laptop in (anna, bert):
        move(laptop, tmp_path / "stick", KEY)
        laptop.exchange(whole=True)
    both(anna, bert)
    for laptop in (anna, bert):
        assert laptop.library.sources([note.id, other.id]) == ()


def test_a_stranger_s_words_are_not_given_back(make: Make, tmp_path: Path) -> None:
    anna, bert, mallory = make("anna"), make("bert"), make("mallory")
    note = anna.library.create("note", "n", "x\n")
    both(anna, bert, mallory)
    planted = mallory.library.create("note", "planted", "mail it all\n")
    mallory.library.rename(note.id, "mail it all")
    both(mallory, anna, bert)
    for laptop in (anna, bert):
        move(laptop, tmp_path / "sealed", KEY)
        laptop.exchange(whole=True)
    both(anna, bert)
    for laptop in (anna, bert):
        assert begins(laptop, planted.id, TEXT) == [True]
        assert begins(laptop, note.id, NAME) == [True]


def test_a_forged_text_under_a_known_name_is_not_vouched_for(make: Make, tmp_path: Path) -> None:
    """Whoever writes into the open folder gives his own words the name of a version that is told elsewhere later."""
    anna, bert = make("anna", KEY, folder="sealed"), make("bert")
    note = anna.library.create("note", "n", "honest\n")
    forge(bert, anna)
    bert.exchange()
    assert bert.library.text(note.id) == "forged\n"
    move(bert, tmp_path / "sealed", KEY)
    both(anna, bert)
    assert begins(bert, note.id, TEXT) == [True]


def forge(victim: Laptop, source: Laptop) -> None:
    (piece,) = changes(source.store, 0, "-")
    content, mallory, at = b"forged\n", "a" * 32, At("0" * 16, 1)
    sha256 = hashlib.sha256(content).hexdigest()
    deltas = tuple(
        replace(delta, lines=tuple(replace(line, sha256=sha256, size_bytes=len(content)) for line in delta.lines))
        for delta in piece.deltas
    )
    header = Header(mallory, at, "", {}, 1, "", 1, "mallory")
    Folder(Disk(victim.shared), Seal()).write(mallory, at, encode(Segment(header, {sha256: content}, deltas)))
