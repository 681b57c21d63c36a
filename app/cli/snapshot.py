"""`carryon snapshot`: the saved states of chat models, which make going on with a conversation quick."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from app.cli.opening import command, json_option, profile
from app.cli.printing import NEGATIVE, moment, show, table

if TYPE_CHECKING:
    from agent.compose import Runtime
    from models.snapshots.survey import Row

DIGEST_SHOWN = 24  # characters of a conversation's digest in a file's name


@click.group()
def snapshot() -> None:
    """Saved states of chat models on this disk. They can all be made again; the settings are
    privacy.snapshots and model.saved_states."""


@snapshot.command("ls")
@json_option
@command
def list_snapshots(as_json: bool) -> None:
    """Every saved state, the last used first."""
    from models.snapshots.survey import survey

    with profile() as runtime:
        rows = survey(runtime.saved_states.snapshots)
        titles = _titles(runtime) if rows else {}
    show(rows, as_json=as_json, lines=_lines(rows, titles) or ["Nothing is saved."])


@snapshot.command("verify")
@json_option
@command
def verify_snapshots(as_json: bool) -> None:
    """Read every byte of every state; damaged ones are put aside and never used."""
    from models.snapshots.survey import verify

    with profile() as runtime:
        rows = verify(runtime.saved_states.snapshots)
        titles = _titles(runtime) if rows else {}
    show(rows, as_json=as_json, lines=_lines(rows, titles) or ["Nothing is saved."])
    if any(row.state == "damaged" for row in rows):
        raise SystemExit(NEGATIVE)


@snapshot.command("prune")
@click.option("--all", "everything", is_flag=True, help="Delete all of them; conversations stay.")
@json_option
@command
def prune(everything: bool, as_json: bool) -> None:
    """Hold the disk budget now, the longest unused first; --all deletes every saved state."""
    with profile() as runtime:
        folder = runtime.saved_states.snapshots
        removed = folder.clear() if everything else folder.prune()
        left = folder.entries()
        limit = folder.limit()
    found = {"removed": removed, "left": len(left), "bytes": sum(entry.bytes for entry in left), "bytes_max": limit}
    line = f"deleted: {removed}; left: {len(left)}, {_size(found['bytes'])} of at most {_size(limit)}"
    show(found, as_json=as_json, lines=[line])


def _titles(runtime: "Runtime") -> dict[str, str]:
    """Of the conversations, by what their states are called."""
    from models.snapshots.key import conversation_digest

    found = (*runtime.conversations.list(), *runtime.conversations.list(trashed=True))
    return {conversation_digest(conversation.id)[:DIGEST_SHOWN]: conversation.title for conversation in found}


def _lines(rows: Sequence["Row"], titles: Mapping[str, str]) -> list[str]:
    return table(
        [
            (
                row.state, row.model or "?", f"{row.tokens:,} tokens", _size(row.bytes), moment(row.used_at),
                "what all conversations begin with" if row.what == "prefix" else titles.get(row.conversation, "?"),
                row.why,
            )
            for row in rows
        ]
    )  # fmt: skip


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
