"""`carryon start` where a chat model is chosen: it is asked as a first turn asks it, and one that cannot be used is
said."""

from pathlib import Path
from typing import Any

import pytest

from tests.flow.person import Carryon
from tests.tiny_gguf import write_tiny_gguf

# each of its letters is a token: there is room for one tool; the instructions alone are long enough to be saved, too
SETTINGS = """tone = "{tone}"

[model]
default = "{model}"
decides = "chosen"

[tools]
"calc.evaluate" = "allow"
"*" = "deny"
"""


@pytest.fixture
def parrot(carryon: Carryon, home: Path, tmp_path: Path) -> Path:
    file = write_tiny_gguf(tmp_path / "parrot.gguf", context=8192)
    carryon("models", "add", str(file))
    (home / "agentrc").write_text(SETTINGS.format(model="parrot", tone="kind and brief " * 20))
    return file


def saved(carryon: Carryon) -> list[dict[str, Any]]:
    """What all conversations begin with, the last used first."""
    return [row for row in carryon("snapshot", "ls", "--json").document if row["what"] == "prefix"]


def test_a_start_reads_what_a_first_turn_begins_with(carryon: Carryon, parrot: Path) -> None:
    carryon("ask", "tell me of the sea")
    (turns,) = saved(carryon)
    carryon("snapshot", "prune", "--all")
    started = carryon("start", "--no-window", "--json").document
    assert started["ok"]
    took = {span["name"]: span["end_ms"] - span["begin_ms"] for span in started["spans"]}
    assert took["prefix"] > took["first token"], "the reading is told apart from the word"
    assert [row["tokens"] for row in saved(carryon)] == [turns["tokens"]]
    carryon("ask", "tell me of the wind")
    assert len(saved(carryon)) == 1, "the turn took up the very same one"


@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_a_model_that_cannot_be_used_is_a_start_that_failed(carryon: Carryon, parrot: Path, damage: str) -> None:
    data = parrot.read_bytes()
    parrot.unlink()
    if damage == "cut":
        parrot.write_bytes(data[:20_000])
    told = carryon("start", "--no-window", "--json", code=1).document
    assert not told["ok"]
    assert told["first_token_ms"] is None
    assert "parrot" in told["refused"]
    said = carryon("start", "--no-window", code=1).out
    assert "Not ready" in said
    assert "The model parrot did not come up" in said
