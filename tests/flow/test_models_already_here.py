"""From the terminal: models that other programs keep are found, used in place, and missed when they go."""

from pathlib import Path

from tests.flow.person import Carryon
from tests.tiny_gguf import write_tiny_gguf


def test_a_found_model_is_added_in_place_and_talks(carryon: Carryon, ollama: Path) -> None:
    (one,) = carryon("models", "found", "--json").document["models"]
    assert (one["name"], one["program"], one["path"], one["state"]) == ("llama3.2:3b", "Ollama", str(ollama), "ready")
    added = carryon("models", "add", "--found", "llama3.2:3b", "--json").document
    assert (added["name"], added["path"], added["program"]) == ("llama3.2-3b", str(ollama), "Ollama")
    assert [file.name for file in ollama.parent.iterdir()] == [ollama.name]
    assert carryon("models", "found", "--json").document["models"][0]["known_as"] == "llama3.2-3b"
    carryon("models", "use", "llama3.2-3b")
    talk = carryon("ask", "tell me something about the sea", "--json").document
    assert (talk["outcome"], talk["model"]["name"]) == ("answered", "llama3.2-3b")


def test_a_model_that_its_program_removed_is_missed_in_plain_words(carryon: Carryon, ollama: Path) -> None:
    carryon("models", "add", "--found", "llama3.2:3b")
    carryon("models", "use", "llama3.2-3b")
    ollama.unlink()
    note = next(one["note"] for one in carryon("models", "list", "--json").document if one["kind"] != "starter")
    assert "Ollama kept it there and may have removed or moved it" in note
    said = carryon("ask", "tell me something about the sea", "--json", code=None).document
    assert "Ollama kept it there" in said["reply"]
    gone = carryon("models", "found")
    assert "not there; pull it there again" in gone.out


def test_a_blob_that_is_not_what_it_is_filed_under_is_refused(carryon: Carryon, ollama: Path) -> None:
    data = bytearray(ollama.read_bytes())
    data[-1] ^= 1
    ollama.write_bytes(data)
    assert "Ollama's file is damaged" in carryon("models", "add", "--found", "llama3.2:3b", code=2).err
    assert len(carryon("models", "list", "--json").document) == 1


def test_a_folder_of_ones_own_is_searched(carryon: Carryon, ollama: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    write_tiny_gguf_at = mine / "deep" / "parrot.gguf"
    write_tiny_gguf_at.parent.mkdir(parents=True)
    write_tiny_gguf(write_tiny_gguf_at)
    (mine / "broken.gguf").write_text("<html>")
    said = carryon("models", "found", str(mine))
    assert "parrot" in said.out
    assert "llama3.2" not in said.out
    assert "web page" in said.out


def test_names_and_files_are_asked_for_one_at_a_time(carryon: Carryon, ollama: Path) -> None:
    assert "Did you mean 'llama3.2:3b'" in carryon("models", "add", "--found", "llama3.2", code=2).err
    assert carryon("models", "add", code=2).err
    assert carryon("models", "add", str(ollama), "--found", "llama3.2:3b", code=2).err
