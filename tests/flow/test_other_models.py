"""Any other GGUF: added where it lies, chosen, talking; the starter keeps acting; a bad one ends in words."""

from pathlib import Path

import pytest

from tests.flow.person import Carryon
from tests.tiny_gguf import write_tiny_gguf


@pytest.fixture
def chat_model(tmp_path: Path) -> Path:
    return write_tiny_gguf(tmp_path / "parrot.gguf")


def test_a_model_of_the_users_own_talks_and_the_starter_acts(carryon: Carryon, chat_model: Path) -> None:
    carryon("models", "add", str(chat_model))
    carryon("models", "use", "parrot")
    talk = carryon("ask", "tell me something about the sea", "--json").document
    assert (talk["outcome"], talk["model"]["name"]) == ("answered", "parrot")
    assert talk["reply"].strip()
    assert talk["timings_ms"]["first_token"] > 0
    act = carryon("ask", "timer 12 minutes", "--json").document
    assert (act["outcome"], act["model"]["name"]) == ("called", "starter")
    assert {item["name"]: item["current"] for item in carryon("models", "list", "--json").document} == {
        "starter": False,
        "parrot": True,
    }
    assert carryon("models", "verify", "parrot", "--json").document["verdict"] == "good"
    carryon("models", "use", "starter")
    carryon("models", "remove", "parrot")
    assert chat_model.exists()


def test_a_model_that_is_gone_ends_the_turn_in_words_and_loses_nothing(carryon: Carryon, chat_model: Path) -> None:
    carryon("models", "add", str(chat_model))
    carryon("models", "use", "parrot")
    chat_model.unlink()
    said = carryon("ask", "tell me something about the sea", "--json", code=None).document
    assert "parrot" in said["reply"]
    shown = carryon("chat", "show", said["conversation"], "--json").document
    assert shown["messages"][0]["text"] == "tell me something about the sea"


def test_a_damaged_model_is_told_when_it_is_chosen(carryon: Carryon, chat_model: Path) -> None:
    carryon("models", "add", str(chat_model))
    chat_model.write_bytes(chat_model.read_bytes()[:5_000])
    assert "parrot" in carryon("models", "use", "parrot", code=2).err
    assert carryon("rc", "get", "model.default").out.strip() == "starter"
