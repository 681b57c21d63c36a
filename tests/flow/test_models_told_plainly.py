"""From the terminal: models under names that browsers and strangers gave their files, and models that are gone."""

from pathlib import Path

import pytest

from tests.flow.person import Carryon
from tests.tiny_gguf import write_tiny_gguf


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    return folder


def test_a_name_that_a_browser_gave_is_taken_and_its_folder_says_how(carryon: Carryon, mine: Path) -> None:
    file = write_tiny_gguf(mine / "Llama-3 (1).gguf")
    said = carryon("models", "found", str(mine)).out
    assert "carryon models add PATH" in said
    assert "--found" not in said, "it looks where programs keep models, and would not find it"
    assert carryon("models", "add", str(file), "--json").document["name"] == "Llama-3-1"


def test_a_file_name_cannot_steer_a_terminal_or_add_a_line(carryon: Carryon, mine: Path) -> None:
    write_tiny_gguf(mine / "a\nb\x1b[31m.gguf")
    said = carryon("models", "found", str(mine)).out
    assert "\x1b" not in said
    (row,) = [line for line in said.splitlines() if "llama" in line]
    assert row.count("a\N{DOWNWARDS ARROW WITH CORNER LEFTWARDS}b") == 2, "its name and its path, on one line"


def test_a_small_file_has_a_size(carryon: Carryon, mine: Path) -> None:
    write_tiny_gguf(mine / "parrot.gguf")
    said = carryon("models", "found", str(mine)).out
    assert " KB " in said
    assert "0.0 GB" not in said


def test_a_file_that_is_gone_is_missing_and_not_damaged(carryon: Carryon, mine: Path) -> None:
    file = write_tiny_gguf(mine / "parrot.gguf")
    carryon("models", "add", str(file))
    file.unlink()
    found = carryon("models", "verify", "parrot", "--json", code=1).document
    assert found["verdict"] == "missing"
    assert "no such file" in found["why"]


def test_the_way_back_is_told_where_the_model_in_use_is_forgotten(carryon: Carryon, home: Path, mine: Path) -> None:
    for name in ("parrot", "other"):
        carryon("models", "add", str(write_tiny_gguf(mine / f"{name}.gguf")))
    (home / "agentrc").write_text('[model]\ndefault = "parrot"\ndecides = "chosen"\n')
    assert not carryon("models", "remove", "other", "--json").document["in_use"]
    assert "carryon models use starter" in carryon("models", "remove", "parrot").out
    said = carryon("ask", "tell me of the sea", code=3)
    assert "carryon models use starter" in said.out + said.err
    carryon("models", "use", "starter")
    carryon("ask", "what time is it")
