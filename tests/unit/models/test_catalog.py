"""The list of models: what is remembered, found, verified, refused."""

import json
import os
import stat
from pathlib import Path

import pytest

from models.catalog import STARTER, Catalog
from models.digest import Digests
from models.errors import CancelledError, CatalogBadError, ModelFileBadError, UnknownModelError
from tests.unit.models.found.conftest import write_part


@pytest.fixture
def catalog(tmp_path: Path, tiny_starter: Path) -> Catalog:
    return Catalog(tmp_path / "data", clock=lambda: 1_750_000_000, starter_file=tiny_starter)


def test_a_fresh_catalog_knows_the_starter(catalog: Catalog) -> None:
    (starter,) = catalog.list()
    assert (starter.name, starter.kind, starter.note) == (STARTER, "starter", "")
    assert catalog.resolve(STARTER).sha256


def test_an_added_model_is_listed_resolved_and_removed_but_its_file_stays(catalog: Catalog, tiny_chat: Path) -> None:
    added = catalog.add(tiny_chat, "my model")
    assert added.added_at == "2025-06-15T15:06:40Z"
    assert [model.name for model in catalog.list()] == [STARTER, "my model"]
    assert catalog.resolve("my model") == added
    assert catalog.header("my model").architecture == "llama"
    assert catalog.verify("my model") == "good"
    catalog.remove("my model")
    assert [model.name for model in catalog.list()] == [STARTER]
    assert tiny_chat.exists()


def test_a_path_resolves_without_being_added(catalog: Catalog, tiny_chat: Path) -> None:
    known = catalog.resolve(str(tiny_chat))
    assert (known.name, known.kind, known.added_at) == ("chat", "chat", "")
    assert len(catalog.list()) == 1


def test_files_are_private(catalog: Catalog, tiny_chat: Path, tmp_path: Path) -> None:
    catalog.add(tiny_chat)
    for name in ("models.json", "digests.json"):
        assert stat.S_IMODE((tmp_path / "data" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_adding_the_same_file_again_is_fine_but_a_name_means_one_file(
    catalog: Catalog, tiny_chat: Path, tmp_path: Path
) -> None:
    catalog.add(tiny_chat, "one")
    catalog.add(tiny_chat, "one")
    copy = tmp_path / "copy.gguf"
    copy.write_bytes(tiny_chat.read_bytes())
    with pytest.raises(CatalogBadError, match="already"):
        catalog.add(copy, "one")


@pytest.mark.parametrize("name", [STARTER, "../up", "-x", "a" * 81, "line\nbreak"])
def test_names_that_would_confuse_are_refused(catalog: Catalog, tiny_chat: Path, name: str) -> None:
    with pytest.raises(CatalogBadError, match="cannot be called"):
        catalog.add(tiny_chat, name)


def test_an_unknown_name_gets_the_nearest(catalog: Catalog, tiny_chat: Path) -> None:
    catalog.add(tiny_chat, "granite")
    with pytest.raises(UnknownModelError, match="Did you mean 'granite'"):
        catalog.resolve("granit")
    with pytest.raises(UnknownModelError):
        catalog.remove("nothing like it")


def test_what_is_no_model_is_not_added(catalog: Catalog, tmp_path: Path) -> None:
    page = tmp_path / "page.gguf"
    page.write_text("<html>")
    with pytest.raises(ModelFileBadError):
        catalog.add(page)
    assert len(catalog.list()) == 1


def test_a_file_that_went_away_stays_listed_with_a_note(catalog: Catalog, tiny_chat: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.gguf"
    copy.write_bytes(tiny_chat.read_bytes())
    catalog.add(copy)
    copy.unlink()
    known = catalog.list()[1]
    assert "no such file" in known.note
    with pytest.raises(ModelFileBadError):
        catalog.resolve("copy")


def test_verify_notices_a_changed_file(catalog: Catalog, tiny_chat: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.gguf"
    copy.write_bytes(tiny_chat.read_bytes())
    catalog.add(copy)
    before = copy.stat()
    data = bytearray(copy.read_bytes())
    data[-1] ^= 1
    copy.write_bytes(data)
    os.utime(copy, ns=(before.st_atime_ns, before.st_mtime_ns))  # even when its time was put back
    assert catalog.verify("copy") == "changed"
    assert catalog.verify(str(tiny_chat)) == "unverified"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"models": 3}', '{"models": {"a": {"x": 1}}}', "\xff"])
def test_a_damaged_list_is_named_and_kept(catalog: Catalog, tmp_path: Path, text: str) -> None:
    file = tmp_path / "data" / "models.json"
    file.parent.mkdir()
    file.write_text(text, encoding="latin-1")
    with pytest.raises(CatalogBadError) as caught:
        catalog.list()
    assert caught.value.where == str(file)
    assert file.read_text(encoding="latin-1") == text


def test_a_starter_whose_card_names_another_digest_is_changed(tmp_path: Path, tiny_starter: Path) -> None:
    own = tmp_path / "starter.gguf"
    own.write_bytes(tiny_starter.read_bytes())
    catalog = Catalog(tmp_path / "data", starter_file=own)
    assert catalog.verify(STARTER) == "unverified"
    (tmp_path / "card.json").write_text(json.dumps({"sha256": catalog.resolve(STARTER).sha256}))
    assert catalog.verify(STARTER) == "good"
    (tmp_path / "card.json").write_text(json.dumps({"sha256": "0" * 64}))
    assert catalog.verify(STARTER) == "changed"


def test_a_digest_is_remembered_until_the_file_changes(tmp_path: Path) -> None:
    digests = Digests(tmp_path / "digests.json")
    file = tmp_path / "file"
    file.write_bytes(b"one")
    reads: list[int] = []

    def progress(done: int, _all: int) -> bool:
        reads.append(done)
        return True

    first = digests.sha256(file, progress)
    assert digests.sha256(file, progress) == first
    assert reads == [3]
    file.write_bytes(b"other")
    assert digests.sha256(file, progress) != first
    assert reads == [3, 5]


def test_hashing_can_be_stopped(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"one")
    with pytest.raises(CancelledError):
        Digests(tmp_path / "digests.json").sha256(file, lambda _done, _all: False)
    assert not (tmp_path / "digests.json").exists()


def test_a_damaged_cache_of_digests_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "digests.json").write_text("{oops")
    file = tmp_path / "file"
    file.write_bytes(b"one")
    assert len(Digests(tmp_path / "digests.json").sha256(file)) == 64


def test_a_disk_that_refuses_writes_leaves_the_list_as_it_was(
    catalog: Catalog, tiny_chat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog.add(tiny_chat, "one")

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(CatalogBadError, match="No space left") as caught:
        catalog.add(tiny_chat, "two")
    assert "as it was" in caught.value.todo
    monkeypatch.undo()
    assert [model.name for model in catalog.list()] == [STARTER, "one"]


def test_a_model_of_another_program_that_went_away_is_said_to_have_gone(
    catalog: Catalog, tiny_chat: Path, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs.gguf"
    theirs.write_bytes(tiny_chat.read_bytes())
    assert catalog.add(theirs, program="LM Studio").program == "LM Studio"
    assert catalog.resolve("theirs").program == "LM Studio"
    theirs.unlink()
    assert "LM Studio kept it there and may have removed or moved it" in catalog.list()[1].note
    for ask in (catalog.resolve, catalog.verify):
        with pytest.raises(ModelFileBadError, match="LM Studio kept it there"):
            ask("theirs")


def test_a_model_in_several_files_is_verified_whole_and_missed_in_part(catalog: Catalog, tmp_path: Path) -> None:
    files = [write_part(tmp_path / f"big-{number:05}-of-00003.gguf", number, 3) for number in (1, 2, 3)]
    catalog.add(files[0], "big")
    assert catalog.verify("big") == "good"
    data = bytearray(files[2].read_bytes())
    data[-1] ^= 1
    files[2].write_bytes(data)
    assert catalog.verify("big") == "changed"
    files[1].unlink()
    assert "big-00002-of-00003.gguf is not there" in catalog.list()[1].note
    with pytest.raises(ModelFileBadError, match="big-00002-of-00003"):
        catalog.resolve("big")
    with pytest.raises(ModelFileBadError, match="1 are missing, big-00002-of-00003"):
        catalog.add(files[0], "again")


def test_a_file_that_was_just_read_is_not_read_again(catalog: Catalog, tiny_chat: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.gguf"
    copy.write_bytes(tiny_chat.read_bytes())
    read: list[int] = []
    catalog.add(copy, progress=lambda done, _all: read.append(done) or True, sha256="0" * 64)
    assert read == []
    assert catalog.resolve("copy").sha256 == "0" * 64
    assert catalog.verify("copy") == "changed"  # a check does read it


@pytest.mark.parametrize(
    ("wanted", "name"),
    [("Qwen3-8B-Q4_K_M", "Qwen3-8B-Q4_K_M"), ("llama3.2:3b", "llama3.2-3b"), ("hf.co/a/b:Q4", "hf.co-a-b-Q4"),
     ("../x", "x"), ("Llama-3 (1)", "Llama-3-1"), ("a\nb\x1b", "a-b"),
     (STARTER, f"{STARTER} 2"), ("mine", "mine 2"), ("", "model"), ("é" * 200, "é" * 76)],
)  # fmt: skip
def test_a_free_name_is_made_of_any_other(catalog: Catalog, tiny_chat: Path, wanted: str, name: str) -> None:
    catalog.add(tiny_chat, "mine")
    assert catalog.free_name(wanted) == name
    catalog.check_name(name, tiny_chat.with_name("other.gguf"))


@pytest.mark.parametrize("stem", ["Llama-3 (1)", "Qwen 2.5 [Q4]", "(2)", "a\nb", "x" * 70])
def test_a_file_is_added_under_the_name_that_a_find_of_it_would_have(
    catalog: Catalog, tiny_chat: Path, tmp_path: Path, stem: str
) -> None:
    file = tmp_path / f"{stem}.gguf"
    file.write_bytes(tiny_chat.read_bytes())
    free = catalog.free_name(stem)
    assert catalog.add(file).name == free


def test_a_name_that_is_too_long_is_not_repeated_as_a_whole(catalog: Catalog, tiny_chat: Path) -> None:
    for does in (lambda: catalog.add(tiny_chat, "x" * 5_000), lambda: catalog.resolve("x" * 5_000)):
        with pytest.raises((CatalogBadError, UnknownModelError)) as caught:
            does()
        assert len(str(caught.value)) < 400


def test_a_list_of_an_older_version_is_read(catalog: Catalog, tiny_chat: Path, tmp_path: Path) -> None:
    catalog.add(tiny_chat, "one")
    file = tmp_path / "data" / "models.json"
    kept = json.loads(file.read_text())
    for name in ("program", "others"):
        del kept["models"]["one"][name]
    file.write_text(json.dumps(kept))
    assert catalog.verify("one") == "good"
