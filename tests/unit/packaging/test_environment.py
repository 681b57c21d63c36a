"""The .venv: recognised, replaced when it is ours and broken, never removed when it is somebody else's."""

from collections.abc import Callable
from pathlib import Path

import pytest
from setup_steps.environment import make_environment, remove_environment, usable
from setup_steps.errors import SetupError
from setup_steps.pip import pip_environment
from setup_steps.places import Places, cache_folder
from setup_steps.screen import why_no_screen
from setup_steps.talk import Talk

MakeEnvironment = Callable[..., None]


def test_an_interrupted_one_of_ours_is_replaced_recognised_and_removed(places: Places, talk: Talk) -> None:
    places.venv.mkdir()
    places.mark.touch()
    (places.venv / "half").touch()
    make_environment(places, talk)
    assert usable(places)
    assert not (places.venv / "half").exists()
    made = places.python.lstat().st_ino
    make_environment(places, talk)
    assert places.python.lstat().st_ino == made
    assert remove_environment(places)
    assert not places.venv.exists()
    assert not remove_environment(places)


def test_a_working_one_of_somebody_elses_is_used_and_kept(
    places: Places, talk: Talk, pretend_environment: MakeEnvironment
) -> None:
    pretend_environment()
    make_environment(places, talk)
    with pytest.raises(SetupError, match="not made by set-up"):
        remove_environment(places)
    assert places.python.exists()


def test_a_broken_one_of_somebody_elses_stops(places: Places, talk: Talk) -> None:
    places.venv.mkdir()
    (places.venv / "precious").touch()
    with pytest.raises(SetupError, match="does not work") as stopped:
        make_environment(places, talk)
    assert stopped.value.where == str(places.venv)
    assert (places.venv / "precious").exists()


def test_a_link_is_never_followed_in_removing(places: Places, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    places.venv.symlink_to(elsewhere)
    places.mark.touch()
    with pytest.raises(SetupError):
        remove_environment(places)
    assert elsewhere.exists()


@pytest.mark.parametrize("behind", ["works", "empty", "gone"])
def test_an_environment_behind_a_link_is_somebody_elses(
    places: Places, talk: Talk, pretend_environment: MakeEnvironment, tmp_path: Path, behind: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    if behind == "works":
        pretend_environment()
        places.venv.rename(elsewhere)
    if behind == "empty":
        elsewhere.mkdir()
    before = sorted(elsewhere.rglob("*"))
    places.venv.symlink_to(elsewhere)
    with pytest.raises(SetupError, match="is a link") as stopped:
        make_environment(places, talk)
    assert str(elsewhere) in stopped.value.where
    assert "Remove the link" in stopped.value.do
    assert sorted(elsewhere.rglob("*")) == before


@pytest.mark.parametrize(("version", "good"), [("3.10.9", False), ("3.11.2", True), ("3.14.0", True), ("", False)])
def test_only_new_enough_pythons_are_usable(
    places: Places, pretend_environment: MakeEnvironment, version: str, good: bool
) -> None:
    pretend_environment(version)
    assert usable(places) is good


def test_what_would_redirect_pip_is_left_out_and_the_rest_stays() -> None:
    given = {"PIP_TARGET": "/x", "PYTHONPATH": "/y", "PIP_INDEX_URL": "file:///z", "PATH": "/bin"}
    assert pip_environment(given) == {"PIP_INDEX_URL": "file:///z", "PATH": "/bin", "PIP_ROOT_USER_ACTION": "ignore"}


def test_the_cache_is_where_the_system_keeps_caches() -> None:
    assert cache_folder({"XDG_CACHE_HOME": "/c"}, "linux") == Path("/c/carryon")
    assert cache_folder({}, "linux") == Path.home() / ".cache" / "carryon"
    assert cache_folder({}, "darwin") == Path.home() / "Library" / "Caches" / "carryon"
    assert cache_folder({"LOCALAPPDATA": "/l"}, "win32") == Path("/l/carryon/Cache")
    assert cache_folder({"CARRYON_SETUP_CACHE": "/own"}, "linux") == Path("/own")


def test_a_screen_is_told_from_none() -> None:
    assert "neither DISPLAY nor WAYLAND_DISPLAY" in why_no_screen({}, "linux")
    assert why_no_screen({"DISPLAY": ":0"}, "linux") == ""
    assert why_no_screen({"WAYLAND_DISPLAY": "wayland-0"}, "linux") == ""
    assert "offscreen" in why_no_screen({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, "linux")
    assert why_no_screen({"QT_QPA_PLATFORM": "vnc:size=1280x800"}, "linux") == ""
    assert why_no_screen({}, "win32") == ""
    assert why_no_screen({}, "darwin") == ""
