"""What other clients declare on this machine, server by server, for the user to choose from; and what was chosen, of
several files, as one import. Reads files and changes nothing.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.errors import BadRequestError
from agent.mcp.importing.clients import ClientFile
from agent.mcp.importing.entries import SERVERS_MAX, Import, convert, read_file

FILES_MAX = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """One server as another client has it. `theirs`: its name there, `name`: here; `why`: it cannot be taken, "" when
    it can; `secrets`: names under which its secrets go to the keyring."""

    theirs: str
    name: str = ""
    how: str = ""
    why: str = ""
    secrets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Client:
    """One file. `trouble`: why nothing of it can be taken."""

    client: str
    path: Path
    candidates: tuple[Candidate, ...] = ()
    trouble: str = ""


def look(files: Iterable[ClientFile], known: Collection[str], *, keyring: bool = True) -> tuple[Client, ...]:
    """`known`: the servers of the settings; `keyring`: whether there is one."""
    return tuple(_looked_at(one, known, keyring=keyring) for one in list(files)[:FILES_MAX])


def chosen(choices: Mapping[Path, Collection[str]], known: Collection[str], *, keyring: bool = True) -> Import:
    """Of each file the servers of these names there. Raises BadRequestError."""
    taken = Import()
    for path, names in list(choices.items())[:FILES_MAX]:
        found = read_file(path)
        wanted = {name: plain for name, plain in found.items() if name in names}
        more = convert(wanted, {*known, *taken.names}, keyring=keyring)
        gone = {name: "it is not in the file any more." for name in names if name not in found}
        taken = Import(
            (*taken.names, *more.names), {**taken.wanted, **more.wanted}, {**taken.secrets, **more.secrets},
            {**taken.skipped, **more.skipped, **gone}, (*taken.notes, *more.notes),
        )  # fmt: skip
    return taken


def fingerprint(found: Import, after: bytes, before_hash: str) -> str:
    """Of what the user looked at: the settings before and after, and what would go to the keyring."""
    said = json.dumps([before_hash, hashlib.sha256(after).hexdigest(), sorted(found.secrets.items())])
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _looked_at(one: ClientFile, known: Collection[str], *, keyring: bool) -> Client:
    try:
        found = read_file(one.path)
    except BadRequestError as error:
        return Client(one.client, one.path, trouble=" ".join(filter(None, (error.what, error.todo))))
    named = list(found.items())[:SERVERS_MAX]
    candidates = tuple(_candidate(str(theirs), plain, known, keyring=keyring) for theirs, plain in named)
    return Client(one.client, one.path, candidates)


def _candidate(theirs: str, plain: Any, known: Collection[str], *, keyring: bool) -> Candidate:
    found = convert({theirs: plain}, known, keyring=keyring)
    if not found.names:
        return Candidate(theirs, why=next(iter(found.skipped.values()), "it cannot be taken."))
    return Candidate(theirs, found.names[0], _how(found.wanted), "", tuple(found.secrets), found.notes)


def _how(wanted: Mapping[str, object]) -> str:
    """Command or address; a secret in either was refused."""
    for key, value in wanted.items():
        if key.endswith(".url"):
            return str(value)
        if key.endswith(".command") and isinstance(value, Sequence):
            return " ".join(map(str, value))
    return ""
