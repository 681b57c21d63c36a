"""The turn loop's log over the conversations of the profile: what it returns is on the disk."""

from collections.abc import Sequence

from agent.conversation import Conversations
from agent.conversation.rounds import Round, Spoken
from agent.loop.ports import Request
from agent.protocol.records import AnswerLabel, Message, Outcome, Question, Summary


class StoredLog:
    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    def begin_turn(self, request: Request) -> Message:
        if request.replaces:
            return self._conversations.edit_message(request.replaces, request.text, request.sources)
        return self._conversations.begin_turn(request.conversation_id, request.text, request.sources)

    def thread(self, conversation_id: str) -> Sequence[Spoken]:
        return self._conversations.messages_for_model(conversation_id)

    def read(self, conversation_id: str) -> Sequence[str]:
        return self._conversations.read(conversation_id)

    def lent(self, conversation_id: str) -> Sequence[str]:
        return self._conversations.lent(conversation_id)

    def keep_partial(self, asked: Message, text: str, rounds: Sequence[Round] = ()) -> None:
        self._conversations.keep_partial(asked.turn_id, text, rounds)

    def summary(self, conversation_id: str) -> tuple[Summary, int] | None:
        return self._conversations.summary(conversation_id)

    def sum_up(self, conversation_id: str, until_seq: int, made: Summary, words: str) -> Message:
        return self._conversations.sum_up(conversation_id, until_seq, made, words)

    def announced(self, summary: Summary, words: str) -> Message | None:
        return self._conversations.announced(summary, words)

    def notice(self, conversation_id: str, words: str) -> Message:
        return self._conversations.notice(conversation_id, words)

    def end_turn(
        self, asked: Message, text: str, outcome: Outcome, label: AnswerLabel, *, complete: bool,
        question: Question | None = None,
    ) -> Message:  # fmt: skip
        return self._conversations.end_turn(asked.turn_id, text, outcome, label, complete=complete, question=question)
