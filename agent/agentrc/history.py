"""Every change that Carryon made to a settings file, with the bytes before and after, so that each can be taken back.

One small JSON file a change, numbered, in the state folder. The entry is written before the file is touched.
"""

import base64
import json
from dataclasses import dataclass, replace
from pathlib import Path

from agent.agentrc.writing import write_atomically

HISTORY_MAX = 200  # changes kept; at most 256 KiB each way


@dataclass(frozen=True, slots=True)
class Change:
    """One accepted change; number 0 until it is kept. `at`: unix ms.

    `before` None: there was no file; `after` None: it was taken away.
    """

    number: int
    at: int
    by: str  # "you", "carryon" (a proposal you accepted), "revert"
    file: str
    what: str
    diff: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class History:
    folder: Path

    def add(self, change: Change) -> Change:
        """Keep a change that is about to be made; it gets the next number."""
        change = replace(change, number=max(self._numbers(), default=0) + 1)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(self._file(change.number), _dump(change))
        for old in self._numbers()[:-HISTORY_MAX]:
            self._file(old).unlink(missing_ok=True)
        return change

    def log(self) -> tuple[Change, ...]:
        """Newest first."""
        return tuple(change for number in reversed(self._numbers()) if (change := self.get(number)))

    def get(self, number: int) -> Change | None:
        """The change of that number; None if it is not kept (any more) or its file is damaged."""
        try:
            return _load(self._file(number).read_bytes())
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _numbers(self) -> list[int]:
        return sorted(int(file.stem) for file in self.folder.glob("*.json") if file.stem.isdigit())

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:06d}.json"


def _dump(change: Change) -> bytes:
    plain = {name: getattr(change, name) for name in ("number", "at", "by", "file", "what", "diff")}
    return json.dumps({**plain, "before": _packed(change.before), "after": _packed(change.after)}).encode()


def _load(raw: bytes) -> Change:
    plain = json.loads(raw)
    return Change(**{**plain, "before": _unpacked(plain["before"]), "after": _unpacked(plain["after"])})


def _packed(raw: bytes | None) -> str | None:
    return None if raw is None else base64.b64encode(raw).decode()


def _unpacked(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
