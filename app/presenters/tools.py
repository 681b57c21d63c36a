"""How each tool is called on a card: an icon, a title made of its arguments, and names for what it carries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.presenters.wording import one_line


@dataclass(frozen=True, slots=True)
class ToolFace:
    icon: str
    title: str  # with {argument} places
    plain: str  # the title where an argument is missing


FACES: Mapping[str, ToolFace] = {
    "note.create": ToolFace("note", "Note “{title}”", "New note"),
    "note.append": ToolFace("note", "Added to “{title}”", "Added to a note"),
    "library.search": ToolFace("search", "Library: “{query}”", "Library search"),
    "library.open": ToolFace("library", "“{title}”", "From the library"),
    "task.add": ToolFace("task", "Task: {title}", "New task"),
    "task.list": ToolFace("task", "Tasks {when}", "Your tasks"),
    "task.done": ToolFace("task", "Done: {title}", "Task done"),
    "calendar.add": ToolFace("calendar", "{title}", "New event"),
    "calendar.list": ToolFace("calendar", "Calendar {when}", "Your calendar"),
    "timer.set": ToolFace("timer", "Timer: {duration}", "Timer"),
    "calc.evaluate": ToolFace("calc", "{expression}", "Calculation"),
    "units.convert": ToolFace("calc", "{value} {from} in {to}", "Conversion"),
    "clock.now": ToolFace("clock", "Time in {place}", "The time"),
    "file.read": ToolFace("file", "{path}", "File"),
    "file.find": ToolFace("folder", "Files: “{query}”", "File search"),
    "email.send": ToolFace("mail", "E-mail to {to}", "E-mail"),
    "message.post": ToolFace("channel", "Message to {channel}", "Message"),
    "issue.create": ToolFace("issue", "Issue in {project}", "Issue"),
    "web.fetch": ToolFace("globe", "{url}", "Web page"),
    "file.upload": ToolFace("file", "{title} to {account}", "File to a folder elsewhere"),
    "repository.push": ToolFace("issue", "Push {repository}", "Push"),
    "rc.set": ToolFace("settings", "Change “{key}”", "Change of settings"),
}
OTHER = ToolFace("spark", "", "")

LABELS: Mapping[str, str] = {
    "to": "To", "subject": "Subject", "body": "Text", "channel": "Channel", "text": "Text", "project": "Project",
    "title": "Title", "due": "Due", "when": "When", "duration": "Length", "label": "Label", "url": "Address",
    "key": "Setting", "value": "Value", "query": "Search", "path": "File", "place": "Place", "expression": "Sum",
    "from": "From", "cc": "Copy to", "address": "Address", "attach": "With it", "account": "Account",
    "repository": "Repository",
}  # fmt: skip

_LONG_WHEN = ("body", "text")  # arguments whose value may fill several lines
TITLE_CHARACTERS_MAX = 80


def face(tool: str) -> ToolFace:
    return FACES.get(tool) or ToolFace(OTHER.icon, "", tool)


def title(tool: str, args: Mapping[str, Any]) -> str:
    known = face(tool)
    try:
        made = known.title.format_map({key: one_line(str(value)) for key, value in args.items()})
    except (KeyError, IndexError, ValueError):
        made = ""
    return one_line(made or known.plain, TITLE_CHARACTERS_MAX)


def label(argument: str) -> str:
    return LABELS.get(argument) or argument.replace("_", " ").capitalize()


def in_order(arguments: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """As one reads them: to whom, about what, then the text; what has no name of its own comes last."""
    order = {name: number for number, name in enumerate(LABELS)}
    return sorted(arguments.items(), key=lambda pair: order.get(pair[0], len(order)))


def is_long(argument: str) -> bool:
    return argument in _LONG_WHEN
