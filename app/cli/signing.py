"""Changes one decision in the contract and nothing else in that file: comments, order and spacing stay.

Only in a source checkout: an installed contract belongs to the weights beside it, and changing it there would promise
something that nobody measured.
"""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.errors import BadRequestError, BrokenError
from models.starter import contract as contracts
from models.starter.contract import Contract


def sign(file: Path, name: str, decision: str, *, why: str, who: str, where: str = "") -> Contract:
    """The contract as it now stands. Nothing is written unless the whole of it still holds."""
    _check_checkout(file)
    contracts.read(file).capability(name)
    raw = file.read_bytes()
    edited = _edited(raw, name, decision, why=why, who=who, where=where)
    changed = contracts.check(_plain(edited), str(file))
    _write(file, edited)
    return changed


def _check_checkout(file: Path) -> None:
    root = file.resolve().parents[2]
    if not ((root / "pyproject.toml").is_file() and (root / ".git").exists()):
        raise BadRequestError(
            "This Carryon is installed; what its starter promises is decided where it is made.", str(file),
            "Use a source checkout, measure, and send the change along.",
        )  # fmt: skip
    if not os.access(file, os.W_OK):
        raise BadRequestError("The contract may not be written.", str(file), "Permit writing and try again.")


def _edited(raw: bytes, name: str, decision: str, *, why: str, who: str, where: str) -> bytes:
    import tomlkit

    document: Any = tomlkit.parse(raw.decode("utf-8"))
    entry = next(one for one in document["capability"] if one["name"] == name)
    entry["why"], entry["who"], entry["when"] = why, who, datetime.now(UTC).date()
    if decision != "keep" and entry["decision"] == "keep":
        entry.pop("floor", None)  # nobody is held to what is no longer done
    entry["decision"] = decision
    if decision == "keep":
        entry.pop("where", None)
    elif where:
        entry["where"] = where
    return tomlkit.dumps(document).encode("utf-8")


def _plain(raw: bytes) -> dict[str, Any]:
    import tomllib

    return tomllib.loads(raw.decode("utf-8"))


def _write(file: Path, raw: bytes) -> None:
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        fresh.write_bytes(raw)
        fresh.replace(file)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise BrokenError(f"The contract could not be written: {error.strerror or error}.", str(file)) from error
