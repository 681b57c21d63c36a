"""CARRYON_ACCEL: one word for what llama.cpp is built for; it sticks, and a wrong one is said at once."""

import sys
from collections.abc import Callable

import pytest
from setup_steps import accel, stamp
from setup_steps.accel import ACCELS, SWITCH, check_tool, chosen_args
from setup_steps.errors import SetupError
from setup_steps.places import Places
from setup_steps.setup import Setup
from setup_steps.stamp import Stamp
from setup_steps.talk import Talk


@pytest.fixture(autouse=True)
def _on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")


@pytest.mark.parametrize(
    ("environ", "args"),
    [
        ({}, None),
        ({"CMAKE_ARGS": ""}, ""),
        ({"CMAKE_ARGS": "-DA=1"}, "-DA=1"),
        ({SWITCH: "cpu"}, ""),
        ({SWITCH: "cuda"}, "-DGGML_CUDA=on"),
        ({SWITCH: " Vulkan "}, "-DGGML_VULKAN=on"),
        ({SWITCH: "cuda", "CMAKE_ARGS": "-DGGML_NATIVE=off"}, "-DGGML_CUDA=on -DGGML_NATIVE=off"),
    ],
)
def test_a_word_becomes_switches(environ: dict[str, str], args: str | None) -> None:
    assert chosen_args(environ) == args


def test_metal_is_for_macs(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SetupError, match="no Mac"):
        chosen_args({SWITCH: "metal"})
    monkeypatch.setattr(sys, "platform", "darwin")
    assert chosen_args({SWITCH: "metal"}) == "-DGGML_METAL=on"


@pytest.mark.parametrize("word", ["", "gpu", "rocm", "cuda vulkan"])
def test_an_unknown_word_is_answered_with_those_that_are_known(word: str) -> None:
    with pytest.raises(SetupError, match=SWITCH) as caught:
        chosen_args({SWITCH: word})
    assert all(known in caught.value.do for known in ACCELS)


@pytest.mark.parametrize("tool", ["nvcc", "glslc"])
def test_a_build_that_cannot_succeed_is_not_begun(tool: str) -> None:
    args = next(one.cmake_args for one in ACCELS.values() if one.tool == tool)
    with pytest.raises(SetupError, match=f"{tool} is missing") as caught:
        check_tool(args, which=lambda _name: None)
    assert "Install" in caught.value.do
    assert f"{SWITCH}=cpu" in caught.value.do
    check_tool(args, which=lambda name: f"/usr/bin/{name}" if name == tool else None)


@pytest.mark.parametrize("args", ["", "-DGGML_NATIVE=off", "-DGGML_CUDA=off", "-DGGML_METAL=on"])
def test_other_builds_need_nothing_more(args: str) -> None:
    check_tool(args, which=lambda _name: None)


def test_the_choice_sticks_and_can_be_taken_back(
    places: Places, talk: Talk, pretend_environment: Callable[..., None]
) -> None:
    pretend_environment()
    digest = stamp.inputs_digest(places, "3.12.1")
    stamp.write_stamp(places.stamp, Stamp(digest, frozenset(), "-DGGML_CUDA=on"))

    def finished(**environ: str) -> bool:
        return Setup(places, talk, frozenset(), environ=environ).finished()

    assert finished()
    assert finished(CARRYON_ACCEL="cuda")
    assert not finished(CARRYON_ACCEL="vulkan")
    assert not finished(CARRYON_ACCEL="cpu")
    assert Setup(places, talk, frozenset(), environ={SWITCH: "cpu"}).cmake_args() == ""


def test_every_word_is_in_the_readme(checkout) -> None:
    text = (checkout / "packaging" / "README.md").read_text(encoding="utf-8")
    for word in ACCELS:
        assert f"{SWITCH}={word}" in text
    assert accel.__doc__ is not None
