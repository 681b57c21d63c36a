"""What lies in the folder, for people: whose state, of which model, how large, whether it is whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from models.snapshots.folder import Snapshots
from models.snapshots.form import DamagedError, What
from models.snapshots.listing import Entry
from models.snapshots.names import conversation_of, is_sealed

State = Literal["kept", "encrypted", "damaged"]


@dataclass(frozen=True, slots=True)
class Row:
    """`conversation`: how its digest begins, empty for a shared beginning; times are unix milliseconds,
    `made_at` None where the file does not tell; `why`: what is wrong with a damaged one, where that is known."""

    name: str
    what: What
    conversation: str
    model: str
    tokens: int
    bytes: int
    made_at: int | None
    used_at: int
    state: State
    why: str = ""


def survey(folder: Snapshots) -> list[Row]:
    """The last used first. Headers are read; what is damaged there is set aside, as it would be in use."""
    return [_row(folder, entry) for entry in sorted(folder.entries(), key=lambda entry: -entry.used_at)]


def verify(folder: Snapshots) -> list[Row]:
    """As `survey`, with every byte read; what is damaged is set aside."""
    return [_checked(folder, row) for row in survey(folder)]


def _row(folder: Snapshots, entry: Entry) -> Row:
    state: State = "encrypted" if is_sealed(entry.name) else "kept"
    header, why = None, entry.reason
    if not entry.aside:
        try:
            header = folder.header(entry.name)
        except DamagedError as error:
            why = str(error)
    if header is None:
        state = "damaged"
    return Row(
        name=entry.name, what=entry.what, conversation=conversation_of(entry.name),
        model=header.model if header else "", tokens=header.tokens if header else 0, bytes=entry.bytes,
        made_at=header.made_at if header else None, used_at=int(entry.used_at * 1000), state=state, why=why,
    )  # fmt: skip


def _checked(folder: Snapshots, row: Row) -> Row:
    if row.state == "damaged":
        return row
    try:
        folder.verify(row.name)
    except DamagedError as error:
        return replace(row, state="damaged", why=str(error))
    return row
