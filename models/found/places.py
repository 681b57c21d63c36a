"""Where each program keeps its models on each system, as its documentation or code says, its own variables honoured.

LM Studio      .lmstudio/models, before that .cache/lm-studio/models; .lmstudio-home-pointer names another home, and
               downloadsFolder in its settings.json another folder
Ollama         OLLAMA_MODELS, .ollama/models, /usr/share/ollama/.ollama/models where it runs as a service
GPT4All        nomic.ai/GPT4All among the system's application data; .cache/gpt4all of its Python package
Jan            llamacpp/models in its data folder, which its settings.json may move; models and jan/models before
Hugging Face   HF_HUB_CACHE, HF_HOME/hub, XDG_CACHE_HOME/huggingface/hub, .cache/huggingface/hub
llama.cpp      LLAMA_CACHE, llama.cpp in the system's cache folder; newer ones use Hugging Face's
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.json_file import read_json

PlaceKind = Literal["files", "ollama"]
POINTER_BYTES_MAX = 4_096


@dataclass(frozen=True, slots=True)
class Place:
    program: str
    folder: Path
    kind: PlaceKind = "files"


def folder_of_yours(folder: Path) -> Place:
    return Place("", folder.expanduser().absolute())


def places(
    environ: Mapping[str, str] = os.environ, home: Path | None = None, system: str = sys.platform
) -> tuple[Place, ...]:
    """All that could exist, each folder once; `system` as sys.platform names it."""
    here = _Here(environ, home or Path.home(), system)
    named = (
        *(Place("LM Studio", folder) for folder in _lm_studio(here)),
        *(Place("Ollama", folder, "ollama") for folder in _ollama(here)),
        *(Place("GPT4All", folder) for folder in _gpt4all(here)),
        *(Place("Jan", folder) for folder in _jan(here)),
        *(Place("Hugging Face", folder) for folder in _hugging_face(here)),
        *(Place("llama.cpp", folder) for folder in _llama_cpp(here)),
    )
    return tuple({place.folder: place for place in reversed(named)}.values())[::-1]


@dataclass(frozen=True, slots=True)
class _Here:
    environ: Mapping[str, str]
    home: Path
    system: str

    def given(self, *names: str) -> Path | None:
        """The folder that the first of these variables names, if one does."""
        value = next((self.environ[name] for name in names if self.environ.get(name)), "")
        if not value:
            return None
        inside_home = value.startswith(("~/", "~\\"))
        return self.home / value[2:] if inside_home else Path(value)

    @property
    def data(self) -> Path:
        """Where programs keep their data: roaming on Windows."""
        if self.system == "win32":
            return self.given("APPDATA") or self.home / "AppData" / "Roaming"
        if self.system == "darwin":
            return self.home / "Library" / "Application Support"
        return self.given("XDG_DATA_HOME") or self.home / ".local" / "share"

    @property
    def local(self) -> Path:
        """The same, but bound to this machine: another folder on Windows only."""
        return (self.given("LOCALAPPDATA") or self.home / "AppData" / "Local") if self.system == "win32" else self.data

    @property
    def config(self) -> Path:
        if self.system in ("win32", "darwin"):
            return self.data
        return self.given("XDG_CONFIG_HOME") or self.home / ".config"


def _lm_studio(here: _Here) -> Iterator[Path]:
    homes = [here.home / ".lmstudio", here.home / ".cache" / "lm-studio"]
    if pointed := _line(here.home / ".lmstudio-home-pointer"):
        homes.insert(0, Path(pointed))
    for home in homes:
        if moved := _setting(home / "settings.json", "downloadsFolder"):
            yield Path(moved)
        yield home / "models"


def _ollama(here: _Here) -> Iterator[Path]:
    yield here.given("OLLAMA_MODELS") or here.home / ".ollama" / "models"
    if here.system == "linux":
        yield Path("/usr/share/ollama/.ollama/models")


def _gpt4all(here: _Here) -> Iterator[Path]:
    yield here.local / "nomic.ai" / "GPT4All"
    yield here.home / ".cache" / "gpt4all"


def _jan(here: _Here) -> Iterator[Path]:
    roots = list(dict.fromkeys((here.data / "Jan", here.config / "Jan")))
    data = [Path(moved) for root in roots if (moved := _setting(root / "settings.json", "data_folder"))]
    for folder in (*data, *(root / "data" for root in roots)):
        yield folder / "llamacpp" / "models"
        yield folder / "models"
    yield here.home / "jan" / "models"


def _hugging_face(here: _Here) -> Iterator[Path]:
    if cache := here.given("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        yield cache
    elif home := here.given("HF_HOME"):
        yield home / "hub"
    else:
        yield (here.given("XDG_CACHE_HOME") or here.home / ".cache") / "huggingface" / "hub"


def _llama_cpp(here: _Here) -> Iterator[Path]:
    if cache := here.given("LLAMA_CACHE"):
        yield cache
    elif here.system == "win32":
        yield here.local / "llama.cpp"
    elif here.system == "darwin":
        yield here.home / "Library" / "Caches" / "llama.cpp"
    else:
        yield (here.given("XDG_CACHE_HOME") or here.home / ".cache") / "llama.cpp"


def _line(file: Path) -> str:
    try:
        with file.open(encoding="utf-8") as text:
            return text.read(POINTER_BYTES_MAX).strip()
    except (OSError, ValueError):
        return ""


def _setting(file: Path, name: str) -> str:
    try:
        kept = read_json(file)
    except (OSError, ValueError):
        return ""
    value = kept.get(name) if isinstance(kept, dict) else None
    return value if isinstance(value, str) else ""
