"""Slips of the hand on the command line get a hint that helps."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.paths import Paths
from app.cli import main
from tests.tiny_gguf import write_tiny_gguf


def said(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


@pytest.mark.parametrize("json_too", [[], ["--json"]])
def test_a_setting_behind_the_command_is_told_its_place(paths: Paths, json_too: list[str]) -> None:
    done = said("ask", "hello", "--set", "tone=terse", *json_too)
    assert done.exit_code == 2
    assert "before the command: carryon --set KEY=VALUE ask" in done.output


def test_a_number_below_zero_is_a_value_and_judged_as_one(paths: Paths) -> None:
    done = said("rc", "set", "model.context", "-5", "--json")
    assert done.exit_code == 2
    assert json.loads(done.stdout)["error"]["what"].startswith("model.context must be")


def test_a_model_that_is_not_there_is_noted_when_it_is_chosen(paths: Paths) -> None:
    done = said("rc", "set", "model.default", "/nowhere/parrot.gguf")
    assert done.exit_code == 0, "a disk may come"
    assert "cannot be used as it is" in done.output
    assert 'default = "/nowhere/parrot.gguf"' in paths.agentrc.read_text()
    assert "cannot be used" not in said("rc", "set", "tone", "terse").output, "it is said once"
    file = write_tiny_gguf(paths.data / "parrot.gguf")
    assert "cannot be used" not in said("rc", "set", "model.default", str(file)).output


def test_a_name_that_is_far_too_long_is_not_repeated(paths: Paths) -> None:
    file = write_tiny_gguf(paths.data / "parrot.gguf")
    for words in (("models", "add", str(file), "--name", "x" * 5_000), ("models", "add", "--found", "x" * 5_000),
                  ("models", "remove", "x" * 5_000)):  # fmt: skip
        done = said(*words)
        assert done.exit_code == 2
        assert len(done.output) < 1_000


@pytest.mark.parametrize("words", [("library", "list"), ("library", "search", "plan")])
def test_a_kind_that_is_none_is_refused_with_those_that_are(paths: Paths, words: tuple[str, ...]) -> None:
    done = said(*words, "--kind", "nonsense")
    assert done.exit_code == 2
    assert all(kind in done.output for kind in ("note", "document", "task", "event", "page", "file"))
    assert said(*words, "--kind", "note").exit_code == 0


def test_the_exchange_is_called_as_it_is_typed(paths: Paths) -> None:
    for words in (("--nonsense",), ("folder", "--help"), ("a", "b")):
        told = said("sync", *words).output
        assert "carryon sync" in told.replace("main sync", "carryon sync")
        assert "sync now" not in told


def test_only_the_name_of_a_folder_is_called_so(paths: Paths) -> None:
    for words in (("",), ("--json", ""), ("--dry-run", "")):
        told = said("sync", *words)
        assert told.exit_code == 2
        assert "The name of the folder is empty." in told.output
    assert "folder is empty" not in said("sync", "server", "https://there.example", "--user", "").output


def test_whoever_is_to_be_forgotten_is_named_from_that_very_folder(paths: Paths, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    told = said("sync", "forget", "nobody", "--folder", str(stick))
    assert told.exit_code == 2
    assert "No other one has written there." in told.output
    assert "sync status" not in told.output
