"""Any folder: parts put together, what is no model told apart, bounds kept, circles left."""

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from models.found import Finds, folder_of_yours, look
from models.found.walk import Budget
from tests.shapes.search import write_search_gguf
from tests.unit.models.found.conftest import Put, write_part, write_serving_gguf


def searched(home: Path, budget: Budget | None = None, known: dict[Path, str] | None = None) -> Finds:
    return look((folder_of_yours(home),), known, budget)


def test_a_model_in_several_files_is_one(home: Path) -> None:
    files = [write_part(home / f"big-{number:05}-of-00003.gguf", number, 3) for number in (1, 2, 3)]
    finds = searched(home)
    (one,) = finds.models
    assert (one.name, one.parts, one.state, one.path) == ("big", 3, "ready", files[0])
    assert one.size_bytes == sum(file.stat().st_size for file in files)
    assert finds.left_out == ()


@pytest.mark.parametrize(
    ("gone", "words"), [([2], "2 of 3 files are here; big-00002-of-00003.gguf is missing."),
                        ([2, 3], "1 of 3 files are here; big-00002-of-00003.gguf and 1 more are missing.")],
)  # fmt: skip
def test_an_incomplete_one_says_what_is_missing(home: Path, gone: list[int], words: str) -> None:
    for number in (1, 2, 3):
        if number not in gone:
            write_part(home / f"big-{number:05}-of-00003.gguf", number, 3)
    (one,) = searched(home).models
    assert (one.state, one.note) == ("incomplete", words)


def test_a_damaged_part_makes_it_incomplete(home: Path) -> None:
    for number in (1, 2):
        write_part(home / f"big-{number:05}-of-00002.gguf", number, 2)
    part = home / "big-00002-of-00002.gguf"
    part.write_bytes(part.read_bytes()[:-100])
    (one,) = searched(home).models
    assert one.state == "incomplete"
    assert "big-00002-of-00002.gguf is damaged" in one.note


def test_later_parts_without_their_first_are_told_once(home: Path) -> None:
    for number in (2, 3):
        write_part(home / f"big-{number:05}-of-00003.gguf", number, 3)
    finds = searched(home)
    assert finds.models == ()
    assert [one.why for one in finds.left_out] == [
        "It is a later part of a model; its first file, big-00001-of-00003.gguf, is not there."
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
@pytest.mark.parametrize("linked", [False, True])
def test_a_pipe_is_left_alone_and_never_waited_for(home: Path, tmp_path: Path, *, linked: bool) -> None:
    home.mkdir()
    pipe = tmp_path / "pipe" if linked else home / "x.gguf"
    os.mkfifo(pipe)
    if linked:
        (home / "x.gguf").symlink_to(pipe)
    found: list[Finds] = []
    search = threading.Thread(target=lambda: found.append(searched(home)), daemon=True)
    search.start()
    search.join(30.0)
    assert found, "the search still waits for whoever writes to it"
    (one,) = found[0].left_out
    assert (found[0].models, one.why.partition(",")[0]) == ((), "This is a device or pipe")


def test_what_serves_a_model_is_recognised_and_left_alone(home: Path) -> None:
    write_serving_gguf(home / "mmproj.gguf", architecture="clip")
    write_serving_gguf(home / "new-mmproj.gguf", role="mmproj", architecture="llama")
    write_serving_gguf(home / "lora.gguf", role="adapter", architecture="llama")
    write_serving_gguf(home / "rank.gguf", architecture="bert", pooling=4)
    finds = searched(home)
    assert finds.models == ()
    whys = {one.path.name: one.why for one in finds.left_out}
    assert "pictures" in whys["mmproj.gguf"]
    assert "pictures" in whys["new-mmproj.gguf"]
    assert "part for another model (adapter)" in whys["lora.gguf"]
    assert "marks how well a text answers" in whys["rank.gguf"]


def test_a_model_for_search_is_found_as_one(home: Path) -> None:
    home.mkdir(exist_ok=True)
    file = write_search_gguf(home / "bge.gguf")
    (one,) = searched(home).models
    assert (one.path, one.kind, one.architecture, one.state) == (file, "search", "bert", "ready")


def test_damaged_files_are_listed_with_the_reason(home: Path, put: Put) -> None:
    cut = put("cut.gguf")
    cut.write_bytes(cut.read_bytes()[:-1_000])
    put("page.gguf").write_text("<html>log in</html>")
    put("empty.gguf").write_bytes(b"")
    (home / "dangling.gguf").symlink_to(home / "gone.gguf")
    whys = {one.path.name: one.why for one in searched(home).left_out}
    assert "cut short" in whys["cut.gguf"]
    assert "web page" in whys["page.gguf"]
    assert "empty" in whys["empty.gguf"]
    assert "cannot be read" in whys["dangling.gguf"]


def test_links_in_circles_and_out_to_what_lies_around_are_left(home: Path, put: Put) -> None:
    inside = put("models/a/one.gguf")
    put("outside.gguf")
    elsewhere = home.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "two.gguf").write_bytes(inside.read_bytes())
    for name, target in (("self", home / "models"), ("up", home), ("root", Path("/")), ("out", elsewhere)):
        (inside.parent / name).symlink_to(target)
    (elsewhere / "back").symlink_to(home / "models" / "a")
    finds = searched(home / "models")
    assert {one.name for one in finds.models} == {"one", "two"}
    assert finds.notes == ()


@pytest.mark.parametrize(
    ("budget", "words"),
    [(Budget(entries=3), "more files and folders"), (Budget(files=1), "more model files"),
     (Budget(seconds=1, clock=iter([0.0, *[0.5] * 3, *[9.0] * 50]).__next__), "after 1 seconds")],
)  # fmt: skip
def test_a_search_ends_at_its_bounds_and_says_so(home: Path, put: Put, budget: Budget, words: str) -> None:
    for number in range(5):
        put(f"{number}/{number}.gguf")
    finds = searched(home, replace(budget) if budget.seconds != 1 else budget)
    assert len(finds.models) < 5
    assert words in finds.notes[0]


def test_depth_is_bounded(home: Path, put: Put) -> None:
    put("/".join("d" * 30) + "/deep.gguf")
    assert searched(home).models == ()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_closed_folder_is_told(home: Path, put: Put) -> None:
    put("closed/one.gguf").parent.chmod(0)
    assert "closed" in searched(home).notes[0]


def test_names_are_told_apart_and_can_be_asked_for(home: Path, put: Put) -> None:
    put("a/mine.gguf")
    second = put("b/mine.gguf")
    finds = searched(home)
    assert [one.name for one in finds.models] == ["mine", "mine 2"]
    assert finds.named("mine 2") == finds.named(str(second)) == finds.models[1]
    assert finds.named("other") is None


def test_what_is_in_carryons_own_list_is_marked(home: Path, put: Put) -> None:
    file = put("a/mine.gguf")
    link = home / "link.gguf"
    link.symlink_to(file)
    finds = searched(home / "a", known={link: "my model", home / "gone.gguf": "gone"})
    assert finds.models[0].known_as == "my model"
