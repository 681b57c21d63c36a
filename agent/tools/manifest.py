"""Which declarations with a schema were found good before: by digest, in one file of the cache.

So a start checks no declaration that did not change, and editing one tool checks exactly one. The file may be lost or
edited by hand at any time: what is not in it is checked again, and a digest in it is of the declaration's every word.
"""

import hashlib
import json
from pathlib import Path

from agent.tools.spec import ToolSpec
from models.json_file import read_json, write_json

CHECK = 1  # how declarations are checked; another number makes every one be checked again
ENTRIES_MAX = 2_000


def digest(spec: ToolSpec) -> str:
    """Of everything that a declaration says."""
    said = [
        CHECK, spec.name, spec.about, spec.module,
        [[param.name, param.kind, param.about, param.required] for param in spec.params],
        spec.connectivity, spec.fresh_for_s, spec.idempotency,
        None if spec.touches is None else sorted(spec.touches), spec.schema,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=repr).encode("utf-8", "surrogatepass")).hexdigest()


class Manifest:
    """Read at the first question. `checked` counts the declarations that were not known."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._before: frozenset[str] | None = None
        self._good: set[str] = set()
        self.checked = 0

    def knows(self, spec: ToolSpec) -> bool:
        """Whether exactly this declaration was found good; it is remembered for the next time, too."""
        if self._before is None:
            self._before = self._read()
        one = digest(spec)
        known = one in self._before or one in self._good
        if known:
            self._good.add(one)
        else:
            self.checked += 1
        return known

    def found_good(self, spec: ToolSpec) -> None:
        self._good.add(digest(spec))

    def save(self) -> None:
        """Nothing is written when nothing is new. When there are too many, those not in use go first."""
        before = self._before or frozenset()
        if self._good <= before:
            return
        kept = [*sorted(self._good), *sorted(before - self._good)][:ENTRIES_MAX]
        try:
            write_json(self._file, {"schema": 1, "good": kept})
        except OSError:
            return  # checked again next time
        self._before = frozenset(kept)

    def _read(self) -> frozenset[str]:
        try:
            plain = read_json(self._file)
            return frozenset(str(one) for one in plain["good"][:ENTRIES_MAX])
        except (OSError, ValueError, TypeError, KeyError):
            return frozenset()
