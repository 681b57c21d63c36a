"""Writes card.json beside the weights: what they are, how they were made, and what they score, all measured here.

`python -m models.distill card` measures the committed weights again; what only training knows (recipe, teacher, the
gate for quantising) is taken from `--out`, or kept as it stands in the card.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.distill import calibrate
from models.distill.capabilities import lowered, rows_of
from models.distill.corpus import digest, inventions, wordings
from models.distill.evaluate import summary
from models.distill.exam import FOLDER, Judged, Question, judge, read
from models.distill.runner import Runner
from models.host import ModelHost
from models.measured import Measured
from models.measuring import measure
from models.measuring import sample as built_in
from models.starter import thresholds
from models.starter.vocabulary import TOOLS

FROM_TRAINING = ("recipe", "teacher", "quantisation", "architecture", "distilled")
FROM_OUTSIDE = "sample"


def write(gguf: Path, out: Path | None, sample: Path | None, card: Path) -> dict[str, Any]:
    """`out`: the folder that `train` left; `sample`: labelled requests outside the repository."""
    before = json.loads(card.read_text("utf-8")) if card.exists() else {}
    same = before.get("sha256") == hashlib.sha256(gguf.read_bytes()).hexdigest()
    by_file = {file.stem: read(file) for file in sorted(FOLDER.glob("*.jsonl"))}
    # PyTorch comes before llama.cpp: a model loaded before it faults once both have brought their OpenMP.
    training = (
        _training(gguf, out, by_file) if out else {name: before[name] for name in FROM_TRAINING if name in before}
    )
    runner = Runner(gguf)
    judged = {name: judge(runner, questions) for name, questions in by_file.items()}
    everything = [one for several in judged.values() for one in several]
    again = judge(runner, lowered(one for questions in by_file.values() for one in questions))
    made = {
        **_identity(gguf),
        **training,
        "corpus": _corpus(),
        "thresholds": {"act_at": thresholds.ACT_AT, "act_outside_at": thresholds.ACT_OUTSIDE_AT,
                       "words_at": thresholds.WORDS_AT, "fits_at": thresholds.FITS_AT},
        "costs": {"wrong_here": thresholds.WRONG_HERE, "wrong_outside": thresholds.WRONG_OUTSIDE},
        "scores": {name: summary(several) for name, several in judged.items()},
        "capabilities": rows_of([*everything, *again]),
        **_certainty(runner),
        "floors": _floors(gguf, everything),
        "measured_on": f"{platform.system()} {platform.machine()}, Q8_0, llama.cpp, one thread",
    }  # fmt: skip
    if sample:
        made["scores"][FROM_OUTSIDE] = summary(judge(runner, read(sample)))
    elif same and FROM_OUTSIDE in before.get("scores", {}):
        made["scores"][FROM_OUTSIDE] = before["scores"][FROM_OUTSIDE]
    card.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return made


def _identity(gguf: Path) -> dict[str, Any]:
    return {
        "name": "starter", "file": gguf.name, "sha256": hashlib.sha256(gguf.read_bytes()).hexdigest(),
        "bytes": gguf.stat().st_size, "licence": "Apache-2.0",
    }  # fmt: skip


def _training(gguf: Path, out: Path, by_file: dict[str, list[Question]]) -> dict[str, Any]:
    from models.distill.quantise import gate

    recipe = json.loads((out / "recipe.json").read_text("utf-8"))
    questions = [one for questions in by_file.values() for one in questions]
    questions += lowered(questions)
    gates = gate(out, questions, ("Q8_0", "Q4_0"))
    return {
        "teacher": recipe.pop("teacher"),
        "distilled": recipe.pop("distilled"),
        "recipe": {"command": "make train", **recipe},
        "quantisation": {"kind": "Q8_0", "gates": gates},
        "architecture": _architecture(gguf),
    }


def _corpus() -> dict[str, Any]:
    lines, tools = wordings(), inventions()
    return {
        "sha256": digest(),
        "wordings": {language: sum(one.language == language for one in lines) for language in ("en", "de", "es", "fr")},
        "invented_tools": len(tools),
        "held_out_by_wording": sum(line.held_out for line in lines),
        "provenance": "written for Carryon by hand, language models at the pen included; names and places from Faker",
    }


def _certainty(runner: Runner) -> dict[str, Any]:
    table = calibrate.reliability(calibrate.seen(runner, calibrate.halves()[1]))
    return {"reliability": table, "expected_calibration_error": calibrate.expected_error(table)}


def _floors(gguf: Path, judged: Sequence[Judged]) -> dict[str, float]:
    """Wrong actions of requests in English that stand alone, as one would meet them; costs in a worker of its own."""
    alone = [
        one for one in judged
        if one.question.language == "en" and not one.question.request.tools and not one.question.request.after
        and not one.question.request.asked and one.question.wanted[0].tool in {*TOOLS, "reply", "handoff", "clarify"}
    ]  # fmt: skip
    wrong = sum(one.wrong_action for one in alone) / len(alone)
    return {"wrong_action": round(wrong, 4), **_at_work(gguf)}


def _at_work(gguf: Path) -> dict[str, float]:
    """In a worker of its own, as it runs in Carryon."""
    host = ModelHost(gguf, name="starter")
    going = measure(host, built_in())
    try:
        while True:
            next(going)
    except StopIteration as ended:
        measured: Measured = ended.value
    finally:
        host.close()
    more = {"requests_per_second": measured.requests_per_second, "first_token_ms": measured.first_token_ms_median,
            "p95_ms": measured.p95_ms, "cpu_seconds": measured.cpu_seconds or 0.0}  # fmt: skip
    return measured.measures | more


def _architecture(gguf: Path) -> dict[str, Any]:
    from gguf import GGUFReader

    reader = GGUFReader(gguf)
    names = ("embedding_length", "block_count", "attention.head_count", "feed_forward_length", "context_length",
             "vocab_size")  # fmt: skip
    found = {name: int(reader.fields[f"llama.{name}"].contents()) for name in names}
    parameters = sum(int(tensor.n_elements) for tensor in reader.tensors)
    return {"family": "llama", "parameters": parameters, "quantization": "Q8_0", **found}
