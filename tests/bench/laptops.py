"""Exchanges of a large library: the first one, one with a change in it, and one with nothing new.

python -m tests.bench.laptops [VERSIONS]
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from agent.store.transaction import transaction
from tests.sim.laptops import Laptop

VERSIONS = 100_000
VERSIONS_EACH = 10
TEXT = "The quick brown fox jumps over the lazy dog. " * 20


def main(versions: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        anna, bert = (Laptop(root / name, root / "stick", time.time) for name in ("anna", "bert"))
        _timed(f"{versions:,} versions written", lambda: _fill(anna, versions))
        for what, laptop in (("first, writing", anna), ("first, reading", bert)):
            _timed(what, laptop.exchange)
        size = sum(path.stat().st_size for path in anna.shared.rglob("*") if path.is_file())
        print(f"  the folder: {size / 1e6:.0f} MB in {sum(1 for _ in anna.shared.rglob('*.carryon'))} files")
        anna.exchange()
        note = anna.library.list(limit=1)[0]
        for what, laptop in (("nothing new", anna), ("nothing new", bert)):
            _timed(what, laptop.exchange)
        anna.library.save(note.id, "changed")
        for what, laptop in (("one change, writing", anna), ("one change, reading", bert)):
            _timed(what, laptop.exchange)
        _timed("everything anew", lambda: anna.exchange(whole=True))
        for laptop in (anna, bert):
            laptop.close()


def _fill(laptop: Laptop, versions: int) -> None:
    for start in range(0, versions, 1_000):
        with transaction(laptop.store):
            for number in range(start, min(start + 1_000, versions), VERSIONS_EACH):
                note = laptop.library.create("note", f"note {number}", f"{TEXT}{number}\n")
                for more in range(1, VERSIONS_EACH):
                    laptop.library.append(note.id, f"{number}.{more}")


def _timed(what: str, work: Callable[[], object]) -> None:
    begun = time.perf_counter()
    work()
    print(f"  {what}: {(time.perf_counter() - begun) * 1_000:,.0f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else VERSIONS)
