"""The oldest turns, summed up by the chat model itself in a small request of its own. Where it cannot, they are left
out; both are told in the thread, and the user may write the summary anew.
"""

from collections.abc import Generator, Sequence
from contextlib import closing

from agent.loop.leave import CancelledByUserError, LeaveTurnError, TooLongError
from agent.loop.ports import Ports
from agent.loop.prompt import Past
from agent.protocol.events import Event, FoldingStarted, NoticeAdded
from agent.protocol.records import SUMMARY_CHARACTERS_MAX, Message, Summary
from models.contracts import ChatRequest, Delta
from models.contracts import Message as ChatMessage

TOKENS_MAX = 400  # of a summary
THINKING_TOKENS_MAX = 2_048  # with what some models say to themselves before it
SHARE = 8  # and at most an eighth of what the model holds
MATERIAL_SHARE = 0.6  # of the window, for what is summed up and the words around it
AROUND_CHARACTERS, MATERIAL_CHARACTERS_MIN = 700, 200
PIECE_CHARACTERS_MIN = 80  # of a message; where there are more than have room, the oldest are left out
SHOWN_CHARACTERS = 60
SYSTEM = "You sum up the beginning of a conversation between a user and an assistant, so that it can go on without it."
TASK = (
    "Write down what must be remembered of it: names, numbers, wishes, decisions, what was done, what is still open. "
    "Plain sentences, at most 150 words, in the language of the conversation, and nothing else."
)


def room_for_summary(window: int) -> int:
    """Tokens."""
    return min(TOKENS_MAX, window // SHARE)


def sum_up(
    asked: Message, oldest: Sequence[Past], before: Summary | None, ports: Ports, window: int, why: str = ""
) -> Generator[Event, None, None]:
    """Put something in the place of `oldest` and of what `before` stood for. `why`: there is no room for words."""
    count = sum(past.messages for past in oldest) + (before.messages if before else 0)
    first, last = oldest[0].asked.text, oldest[-1].asked.text
    yield FoldingStarted(
        turn_id=asked.turn_id, messages=count, goes_from=beginning(first), goes_to=beginning(last), summed=not why
    )
    text = ""
    if not why:
        text, why = _made(oldest, before, ports, window)
    made = Summary("", asked.conversation_id, count, text, why, ports.mind.chat_label().model, 0)
    notice = ports.log.sum_up(asked.conversation_id, oldest[-1].seq, made, words(made, first, last))
    yield NoticeAdded(message=notice)


def words(made: Summary, first: str = "", last: str = "") -> str:
    """The notice in the thread."""
    many = f"{made.messages:,} older messages"
    span = f", from “{beginning(first)}” to the answer to “{beginning(last)}”" if first else ""
    if made.text:
        return f"{many} were summed up for the model, which can hold no more{span}."
    why = f" {made.why.rstrip('.')}." if made.why else ""
    return f"{many} were left out for the model, which can hold no more{span}.{why}"


def beginning(text: str) -> str:
    line = " ".join(text[: SHOWN_CHARACTERS * 4].split())
    return line if len(line) <= SHOWN_CHARACTERS else line[: SHOWN_CHARACTERS - 1].rstrip() + "…"


def _made(oldest: Sequence[Past], before: Summary | None, ports: Ports, window: int) -> tuple[str, str]:
    """The text; or why there is none."""
    try:
        try:
            return _asked(oldest, before, ports, window)
        except TooLongError:  # its true measure is known now
            return _asked(oldest, before, ports, window)
    except CancelledByUserError:
        raise
    except LeaveTurnError as leave:
        return "", f"It could not sum them up: {leave.why}"


def _asked(oldest: Sequence[Past], before: Summary | None, ports: Ports, window: int) -> tuple[str, str]:
    room = round(window * MATERIAL_SHARE * 1_000 / max(ports.mind.tokens(1_000), 1)) - AROUND_CHARACTERS
    material = _material(oldest, before, max(room, MATERIAL_CHARACTERS_MIN))
    request = ChatRequest(
        (ChatMessage("system", SYSTEM), ChatMessage("user", f"{material}\n\n{TASK}")), temperature=0.0,
        max_tokens=min(THINKING_TOKENS_MAX, window // 4),
    )  # fmt: skip
    most = min(SUMMARY_CHARACTERS_MAX, round(room_for_summary(window) * 1_000 / max(ports.mind.tokens(1_000), 1)))
    text = ""
    with closing(ports.mind.chat(request)) as pieces:
        for piece in pieces:
            if isinstance(piece, Delta) and not piece.thinking:
                text += piece.text
            if len(text.strip()) > most:  # it rambles: enough of it
                return text.strip()[: most - 1].rstrip() + "…", ""
    return (text.strip(), "") if text.strip() else ("", "It had no words for them.")


def _material(oldest: Sequence[Past], before: Summary | None, room: int) -> str:
    """The turns as lines, each cut to its share of the room."""
    lines = [line for past in oldest for line in _lines(past)]
    known = before.text[: room // 3] if before and before.is_on else ""
    room -= len(known)
    lines = lines[-max(room // PIECE_CHARACTERS_MIN, 1) :]
    share = max(room // max(len(lines), 1) - 1, PIECE_CHARACTERS_MIN)
    spare = sum(max(share - len(line), 0) for line in lines)  # what short ones leave to the long ones
    long = sum(len(line) > share for line in lines)
    share += spare // long if long else 0
    cut = [line if len(line) <= share else line[: share - 1] + "…" for line in lines]
    return "\n".join((["Before that: " + known] if known else []) + cut)


def _lines(past: Past) -> list[str]:
    said = [f"User: {past.asked.text}"]
    for message in past.said:
        if message.role == "tool":
            said.append(f"Result: {message.text}")
        elif message.text or message.calls:
            calls = " ".join(f"[{call.name} {dict(call.arguments)}]" for call in message.calls)
            said.append(f"Assistant: {message.text} {calls}".rstrip())
    return said
