"""A conversation that grows until the model can no longer hold it."""

from agent.loop.fitting import standing
from agent.protocol.records import Summary
from models.errors import WorkerDiedError
from tests.flow.chatting import Chat, Turn

NO_TOOLS = '[tools]\n"*" = "deny"\n'
LONG = "a long story about the journey to Lisbon and everything that happened on the way, told at length " * 6


def tell(chat: Chat, turns: int, start: int = 1) -> list[Turn]:
    return [chat.say(f"part {number}: {LONG}", [f"Heard part {number}."]) for number in range(start, start + turns)]


def until_it_folds(chat: Chat, *summary: str | WorkerDiedError) -> Turn:
    """The turn in which the oldest were summed up; `summary` is what the model makes of them."""
    for number in range(1, 30):
        before = len(chat.model.requests)
        chat.model.answers.clear()
        if chat.conversation and _is_full(chat):
            turn = chat.say(f"part {number}: {LONG}", list(summary), [f"Heard part {number}."])
        else:
            turn = chat.say(f"part {number}: {LONG}", [f"Heard part {number}."])
        if len(chat.model.requests) > before + 1 or turn.notices:
            return turn
    raise AssertionError("it never filled up")


def _is_full(chat: Chat) -> bool:
    measured = standing(chat.conversation or "", chat.runtime.ports)
    assert measured is not None
    return measured.used + len(LONG) * measured.tokens_per_character + 24 > measured.holds


def summary_of(chat: Chat) -> Summary:
    (found,) = [message.summary for message in chat.messages if message.summary and message.summary.is_current]
    return found


def told(chat: Chat) -> list[str]:
    return [message.text for message in chat.model.requests[-1].messages if message.role == "user"]


def summaries(chat: Chat) -> list[Summary]:
    return [message.summary for message in chat.messages if message.summary]
