"""Takes the host's own package settings along into a made system: apt's sources and proxy, pip's, certificates.

So no host of a package index is named in this repository, and what works behind a company proxy works there too.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

SOURCES = ("sources.list", "sources.list.d/debian.sources", "sources.list.d/ubuntu.sources")
PIP_FILES = ("/etc/pip.conf", "~/.config/pip/pip.conf", "~/.pip/pip.conf")
NETWORK_NAMES = re.compile(
    r"PIP_.*|(https?|no|all)_proxy|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE", re.IGNORECASE
)
ABSOLUTE_PATH = re.compile(r"(?:file://)?(/[^\s'\"=;]+)")
APT_NETWORK = re.compile(r"Acquire::(https?|Check-|Retries|Force|Max-)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mirror:
    """What the host uses: apt sources and options as text, variables, and paths that those settings point to."""

    apt_sources: str
    apt_options: str
    environment: Mapping[str, str]
    paths: tuple[Path, ...]


def host_mirror(environ: Mapping[str, str] = os.environ, root: Path = Path("/")) -> Mirror:
    """Reads the host's settings; `root` is its root folder."""
    variables = {name: value for name, value in environ.items() if NETWORK_NAMES.fullmatch(name)}
    files = [path for name in PIP_FILES if (path := Path(name).expanduser()).is_file()]
    settings = [path.read_text(encoding="utf-8") for path in files]
    options = apt_options()
    named = [path for text in [*variables.values(), *settings, options] for path in existing_paths(text)]
    sources = "\n".join(text for name in SOURCES if (text := apt_source(root / "etc/apt" / name)))
    return Mirror(sources, options, variables, outermost([*files, *named]))


def apt_source(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def apt_options() -> str:
    """The host's apt settings that say how to reach the network."""
    done = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=False)
    return "".join(f"{line}\n" for line in done.stdout.splitlines() if APT_NETWORK.match(line))


def existing_paths(text: str) -> Iterator[Path]:
    """The absolute paths in a setting that exist here: folders of wheels, local indexes, certificate bundles."""
    paths = (Path(found) for found in ABSOLUTE_PATH.findall(text) if not found.startswith("//"))
    return (path for path in paths if path != Path("/") and path.exists())


def outermost(paths: list[Path]) -> tuple[Path, ...]:
    """Each path once, without those that lie in another one of the list."""
    unique = sorted(set(paths))
    return tuple(path for path in unique if not any(other in path.parents for other in unique))


def for_suite(sources: str, own: str, wanted: str) -> str:
    """The host's sources with another release's name in place of its own."""
    return re.sub(rf"\b{re.escape(own)}\b", wanted, sources) if own and wanted else sources
