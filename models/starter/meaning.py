"""What an answer of the starter means: calls with verbatim arguments, a reply, a hand-off, a question back.

An answer is a list of tokens that `Pointing.allowed` admitted, with the probability of each.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.records import Decision, Follow, PointedCall
from models.starter.borders import number_of
from models.starter.normalise import normalise, setting, without_the_askers_mark
from models.starter.pieces import Piece
from models.starter.situation import Situation
from models.starter.thresholds import confidence_of, is_sure
from models.starter.vocabulary import (
    ARGUMENT_OF,
    CLARIFY,
    END,
    FILL,
    FOLLOW_UPS,
    HANDOFF,
    REPLY,
    SETTING_OF,
    TOOL_OF,
    TOOLS,
    TOPIC_OF,
    UNDO,
)  # fmt: skip


class InvalidAnswerError(ValueError):
    """The answer breaks the grammar: {answer}. Drive the model with `Pointing.allowed`."""


def decision_of(
    text: str, pieces: Sequence[Piece], situation: Situation, answer: Sequence[str], probabilities: Sequence[float]
) -> Decision:
    if not answer or answer[-1] != END:
        raise InvalidAnswerError(f"The answer breaks the grammar: {list(answer)}. Drive it with Pointing.allowed.")
    confidence = confidence_of(answer, probabilities)
    if answer[0] == REPLY:
        return Decision("answered", confidence, topic=TOPIC_OF[answer[1]])
    if answer[0] == HANDOFF:
        return Decision("handoff", confidence)
    calls = calls_of(text, pieces, situation, answer)
    if answer[0] == CLARIFY:
        (partial,) = calls
        lacks = tuple(name for name in TOOLS[partial.tool].required if name not in partial.args)
        return Decision("clarify", confidence, missing=partial.tool, lacks=lacks, guess=calls if partial.args else ())
    follow: Follow | None = answer[0][1:-1] if answer[0] in (*FOLLOW_UPS, FILL) else None  # type: ignore[assignment]
    if not is_sure(answer, probabilities, outside=any(TOOLS[call.tool].outside for call in calls)):
        return Decision("clarify", confidence, missing=calls[0].tool, guess=calls if follow is None else ())
    return Decision("called", confidence, calls=calls, follow=follow)


def calls_of(
    text: str, pieces: Sequence[Piece], situation: Situation, answer: Sequence[str]
) -> tuple[PointedCall, ...]:
    """The calls in a complete answer, sure or not."""
    if answer[0] == FILL or (answer[0] == UNDO and situation.arguments_asked()):
        assert situation.asked is not None
        return (_call(text, pieces, situation.asked[0], answer[1:]),)
    starts = [at for at, token in enumerate(answer) if token in TOOL_OF]
    ends = [*starts[1:], len(answer) - 1]
    return tuple(
        _call(text, pieces, TOOL_OF[answer[start]].name, answer[start + 1 : end])
        for start, end in zip(starts, ends, strict=True)
    )


def _cut(text: str, first: Piece, last: Piece) -> tuple[int, int]:
    return first.start, max(without_the_askers_mark(text, last.end), first.start + 1)


def _call(text: str, pieces: Sequence[Piece], tool: str, tokens: Sequence[str]) -> PointedCall:
    spans = {
        ARGUMENT_OF[token]: _cut(text, pieces[number_of(tokens[at + 1])], pieces[number_of(tokens[at + 2])])
        for at, token in enumerate(tokens)
        if token in ARGUMENT_OF
    }
    args = {name: normalise(tool, name, text[start:end]) for name, (start, end) in spans.items()}
    if tool == "rc.set" and tokens and tokens[0] in SETTING_OF:
        key, value = setting(SETTING_OF[tokens[0]], args.get("value"))
        args = {"key": key, "value": value}
    return PointedCall(tool, args, spans)
