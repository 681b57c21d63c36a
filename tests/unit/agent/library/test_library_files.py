"""Files in and out."""

import json
import zipfile
from pathlib import Path

import pytest

from agent.library import Library
from agent.library.blobs import CONTENT_BYTES_MAX
from agent.library.errors import NoTextError, NotImportedError, TooLargeError


@pytest.mark.parametrize(
    ("name", "content", "kind", "title", "text"),
    [
        ("report.md", "# Über\n".encode(), "document", "report", "# Über\n"),
        ("table.csv", b"a,b\r\n1,2\r\n", "document", "table", "a,b\r\n1,2\r\n"),
        ("notepad.txt", "\ufeffmarked".encode(), "document", "notepad", "marked"),
        ("wide.txt", "wide ä".encode("utf-16"), "document", "wide", "wide ä"),
        ("picture.png", b"\x89PNG\x00\xff", "file", "picture.png", ""),
        ("latin.txt", "Gr\xfc\xdfe".encode("latin-1"), "file", "latin.txt", ""),
        ("empty.txt", b"", "file", "empty.txt", ""),
    ],
)
def test_import(library: Library, tmp_path: Path, name: str, content: bytes, kind: str, title: str, text: str) -> None:
    (tmp_path / name).write_bytes(content)
    made = library.import_file(tmp_path / name)
    assert (made.kind, made.title, made.data["name"]) == (kind, title, name)
    assert library.text(made.id) == text
    assert library.versions(made.id)[0].note == f"imported from {name}"
    if kind == "file":
        assert library.content(made.id) == content


def test_what_cannot_be_imported_is_named(library: Library, tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(NotImportedError, match="no such file"):
            library.import_file(place)
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(CONTENT_BYTES_MAX + 1)
    with pytest.raises(TooLargeError, match="32 MB"):
        library.import_file(large)
    assert library.list() == ()


def test_everything_as_a_zip(library: Library, tmp_path: Path) -> None:
    for title in ("Plan", "plan", "../../etc/passwd", "CON", "x" * 500, "a/b\\c:d?", "...", "index"):
        library.create("note", title, f"text of {title}")
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\x00\xff")
    library.import_file(picture)
    twice = library.save(library.create("note", "Twice", "first").id, "second")
    library.trash(library.create("note", "Trashed", "x").id)
    target = tmp_path / "all.zip"
    library.export_all(target, history=True)
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len({name.casefold() for name in names}) == len(names)
        assert not [name for name in names if ".." in name or name.startswith("/") or "\\" in name]
        assert archive.read("picture.png") == b"\x89PNG\x00\xff"
        assert archive.read("Twice.md") == b"second"
        assert archive.read("history/Twice/1.md") == b"first"
        index = json.loads(archive.read("index.json"))
        assert {row["file"] for row in index["artifacts"]} <= set(names)
        assert len(index["artifacts"]) == 10
        (row,) = [row for row in index["artifacts"] if row["id"] == twice.id]
        assert [version["n"] for version in row["versions"]] == [2, 1]
    library.export_all(target)
    with zipfile.ZipFile(target) as archive:
        assert not [name for name in archive.namelist() if name.startswith("history/")]


def test_one_as_it_is(library: Library, tmp_path: Path) -> None:
    made = library.save(library.create("note", "a", "first\r\n").id, "second")
    library.export(made.id, tmp_path / "a.md")
    library.export(made.id, tmp_path / "old.md", n=1)
    assert (tmp_path / "a.md").read_bytes() == b"second"
    assert (tmp_path / "old.md").read_bytes() == b"first\r\n"


def test_words_are_never_written_over_a_picture(library: Library) -> None:
    made = library.create("file", "Chart", content=b"\x89PNG\x00\xff")
    with pytest.raises(NoTextError, match="no text"):
        library.save(made.id, "words", title="Words")
    with pytest.raises(NoTextError, match="no text"):
        library.append(made.id, "words")
    assert library.content(made.id) == b"\x89PNG\x00\xff"
    assert [(version.n, library.get(made.id).title) for version in library.versions(made.id)] == [(1, "Chart")]
    assert library.rename(made.id, "Chart of May").title == "Chart of May"


def test_bytes_that_happen_to_be_letters_are_a_file_all_the_same(library: Library) -> None:
    made = library.create("file", "Sound", content=b"fLaC")
    with pytest.raises(NoTextError, match="no text"):
        library.append(made.id, "words")
    assert library.content(made.id) == b"fLaC"
