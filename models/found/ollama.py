"""Reads what Ollama has: manifests that name a model and its layers, blobs that are those layers.

manifests/HOST/NAMESPACE/MODEL/TAG is JSON; the layer of the type …image.model is a GGUF, blobs/sha256-DIGEST.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.found.walk import Budget
from models.json_file import read_json

MANIFESTS_MAX = 2_000
_MODEL, _PROJECTOR = "application/vnd.ollama.image.model", "application/vnd.ollama.image.projector"
_HOST, _NAMESPACE = "registry.ollama.ai", "library"  # left out of names, as Ollama does
_DIGEST = re.compile("sha256[:-]([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Blob:
    """`file` None: the manifest names it, but it is not there. `projector`: it only reads pictures."""

    name: str
    sha256: str
    file: Path | None
    projector: bool = False


def blobs(folder: Path, budget: Budget) -> Iterator[Blob]:
    """Every model that a manifest names, by name; the same blob comes once for each of its names."""
    manifests = folder / "manifests"
    for number, file in enumerate(sorted(_files(manifests))):
        if number >= MANIFESTS_MAX or not budget.take(file=True):
            return
        for layer in _layers(file):
            digest = _DIGEST.fullmatch(str(layer.get("digest", "")))
            kind = layer.get("mediaType")
            if digest and kind in (_MODEL, _PROJECTOR):
                name = _name(file.relative_to(manifests).parts)
                yield Blob(name, digest[1], _blob(folder, digest[1]), kind == _PROJECTOR)


def _files(manifests: Path) -> Iterator[Path]:
    """Four levels down, and nowhere else."""
    try:
        yield from (file for file in manifests.glob("*/*/*/*") if file.is_file())
    except OSError:
        return


def _layers(manifest: Path) -> list[dict[str, Any]]:
    try:
        kept = read_json(manifest)
    except (OSError, ValueError):
        return []
    layers = kept.get("layers") if isinstance(kept, dict) else None
    return [layer for layer in layers if isinstance(layer, dict)] if isinstance(layers, list) else []


def _name(parts: tuple[str, ...]) -> str:
    *where, model, tag = parts
    shown = [part for part, usual in zip(where, (_HOST, _NAMESPACE), strict=True) if part != usual]
    return "/".join((*shown, f"{model}:{tag}"))


def _blob(folder: Path, digest: str) -> Path | None:
    files = (folder / "blobs" / f"sha256-{digest}", folder / "blobs" / f"sha256:{digest}")  # the latter of older ones
    return next((file for file in files if file.is_file()), None)
