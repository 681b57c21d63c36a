"""`carryon snapshot`: the saved states of chat models, which make going on with a conversation quick."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from agent.errors import CarryonError
from agent.explain import explain
from app.cli.groups import Group
from app.cli.opening import command, json_option, profile, settings_alone
from app.cli.printing import NEGATIVE, aside, moment, show, table

if TYPE_CHECKING:
    from agent.saved_states import SavedStates
    from models.snapshots.survey import Row

DIGEST_SHOWN = 24  # characters of a conversation's digest in a file's name


@click.group(cls=Group)
def snapshot() -> None:
    """Saved states of chat models on this disk. They can all be made again; the settings are
    privacy.snapshots and model.saved_states."""


@snapshot.command("ls")
@json_option
@command
def list_snapshots(as_json: bool) -> None:
    """Every saved state, the last used first."""
    from models.snapshots.survey import survey

    rows = survey(_states().snapshots)
    show(rows, as_json=as_json, lines=_lines(rows, _titles(rows, as_json=as_json)) or ["Nothing is saved."])


@snapshot.command("verify")
@json_option
@command
def verify_snapshots(as_json: bool) -> None:
    """Read every byte of every state; damaged ones are put aside and never used."""
    from models.snapshots.survey import verify

    rows = verify(_states().snapshots)
    show(rows, as_json=as_json, lines=_lines(rows, _titles(rows, as_json=as_json)) or ["Nothing is saved."])
    if any(row.state == "damaged" for row in rows):
        raise SystemExit(NEGATIVE)


@snapshot.command("prune")
@click.option("--all", "everything", is_flag=True, help="Delete all of them; conversations stay.")
@json_option
@command
def prune(everything: bool, as_json: bool) -> None:
    """Hold the disk budget now, the longest unused first, and delete damaged ones; --all deletes every saved state."""
    folder = _states().snapshots
    removed = folder.clear() if everything else folder.prune(aside=True)
    left = folder.entries()
    limit = folder.limit()
    found = {"removed": removed, "left": len(left), "bytes": sum(entry.bytes for entry in left), "bytes_max": limit}
    line = f"deleted: {removed}; left: {len(left)}, {_size(found['bytes'])} of at most {_size(limit)}"
    show(found, as_json=as_json, lines=[line])


def _states() -> "SavedStates":
    """The folder alone, without the database: this is a way to free a full disk."""
    from agent.saved_states import SavedStates

    paths, agentrc = settings_alone()
    states = SavedStates(paths.snapshots, lambda: agentrc.settings)
    states.hold_to_settings()
    return states


def _titles(rows: "Sequence[Row]", *, as_json: bool) -> dict[str, str]:
    """Of the conversations, by what their states are called; none where the database cannot be opened."""
    from models.snapshots.key import conversation_digest

    if as_json or not any(row.conversation for row in rows):
        return {}
    try:
        with profile(quiet=True) as runtime:
            found = (*runtime.conversations.list(), *runtime.conversations.list(trashed=True))
    except (CarryonError, OSError, sqlite3.Error) as error:
        aside(f"The titles of conversations are left out. {explain(error)[1]}")
        return {}
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
