"""A log that keeps nothing: `carryon ask --dry-run` shows what would be done without storing a word."""

import time
from collections.abc import Sequence

from agent.conversation.rounds import Round, Spoken
from agent.loop.ports import Request
from agent.protocol.records import AnswerLabel, Message, Outcome, Question, Role, Summary


class DryLog:
    """Same port as the conversations' store."""

    def begin_turn(self, request: Request) -> Message:
        return Message("", request.conversation_id or "", "", Role.USER, request.text, _now(), sources=request.sources)

    def thread(self, conversation_id: str) -> Sequence[Spoken]:
        return ()

    def read(self, conversation_id: str) -> Sequence[str]:
        return ()

    def lent(self, conversation_id: str) -> Sequence[str]:
        return ()

    def keep_partial(self, asked: Message, text: str, rounds: Sequence[Round] = ()) -> None:
        """Nothing is kept."""

    def summary(self, conversation_id: str) -> tuple[Summary, int] | None:
        return None

    def sum_up(self, conversation_id: str, until_seq: int, made: Summary, words: str) -> Message:
        return Message("", conversation_id, "", Role.NOTICE, words, _now(), summary=made)

    def announced(self, summary: Summary, words: str) -> Message | None:
        return None

    def notice(self, conversation_id: str, words: str) -> Message:
        return Message("", conversation_id, "", Role.NOTICE, words, _now())

    def end_turn(
        self, asked: Message, text: str, outcome: Outcome, label: AnswerLabel, *, complete: bool,
        question: Question | None = None,
    ) -> Message:  # fmt: skip
        return Message("", asked.conversation_id, "", Role.AGENT, text, _now(), (), label, outcome, complete, question)


def _now() -> int:
    return int(time.time() * 1000)
