"""Takes the host's own package settings along into a made system: apt's sources and proxy, pip's, certificates.

So no host of a package index is named in this repository, and what works behind a company proxy works there too.
Folders that the settings name are shown inside at the same path; files (certificates) are copied to a place of their
own and the settings rewritten, because the made system's packages write to the usual place themselves.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

SOURCES = ("sources.list", "sources.list.d/debian.sources", "sources.list.d/ubuntu.sources")
# Where pip's settings lie on the host, and where they go inside, for root.
PIP_FILES = {
    "/etc/pip.conf": "/etc/pip.conf",
    "~/.pip/pip.conf": "/root/.pip/pip.conf",
    "~/.config/pip/pip.conf": "/root/.config/pip/pip.conf",
}
OWN_PLACE = "/etc/host-settings"
NETWORK_NAMES = re.compile(
    r"PIP_.*|(https?|no|all)_proxy|SSL_CERT_FILE|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE", re.IGNORECASE
)
FILE_ADDRESS = re.compile(r"file://(/[^\s'\"=;]+)")
ABSOLUTE_PATH = re.compile(r"(?<![\w:/])(/[^\s'\"=;]+)")
APT_NETWORK = re.compile(r"Acquire::(https?|Check-|Retries|Force|Max-)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mirror:
    """What the host uses: apt's sources and options, variables, files to write inside, folders to show inside."""

    apt_sources: str
    apt_options: str
    environment: Mapping[str, str]
    files: Mapping[str, bytes]
    folders: tuple[Path, ...]

    def write_files(self, root: Path) -> None:
        for place, content in self.files.items():
            target = root / place.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def host_mirror(environ: Mapping[str, str] = os.environ) -> Mirror:
    """Reads the host's settings."""
    variables = {name: value for name, value in environ.items() if NETWORK_NAMES.fullmatch(name)}
    settings = {
        inner: path.read_text(encoding="utf-8")
        for outer, inner in PIP_FILES.items()
        if (path := Path(outer).expanduser()).is_file()
    }
    options = apt_options()
    texts = [*variables.values(), *settings.values(), options]
    moved = {path: f"{OWN_PLACE}/{path.name}" for text in texts for path in named_files(text)}
    files = {inner: rewritten(text, moved).encode() for inner, text in settings.items()}
    files |= {inner: outer.read_bytes() for outer, inner in moved.items()}
    files["/etc/apt/apt.conf.d/99mmdebstrap"] = rewritten(options, moved).encode()
    return Mirror(
        apt_sources="\n".join(text for name in SOURCES if (text := read_if_there(Path("/etc/apt") / name))),
        apt_options=options,
        environment={name: rewritten(value, moved) for name, value in variables.items()},
        files=files,
        folders=outermost(folder for text in texts for folder in named_folders(text)),
    )


def read_if_there(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def apt_options() -> str:
    """The host's apt settings that say how to reach the network."""
    done = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=False)
    return "".join(f"{line}\n" for line in done.stdout.splitlines() if APT_NETWORK.match(line))


def named_files(text: str) -> Iterator[Path]:
    """The existing files that a setting names: certificates."""
    return (path for found in ABSOLUTE_PATH.findall(text) if (path := Path(found)).is_file())


def named_folders(text: str) -> Iterator[Path]:
    """The existing folders that a setting names; of a local index the one above too, where it keeps its files."""
    for found in FILE_ADDRESS.findall(text):
        path = Path(found)
        if path.is_dir():
            yield path.parent if len(path.parts) > 3 else path
    yield from (path for found in ABSOLUTE_PATH.findall(text) if (path := Path(found)).is_dir() and path != Path("/"))


def rewritten(text: str, moved: Mapping[Path, str]) -> str:
    for outer, inner in moved.items():
        text = text.replace(str(outer), inner)
    return text


def outermost(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Each path once, without those that lie in another one."""
    unique = sorted(set(paths))
    return tuple(path for path in unique if not any(other in path.parents for other in unique))


def for_suite(sources: str, own: str, wanted: str) -> str:
    """The host's sources with another release's name in place of its own."""
    return re.sub(rf"\b{re.escape(own)}\b", wanted, sources) if own and wanted else sources
