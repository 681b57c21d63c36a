"""From the terminal: a proposed model is pulled, paused, resumed, verified; the network switch holds."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flow.person import Carryon
from tests.tiny_gguf import write_tiny_gguf
from tests.unit.models.downloads.shop import Shop, opened

ROOT = Path(__file__).parents[2]
PLACE = "/Qwen/Qwen3-0.6B-GGUF/resolve/main/Qwen3-0.6B-Q8_0.gguf"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Hugging Face, as this machine sees it."""
    with opened(write_tiny_gguf(tmp_path / "offered.gguf").read_bytes()) as shop:
        shop.linked = True
        monkeypatch.setenv("HF_ENDPOINT", shop.base)
        yield shop


def paused_at(running: "subprocess.Popen[str]", shop: Shop, done: int) -> tuple[str, str]:
    """Ctrl-C once so many bytes are there; what it said."""
    assert shop.holding.wait(60)
    part = Path(os.environ["CARRYON_HOME"]) / "data" / "models" / "Qwen3-0.6B-Q8_0.gguf.part.map"
    while not (part.exists() and part.read_bytes()[:8] == done.to_bytes(8, "little")):
        assert running.poll() is None, running.communicate()
    running.send_signal(signal.SIGINT)
    return running.communicate(timeout=60)


def test_a_proposed_model_is_pulled_by_its_name_listed_and_verified(carryon: Carryon, shop: Shop) -> None:
    pulled = carryon("models", "pull", "qwen3-0.6b", "--json").document
    assert (pulled["name"], pulled["sha256"]) == ("qwen3-0.6b", shop.sha256)
    assert shop.paths == [f"/store{PLACE}?signature=hush"]
    assert "qwen3-0.6b" in [model["name"] for model in carryon("models", "list", "--json").document]
    assert carryon("models", "verify", "qwen3-0.6b", "--json").document["verdict"] == "good"
    listed = carryon("models", "catalog", "--unmeasured", "--json").document
    assert {model["name"]: model["here_as"] for model in listed["models"]}["qwen3-0.6b"] == "qwen3-0.6b"


def test_a_damaged_model_is_named_and_fetched_again(carryon: Carryon, shop: Shop) -> None:
    file = Path(carryon("models", "pull", "qwen3-0.6b", "--json").document["path"])
    file.write_bytes(shop.body[:-1] + b"?")
    said = carryon("models", "verify", "qwen3-0.6b", code=1)
    assert str(file) in said.out
    assert "--fetch-again" in said.out
    assert shop.base + PLACE in said.out
    assert carryon("models", "verify", "qwen3-0.6b", "--fetch-again", "--json").document["verdict"] == "good"
    assert file.read_bytes() == shop.body


def test_a_model_cut_short_on_the_disk_is_damaged_and_can_be_fetched_again(carryon: Carryon, shop: Shop) -> None:
    file = Path(carryon("models", "pull", "qwen3-0.6b", "--json").document["path"])
    file.write_bytes(shop.body[:5_000])
    assert carryon("models", "verify", "qwen3-0.6b", "--json", code=1).document["verdict"] == "damaged"
    carryon("models", "verify", "qwen3-0.6b", "--fetch-again")
    assert file.read_bytes() == shop.body


def test_a_newer_version_is_told_and_taken_only_when_asked(carryon: Carryon, shop: Shop) -> None:
    file = Path(carryon("models", "pull", "qwen3-0.6b", "--json").document["path"])
    old = shop.body
    assert "still offers this version" in carryon("models", "verify", "qwen3-0.6b").out
    shop.body, shop.tag = old[:-1] + b"?", '"two"'
    asked = len(shop.asked)
    assert not carryon("models", "verify", "qwen3-0.6b", "--offline", "--json").document["newer"]
    assert len(shop.asked) == asked
    said = carryon("models", "verify", "qwen3-0.6b")
    assert "replaced it with another version" in said.out
    (command,) = [line.partition("carryon ")[2] for line in said.out.splitlines() if "--accept-new" in line]
    assert file.read_bytes() == old
    carryon(*command.split())
    assert file.read_bytes() == shop.body
    assert "still offers this version" in carryon("models", "verify", "qwen3-0.6b").out


@pytest.mark.parametrize("how", ["--offline", "CARRYON_OFFLINE"])
def test_a_denied_network_is_not_touched(
    carryon: Carryon, shop: Shop, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    words = ["models", "pull", "qwen3-0.6b"]
    if how == "--offline":
        words.append(how)
    else:
        monkeypatch.setenv(how, "1")
    assert "network is denied" in carryon(*words, code=2).err
    assert shop.asked == []


def test_a_name_that_is_taken_is_told_before_anything_is_fetched(carryon: Carryon, shop: Shop, tmp_path: Path) -> None:
    carryon("models", "add", str(tmp_path / "offered.gguf"), "--name", "qwen3-0.6b")
    assert "called 'qwen3-0.6b' already" in carryon("models", "pull", "qwen3-0.6b", code=2).err
    assert shop.asked == []


def test_an_unknown_name_gets_the_nearest(carryon: Carryon, home: Path) -> None:
    assert "Did you mean 'qwen3-8b'" in carryon("models", "pull", "qwen3-8", code=2).err


@pytest.mark.skipif(os.name == "nt", reason="a signal of POSIX systems")
def test_ctrl_c_pauses_and_the_same_command_goes_on(carryon: Carryon, shop: Shop) -> None:
    shop.holds = [100_000]
    command = [sys.executable, "-m", "app.cli", "models", "pull", "qwen3-0.6b", "--json"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True) as running:
        out, err = paused_at(running, shop, 100_000)
    assert running.returncode == 1, err
    assert json.loads(out)["paused"] == {"model": "qwen3-0.6b", "done": 100_000, "total": len(shop.body)}
    listed = carryon("models", "catalog", "--unmeasured", "--json").document
    assert {model["name"]: model["paused_bytes"] for model in listed["models"]}["qwen3-0.6b"] == 100_000
    assert carryon("models", "pull", "qwen3-0.6b", "--json").document["sha256"] == shop.sha256
    assert shop.asked[-1].startswith("bytes=100000-")


def test_progress_is_told_on_stderr_and_stdout_stays_clean(carryon: Carryon, shop: Shop) -> None:
    said = carryon("models", "pull", shop.base + PLACE, "--name", "mine")
    assert said.out.startswith("added: mine (")
    assert "mine:" in said.err
