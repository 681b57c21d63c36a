"""Lets the starter answer: at each step the likeliest of the tokens that its grammar allows, never another.

Every request is read from nothing: its prompt shares one token with the next, and so no answer depends on an earlier
one. A step with one choice costs nothing; such tokens are read together with the next real question.
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict
from typing import Any

from models.errors import ModelFileBadError
from models.starter import ANSWER_TOKENS_MAX, SPECIAL_TOKENS, Pointing
from models.worker.engine import Engine, Leave


def find_tokens(engine: Engine) -> dict[str, int] | None:
    """The id of every token of the grammar; None when this is not a model that points."""
    ids: dict[str, int] = {}
    for token in SPECIAL_TOKENS:
        found = engine.tokenize(token, special=True)
        if len(found) != 1:
            return None
        ids[token] = found[0]
    return ids


def decide(engine: Engine, ids: dict[str, int], text: str, leave: Leave) -> dict[str, Any]:
    """The fields of `contracts.Decision` for one request."""
    started = time.perf_counter()
    pointing = Pointing(text)
    unread = engine.tokenize(pointing.prompt(), special=True)
    engine.forget()
    answer: list[str] = []
    probabilities: list[float] = []
    evaluated = first_ms = 0.0
    while choices := pointing.allowed(answer):
        _check_length(len(answer))
        if len(choices) == 1:
            best, probability = choices[0], 1.0
        else:
            leave()
            evaluated += _advance(engine, unread, leave)
            unread = []
            best, probability = likeliest(engine.logits(), choices, ids)
            first_ms = first_ms or (time.perf_counter() - started) * 1000
        answer.append(best)
        probabilities.append(probability)
        unread.append(ids[best])
    total_ms = (time.perf_counter() - started) * 1000
    times = {"tokens": int(evaluated), "first_token_ms": first_ms or total_ms, "total_ms": total_ms}
    return asdict(pointing.decision(answer, probabilities)) | times


def likeliest(logits: Any, choices: tuple[str, ...], ids: dict[str, int]) -> tuple[str, float]:
    """The best of `choices` and its probability among them; the first of equals."""
    scores = [logits[ids[choice]] for choice in choices]
    best = max(range(len(scores)), key=scores.__getitem__)
    return choices[best], 1.0 / math.fsum(math.exp(score - scores[best]) for score in scores)


def _advance(engine: Engine, unread: list[int], leave: Leave) -> int:
    if engine.is_empty():
        engine.read(unread, leave)
    else:
        engine.push(unread)
    return len(unread)


def _check_length(made: int) -> None:
    if made >= ANSWER_TOKENS_MAX:
        raise ModelFileBadError("The model's answer does not end.", "the starter", "Install Carryon again.")
