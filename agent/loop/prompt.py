"""What a chat model is told before the conversation: who it is and how the user wants to be answered."""

from collections.abc import Sequence

from agent.agentrc.context import project_context
from agent.agentrc.settings import Settings
from agent.protocol.records import Message, Role
from models.contracts import Message as ChatMessage

PROMPT_VERSION = "1"  # raise it with any change of the words below: answers name it
TURNS_MAX = 40  # messages of the thread that are sent along; older ones stay in the conversation
CHARACTERS_MAX = 24_000  # of those, newest first; the model's own context may hold less and then says so
CONTEXT_CHARACTERS_MAX = 8_000  # of the project's own words

LENGTHS = {"short": "Answer in one or two sentences.", "normal": "", "long": "Answer in full detail."}
FORMATS = {
    "markdown": "",
    "plain": "Write plain text without any markup.",
    "bullets": "Answer as a list of short points.",
}
TONES = {
    "neutral": "",
    "terse": "Be terse: no greeting, no filler.",
    "warm": "Be warm and friendly.",
    "formal": "Be formal and polite.",
}


def system_prompt(settings: Settings) -> str:
    """The settings in words, in a fixed order: the same settings give the same prompt."""
    tone = TONES.get(settings.tone, f"Your tone: {settings.tone}")
    parts = [
        "You are Carryon, an assistant that runs on the user's own laptop, often without a network.",
        "You cannot look anything up; when you are not sure, say so.",
        tone,
        LENGTHS[settings.length],
        FORMATS[settings.format],
        "" if settings.emoji else "Never use emoji.",
        f"Answer in the language with the code {settings.language}." if settings.language != "en" else "",
        f"The project is called {settings.project.name}." if settings.project.name else "",
        "\n".join(piece.text for piece in project_context(settings.project) if piece.text)[:CONTEXT_CHARACTERS_MAX],
    ]
    return "\n".join(part for part in parts if part)


def chat_messages(system: str, thread: Sequence[Message]) -> tuple[ChatMessage, ...]:
    """The newest part of the thread that fits, oldest first, behind the system prompt."""
    kept: list[ChatMessage] = []
    room = CHARACTERS_MAX
    for message in reversed(thread[-TURNS_MAX:]):
        if message.role is Role.NOTICE or not message.text:
            continue
        room -= len(message.text)
        if room < 0 and kept:
            break
        kept.append(ChatMessage("user" if message.role is Role.USER else "assistant", message.text[:CHARACTERS_MAX]))
    return (ChatMessage("system", system), *reversed(kept))
