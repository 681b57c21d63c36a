"""How long a message or a draft may be."""

from agent.conversation.errors import MessageTooLongError
from agent.store.texts import storable

MESSAGE_BYTES_MAX = 4 * 1024 * 1024  # of one message or draft, as UTF-8


def bounded(text: str, what: str) -> str:
    """The text, storable; raises MessageTooLongError."""
    kept = storable(text)
    if len(kept.encode()) > MESSAGE_BYTES_MAX:
        raise MessageTooLongError(
            f"The {what} is longer than {MESSAGE_BYTES_MAX // 1024 // 1024} MB.",
            what,
            "Save it as a file and bring it into the library.",
        )
    return kept
