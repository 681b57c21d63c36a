"""The stamp knows when there is nothing to do, and only then; knowing it takes no connection and no program."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from setup_steps import stamp
from setup_steps.errors import SetupError
from setup_steps.places import Places
from setup_steps.setup import Setup
from setup_steps.stamp import Stamp
from setup_steps.talk import Talk

MakeEnvironment = Callable[..., None]


def finish(places: Places, *extras: str, cmake_args: str = "") -> None:
    """Writes the stamp that a set-up of now would leave."""
    digest = stamp.inputs_digest(places, "3.12.1")
    stamp.write_stamp(places.stamp, Stamp(digest, frozenset(extras), cmake_args))


def setup_of(places: Places, talk: Talk, *extras: str, **environ: str) -> Setup:
    return Setup(places, talk, frozenset(extras), environ=environ)


def test_a_fitting_stamp_means_nothing_to_do(places: Places, talk: Talk, pretend_environment: MakeEnvironment) -> None:
    pretend_environment()
    assert not setup_of(places, talk).finished()
    finish(places)
    assert setup_of(places, talk).finished()
    setup_of(places, talk).run()
    assert setup_of(places, talk).plan() == ("Everything is there.",)


def test_extras_must_be_there(places: Places, talk: Talk, pretend_environment: MakeEnvironment) -> None:
    pretend_environment()
    finish(places)
    assert not setup_of(places, talk, "dev").finished()
    finish(places, "dev", "train")
    assert setup_of(places, talk, "dev").finished()
    assert setup_of(places, talk).finished()


@pytest.mark.parametrize("change", ["constraints", "dependency", "python", "gone"])
def test_what_decides_the_content_undoes_the_stamp(
    places: Places, talk: Talk, pretend_environment: MakeEnvironment, change: str
) -> None:
    pretend_environment()
    finish(places)
    if change == "constraints":
        places.constraints.write_text(places.constraints.read_text() + "tomlkit==0.15.2\n")
    elif change == "dependency":
        places.pyproject.write_text(places.pyproject.read_text().replace("click>=8", "click>=8.2"))
    elif change == "python":
        pretend_environment("3.13.0")
    else:
        places.python.unlink()
    assert not setup_of(places, talk).finished()


def test_a_linters_setting_leaves_it_alone(places: Places, talk: Talk, pretend_environment: MakeEnvironment) -> None:
    pretend_environment()
    finish(places)
    places.pyproject.write_text(places.pyproject.read_text().replace("120", "100"))
    assert setup_of(places, talk).finished()


def test_cmake_args_stick_until_others_are_given(
    places: Places, talk: Talk, pretend_environment: MakeEnvironment
) -> None:
    pretend_environment()
    finish(places, cmake_args="-DGGML_CUDA=on")
    assert setup_of(places, talk).finished()
    assert setup_of(places, talk, CMAKE_ARGS="-DGGML_CUDA=on").finished()
    assert not setup_of(places, talk, CMAKE_ARGS="-DGGML_VULKAN=on").finished()
    assert not setup_of(places, talk, CMAKE_ARGS="").finished()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"digest": 1}', "\x00\xff"])
def test_a_damaged_stamp_is_no_stamp(
    places: Places, talk: Talk, pretend_environment: MakeEnvironment, content: str
) -> None:
    pretend_environment()
    places.stamp.write_text(content)
    assert stamp.read_stamp(places.stamp) is None
    assert not setup_of(places, talk).finished()


def test_an_unknown_extra_is_named(places: Places, talk: Talk) -> None:
    with pytest.raises(SetupError, match="no extra everything"):
        setup_of(places, talk, "everything").requirements()


def test_llama_is_left_to_its_own_step(places: Places, talk: Talk) -> None:
    assert setup_of(places, talk, "dev").requirements() == ("click>=8", "pytest>=9")


def test_nothing_to_do_opens_no_socket_and_starts_no_program(
    places: Places, pretend_environment: MakeEnvironment, checkout: Path
) -> None:
    """In a process of its own, whose every socket and program is watched by an audit hook."""
    pretend_environment()
    finish(places)
    code = f"""
import sys
sys.path.insert(0, {str(checkout / "packaging")!r})
seen = []
sys.addaudithook(lambda name, _: seen.append(name) if name.startswith(("socket.", "subprocess.", "os.exec")) else None)
from pathlib import Path
from setup_steps.places import Places
from setup_steps.setup import Setup
from setup_steps.talk import Talk
Setup(Places(Path({str(places.root)!r}), Path({str(places.cache)!r})), Talk(), environ={{}}).run()
assert not seen, seen
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not places.cache.exists()
