"""One request as the starter model sees it: the prompt, what may be answered next, and what an answer means.

The model never spells a value. It names an outcome and points at numbered pieces; this class turns that into calls
with verbatim arguments. It is pure: the worker brings the probabilities.

    <email.send> <arg:to> <w1> <w1> <arg:body> <w3> <w6> <task.add> ... <end>
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from models.starter.normalise import normalise, setting
from models.starter.pieces import shown_text, split
from models.starter.thresholds import confidence_of, is_sure
from models.starter.vocabulary import (
    ANSWER,
    BEGIN,
    CALLS_MAX,
    CLARIFY,
    END,
    HANDOFF,
    MARKS,
    OUTCOME_TOKENS,
    REPLY,
    SETTINGS,
    TOOLS,
    TOPICS,
    Tool,
    argument_token,
    setting_token,
    tool_token,
    topic_token,
    word_token,
)  # fmt: skip

Outcome = Literal["called", "answered", "handoff", "clarify"]
ANSWER_TOKENS_MAX = 2 + CALLS_MAX * 10  # the longest answer: three calls of three arguments each

_TOOL_OF = {tool_token(name): tool for name, tool in TOOLS.items()}
_ARGUMENT_OF = {argument_token(name): name for tool in TOOLS.values() for name in tool.arguments}
_TOPIC_TOKENS = tuple(map(topic_token, TOPICS))
_SETTING_TOKENS = tuple(map(setting_token, SETTINGS))


_NEVER_FIRST = frozenset(",;:.!?>|=)]}")
_NEVER_LAST = frozenset(",;:<|=([{#")


@dataclass(frozen=True, slots=True)
class PointedCall:
    """One call with its arguments; `spans` holds the (start, end) of each in the request, before normalising."""

    tool: str
    args: dict[str, str]
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the model decided. `guess`: the calls it would have made, had it been sure enough to act."""

    outcome: Outcome
    confidence: float
    calls: tuple[PointedCall, ...] = ()
    topic: str | None = None
    missing: str | None = None
    guess: tuple[PointedCall, ...] = ()


class InvalidAnswerError(ValueError):
    """The answer breaks the grammar: {answer}. Drive the model with `Pointing.allowed`."""


class Pointing:
    """Frame, grammar and meaning of one request."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pieces = split(text)

    def prompt(self) -> str:
        """The numbered request, then its numbers once more: there each number has read the whole request."""
        marks = [word_token(number) for number in range(len(self.pieces))]
        numbered = "".join(mark + shown for mark, shown in zip(marks, shown_text(self.pieces), strict=True))
        return f"{BEGIN}{numbered}{MARKS}{''.join(marks)}{ANSWER}"

    def allowed(self, answer: Sequence[str] = ()) -> tuple[str, ...]:
        """Every token that may follow `answer`; empty when it is complete."""
        if not answer:
            return self._openings()
        if answer[-1] == END:
            return ()
        start = max((at for at, token in enumerate(answer) if token in OUTCOME_TOKENS), default=0)
        if answer[0] == CLARIFY:
            return (END,) if len(answer) == 2 else tuple(_TOOL_OF)
        if answer[start] == REPLY:
            return (END,) if len(answer) > 1 else _TOPIC_TOKENS
        if answer[start] == HANDOFF:
            return (END,)
        return self._in_call(_TOOL_OF[answer[start]], answer, start)

    def decision(self, answer: Sequence[str], probabilities: Sequence[float]) -> Decision:
        """The meaning of a complete answer; `probabilities` holds that of each token among the allowed ones."""
        if not answer or answer[-1] != END:
            raise InvalidAnswerError(f"The answer breaks the grammar: {list(answer)}. Drive it with Pointing.allowed.")
        confidence = confidence_of(answer, probabilities)
        if answer[0] == REPLY:
            return Decision("answered", confidence, topic=_TOPIC_TOKENS_TO_NAME[answer[1]])
        if answer[0] == HANDOFF:
            return Decision("handoff", confidence)
        if answer[0] == CLARIFY:
            return Decision("clarify", confidence, missing=_TOOL_OF[answer[1]].name)
        calls = self._calls(answer)
        if not is_sure(confidence, outside=any(TOOLS[call.tool].outside for call in calls)):
            return Decision("clarify", confidence, missing=calls[0].tool, guess=calls)
        return Decision("called", confidence, calls=calls)

    def _openings(self) -> tuple[str, ...]:
        if self.pieces:
            return OUTCOME_TOKENS
        return (REPLY,)  # an empty request: nothing to point at

    def _in_call(self, tool: Tool, answer: Sequence[str], start: int) -> tuple[str, ...]:
        call = list(answer[start + 1 :])
        if tool.name == "rc.set":
            return self._in_setting(call, answer)
        at = max((index for index, token in enumerate(call) if token in _ARGUMENT_OF), default=None)
        if at is not None and len(call) - at < 3:
            return self._span(call[at + 1 :], answer)
        given = [_ARGUMENT_OF[token] for token in call if token in _ARGUMENT_OF]
        later = tool.arguments[tool.arguments.index(given[-1]) + 1 :] if given else tool.arguments
        choices: list[str] = []
        for name in later:
            choices.append(argument_token(name))
            if name in tool.required:
                return tuple(choices)  # nothing may jump over a required argument
        return (*choices, *self._after_call(answer))

    def _in_setting(self, call: list[str], answer: Sequence[str]) -> tuple[str, ...]:
        if not call:
            return _SETTING_TOKENS
        if "=" in call[0]:
            return self._after_call(answer)
        if len(call) == 1:
            return (argument_token("value"),)
        return self._span(call[2:], answer) if len(call) < 4 else self._after_call(answer)

    def _span(self, span: list[str], answer: Sequence[str]) -> tuple[str, ...]:
        """Numbers that may come first, or last: never in two arguments at once, no separator as a border."""
        if span:
            first = int(span[0][2:-1])
            taken = min((low for low, _ in _spans_in(answer) if low > first), default=len(self.pieces))
            return self._borders(range(first, taken), _NEVER_LAST)
        used = {number for low, high in _spans_in(answer) for number in range(low, high + 1)}
        return self._borders([number for number in range(len(self.pieces)) if number not in used], _NEVER_FIRST)

    def _borders(self, numbers: Sequence[int], never: frozenset[str]) -> tuple[str, ...]:
        """Falls back on all of `numbers`, then on all pieces: a request may hold nothing else."""
        good = [number for number in numbers if not never.issuperset(self._word(number))]
        return tuple(map(word_token, good or numbers or range(len(self.pieces))))

    def _word(self, number: int) -> str:
        piece = self.pieces[number]
        return self.text[piece.start : piece.end]

    def _after_call(self, answer: Sequence[str]) -> tuple[str, ...]:
        made = sum(token in _TOOL_OF for token in answer)
        return (END, *_TOOL_OF) if made < CALLS_MAX else (END,)

    def _calls(self, answer: Sequence[str]) -> tuple[PointedCall, ...]:
        starts = [at for at, token in enumerate(answer) if token in _TOOL_OF]
        ends = [*starts[1:], len(answer) - 1]
        return tuple(self._call(answer[start:end]) for start, end in zip(starts, ends, strict=True))

    def _call(self, tokens: Sequence[str]) -> PointedCall:
        tool = _TOOL_OF[tokens[0]].name
        spans = {
            _ARGUMENT_OF[token]: self._cut(tokens[at + 1], tokens[at + 2])
            for at, token in enumerate(tokens)
            if token in _ARGUMENT_OF
        }
        args = {name: normalise(tool, name, self.text[start:end]) for name, (start, end) in spans.items()}
        if tool == "rc.set":
            key, value = setting(_SETTING_NAME[tokens[1]], args.get("value"))
            args = {"key": key, "value": value}
        return PointedCall(tool, args, spans)

    def _cut(self, first: str, last: str) -> tuple[int, int]:
        return self.pieces[int(first[2:-1])].start, self.pieces[int(last[2:-1])].end


_TOPIC_TOKENS_TO_NAME = dict(zip(_TOPIC_TOKENS, TOPICS, strict=True))
_SETTING_NAME = dict(zip(_SETTING_TOKENS, SETTINGS, strict=True))


def _spans_in(answer: Sequence[str]) -> list[tuple[int, int]]:
    """The complete spans of an answer, as piece numbers."""
    spans = []
    for at, token in enumerate(answer[:-2]):
        if token in _ARGUMENT_OF and answer[at + 2].startswith("<w"):
            spans.append((int(answer[at + 1][2:-1]), int(answer[at + 2][2:-1])))
    return spans
