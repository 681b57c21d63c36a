"""Addresses of model files: which are taken, how they are shown, what the file will be called.

An address may carry a secret (a name and password, a signed query), so what is shown, logged or kept is `shown(url)`.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from models.errors import AddressBadError
from models.split import part_name

NAME_CHARACTERS_MAX = 200
HUB, HUB_VARIABLE = "https://huggingface.co", "HF_ENDPOINT"  # a mirror, named as Hugging Face's own tools name it
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*]')  # in a file's name, on one system or another


def check_address(url: str) -> None:
    """AddressBadError when it cannot be the address of a file on the web."""
    try:
        found = urlsplit(url)
        well_formed = bool(found.hostname) and (found.port is None or found.port > 0)
    except ValueError:
        raise AddressBadError("This address is not well formed.", url[:NAME_CHARACTERS_MAX], "Copy it again.") from None
    if found.scheme not in ("http", "https"):
        raise AddressBadError("Only http and https addresses can be fetched.", shown(url), "Check the address.")
    if not well_formed:
        raise AddressBadError("This address names no server.", shown(url), "Copy it again.")


def file_name(url: str) -> str:
    """The last part of the address, made safe; AddressBadError when it is no GGUF's name."""
    name = unquote(urlsplit(url).path).rsplit("/", 1)[-1].replace("\\", "_")
    safe = not name.startswith(".") and len(name) <= NAME_CHARACTERS_MAX and not _FORBIDDEN.search(name)
    if not safe or not name.lower().endswith(".gguf"):
        raise AddressBadError(
            "The address does not end in the name of a .gguf file.", shown(url), "Copy the file's own link."
        )
    return name


def shown(url: str) -> str:
    """The address without a user's name, password, query or fragment."""
    found = urlsplit(url)
    return urlunsplit((found.scheme, found.netloc.rpartition("@")[2], found.path, "", ""))


def key(url: str) -> str:
    """Tells addresses apart on the disk without keeping them."""
    return hashlib.sha256(url.partition("#")[0].encode()).hexdigest()


def addresses(url: str) -> tuple[str, ...]:
    """Of a model in several files, the addresses of all, in order; of any other just this one."""
    found = urlsplit(url)
    folder, slash, last = found.path.rpartition("/")
    named = part_name(unquote(last))
    if named is None:
        return (url,)
    names = (named.file(number) for number in range(1, named.parts + 1))
    return tuple(urlunsplit(found._replace(path=f"{folder}{slash}{quote(name)}")) for name in names)


def hub_address(repository: str, file: str, environ: Mapping[str, str] = os.environ) -> str:
    """Where Hugging Face, or the mirror that HF_ENDPOINT names, keeps a file of a repository."""
    base = environ.get(HUB_VARIABLE, "").rstrip("/") or HUB
    return f"{base}/{quote(repository)}/resolve/main/{quote(file)}"
