"""Lets the starter answer: at each step the likeliest of the tokens that its grammar allows, never another.

Every request is read from nothing: its prompt shares one token with the next, and so no answer depends on an earlier
one. A step with one choice costs nothing; such tokens are read together with the next real question.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from models.contracts import DecideRequest
from models.errors import ModelFileBadError
from models.starter import ANSWER_TOKENS_MAX, SPECIAL_TOKENS, Decision, PointedCall, Pointing, Situation
from models.starter.fitting import Fitting
from models.starter.offers import likely_cards
from models.starter.thresholds import DOUBT_AT, FITS_AT, FITS_INSTEAD_AT, least_choice, runner_up_counts
from models.starter.vocabulary import FITS, TOOL_OF
from models.worker.engine import Engine, Leave


@dataclass(slots=True)
class Answer:
    """A complete answer with the probability of each token; `openings` holds that of each way to begin it."""

    tokens: list[str] = field(default_factory=list)
    probabilities: list[float] = field(default_factory=list)
    openings: dict[str, float] = field(default_factory=dict)


class Asking:
    """One request's way through the engine; counts the tokens read and the time to the first choice."""

    def __init__(self, engine: Engine, ids: dict[str, int], leave: Leave) -> None:
        self._engine = engine
        self._ids = ids
        self._leave = leave
        self._started = time.perf_counter()
        self._first_ms = 0.0
        self._evaluated = 0

    def answer(self, asked: Pointing | Fitting, opening: str | None = None) -> Answer:
        """The likeliest answer; `opening` has it begin so, where the prompt has just been read."""
        prompt = self._engine.tokenize(asked.prompt(), special=True)
        if opening:
            self._engine.rewind(len(prompt))
        made = Answer([opening], [1.0]) if opening else Answer()
        unread = [self._ids[opening]] if opening else []
        while choices := asked.allowed(made.tokens):
            _check_length(len(made.tokens))
            if len(choices) == 1:
                best, probability = choices[0], 1.0
            else:
                self._read(unread, () if opening or made.openings else prompt)
                unread = []
                chances = probabilities(self._engine.logits(), choices, self._ids)
                made.openings = made.openings or dict(zip(choices, chances, strict=True))
                probability = max(chances)
                best = choices[chances.index(probability)]
            made.tokens.append(best)
            made.probabilities.append(probability)
            unread.append(self._ids[best])
        return made

    def _read(self, unread: Sequence[int], prompt: Sequence[int]) -> None:
        """The prompt, where it has not been read yet, then what was answered since."""
        self._leave()
        if prompt:
            self._engine.read_both_ways(prompt)
        if unread:
            self._engine.push(unread)
        self._evaluated += len(prompt) + len(unread)
        self._first_ms = self._first_ms or self._elapsed_ms()

    def _elapsed_ms(self) -> float:
        return (time.perf_counter() - self._started) * 1000

    def timed(self, decision: Decision) -> Decision:
        total_ms = self._elapsed_ms()
        first_ms = self._first_ms or total_ms
        return replace(decision, tokens=self._evaluated, first_token_ms=first_ms, total_ms=total_ms)


def find_tokens(engine: Engine) -> dict[str, int] | None:
    """The id of every token of the grammar; None when this is not a model that points."""
    ids: dict[str, int] = {}
    for token in SPECIAL_TOKENS:
        found = engine.tokenize(token, special=True)
        if len(found) != 1:
            return None
        ids[token] = found[0]
    return ids


def decide(engine: Engine, ids: dict[str, int], request: DecideRequest, leave: Leave) -> Decision:
    asking = Asking(engine, ids, leave)
    pointing = Pointing(request.text, Situation(request.after, request.asked, request.known))
    answer = asking.answer(pointing)
    decision = pointing.decision(answer.tokens, answer.probabilities)
    second: tuple[PointedCall, ...] = ()
    if decision.outcome == "clarify" and decision.guess and not decision.lacks:
        second = _second_reading(asking, pointing, answer)
    if request.tools and (at_least := _fits_at(decision, answer)):
        decision = _offered(asking, request, at_least) or decision
    return asking.timed(replace(decision, second=second))


def _second_reading(asking: Asking, pointing: Pointing, answer: Answer) -> tuple[PointedCall, ...]:
    """What else the request could mean: the next likeliest way to begin, if that is a call at all."""
    rivals = sorted((chance, token) for token, chance in answer.openings.items() if token != answer.tokens[0])
    if not rivals or rivals[-1][1] not in TOOL_OF or not runner_up_counts(rivals[-1][0]):
        return ()
    other = asking.answer(pointing, rivals[-1][1])
    return pointing.calls(other.tokens)


def _fits_at(decision: Decision, answer: Answer) -> float | None:
    """How sure a tool of the user's must be to be taken instead; None where nothing else is looked for."""
    if decision.outcome == "handoff" or (decision.outcome == "clarify" and not decision.lacks):
        return FITS_AT
    doubtful = least_choice(answer.tokens, answer.probabilities) < DOUBT_AT
    return FITS_INSTEAD_AT if doubtful and decision.follow is None else None


def _offered(asking: Asking, request: DecideRequest, at_least: float) -> Decision | None:
    """The likely tool whose card fits the words best, if it does so well enough."""
    fits: list[tuple[float, int, Fitting, Answer]] = []
    for place, card in enumerate(likely_cards(request.text, request.tools)):
        fitting = Fitting(request.text, card)
        answer = asking.answer(fitting)
        fits.append((answer.openings.get(FITS, 0.0), -place, fitting, answer))
    if not fits:
        return None
    chance, _, fitting, answer = max(fits, key=lambda one: one[:2])
    call = fitting.call(answer.tokens)
    if call is None or chance < at_least:
        return None
    made = Decision("called", chance, calls=(call,))
    if lacks := fitting.lacks(call):
        return replace(made, outcome="clarify", calls=(), guess=(call,), missing=call.tool, lacks=lacks)
    return made


def probabilities(logits: Any, choices: tuple[str, ...], ids: dict[str, int]) -> list[float]:
    """Of each of `choices` among them."""
    scores = [logits[ids[choice]] for choice in choices]
    top = max(scores)
    weights = [math.exp(score - top) for score in scores]
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def _check_length(made: int) -> None:
    if made >= ANSWER_TOKENS_MAX:
        raise ModelFileBadError("The model's answer does not end.", "the starter", "Install Carryon again.")
