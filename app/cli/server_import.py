"""`carryon servers import`: servers that other desktop clients declare, made entries of `~/.agentrc`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.opening import command, json_option, profile
from app.cli.printing import NEGATIVE, show

if TYPE_CHECKING:
    from agent.agentrc.proposals import Proposal
    from agent.mcp.front import ServerFront
    from agent.mcp.importing.clients import ClientFile
    from agent.mcp.importing.entries import Import


@click.command("import")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do it without asking.")
@json_option
@command
def import_servers(file: Path | None, yes: bool, as_json: bool) -> None:
    """Take over servers from another client's JSON. Without FILE the places are looked at where clients keep it. First
    the change of your settings is shown; secrets go to the system's keyring, never into the file."""
    documents: list[dict[str, Any]] = []
    with profile() as runtime:
        front = runtime.servers.front
        for place in _places(file):
            found = front.importing(place.path)
            proposal = front.proposal(found) if found.wanted else None
            if not as_json:
                show(None, as_json=False, lines=_told(place, found, proposal))
            applied = proposal is not None and (yes or _agreed(as_json=as_json))
            if proposal is not None and applied:
                found, applied = _taken(front, found, proposal, as_json=as_json)
            documents.append(_record(place, found, proposal, applied=applied))
    show(documents, as_json=as_json, lines=_end(documents))
    if not any(document["applied"] for document in documents):
        raise SystemExit(NEGATIVE)


def _places(file: Path | None) -> "tuple[ClientFile, ...]":
    from agent.errors import BadRequestError
    from agent.mcp.importing.clients import ClientFile, here

    if file is not None:
        return (ClientFile("", file.expanduser()),)
    found = here(Path.home())
    if not found:
        raise BadRequestError(
            "No other client keeps servers here, as far as is known.", "looked for those of Claude, Cursor, VS Code",
            "Name the file: carryon servers import FILE",
        )  # fmt: skip
    return found


def _taken(front: "ServerFront", found: "Import", proposal: "Proposal", *, as_json: bool) -> "tuple[Import, bool]":
    """What was taken, and whether anything was; what the keyring refused meanwhile is told."""
    taken, _ = front.take(found, proposal)
    late = [_left(name, why) for name, why in taken.skipped.items() if name in found.names]
    if not as_json:
        show(None, as_json=False, lines=late)
    return taken, bool(taken.names)


def _left(name: str, why: str) -> str:
    return f"not taken: {name}, {why}"


def _agreed(*, as_json: bool) -> bool:
    return not as_json and sys.stdin.isatty() and click.confirm("Do it?", default=False)


def _told(place: "ClientFile", found: "Import", proposal: "Proposal | None") -> list[str]:
    lines = [f"{place.client or 'From'}: {place.path}"]
    lines += [proposal.diff] if proposal else []
    lines += [f"into the keyring: {name}" for name in found.secrets]
    lines += list(found.notes)
    return [*lines, *(_left(name, why) for name, why in found.skipped.items())]


def _record(place: "ClientFile", found: "Import", proposal: "Proposal | None", *, applied: bool) -> dict[str, Any]:
    return {
        "client": place.client, "file": str(place.path), "names": list(found.names), "applied": applied,
        "diff": proposal.diff if proposal else "", "secrets": list(found.secrets), "skipped": dict(found.skipped),
        "notes": list(found.notes),
    }  # fmt: skip


def _end(documents: list[dict[str, Any]]) -> list[str]:
    taken = [name for document in documents if document["applied"] for name in document["names"]]
    left = [name for document in documents if not document["applied"] for name in document["names"]]
    lines = [f"Ask it what it has: carryon servers refresh {name}" for name in taken]
    return [*lines, *(["Nothing was changed; to do it: --yes"] if left else [])] or ["Nothing to take."]
