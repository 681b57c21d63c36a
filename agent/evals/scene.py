"""The profile of one case: a folder of its own, one paper in it, and settings that name the destinations."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PAPER = "The minutes of Monday: the budget is 4,200 euro.\n"
SETTINGS = """schema = 1
timezone = "Europe/Berlin"

[accounts.work]
kind = "smtp"
host = "127.0.0.1"
port = {smtp}
security = "none"
from = "me@example.org"

[channels.ops]
kind = "webhook"
url = {channel}

[trackers.web]
kind = "http"
url = {tracker}

[contacts]
Dana = "dana@example.org"

[files]
allowed = [{papers}]

[tools]
"web.fetch" = "allow"
"""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the destinations are served, on this machine (places.py). `model`: a GGUF for chats, or ""."""

    smtp: int
    http: str
    pages: str
    model: str = ""


def make(folder: Path, addresses: Addresses, *, chats: bool) -> dict[str, str]:
    """The environment that leads to it."""
    papers = folder / "papers"
    papers.mkdir(parents=True)
    (papers / "minutes.txt").write_text(PAPER, "utf-8")
    settings = SETTINGS.format(
        smtp=addresses.smtp, channel=_quoted(f"{addresses.http}/channels/ops"),
        tracker=_quoted(f"{addresses.http}/issues"), papers=_quoted(str(papers)),
    )  # fmt: skip
    if chats:
        settings += f"\n[model]\ndefault = {_quoted(addresses.model)}\n"
    (folder / "agentrc").write_text(settings, "utf-8")
    return environment(folder)


def environment(folder: Path) -> dict[str, str]:
    return {"CARRYON_HOME": str(folder / "home"), "AGENTRC": str(folder / "agentrc")}


def names(folder: Path, addresses: Addresses) -> dict[str, str]:
    """What the steps of a case may name."""
    return {"folder": str(folder), "pages": addresses.pages}


def plain(addresses: Addresses) -> Mapping[str, object]:
    return {name: getattr(addresses, name) for name in ("smtp", "http", "pages", "model")}


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a basic string of TOML
