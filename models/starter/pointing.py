"""One request as the starter model sees it: the prompt, and what may be answered next.

The model never spells a value. It names an outcome and points at numbered pieces; `meaning.py` turns that into calls
with verbatim arguments. This class is pure: the worker brings the probabilities.

    <email.send> <arg:to> <w1> <w1> <arg:body> <w3> <w6> <task.add> ... <end>
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from models.records import Decision, PointedCall
from models.starter.borders import Borders, open_span
from models.starter.known import kinds_of
from models.starter.meaning import calls_of, decision_of
from models.starter.pieces import shown_text, split
from models.starter.situation import ALONE, Situation
from models.starter.vocabulary import (
    AGAIN,
    AMEND,
    ANSWER,
    ARGUMENT_OF,
    BEGIN,
    CALLS_MAX,
    CLARIFY,
    END,
    FILL,
    FOLLOW_UPS,
    FOUND_BY_NAME,
    HANDOFF,
    OTHER,
    OUTCOME_TOKENS,
    REPLY,
    SETTING_OF,
    TOOL_OF,
    TOOLS,
    TOPIC_OF,
    UNDO,
    argument_token,
    known_token,
    tool_token,
    word_token,
)  # fmt: skip

ANSWER_TOKENS_MAX = 3 + CALLS_MAX * 10  # the longest answer: three calls of three arguments each
PROMPT_TOKENS_MAX = 1024  # that any request can come to, see pieces.BYTES_MAX

_ASKED_ABOUT = tuple(tool_token(name) for name, tool in TOOLS.items() if tool.required)


class Pointing:
    """Frame and grammar of one request."""

    def __init__(self, text: str, situation: Situation = ALONE) -> None:
        self.text = text
        self.situation = situation
        self.pieces = split(text)
        self._borders = Borders(text, self.pieces)
        self._rules: dict[str, Callable[[Sequence[str]], tuple[str, ...]]] = {
            REPLY: lambda answer: (END,) if len(answer) > 1 else tuple(TOPIC_OF),
            HANDOFF: lambda _answer: (END,),
            CLARIFY: self._clarify,
            FILL: lambda answer: self._some(self.situation.arguments_asked(), answer, 1),
            **dict.fromkeys(FOLLOW_UPS, self._follow_up),
        }

    def prompt(self) -> str:
        """What came before, then the numbered request; each piece of a known name carries the mark of its kind."""
        shown = shown_text(self.pieces)
        known = kinds_of(self.text, self.pieces, self.situation.known)
        numbered = (
            word_token(number) + (known_token(kind) if kind else "") + piece
            for number, (piece, kind) in enumerate(zip(shown, known, strict=True))
        )
        return f"{BEGIN}{self.situation.tokens()}{''.join(numbered)}{ANSWER}"

    def allowed(self, answer: Sequence[str] = ()) -> tuple[str, ...]:
        """Every token that may follow `answer`; empty when it is complete."""
        if not answer:
            return self._openings()
        if answer[-1] == END:
            return ()
        return self._rules.get(answer[0], self._calls)(answer)

    def decision(self, answer: Sequence[str], probabilities: Sequence[float]) -> Decision:
        """The meaning of a complete answer; `probabilities` holds that of each token among the allowed ones."""
        return decision_of(self.text, self.pieces, self.situation, answer, probabilities)

    def calls(self, answer: Sequence[str]) -> tuple[PointedCall, ...]:
        """The calls in a complete answer, sure or not."""
        return calls_of(self.text, self.pieces, self.situation, answer)

    def _openings(self) -> tuple[str, ...]:
        if not self.pieces:
            return (REPLY,)  # an empty request: nothing to point at
        if self.situation.arguments_asked():
            return (FILL, UNDO, *OUTCOME_TOKENS)
        after = self.situation.tools_after()
        if not after:
            return OUTCOME_TOKENS
        other = (OTHER,) if any(tool in FOUND_BY_NAME for tool in after) else ()
        return (AMEND, AGAIN, UNDO, *other, *OUTCOME_TOKENS)

    def _follow_up(self, answer: Sequence[str]) -> tuple[str, ...]:
        """Which of the calls just made, and for AMEND and AGAIN what is new about it."""
        if answer[0] == UNDO and self.situation.arguments_asked():
            return (END,)
        if len(answer) == 1:
            after = self.situation.tools_after()
            fitting = [tool for tool in after if answer[0] != OTHER or tool in FOUND_BY_NAME]
            return tuple(map(tool_token, fitting))
        if answer[0] not in (AMEND, AGAIN):
            return (END,)
        tool = TOOL_OF[answer[1]]
        names = tuple(name for name in tool.arguments if name != "key")  # of a setting only the value changes
        return self._some(names, answer, 2)

    def _clarify(self, answer: Sequence[str]) -> tuple[str, ...]:
        """What is given of a call that lacks something it needs."""
        if len(answer) == 1:
            return _ASKED_ABOUT
        tool = TOOL_OF[answer[1]]
        if tool.name == "rc.set":
            return (END,)
        choices = self._some(tool.arguments, answer, 2, at_least=0)
        given = {ARGUMENT_OF[token] for token in answer if token in ARGUMENT_OF}
        lacking = [name for name in tool.required if name not in given]
        if END in choices and len(lacking) == 1:
            return tuple(token for token in choices if token != argument_token(lacking[0]))
        return choices

    def _some(self, names: Sequence[str], answer: Sequence[str], start: int, at_least: int = 1) -> tuple[str, ...]:
        """Any of the arguments `names`, in order, each with its span."""
        part = list(answer[start:])
        if part and (span := open_span(part)) is not None:
            return self._borders.next(span, answer)
        given = [ARGUMENT_OF[token] for token in part if token in ARGUMENT_OF]
        later = names[names.index(given[-1]) + 1 :] if given else names
        ends = (END,) if len(given) >= at_least else ()
        free = self._borders.free(answer)
        return (*map(argument_token, later if free else ()), *ends) or (END,)

    def _calls(self, answer: Sequence[str]) -> tuple[str, ...]:
        start = max(at for at, token in enumerate(answer) if token in TOOL_OF)
        tool, call = TOOL_OF[answer[start]], list(answer[start + 1 :])
        if tool.name == "rc.set":
            return self._in_setting(call, answer, self._after_call(answer))
        if (span := open_span(call)) is not None:
            return self._borders.next(span, answer)
        given = [ARGUMENT_OF[token] for token in call if token in ARGUMENT_OF]
        later = tool.arguments[tool.arguments.index(given[-1]) + 1 :] if given else tool.arguments
        choices: list[str] = []
        for name in later:
            choices.append(argument_token(name))
            if name in tool.required:
                return tuple(choices)  # nothing may jump over a required argument
        return (*choices, *self._after_call(answer))

    def _in_setting(self, call: list[str], answer: Sequence[str], then: tuple[str, ...]) -> tuple[str, ...]:
        if not call:
            return tuple(SETTING_OF)
        if "=" in call[0]:
            return then
        if len(call) == 1:
            return (argument_token("value"),)
        return self._borders.next(call[2:], answer) if len(call) < 4 else then

    def _after_call(self, answer: Sequence[str]) -> tuple[str, ...]:
        made = sum(token in TOOL_OF for token in answer)
        return (END, *TOOL_OF) if made < CALLS_MAX else (END,)
