"""Makes a verbatim span fit its argument: quotes and a leading "that" go, sums become symbols, settings get values.

Deterministic and small. Times stay as said: a parser resolves them when the tool runs.
"""

from __future__ import annotations

import re

from models.starter.arithmetic import to_symbols
from models.starter.vocabulary import TOOLS

_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "„": "“", "«": "»", "`": "`", "(": ")", "<": ">"}
_EDGES = " \t\r\n,;:"
_MESSAGES = {("email.send", "body"), ("message.post", "text"), ("note.create", "body"), ("note.append", "text")}
_NAMES = {"to", "channel", "project", "place", "from", "value", "path", "url", "label", "duration", "when", "due"}
_ARTICLE = re.compile(r"(?:the|my)\s+(?=\S)", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’]s$")
_THAT = re.compile(r"that\s+(?=\S)", re.IGNORECASE)


def normalise(tool: str, name: str, cut: str) -> str:
    """The value of argument `name` of `tool` from the text cut out of the request."""
    value = _unquoted(cut.strip(_EDGES))
    if name == "expression":
        return to_symbols(value)
    if (tool, name) in _MESSAGES:
        return _THAT.sub("", value, count=1) if _THAT.match(value) else value
    if name == "channel":
        return _ARTICLE.sub("", value.lstrip("#")) or value
    if name == "to" and value.startswith("@"):
        return value[1:] or value
    if name in {"when", "due"}:
        value = _POSSESSIVE.sub("", value)
    if name in _NAMES or name in {"title", "query", "subject"}:
        value = value.rstrip(".,;!") if name not in {"path", "value"} else value.rstrip(",;")
    return value or cut.strip()


def setting(key: str, value: str | None) -> tuple[str, str]:
    """The key and value for `.agentrc` from a setting the model named and, where it is open, the words it cut."""
    if "=" in key:
        closed_key, _, closed_value = key.partition("=")
        return closed_key, closed_value
    said = (value or "").strip()
    if key == "language":
        return key, _LANGUAGES.get(said.lower(), said)
    if key == "model.default":
        return key, said.removesuffix(" model")
    if key.startswith("tools."):
        return f"tools.{_tool_pattern(said)}", key.partition(".")[2]
    return key, said


def _unquoted(value: str) -> str:
    while len(value) > 1 and _QUOTES.get(value[0]) == value[-1]:
        value = value[1:-1].strip(_EDGES)
    return value


_LANGUAGES = {
    "english": "en", "german": "de", "deutsch": "de", "spanish": "es", "español": "es", "french": "fr",
    "français": "fr", "italian": "it", "portuguese": "pt", "dutch": "nl", "polish": "pl", "swedish": "sv",
    "danish": "da", "norwegian": "no", "finnish": "fi", "czech": "cs", "turkish": "tr", "greek": "el",
    "russian": "ru", "ukrainian": "uk", "arabic": "ar", "hebrew": "he", "hindi": "hi", "japanese": "ja",
    "korean": "ko", "chinese": "zh", "mandarin": "zh", "romanian": "ro", "hungarian": "hu", "welsh": "cy",
}  # fmt: skip
_FAMILIES = {
    "email": "email", "mail": "email", "e-mail": "email", "message": "message", "chat": "message", "post": "message",
    "channel": "message", "slack": "message", "issue": "issue", "bug": "issue", "ticket": "issue", "note": "note",
    "task": "task", "reminder": "task", "todo": "task", "calendar": "calendar", "event": "calendar", "web": "web",
    "fetch": "web", "page": "web", "file": "file", "timer": "timer", "calculation": "calc", "unit": "units",
    "conversion": "units", "library": "library", "document": "library", "setting": "rc", "clock": "clock",
}  # fmt: skip


def _tool_pattern(said: str) -> str:
    """`email.*` for "sending e-mails"; the words themselves when they already are a tool or name none."""
    if said in TOOLS or said.endswith(".*"):
        return said
    for word in re.findall(r"[\w-]+", said.lower()):
        stem = word.removesuffix("s").removesuffix("ing")
        family = _FAMILIES.get(word) or _FAMILIES.get(stem)
        if family:
            return f"{family}.*"
    return said
