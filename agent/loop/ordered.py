"""A mind that is told what to decide: the command line names the tool and its arguments itself, and the turn is an
ordinary one, with the user's rules, its outbox item and its place in the conversation."""

from collections.abc import Generator, Sequence

from agent.loop.ports import Intended, Situation, Thought
from agent.loop.prompt import PROMPT_VERSION
from agent.protocol.records import AnswerLabel, Outcome
from models.contracts import Called, ChatRequest, Delta, Finished


class Ordered:
    """`config_hash`: of the settings in force, for the label."""

    def __init__(self, call: Intended, config_hash: str) -> None:
        self._call = call
        self._label = AnswerLabel("rules", "", "", "", PROMPT_VERSION, config_hash, None, None, None)

    def decide(self, text: str, situation: Situation) -> Thought:
        return Thought(Outcome.CALLED, self._label, (self._call,))

    def talks(self) -> bool:
        return False

    def chat(self, request: ChatRequest) -> Generator[Delta | Called | Finished, None, None]:
        yield from ()

    def chat_label(self, answers: Sequence[Finished] = ()) -> AnswerLabel:
        return self._label

    def window(self, *, wait: bool = True) -> int:
        return 0

    def window_why(self) -> str:
        return ""

    def tokens(self, characters: int) -> int:
        return characters

    def heed(self) -> None:
        """Nothing takes long enough to be stopped."""
