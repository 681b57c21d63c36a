"""Files as they come off sticks and shared folders: cut off, changed, missing, misplaced, under a passphrase."""

from pathlib import Path

import pytest

from agent.replica.errors import PassphraseError
from tests.sim.laptops import Laptop, visible
from tests.unit.agent.replica.conftest import Make, both


def chain(of: Laptop) -> list[Path]:
    return sorted((of.shared / "carryon-library" / of.id).glob("[0-9a-f]*-*.carryon"))


def waits(laptop: Laptop) -> str:
    (other,) = laptop.exchange().laptops
    assert bool(other.waiting) == bool(other.why)
    return other.why


@pytest.fixture
def three(anna: Laptop) -> list[Path]:
    """Three files of Anna's, a note in each."""
    for number in range(3):
        anna.library.create("note", f"note {number}", f"text {number}\n")
        anna.exchange()
    return chain(anna)


def test_half_a_file_waits_until_it_is_whole(three: list[Path], anna: Laptop, bert: Laptop) -> None:
    whole = three[1].read_bytes()
    for length in range(0, len(whole), 37):
        three[1].write_bytes(whole[:length])
        assert "not whole" in waits(bert)
    assert [it.title for it in bert.library.list()] == ["note 0"]
    three[1].write_bytes(whole)
    assert waits(bert) == ""
    assert visible(bert) == visible(anna)


def test_a_changed_letter_is_noticed(three: list[Path], anna: Laptop, bert: Laptop) -> None:
    raw = bytearray(three[2].read_bytes())
    raw[-5] ^= 1
    three[2].write_bytes(raw)
    assert "changed" in waits(bert)
    assert len(bert.library.list()) == 2


def test_its_writer_hears_of_a_broken_file_and_writes_anew(three: list[Path], anna: Laptop, bert: Laptop) -> None:
    three[1].write_bytes(b"nothing")
    assert waits(bert)
    anna.exchange()
    assert waits(bert) == ""
    assert visible(bert) == visible(anna)
    assert len(chain(anna)) == 1


def test_a_missing_file_stops_what_comes_after_it(three: list[Path], anna: Laptop, bert: Laptop) -> None:
    away = three[1].rename(three[1].with_suffix(".away"))
    assert "a file before it" in waits(bert)
    assert len(bert.library.list()) == 1
    away.rename(three[1])
    assert waits(bert) == ""


def test_files_in_each_others_place_are_not_taken(three: list[Path], anna: Laptop, bert: Laptop) -> None:
    first, second = three[0].read_bytes(), three[1].read_bytes()
    three[0].write_bytes(second)
    three[1].write_bytes(first)
    assert "another's place" in waits(bert)
    assert bert.library.list() == ()


def test_a_chain_with_another_past_is_not_followed(three: list[Path], anna: Laptop, bert: Laptop, make: Make) -> None:
    from agent.replica.segment import Segment, decode, encode

    bert.exchange()
    anna.library.create("note", "honest", "x")
    anna.exchange()
    path = chain(anna)[3]
    segment = decode(path.read_bytes()[len(b"CARRYON-OPEN-1\n") + 32 :])
    import dataclasses

    forged = dataclasses.replace(segment.header, before="0" * 64)
    payload = encode(Segment(forged, segment.contents, segment.deltas))
    path.write_bytes(anna.seal.close_up(anna.id, path.name, payload))
    assert "does not follow" in waits(bert)


def test_large_contents_are_files_of_their_own(anna: Laptop, bert: Laptop) -> None:
    content = b"\xff" + bytes(range(256)) * 1_000
    made = anna.library.create("file", "photo", content=content)
    anna.exchange()
    (blob,) = (anna.shared / "carryon-library" / anna.id / "blobs").glob("*/*")
    whole = blob.read_bytes()
    blob.write_bytes(whole[:-1])
    assert "not whole" in waits(bert)
    blob.unlink()
    assert "not there yet" in waits(bert)
    blob.write_bytes(whole)
    assert waits(bert) == ""
    assert bert.library.content(made.id) == content


def test_nothing_of_a_folder_under_a_passphrase_can_be_read(make: Make) -> None:
    anna, bert = make("anna", "correct horse"), make("bert", "correct horse")
    note = anna.library.create("note", "The plan", "meet at the fountain\n")
    anna.library.create("file", "photo", content=b"\xfffountain" * 20_000)
    both(anna, bert)
    raw = b"".join(path.read_bytes() for path in anna.shared.rglob("*") if path.is_file())
    assert b"fountain" not in raw
    assert b"anna" not in raw
    assert bert.library.text(note.id) == "meet at the fountain\n"
    assert visible(anna) == visible(bert)


def test_another_passphrase_reads_nothing_and_none_is_asked_for(make: Make) -> None:
    make("anna", "correct horse").exchange()
    anna = make("anna", "correct horse")
    anna.library.create("note", "n", "x")
    anna.exchange()
    assert "passphrase" in waits(make("bert", "wrong"))
    with pytest.raises(PassphraseError, match="encrypted"):
        make("carl").exchange()


def test_what_is_open_is_not_taken_where_a_passphrase_is_set(make: Make) -> None:
    anna = make("anna")
    anna.library.create("note", "n", "x")
    anna.exchange()
    assert "not encrypted" in waits(make("bert", "correct horse"))


def test_a_new_passphrase_wants_everything_written_anew(make: Make) -> None:
    from agent.replica.sealing import Seal

    anna = make("anna", "old")
    anna.library.create("note", "n", "x")
    anna.exchange()
    anna.seal = Seal("new")
    with pytest.raises(PassphraseError, match="--whole"):
        anna.exchange()
    anna.exchange(whole=True)
    bert = make("bert", "new")
    assert waits(bert) == ""
    assert visible(bert) == visible(anna)


def test_a_file_that_unpacks_without_end_is_refused(
    anna: Laptop, bert: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    import zlib

    from agent.replica import segment

    anna.library.create("note", "n", "x")
    anna.exchange()
    monkeypatch.setattr(segment, "UNPACKED_BYTES_MAX", 1_000_000)
    (path,) = chain(anna)
    path.write_bytes(anna.seal.close_up(anna.id, path.name, zlib.compress(b" " * 5_000_000)))
    assert "larger than Carryon writes" in waits(bert)


def test_what_is_no_delta_is_refused_as_a_whole(anna: Laptop, bert: Laptop) -> None:
    import json
    import zlib

    anna.library.create("note", "n", "x")
    anna.exchange()
    (path,) = chain(anna)
    lines = zlib.decompress(path.read_bytes()[len(b"CARRYON-OPEN-1\n") + 32 :]).split(b"\n")
    honest = json.loads(lines[-2])
    for wrong in (
        {"kind": 5}, {"created_at": "now"}, {"created_at": 1 << 70}, {"data": []}, {"versions": [[1]]},
        {"tags": {"a": 1}},
        {"fields": {"title": [1, "x", "t" * 400, {}]}}, {"fields": {"title": [1 << 63, "x", "t", {}]}}, {"id": ["x"]},
    ):  # fmt: skip
        spoiled = [*lines[:-2], json.dumps({**honest, **wrong}).encode(), lines[-1]]
        path.write_bytes(anna.seal.close_up(anna.id, path.name, zlib.compress(b"\n".join(spoiled))))
        assert "does not write" in waits(bert), wrong
    assert bert.library.list() == ()
