"""Writes card.json beside the weights: what they are, how they were made, and what they score, all measured here."""

from __future__ import annotations

import hashlib
import json
import platform
from pathlib import Path
from typing import Any

from models.distill.corpus import digest, wordings
from models.distill.evaluate import HELD_OUT, judge, summary
from models.distill.runner import Runner
from models.starter.thresholds import ACT_AT, ACT_OUTSIDE_AT

NOTE = (
    "Trained in stages while the corpus grew; each went on from the weights before. The command trains as long on the "
    "whole corpus from the start: an equal, not the same bytes."
)


def write(gguf: Path, stages: list[Path], sample: Path | None, card: Path) -> dict[str, Any]:
    """`stages` are the folders that `train` left, in order; `sample` is labelled data outside the repository."""
    recipes = [json.loads((stage / "recipe.json").read_text("utf-8")) for stage in stages]
    lines = wordings()
    made = {
        "name": "starter",
        "file": gguf.name,
        "sha256": hashlib.sha256(gguf.read_bytes()).hexdigest(),
        "bytes": gguf.stat().st_size,
        "licence": "Apache-2.0",
        "teacher": None,
        "architecture": _architecture(gguf),
        "recipe": {"command": "python -m models.distill all", "stages": recipes, "note": NOTE},
        "corpus": {
            "sha256": digest(),
            "wordings": len(lines),
            "held_out_by_wording": sum(line.held_out for line in lines),
            "provenance": "written by hand for Carryon; names and places drawn with Faker",
        },
        "thresholds": {"act_at": ACT_AT, "act_outside_at": ACT_OUTSIDE_AT},
        "scores": _scores(gguf, sample),
        "measured_on": f"{platform.system()} {platform.machine()}, Q8_0, llama.cpp, two threads",
    }
    card.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return made


def _scores(gguf: Path, sample: Path | None) -> dict[str, Any]:
    runner = Runner(gguf)
    scores = {"held_out": summary(judge(runner, HELD_OUT))}
    if sample:
        scores["sample"] = summary(judge(runner, sample))
    runner.close()
    return scores


def _architecture(gguf: Path) -> dict[str, Any]:
    from gguf import GGUFReader

    reader = GGUFReader(gguf)
    names = ("embedding_length", "block_count", "attention.head_count", "feed_forward_length", "context_length",
             "vocab_size")  # fmt: skip
    found = {name: int(reader.fields[f"llama.{name}"].contents()) for name in names}
    parameters = sum(int(tensor.n_elements) for tensor in reader.tensors)
    return {"family": "llama", "parameters": parameters, "quantization": "Q8_0", **found}
