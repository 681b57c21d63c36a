"""Makes a verbatim span fit its argument: quotes and a leading "that" go, sums become symbols, settings get values.

Deterministic and small. Times stay as said: a parser resolves them when the tool runs.
"""

from __future__ import annotations

import re
import unicodedata

from models.starter.arithmetic import to_symbols
from models.starter.setting_words import FAMILIES, LANGUAGES
from models.starter.vocabulary import TOOLS

_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "„": "“", "«": "»", "`": "`", "(": ")", "<": ">"}
_LONE = frozenset('"“„«')
_CLOSING = {'"': frozenset('"'), "”": frozenset("“”"), "“": frozenset("„“"), "»": frozenset("«»")}
_EDGES = " \t\r\n,;:"
_BULLETS = "+|>*~=–—- "
_POLITE = re.compile(
    r"(?:\W*(?:hi|hey|hello|ok|okay|so|and|please|hallo|bitte|hola|oye|bonjour|salut|dis)\b\W*)*(?:can|could|cud|would|wud|"
    r"will|may|might|do you mind|any chance|kannst|könntest|könnten|würdest|würden|magst|puedes|podrías|podría|puede|"
    r"peux|pourrais|pourriez|pouvez|tu peux|tu pourrais|vous pouvez)\b",
    re.IGNORECASE,
)
_MESSAGES = {("email.send", "body"), ("message.post", "text"), ("note.create", "body"), ("note.append", "text")}
_NAMES = {"to", "channel", "project", "place", "from", "value", "path", "url", "label", "duration", "when", "due"}
_ARTICLE = re.compile(r"(?:(?:the|my|der|die|das|den|dem|el|los?|las?|les?)\s+|l['’])(?=\S)", re.IGNORECASE)
_TO = re.compile(r"(?:an|a|à|pour|para|für)\s+(?=\S)|al\s+(?=\S)")  # small letters alone: An is a name
_TRACKER = re.compile(
    r"^(?:the )?(?:project|repo|repository|tracker)\s+(?=\S)|\s+(?:project|repo|repository|tracker)$", re.I
)
_POSSESSIVE = re.compile(r"['’]s$")
_MODEL = re.compile(
    r"^(?:(?:das|el|le) )?(?:modell|modelo|modèle) (?=\S)| (?:model|modell|modelo|modèle)$", re.IGNORECASE
)
_THAT = re.compile(r"(?:(?:that|taht|tht|dass|daß|que)\s+|qu['’])(?=\S)", re.IGNORECASE)
_CONJUNCTION = re.compile(r"(?:(?:dass|daß|que)\s+|qu['’])(?=\S)", re.IGNORECASE)  # recuérdame que llame a Dana
_DAY = r"(?:0?[1-9]|[12]\d|3[01])\."
_GERMAN_DATE = re.compile(
    rf"(?:^|.*\s){_DAY}(?:0?[1-9]|1[0-2])\.|(?:de[nm] )?{_DAY}"
)  # their last point is part of them
_ELIDED_OF = re.compile(r"d['’](?=\w+(?:er|ir|re|oir)\b)", re.IGNORECASE)  # rappelle-moi d'appeler Dana


def normalise(tool: str, name: str, cut: str) -> str:
    """The value of argument `name` of `tool` from the text cut out of the request."""
    value = _unquoted(cut.strip(_EDGES))
    if name == "expression":
        return to_symbols(value)
    if (tool, name) in _MESSAGES:
        return _THAT.sub("", value, count=1) if _THAT.match(value) else value
    if (tool, name) == ("task.add", "title"):
        value = _CONJUNCTION.sub("", value, count=1) if _CONJUNCTION.match(value) else value
        value = _ELIDED_OF.sub("", value, count=1) if _ELIDED_OF.match(value) else value
    if name == "channel":
        return _ARTICLE.sub("", value.lstrip("#")) or value
    if name == "project":
        value = _TRACKER.sub("", value) or value
    if name == "to":
        value = _TO.sub("", value, count=1) if _TO.match(value) else value
        value = value.removeprefix("@") or value
    if name in {"when", "due"}:
        value = _POSSESSIVE.sub("", value)
    if name in {"when", "due"} and _GERMAN_DATE.fullmatch(value):
        return value
    if name in _NAMES or name in {"title", "query", "subject"}:
        value = value.lstrip(_BULLETS).rstrip(".,;!?") if name not in {"path", "value", "url"} else value.rstrip(",;")
    return value or cut.strip()


def without_the_askers_mark(text: str, end: int) -> int:
    """Where a value that reaches to the `end` of a polite question ends: "could you tell Bo it is on?" does not ask Bo.

    A question that is passed on word for word keeps its mark; whoever asks it says so with a colon or a quote.
    """
    if text[end:].strip() or not text[:end].endswith("?") or not _POLITE.match(text) or re.search(r'[:"“„«>]', text):
        return end
    return len(text[:end].rstrip("? "))


def setting(key: str, value: str | None) -> tuple[str, str]:
    """The key and value for `.agentrc` from a setting the model named and, where it is open, the words it cut."""
    if "=" in key:
        closed_key, _, closed_value = key.partition("=")
        return closed_key, closed_value
    said = (value or "").strip()
    if key == "language":
        return key, LANGUAGES.get(_plain(said), said)
    if key == "model.default":
        return key, _MODEL.sub("", said) or said
    if key.startswith("tools."):
        return f"tools.{_tool_pattern(said)}", key.partition(".")[2]
    return key, said


def _unquoted(value: str) -> str:
    while len(value) > 1 and _QUOTES.get(value[0]) == value[-1]:
        value = value[1:-1].strip(_EDGES)
    return _without_a_lone_quote(value)


def _without_a_lone_quote(value: str) -> str:
    """A quote at one end whose other half was cut off."""
    if len(value) > 1 and value[0] in _LONE and not set(value[1:]) & {value[0], _QUOTES[value[0]]}:
        return value[1:].strip(_EDGES)
    inches = value[-2:-1].isdigit()
    if not inches and len(value) > 1 and value[-1] in _CLOSING and not set(value[:-1]) & _CLOSING[value[-1]]:
        return value[:-1].strip(_EDGES)
    return value


def _plain(said: str) -> str:
    """Small letters without accents."""
    parts = unicodedata.normalize("NFD", said.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))


def _tool_pattern(said: str) -> str:
    """`email.*` for "sending e-mails"; the words themselves when they already are a tool or name none."""
    if said in TOOLS or said.endswith(".*"):
        return said
    for word in re.findall(r"[\w-]+", _plain(said)):
        stem = word.removesuffix("s").removesuffix("ing")
        family = FAMILIES.get(word) or FAMILIES.get(stem)
        if family:
            return f"{family}.*"
    return said
