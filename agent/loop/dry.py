"""A log that keeps nothing: `carryon ask --dry-run` shows what would be done without storing a word."""

from collections.abc import Sequence

from agent.loop.ports import Request
from agent.protocol.records import AnswerLabel, Message, Outcome, Question, Role


class DryLog:
    """Same port as the conversations' store."""

    def begin_turn(self, request: Request) -> Message:
        return Message("", request.conversation_id or "", "", Role.USER, request.text, 0)

    def thread(self, conversation_id: str) -> Sequence[Message]:
        return ()

    def keep_partial(self, asked: Message, text: str) -> None:
        """Nothing is kept."""

    def end_turn(
        self, asked: Message, text: str, outcome: Outcome, label: AnswerLabel, *, complete: bool,
        question: Question | None = None,
    ) -> Message:  # fmt: skip
        return Message("", asked.conversation_id, "", Role.AGENT, text, 0, (), label, outcome, complete, question)
