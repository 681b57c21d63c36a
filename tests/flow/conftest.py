"""A person's machine for the journeys: a mail server that takes what comes, and the `carryon` command."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.paths import Paths
from agent.runtime import Runtime
from models.scripted import INFO
from tests.any_port import AnyPort
from tests.flow.person import Carryon, Mailbox, Post, Said
from tests.flow.talking import SETTINGS, Growing, Talk, opened
from tests.tiny_gguf import write_tiny_gguf

ROOT = Path(__file__).parents[2]


@pytest.fixture
def model() -> Growing:
    return Growing([], info=replace(INFO, name="starter"))


@pytest.fixture
def runtime(paths: Paths, model: Growing) -> Iterator[Runtime]:
    paths.agentrc.write_text(SETTINGS)
    yield from opened(paths, model)


@pytest.fixture
def talk(runtime: Runtime, model: Growing) -> Talk:
    return Talk(runtime, model.then, model.asked)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    post = Post()
    controller = AnyPort(post)
    controller.start()
    try:
        yield Mailbox(post, controller.port)
    finally:
        controller.stop()


@pytest.fixture
def agentrc(home: Path, mailbox: Mailbox) -> Path:
    path = home / "agentrc"
    path.write_text(
        f"""schema = 1
# mine, and it stays
timezone = "Europe/Berlin"

[accounts.work]
kind = "smtp"
host = "127.0.0.1"
port = {mailbox.port}
security = "none"
from = "me@example.org"

[contacts]
Dana = "dana@example.org"
"""
    )
    return path


@pytest.fixture
def carryon(home: Path) -> Carryon:
    """Run the real command in a process of its own, as a person would."""

    def run(*words: str, code: int | None = 0, cwd: Path | None = None) -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", *words],
            cwd=ROOT if cwd is None else cwd, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert code is None or done.returncode == code, (
            f"{words} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def ollama(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An Ollama with one model, llama3.2:3b; its blob."""
    for name in ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "person"))
    folder = tmp_path / "ollama"
    monkeypatch.setenv("OLLAMA_MODELS", str(folder))
    data = write_tiny_gguf(tmp_path / "t.gguf").read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    manifest = folder / "manifests/registry.ollama.ai/library/llama3.2/3b"
    manifest.parent.mkdir(parents=True)
    layer = {"mediaType": "application/vnd.ollama.image.model", "digest": f"sha256:{digest}", "size": len(data)}
    manifest.write_text(json.dumps({"layers": [layer]}))
    blob = folder / "blobs" / f"sha256-{digest}"
    blob.parent.mkdir()
    blob.write_bytes(data)
    return blob
