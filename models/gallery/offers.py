"""Reads the curated list. What makes no sense in it is named, entry and field, rather than passed on."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args

from models.downloads.address import hub_address
from models.errors import CatalogBadError, UnknownModelError

FILE = Path(__file__).with_name("gallery.toml")
SCHEMA = 1
OFFERS_MAX = 200
BYTES_MAX = 1_000_000
Tools = Literal["good", "fair", "weak", "untested"]
Thinks = Literal["never", "on request", "always"]
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,60}")
_REPOSITORY = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}")
_MODEL_FILE = re.compile(r"[\w.-]{1,190}\.gguf")


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that can be fetched. `tools`: how well it calls tools, as somebody measured it (`tools_source`);
    `active_parameters`: of those that work on each token, the same as `parameters` for a dense one; `confirmed`: where
    repository and file name stand."""

    name: str
    title: str
    publisher: str
    repository: str
    file: str
    size_bytes: int
    licence: str
    architecture: str
    parameters: int
    context: int
    thinks: Thinks
    languages: str
    tools: Tools
    tools_about: str
    tools_source: str
    confirmed: tuple[str, ...]
    active_parameters: int = 0

    @property
    def mixture(self) -> bool:
        return 0 < self.active_parameters < self.parameters

    @property
    def bytes_a_token(self) -> int:
        """Weights that are read to say one token: of a mixture only the part that works on it."""
        return self.size_bytes * self.active_parameters // self.parameters if self.mixture else self.size_bytes

    def address(self, environ: Mapping[str, str] = os.environ) -> str:
        return hub_address(self.repository, self.file, environ)


def offers(file: Path = FILE) -> tuple[Offer, ...]:
    """By size, the smallest first. CatalogBadError."""
    return tuple(sorted((_offer(plain, file) for plain in _read(file)["model"]), key=lambda offer: offer.size_bytes))


def version(file: Path = FILE) -> str:
    return str(_read(file).get("version", ""))


def offer_named(name: str) -> Offer:
    """UnknownModelError, with the nearest name."""
    known = {offer.name: offer for offer in offers()}
    if name in known:
        return known[name]
    close = get_close_matches(name.lower(), known, n=1)
    hint = f"Did you mean {close[0]!r}? " if close else ""
    raise UnknownModelError(
        f"No proposed model is called {name!r}.", "", f"{hint}carryon models catalog shows them; an address works too."
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            text = stream.read(BYTES_MAX + 1)
        plain = tomllib.loads(text.decode())
        if len(text) > BYTES_MAX or plain.get("schema") != SCHEMA or len(plain["model"]) > OFFERS_MAX:
            raise ValueError("it has another form than this version reads")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CatalogBadError(
            f"The list of proposed models cannot be read: {error}.", str(file), "Install Carryon again."
        ) from error
    return plain


def _offer(plain: dict[str, Any], file: Path) -> Offer:
    name = plain.get("name", "?")
    known = {one.name for one in fields(Offer)}
    if strange := [key for key in plain if key not in known]:
        raise _bad(name, f"the unknown field {strange[0]!r}", file)
    try:
        offer = Offer(**{**plain, "confirmed": tuple(plain["confirmed"])})
    except (TypeError, KeyError) as error:
        raise _bad(name, f"a field that is missing ({error})", file) from None
    if doubts := _doubts(offer):
        raise _bad(name, f"a {doubts[0]} that makes no sense", file)
    return offer


def _doubts(offer: Offer) -> list[str]:
    """Fields that cannot be right."""
    sound = {
        "name": _NAME.fullmatch(offer.name),
        "repository": _REPOSITORY.fullmatch(offer.repository),
        "file": _MODEL_FILE.fullmatch(offer.file),
        "size_bytes": isinstance(offer.size_bytes, int) and offer.size_bytes > 0,
        "parameters": isinstance(offer.parameters, int) and offer.parameters > 0,
        "active_parameters": 0 <= offer.active_parameters <= offer.parameters,
        "context": isinstance(offer.context, int) and offer.context > 0,
        "tools": offer.tools in get_args(Tools),
        "thinks": offer.thinks in get_args(Thinks),
        "licence": bool(offer.licence),
        "confirmed": bool(offer.confirmed) and all(isinstance(where, str) and where for where in offer.confirmed),
    }
    return [field for field, fine in sound.items() if not fine]


def _bad(name: object, what: str, file: Path) -> CatalogBadError:
    return CatalogBadError(f"The proposed model {name!r} has {what}.", str(file), "Install Carryon again.")
