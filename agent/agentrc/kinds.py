"""What each kind of setting accepts. A check returns what is wrong, in words, or "" when nothing is."""

import difflib
import re
import shlex
import tomllib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from agent.agentrc import classings
from agent.agentrc.durations import seconds
from agent.agentrc.options import SCHEMA, Kind, Option
from agent.agentrc.references import is_reference
from agent.agentrc.servers import COMMAND_WORDS_MAX
from agent.agentrc.sizes import size_bytes

TEXT_CHARACTERS_MAX = 4_000
LIST_MAX = 200
TOKENS_LEAST, TOKENS_MOST = 2_048, 1_048_576  # fewer hold no conversation
AUTO = "auto"
NEVER_KEPT = "actions.*.fresh"  # of which "0s" says that its answer is never kept

_ADDRESS = re.compile(r"(?:[^<>@\r\n]*<)?[^\s@<>,;]+@[^\s@<>,;]+>?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_WHOLE_PATH = re.compile(r"[~/]|[A-Za-z]:[\\/]|\\\\")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def judge(option: Option, value: object) -> str:
    """What is wrong with `value` for `option`; "" if nothing."""
    return _CHECKS[option.kind](option, value)


def near(word: str, choices: tuple[str, ...] | list[str]) -> str:
    """A did-you-mean, with a leading blank, or nothing."""
    found = difflib.get_close_matches(word.casefold(), list(choices), n=1, cutoff=0.5)
    return f" Did you mean {found[0]!r}?" if found else ""


def from_text(option: Option, text: str) -> object:
    """A value typed on a command line or in a variable, as the option's kind; unreadable text stays text and is
    refused by `judge`."""
    if option.kind is Kind.BOOL:
        word = text.strip().casefold()
        return word in _TRUE if word in (*_TRUE, *_FALSE) else text
    if option.kind in (Kind.PORT, Kind.SCHEMA, Kind.TOKENS):
        return int(text) if text.strip().isascii() and text.strip().isdigit() else text
    if option.kind in (Kind.PATHS, Kind.TEXTS):
        return _typed_list(text)
    if option.kind is Kind.COMMAND:
        return _typed_command(text)
    if option.kind is Kind.CLASSING:
        return classings.from_text(text)
    return text


def _typed_command(text: str) -> object:
    """As a shell would take it apart, or as TOML writes a list."""
    if text.strip().startswith("["):
        return _typed_list(text)
    try:
        return shlex.split(text)
    except ValueError:  # a quote that is never closed
        return text


def _typed_list(text: str) -> object:
    """Separated by commas, or as TOML writes a list."""
    if text.strip().startswith("["):
        try:
            return tomllib.loads(f"list = {text}")["list"]
        except tomllib.TOMLDecodeError:
            return text
    return [part.strip() for part in text.split(",") if part.strip()]


def normal(option: Option, value: Any) -> Any:
    """One shape for values that may be written in two: a single text where a list may stand."""
    return [value] if option.kind in (Kind.PATHS, Kind.TEXTS) and isinstance(value, str) else value


def _text(option: Option, value: object) -> str:
    if not isinstance(value, str):
        return f"must be text in quotes, not {spoken(value)}."
    if not value.strip():
        return "must not be empty; leave the line out instead."
    if len(value) > TEXT_CHARACTERS_MAX:
        return f"is {len(value)} characters long; {TEXT_CHARACTERS_MAX} is the most."
    if _CONTROL.search(value):
        return "holds a character that cannot be seen; write it anew."
    if "\n" in value and option.kind not in (Kind.TONE, Kind.TEXTS, Kind.TEMPLATE):
        return "must stand on one line."
    return ""


def _tone(option: Option, value: object) -> str:
    if wrong := _text(option, value):
        return wrong
    if value in option.choices or len(str(value).split()) > 1:
        return ""
    return f"must be {_listed(option.choices)}, or a sentence, not {value!r}.{near(str(value), option.choices)}"


def _choice(option: Option, value: object) -> str:
    if isinstance(value, str) and value in option.choices:
        return ""
    close = near(value, option.choices) if isinstance(value, str) else ""
    return f"must be {_listed(option.choices)}, not {_shown(value)}.{close}"


def _bool(_option: Option, value: object) -> str:
    return "" if isinstance(value, bool) else f"must be true or false, without quotes, not {_shown(value)}."


def _schema(_option: Option, value: object) -> str:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        return f"must be {SCHEMA}, not {_shown(value)}."
    if value > SCHEMA:
        return f"is {value}, but {SCHEMA} is the newest that this Carryon reads. A newer Carryon will read the file."
    return ""


def _port(_option: Option, value: object) -> str:
    fine = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536
    return "" if fine else f"must be a number from 1 to 65535, without quotes, not {_shown(value)}."


def _tokens(_option: Option, value: object) -> str:
    fine = isinstance(value, int) and not isinstance(value, bool) and TOKENS_LEAST <= value <= TOKENS_MOST
    if fine or value == AUTO:
        return ""
    return f'must be "auto", or a number from {TOKENS_LEAST} to {TOKENS_MOST} without quotes, not {_shown(value)}.'


def _language(_option: Option, value: object) -> str:
    if isinstance(value, str) and _LANGUAGE.fullmatch(value):
        return ""
    return f"must be a language code such as en, de, es, fr or pt-BR, not {_shown(value)}."


def _zone(option: Option, value: object) -> str:
    if wrong := _text(option, value):
        return wrong
    return "" if value == "local" or _is_zone(str(value)) else _no_zone(str(value))


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # absent, badly formed, a folder of the zone database
        return False
    return True


def _no_zone(name: str) -> str:
    from zoneinfo import available_timezones

    zones = sorted(available_timezones())
    found = difflib.get_close_matches(name, zones, n=1, cutoff=0.5)
    city = name.replace(" ", "_").casefold()
    named = [zone for zone in zones if zone.casefold().endswith("/" + city)]
    close = (named or found or [""])[0]
    return f"must be local or a zone such as Europe/Berlin, not {name!r}." + (
        f" Did you mean {close!r}?" if close else ""
    )


def _address(option: Option, value: object) -> str:
    if wrong := _text(option, value):
        return wrong
    return "" if _ADDRESS.fullmatch(str(value)) else f"must be an e-mail address such as me@example.org, not {value!r}."


def _url(option: Option, value: object) -> str:
    if wrong := _text(option, value):
        return wrong
    if is_reference(str(value)):
        return ""
    try:
        parts = urlsplit(str(value))
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        fine = False
    fine = fine and not re.search(r"\s", str(value))
    return "" if fine else f"must be an address that begins with http:// or https://, not {value!r}."


def _reference(_option: Option, value: object) -> str:
    """Never shows the value: it may be the secret itself."""
    if isinstance(value, str) and is_reference(value):
        return ""
    return "must say where the secret is, never the secret itself"


def _list(option: Option, value: object) -> str:
    values = normal(option, value)
    if not isinstance(values, list):
        return f'must be a list such as ["…", "…"], not {spoken(value)}.'
    if len(values) > LIST_MAX:
        return f"has {len(values)} entries; {LIST_MAX} is the most."
    check = _path if option.kind is Kind.PATHS else _text
    return next((f"holds an entry that {wrong}" for entry in values if (wrong := check(option, entry))), "")


def _path(option: Option, value: object) -> str:
    if wrong := _text(option, value):
        return wrong
    fine = _WHOLE_PATH.match(str(value))
    return "" if fine else f"must be a whole path such as ~/Documents, not {value!r}."


def _command(option: Option, value: object) -> str:
    """A list: a text would have to be taken apart by a shell, and no shell is used."""
    if not isinstance(value, list):
        return f'must be a list such as ["program", "argument"], not {_shown(value)}.'
    if not value:
        return 'must be a list such as ["program", "argument"]; this one is empty.'
    if len(value) > COMMAND_WORDS_MAX:
        return f"has {len(value)} words; {COMMAND_WORDS_MAX} is the most."
    if not isinstance(value[0], str) or not value[0].strip():
        return "must begin with the program to start."
    words = (_text(option, word) for word in value if word != "")  # an empty argument may be meant
    return next((f"holds an argument that {wrong}" for wrong in words if wrong), "")


def _duration(option: Option, value: object) -> str:
    found = seconds(value) if isinstance(value, str) else None
    if found or (found == 0 and option.key == NEVER_KEPT):
        return ""
    return f'must be a length of time such as "30s", "5m" or "1h", not {_shown(value)}.'


def _size(_option: Option, value: object) -> str:
    if isinstance(value, str) and size_bytes(value) is not None:
        return ""
    return f'must be an amount from "10 MB" to "1 TB", such as "500 MB" or "2 GB", or "off", not {_shown(value)}.'


def _classing(_option: Option, value: object) -> str:
    return classings.wrong_with(value)


_CHECKS: Mapping[Kind, Callable[[Option, object], str]] = {
    Kind.TEXT: _text,
    Kind.TONE: _tone,
    Kind.CHOICE: _choice,
    Kind.BOOL: _bool,
    Kind.SCHEMA: _schema,
    Kind.PORT: _port,
    Kind.TOKENS: _tokens,
    Kind.LANGUAGE: _language,
    Kind.ZONE: _zone,
    Kind.ADDRESS: _address,
    Kind.URL: _url,
    Kind.REFERENCE: _reference,
    Kind.PATH: _path,
    Kind.PATHS: _list,
    Kind.TEXTS: _list,
    Kind.TEMPLATE: _text,
    Kind.COMMAND: _command,
    Kind.DURATION: _duration,
    Kind.SIZE: _size,
    Kind.CLASSING: _classing,
}


def spoken(value: object) -> str:
    """The type of a value, in words of everyday."""
    words = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "a table"}
    return words.get(type(value), "a date or time")


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, (str, int, float)) and len(repr(value)) <= 60 else spoken(value)


def _listed(choices: tuple[str, ...]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}" if len(choices) > 1 else repr(choices[0])
