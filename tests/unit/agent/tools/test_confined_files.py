"""file.read and file.find never leave the folders that the user allowed."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.tools.confined import find_allowed
from agent.tools.errors import ToolRefusedError


@pytest.fixture
def folder(workshop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An allowed folder in a home of its own, with a secret beside it."""
    home = tmp_path / "house"
    allowed = home / "Documents"
    (allowed / "notes").mkdir(parents=True)
    (home / "secret.txt").write_text("TOP SECRET", "utf-8")
    (home / "Documents2").mkdir()
    (home / "Documents2" / "near.txt").write_text("TOP SECRET", "utf-8")
    (allowed / "notes" / "meeting-2024-11-03.md").write_text("# Meeting\n\nwe agreed on blue\n", "utf-8")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    workshop.settings('[files]\nallowed = ["~/Documents"]\n')
    return allowed


@pytest.mark.parametrize("said", ["notes/meeting-2024-11-03.md", "~/Documents/notes/meeting-2024-11-03.md",
                                  "notes/../notes/meeting-2024-11-03.md", "'notes/meeting-2024-11-03.md'"])  # fmt: skip
def test_a_file_is_read(workshop: Any, folder: Path, said: str) -> None:
    facts = workshop.done("file.read", {"path": said}).facts
    assert facts["text"] == "# Meeting\n\nwe agreed on blue\n"
    assert facts["path"] == "~/Documents/notes/meeting-2024-11-03.md"
    assert (facts["cut"], facts["binary"], facts["encoding"]) == (False, False, "utf-8")


def test_an_absolute_path_inside(workshop: Any, folder: Path) -> None:
    assert (
        workshop.done("file.read", {"path": str(folder / "notes" / "meeting-2024-11-03.md")}).facts["size_bytes"] == 29
    )


ESCAPES = [
    "../secret.txt",
    "notes/../../secret.txt",
    "~/secret.txt",
    "~/Documents/../secret.txt",
    "~/Documents2/near.txt",
    "../Documents2/near.txt",
    "~root/.bashrc",
    "~root",
    "/etc/passwd",
    "/proc/self/environ",
    "/dev/zero",
    "//server/share/file.txt",
    "\\\\server\\share\\file.txt",
    "C:\\Users\\Marta\\Desktop\\todo.txt",
    "file:///etc/passwd",
    "",
    "~",
]


@pytest.mark.parametrize("said", [said for said in ESCAPES if said])
def test_nothing_outside_is_read(workshop: Any, folder: Path, said: str) -> None:
    with pytest.raises(ToolRefusedError) as caught:
        workshop.call("file.read", {"path": said})
    assert "SECRET" not in str(caught.value)
    assert caught.value.todo


def test_a_link_that_leads_outside_is_refused(workshop: Any, folder: Path) -> None:
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "door").symlink_to(folder.parent)
    for said in ("link.txt", "door/secret.txt"):
        with pytest.raises(ToolRefusedError, match=r"outside|no file"):
            workshop.call("file.read", {"path": said})


def test_a_link_that_stays_inside_is_followed(workshop: Any, folder: Path) -> None:
    (folder / "last.md").symlink_to(folder / "notes" / "meeting-2024-11-03.md")
    assert "blue" in workshop.done("file.read", {"path": "last.md"}).facts["text"]


def test_a_folder_that_is_a_link_itself_counts_as_where_it_leads(workshop: Any, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(folder)
    workshop.settings(f'[files]\nallowed = ["{tmp_path / "alias"}"]\n')
    assert "blue" in workshop.done("file.read", {"path": "notes/meeting-2024-11-03.md"}).facts["text"]


def test_a_loop_of_links_is_no_file(workshop: Any, folder: Path) -> None:
    (folder / "a").symlink_to(folder / "b")
    (folder / "b").symlink_to(folder / "a")
    with pytest.raises(ToolRefusedError):
        workshop.call("file.read", {"path": "a"})


def test_a_name_that_is_swapped_for_a_link_after_the_check(folder: Path) -> None:
    """What was judged is what is opened: a link put in its place meanwhile is refused."""
    from agent.tools.confined import read_start

    victim = folder / "victim.txt"
    victim.write_text("harmless", "utf-8")
    real = find_allowed("victim.txt", [folder])
    victim.unlink()
    victim.symlink_to(folder.parent / "secret.txt")
    with pytest.raises(ToolRefusedError):
        read_start(real, 100)


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes and device files are POSIX")
def test_a_pipe_is_refused_without_waiting_for_it(workshop: Any, folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(ToolRefusedError, match="not a plain file"):
        workshop.call("file.read", {"path": "pipe"})


def test_a_folder_is_not_read_as_a_file(workshop: Any, folder: Path) -> None:
    with pytest.raises(ToolRefusedError, match="is a folder"):
        workshop.call("file.read", {"path": "notes"})


def test_no_allowed_folder_says_what_to_do(workshop: Any, folder: Path) -> None:
    workshop.settings('[files]\nallowed = ["~/NotThere"]\n')
    for call in (("file.read", {"path": "x"}), ("file.find", {"query": "x"})):
        with pytest.raises(ToolRefusedError) as caught:
            workshop.call(*call)
        assert "allowed" in caught.value.todo


def test_a_file_that_is_elsewhere_or_misspelt_is_offered(workshop: Any, folder: Path) -> None:
    for said in ("meeting-2024-11-03.md", "notes/meeting-2024-11-3.md"):
        asked = workshop.asks("file.read", {"path": said})
        assert (asked.ask, asked.choices) == ("which_file", ("~/Documents/notes/meeting-2024-11-03.md",))
    with pytest.raises(ToolRefusedError, match="There is no file"):
        workshop.call("file.read", {"path": "budget.ods"})


def test_bytes_that_are_no_text(workshop: Any, folder: Path) -> None:
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))
    facts = workshop.done("file.read", {"path": "photo.jpg"}).facts
    assert (facts["binary"], facts["text"], facts["size_bytes"]) == (True, "", 104)


@pytest.mark.parametrize(
    ("raw", "text", "encoding"),
    [
        ("grüße".encode(), "grüße", "utf-8"),
        ("grüße".encode("utf-8-sig"), "grüße", "utf-8"),
        ("grüße".encode("utf-16"), "grüße", "utf-16"),
        ("grüße".encode("cp1252"), "grüße", "windows-1252"),
        (b"", "", "utf-8"),
    ],
)
def test_encodings_are_named(workshop: Any, folder: Path, raw: bytes, text: str, encoding: str) -> None:
    (folder / "x.txt").write_bytes(raw)
    facts = workshop.done("file.read", {"path": "x.txt"}).facts
    assert (facts["text"], facts["encoding"]) == (text, encoding)


def test_a_large_file_is_cut_and_says_so(workshop: Any, folder: Path) -> None:
    (folder / "big.txt").write_text("ä" * 2_000_000, "utf-8")
    facts = workshop.done("file.read", {"path": "big.txt"}).facts
    assert facts["cut"] is True
    assert facts["size_bytes"] == 4_000_000
    assert set(facts["text"]) == {"ä"}


# Finding


def found(workshop: Any, query: str) -> list[tuple[str, str, int | None]]:
    facts = workshop.done("file.find", {"query": query}).facts
    return [(Path(row["path"]).name, row["why"], row["line"]) for row in facts["found"]]


def test_files_are_found_by_name_then_by_content(workshop: Any, folder: Path) -> None:
    (folder / "blue_plan.txt").write_text("x", "utf-8")
    assert found(workshop, "Blue") == [("blue_plan.txt", "name", None), ("meeting-2024-11-03.md", "content", 3)]
    assert found(workshop, "meeting 2024") == [("meeting-2024-11-03.md", "name", None)]
    assert found(workshop, "kilometres_claim.xlsx") == []


def test_nothing_outside_and_nothing_hidden_is_found(workshop: Any, folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / ".git" / "secret.txt").write_text("TOP SECRET", "utf-8")
    (folder / "door").symlink_to(folder.parent)
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    assert found(workshop, "secret") == []


def test_a_search_that_stops_early_says_so(workshop: Any, folder: Path) -> None:
    for number in range(40):
        (folder / f"report-{number}.txt").write_text("x", "utf-8")
    facts = workshop.done("file.find", {"query": "report"}).facts
    assert (facts["count"], facts["complete"]) == (30, False)
    assert workshop.done("file.find", {"query": "meeting"}).facts["complete"] is True


def test_words_that_are_only_signs_find_nothing(workshop: Any, folder: Path) -> None:
    assert found(workshop, "***") == []
