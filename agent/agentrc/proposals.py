"""A change of the user's file is proposed as a diff and made only when the user accepts it; then it is in the history.

Nothing here decides by itself: the agent calls `propose`, the user's yes calls `accept`.
"""

import difflib
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.agentrc.check import check_bytes
from agent.agentrc.editing import lines_of, set_value, unset
from agent.agentrc.errors import ChangedMeanwhileError, InvalidValueError, RcError
from agent.agentrc.history import Change, History
from agent.agentrc.keys import format_key, resolve
from agent.agentrc.reading import WHOLE, read
from agent.agentrc.sources import assigned
from agent.agentrc.writing import held, remove, write_atomically


@dataclass(frozen=True, slots=True)
class Proposal:
    """One wanted change. `before_hash` is "" where there is no file yet; `diff` is unified, for the user's eyes."""

    key: str
    value: object
    diff: str
    before_hash: str
    after: bytes

    @property
    def changes_nothing(self) -> bool:
        return not self.diff


@dataclass(frozen=True, slots=True)
class Desk:
    """Where changes of one file are proposed, accepted and taken back. `name`: how messages call the file."""

    file: Path
    name: str
    history: History
    clock: Callable[[], float]

    def propose(self, key: str, value: object) -> Proposal:
        """One change, as a diff. Text is read as the setting's kind (`"true"`, `"587"`); None takes the key out."""
        return self.propose_all({key: value})

    def propose_all(self, wanted: Mapping[str, object]) -> Proposal:
        """Several changes that only make sense together, such as a new account, as one diff."""
        before = self._bytes()
        self._refuse_broken(before)
        after, done = before or b"", []
        for key, value in wanted.items():
            path = resolve(key)[1] if value is None else assigned(key, value, "user")[0]
            meant = None if value is None else assigned(key, value, "user")[1]
            after = unset(after, path) if meant is None else set_value(after, path, meant)
            done.append((format_key(path), meant))
        self._refuse_incomplete(after)
        keys, values = ", ".join(key for key, _ in done), [value for _, value in done]
        return Proposal(keys, values[0] if len(done) == 1 else values, self._diff(before, after), digest(before), after)

    def propose_text(self, raw: bytes) -> Proposal:
        """The whole file as the user wrote it in the editor; refused if anything in it is wrong."""
        self._refuse_incomplete(raw)
        before = self._bytes()
        return Proposal("", None, self._diff(before, raw), digest(before), raw)

    def accept(self, proposal: Proposal, by: str = "you") -> Change | None:
        """Write it, recorded first; None if it changes nothing. Refused if the file changed since it was proposed."""
        with held(self._lock):
            before = self._bytes()
            if digest(before) != proposal.before_hash:
                raise ChangedMeanwhileError(f"{self.name} changed since this was proposed. Look at it again.")
            if proposal.after == (before or b"") and (before is not None or not proposal.after):
                return None
            return self._make(f"set {proposal.key}" if proposal.key else "edit", by, before, proposal.after)

    def revert(self, number: int, *, force: bool = False) -> Change:
        """Bring back the bytes from before change `number`. Refused if the file is not as that change left it,
        unless forced; the revert is itself a change that can be taken back."""
        change = self.history.get(number)
        if change is None:
            raise RcError(f"There is no change {number}. `carryon rc log` lists them.")
        if change.file != str(self.file):
            raise RcError(f"Change {number} was made to {change.file}, not to {self.name}.")
        with held(self._lock):
            now = self._bytes()
            if now != change.after and not force:
                raise ChangedMeanwhileError(
                    f"{self.name} changed since change {number}. Take back the later changes first, newest first, "
                    "or force it: what is there now stays in the log."
                )
            return self._make(f"take back change {number}", "revert", now, change.before)

    def diff_of(self, raw: bytes) -> str:
        """From the file as it is to these bytes."""
        return self._diff(self._bytes(), raw)

    def _make(self, what: str, by: str, before: bytes | None, after: bytes | None) -> Change:
        diff = self._diff(before, after or b"")
        now_ms = round(self.clock() * 1000)
        change = self.history.add(Change(0, now_ms, by, str(self.file), what, diff, before, after))
        if after is None:
            remove(self.file)
        else:
            write_atomically(self.file, after)
        return change

    def _bytes(self) -> bytes | None:
        try:
            return read(self.file, WHOLE)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise RcError(f"{self.name} cannot be read: {error.strerror or error}.") from error

    def _refuse_broken(self, raw: bytes | None) -> None:
        if wrong := check_bytes("user", raw or b"", self.name).errors:
            raise RcError(f"{self.name} has a mistake in it; correct that first.", wrong)

    def _refuse_incomplete(self, raw: bytes) -> None:
        if wrong := check_bytes("user", raw, self.name).errors:
            raise InvalidValueError(f"{self.name} would not be valid then; nothing was changed.", wrong)

    def _diff(self, before: bytes | None, after: bytes) -> str:
        old, new = (_lines(raw) for raw in (before or b"", after))
        return "".join(
            line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"
            for line in difflib.unified_diff(old, new, self.name, self.name)
        )

    @property
    def _lock(self) -> Path:
        return self.history.folder.parent / "write.lock"


def digest(raw: bytes | None) -> str:
    return "" if raw is None else hashlib.sha256(raw).hexdigest()


def _lines(raw: bytes) -> list[str]:
    return lines_of(raw.decode("utf-8", "replace").replace("\r\n", "\n"))
