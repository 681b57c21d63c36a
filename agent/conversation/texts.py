"""Texts as they can be stored, and how long they may be."""

from agent.conversation.errors import MessageTooLongError

MESSAGE_BYTES_MAX = 4 * 1024 * 1024  # of one message or draft, as UTF-8


def storable(text: str) -> str:
    """Halves of a surrogate pair, which some toolkits hand over, are no UTF-8: pairs are joined, a lone half becomes
    the replacement sign. All other text comes back as it is."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


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
