"""The rooms of the window, apart from the desk: the rail shows them before anything else is imported."""

from typing import NamedTuple


class View(NamedTuple):  # a named tuple is made in a third of the time of a dataclass, and this is before first paint
    """A place of the rail. Ctrl+1 to Ctrl+6 in this order."""

    name: str
    title: str
    icon: str


VIEWS: tuple[View, ...] = (
    View("chat", "Chat", "chat"),
    View("library", "Library", "library"),
    View("outbox", "Outbox", "outbox"),
    View("models", "Models", "models"),
    View("insights", "Insights", "insights"),
    View("settings", "Settings", "settings"),
)
