"""Servers as other clients declare them, JSON of the form {"mcpServers": {…}} or {"servers": {…}}, made entries of our
settings. Secrets become references: they go to the keyring and never into the file. What cannot be taken says why.
"""

import json
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from agent.agentrc.errors import RcError
from agent.agentrc.keys import format_key
from agent.agentrc.references import is_reference, literal_secret
from agent.agentrc.servers import RESERVED, TABLE, names_secret, wrong_name
from agent.agentrc.sources import assigned
from agent.errors import BadRequestError

FILE_BYTES_MAX = 2_000_000
SERVERS_MAX, VALUES_MAX, WORDS_MAX = 50, 100, 100
NAME_CHARACTERS_MAX = 40
LONG_SECRET = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_+/=-]{24,}")  # a long mix of letters and digits
NO_KEYRING = (
    "this system offers no keyring for its secret {key}. Put the secret in an environment variable, and write "
    '"${{{key}}}" in its place there, or declare the server by hand.'
)
CLIENTS_OWN = ("${workspaceFolder", "${userHome}", "${pathSeparator}", "${cwd}", "${file")
_VARIABLE = re.compile(r"\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)\}")
_ASKED_FOR = re.compile(r"\$\{input:([A-Za-z0-9_.-]+)\}")


@dataclass(frozen=True, slots=True)
class Import:
    """What would be taken: `wanted` as keys of the settings, `secrets` by their name in the keyring, `skipped` by the
    name there with why, `notes` to be read."""

    names: tuple[str, ...] = ()
    wanted: Mapping[str, object] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class _SkippedError(Exception):
    """Why a server cannot be taken, in words."""


def read_file(path: Path) -> Mapping[str, Any]:
    """The servers in it, by name. Raises BadRequestError."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise BadRequestError(
            f"The file cannot be read: {error.strerror or error}.", str(path), "Look at its name."
        ) from error
    if len(raw) > FILE_BYTES_MAX:
        raise BadRequestError(
            f"The file is larger than {FILE_BYTES_MAX // 1_000_000} MB.", str(path), "Name another one."
        )
    try:
        plain = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadRequestError(
            f"The file is no JSON: {error}.", str(path), "Take comments and commas before a closing bracket out of it."
        ) from error
    found = plain.get("mcpServers", plain.get("servers")) if isinstance(plain, dict) else None
    if not isinstance(found, dict):
        raise BadRequestError(
            "There are no servers in the file.", str(path), 'It has neither "mcpServers" nor "servers".'
        )
    return found


def convert(found: Mapping[str, Any], known: Container[str], *, keyring: bool = True) -> Import:
    """`known`: the servers of the settings; one that is there already is left as it is. `keyring`: whether there is
    one; without it, what holds a secret is not taken."""
    maker = _Maker(known, keyring=keyring)
    for name, plain in list(found.items())[:SERVERS_MAX]:
        maker.take(str(name), plain)
    if len(found) > SERVERS_MAX:
        maker.skipped[f"{len(found) - SERVERS_MAX} more"] = f"at most {SERVERS_MAX} servers are taken from one file."
    return Import(tuple(maker.names), maker.wanted, maker.secrets, maker.skipped, tuple(maker.notes))


def without(found: Import, refused: Mapping[str, str]) -> Import:
    """`refused`: servers by their name here, whose secrets could not be kept, with why."""
    gone = tuple(f"{TABLE}.{name}." for name in refused)
    return replace(
        found, names=tuple(name for name in found.names if name not in refused),
        wanted={key: value for key, value in found.wanted.items() if not key.startswith(gone)},
        secrets={place: secret for place, secret in found.secrets.items() if owner(place) not in refused},
        skipped={**found.skipped, **refused},
    ) if refused else found  # fmt: skip


def owner(place: str) -> str:
    """Whose secret stands at this place of the keyring; a server's name holds no dot."""
    return place.partition(".")[0]


class _Maker:
    def __init__(self, known: Container[str], *, keyring: bool) -> None:
        self._known, self._keyring = known, keyring
        self.names: list[str] = []
        self.wanted: dict[str, object] = {}
        self.secrets: dict[str, str] = {}
        self.skipped: dict[str, str] = {}
        self.notes: list[str] = []

    def take(self, theirs: str, plain: Any) -> None:
        """Whole, or not at all."""
        kept = dict(self.secrets), list(self.notes)
        try:
            name = self._name(theirs)
            entries = {format_key((TABLE, name, *path)): value for path, value in self._entries(name, plain)}
            for key, value in entries.items():
                assigned(key, value, "user")
        except (_SkippedError, RcError) as error:
            self.secrets, self.notes = kept
            self.skipped[theirs] = error.what if isinstance(error, RcError) else str(error)
            return
        self.names.append(name)
        self.wanted |= entries

    def _name(self, theirs: str) -> str:
        name = re.sub(r"[^a-z0-9_]+", "-", theirs.casefold()).strip("-_")[:NAME_CHARACTERS_MAX]
        name = f"my-{name}" if name in RESERVED or not name[:1].isalpha() else name
        if wrong := wrong_name(name):
            raise _SkippedError(wrong)
        if name in self._known or name in self.names:
            raise _SkippedError(f"there is a server named {name} already; it is left as it is.")
        return name

    def _entries(self, name: str, plain: Any) -> Iterator[tuple[tuple[str, ...], object]]:
        if not isinstance(plain, dict):
            raise _SkippedError("it is no table of settings.")
        url, command = plain.get("url") or plain.get("serverUrl"), plain.get("command")
        if isinstance(command, str) and command.strip():
            yield ("command",), self._command(command, plain.get("args", []))
            yield from self._values(name, "env", plain.get("env", {}))
            if isinstance(folder := plain.get("cwd"), str) and folder:
                yield ("folder",), _plain_path(folder)
        elif isinstance(url, str) and url:
            yield ("url",), self._url(url)
            yield from self._values(name, "headers", plain.get("headers", {}))
        else:
            raise _SkippedError("it has neither a command nor a url.")
        if plain.get("disabled") is True or plain.get("enabled") is False:
            yield ("enabled",), False

    def _command(self, command: str, args: Any) -> list[str]:
        if not isinstance(args, list) or not all(isinstance(arg, str) for arg in args) or len(args) >= WORDS_MAX:
            raise _SkippedError("its args are no list of texts.")
        words = [command, *args]
        for before, word in zip(["", *words], words, strict=False):
            if "${" in word:
                raise _SkippedError(f"its command holds the placeholder {word[:60]}, which only that client fills in.")
            option, _, value = word.partition("=")
            if value and option.startswith("-") and names_secret(option.lstrip("-")):
                raise _SkippedError(_secret_in_command(option))
            if _is_secret_option(before) and not word.startswith(("-", "/", "~", ".")):
                raise _SkippedError(_secret_in_command(before))
            if literal_secret(word):
                raise _SkippedError(_secret_in_command("an argument"))
        return words

    def _url(self, url: str) -> str:
        if "${" in url:
            raise _SkippedError("its url holds a placeholder, which only that client fills in.")
        try:
            parts = urlsplit(url)
            asked = parse_qsl(parts.query)
        except ValueError:
            raise _SkippedError("its url cannot be read.") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise _SkippedError("its url is no http:// or https:// address.")
        if (
            parts.password
            or literal_secret(url)
            or any(names_secret(name) or _is_secret("", said) for name, said in asked)
        ):
            raise _SkippedError("its url holds a secret. Declare it by hand, with the secret in a header.")
        return url

    def _values(self, name: str, part: str, plain: Any) -> Iterator[tuple[tuple[str, ...], object]]:
        if not isinstance(plain, dict) or len(plain) > VALUES_MAX:
            raise _SkippedError(f"its {part} is no table of texts.")
        for key, value in plain.items():
            if isinstance(value, bool | int | float):
                value = str(value).lower() if isinstance(value, bool) else str(value)  # noqa: PLW2901
            if not isinstance(value, str):
                raise _SkippedError(f"its {part} holds {str(key)[:60]}, which is no text.")
            if value:
                yield (part, str(key)), self._value(name, str(key), value)

    def _value(self, name: str, key: str, value: str) -> str:
        """As it is, or where it is kept."""
        if any(own in value for own in CLIENTS_OWN):
            raise _SkippedError(f"its {key[:60]} holds a placeholder, which only that client fills in.")
        if whole := _VARIABLE.fullmatch(value):
            return f"env:{whole[1]}"
        if is_reference(value):
            return value
        if not (_is_secret(key, value) or _ASKED_FOR.search(value) or _VARIABLE.search(value)):
            return value
        place = f"{name}.{re.sub(r'[^A-Za-z0-9_.-]+', '_', key)[:55]}"
        if not self._keyring:
            raise _SkippedError(NO_KEYRING.format(key=key[:60]))
        if "${" in value:
            self.notes.append(f"{key} of {name} was asked for there: store it with `carryon rc secret {place}`.")
        else:
            self.secrets[place] = value
        return f"keyring:{place}"


def _is_secret(key: str, value: str) -> bool:
    if key and names_secret(key):
        return True
    return literal_secret(value) is not None or LONG_SECRET.fullmatch(value) is not None


def _is_secret_option(word: str) -> bool:
    return word.startswith("-") and "=" not in word and names_secret(word.lstrip("-"))


def _secret_in_command(where: str) -> str:
    return f"its command holds a secret ({where}). Declare it by hand, with the secret in [servers.NAME.env]."


def _plain_path(path: str) -> str:
    if "${" in path:
        raise _SkippedError("its folder holds a placeholder, which only that client fills in.")
    return path
