"""Corrections of one profile: kept only with the user's consent, bounded, and never with a secret in them."""

import re
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from agent.corrections import exporting
from agent.corrections.records import Calls, Correction, How, calls_text, correction_of, situation_text
from agent.corrections.secrets import holds_secret
from agent.errors import BadRequestError
from agent.store.connection import Store
from agent.store.texts import storable
from agent.store.transaction import transaction
from models.contracts import PointedCall
from models.starter.situation import ALONE, Situation

PAIRS_MAX = 5_000  # the newest are kept
TEXT_CHARACTERS_MAX = 4_000  # of a request; cut words would teach wrong borders, so longer ones are not kept
ARGUMENT_CHARACTERS_MAX = 8_000  # of all values together
KNOWN_MAX = 24  # names of the user's that are kept with a pair: those that stand in its words
ID_CHARACTERS_MIN = 4


class Corrections:
    """For one thread. `clock()` is unix seconds; `consent()` is asked each time: `learning.corrections`."""

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], float], consent: Callable[[], bool]) -> None:
        self._connection = connection
        self._clock = clock
        self._consent = consent

    def record(
        self, text: str, decided: Sequence[PointedCall], corrected: Sequence[PointedCall] | None = None, *,
        how: How, situation: Situation = ALONE, model_sha256: str = "", config_hash: str = "",
        conversation_id: str | None = None, turn_id: str | None = None, source: str = "",
    ) -> Correction | None:  # fmt: skip
        """Keep what was decided for `text` and what would have been right (None: not that). Joins your transaction.

        A second correction of the same `how` and `source` takes the place of the first, and takes it out where all is
        as it was decided again. None: nothing was kept (no consent, too long, a secret, nothing corrected).
        """
        if not self.may_keep(text, decided, corrected):
            return None
        made = Correction(
            str(uuid.uuid4()), int(self._clock() * 1000), how, text, _in_words(situation, text), tuple(decided),
            None if corrected is None else tuple(corrected), model_sha256, config_hash, conversation_id, turn_id,
            source,
        )  # fmt: skip
        with transaction(self._connection):
            made = self._joined(made)
            if made.corrected is not None and _same(made.decided, made.corrected):
                return None
            self._add(made)
        return made

    def listens(self) -> bool:
        """Whether anything is kept at all: the user agreed, and the profile can be written."""
        return self._consent() and not (isinstance(self._connection, Store) and self._connection.read_only)

    def may_keep(
        self, text: str, decided: Sequence[PointedCall], corrected: Sequence[PointedCall] | None = None
    ) -> bool:
        calls = (*decided, *(corrected or ()))
        values = [value for call in calls for value in call.args.values()]
        return (
            self.listens()
            and 0 < len(text) <= TEXT_CHARACTERS_MAX
            and sum(map(len, values)) <= ARGUMENT_CHARACTERS_MAX
            and not any(map(holds_secret, (text, *values)))
        )

    def list(self, limit: int = PAIRS_MAX) -> tuple[Correction, ...]:
        """Newest first."""
        rows = self._connection.execute("SELECT * FROM correction ORDER BY seq DESC LIMIT ?", (limit,))
        return tuple(map(correction_of, rows.fetchall()))

    def count(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM correction").fetchone()[0])

    def lines(self, *, raw: bool = False) -> Iterator[str]:
        """JSON lines for training an adapter, oldest first; addresses and names are replaced unless `raw`."""
        return (exporting.line(pair, raw=raw) for pair in reversed(self.list()))

    def export(self, path: Path, *, raw: bool = False) -> int:
        """Write the lines, readable by the user alone; how many."""
        return exporting.write(path, list(self.lines(raw=raw)))

    def delete(self, ids: Iterable[str]) -> int:
        """By id, or its first characters; how many went. An id that nothing has, or several, is an error."""
        with transaction(self._connection):
            whole = [self._whole(text) for text in ids]
            for found in whole:
                self._connection.execute("DELETE FROM correction WHERE id = ?", (found,))
        return len(set(whole))

    def delete_all(self) -> int:
        with transaction(self._connection):
            return self._connection.execute("DELETE FROM correction").rowcount

    # Inner

    def _joined(self, made: Correction) -> Correction:
        """With what had been decided at first, where this source was corrected before; the older pair goes."""
        if not made.source:
            return made
        row = self._connection.execute(
            "SELECT * FROM correction WHERE how = ? AND source = ?", (made.how.value, made.source)
        ).fetchone()
        if row is None:
            return made
        self._connection.execute("DELETE FROM correction WHERE seq = ?", (row["seq"],))
        first = correction_of(row)
        return Correction(
            made.id, made.made_at, made.how, first.text, first.situation, first.decided, made.corrected,
            first.model_sha256, first.config_hash, first.conversation_id, first.turn_id, made.source,
        )  # fmt: skip

    def _add(self, made: Correction) -> None:
        self._connection.execute(
            "INSERT INTO correction (id, made_at, how, source, conversation_id, turn_id, text, situation, decided,"
            " corrected, model_sha256, config_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                made.id, made.made_at, made.how.value, made.source, made.conversation_id, made.turn_id,
                storable(made.text), storable(situation_text(made.situation)), storable(calls_text(made.decided)),
                None if made.corrected is None else storable(calls_text(made.corrected)),
                made.model_sha256, made.config_hash,
            ),
        )  # fmt: skip
        self._connection.execute(
            "DELETE FROM correction WHERE seq <= (SELECT seq FROM correction ORDER BY seq DESC LIMIT 1 OFFSET ?)",
            (PAIRS_MAX,),
        )

    def _whole(self, text: str) -> str:
        rows = self._connection.execute(
            "SELECT id FROM correction WHERE id >= ? AND id < ? LIMIT 2", (text, text + "\U0010ffff")
        ).fetchall()
        if len(text) < ID_CHARACTERS_MIN or len(rows) != 1:
            what = "No correction has that id." if not rows else "That is too short for the id of one correction."
            raise BadRequestError(what, text, "carryon product corrections list shows them.")
        return str(rows[0][0])


def _in_words(situation: Situation, text: str) -> Situation:
    """Of the names that the user has only those in the request, people also by a part of their name: the others taught
    nothing here."""
    said = text.casefold()
    words = frozenset(re.findall(r"\w+", said))
    known = (
        (kind, name)
        for kind, name in situation.known
        if name.casefold() in said or (kind == "contact" and not words.isdisjoint(name.casefold().split()))
    )
    return Situation(situation.after, situation.asked, tuple(islice(known, KNOWN_MAX)))


def _same(one: Calls, other: Calls) -> bool:
    return [(call.tool, call.args) for call in one] == [(call.tool, call.args) for call in other]
