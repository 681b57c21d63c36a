"""Laptops of one user: real profiles on the disk, each with a clock of its own and its own copy of the shared folder.

`carry` does what a program that copies files does: some files, in any order, some of them cut off for now.
"""

import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent.library import Library
from agent.replica import disk as disk_module
from agent.replica import folder as folder_module
from agent.replica.disk import Disk
from agent.replica.exchange import Exchange
from agent.replica.report import Report
from agent.replica.sealing import Seal
from agent.store import Store, open_store

NOON = 1_800_000_000.0
JULIAN_EPOCH, DAY_S = 2_440_587.5, 86_400.0


class CrashError(Exception):
    """The laptop went out here."""


class Laptop:
    """`ahead_s`: how wrong its clock is."""

    def __init__(self, home: Path, shared: Path, now: Callable[[], float], passphrase: str = "") -> None:
        home.mkdir(parents=True, exist_ok=True)
        shared.mkdir(parents=True, exist_ok=True)
        self.home, self.shared, self.ahead_s = home, shared, 0.0
        self.now, self.seal = now, Seal(passphrase)
        self.store: Store
        self.library: Library
        self.wake()

    @property
    def name(self) -> str:
        return self.home.name

    @property
    def database(self) -> Path:
        return self.home / "carryon.db"

    @property
    def id(self) -> str:
        return str(self.store.execute("SELECT id FROM replica").fetchone()[0])

    def clock(self) -> float:
        return self.now() + self.ahead_s

    def wake(self) -> None:
        self.store = open_store(self.database)
        self.store.execute("PRAGMA synchronous = OFF")
        self.store.create_function("julianday", 1, lambda _: self.clock() / DAY_S + JULIAN_EPOCH)
        self.library = Library(self.store, self.clock)

    def exchange(self, **how: Any) -> Report:
        return Exchange(self.store, self.database, self.clock, self.name).run(Disk(self.shared), self.seal, **how)

    def crash(self, monkeypatch_at: int, steps: int) -> bool:
        """An exchange that dies at the so-manieth file written, or after so many of SQLite's steps; whether it did."""
        left = [monkeypatch_at]
        write = disk_module.write_whole

        def dying(path: Path, content: bytes) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise CrashError
            write(path, content)
            if left[0] == -1:
                raise CrashError

        disk_module.write_whole = dying  # type: ignore[assignment]
        if steps:
            self.store.set_progress_handler(lambda: 1, steps)
        try:
            self.exchange()
        except Exception as error:
            if not isinstance(error, CrashError) and "interrupted" not in str(error):
                raise
            return True
        else:
            return False
        finally:
            disk_module.write_whole = write
            self.store.close()
            self.wake()

    def close(self) -> None:
        self.store.close()


def carry(source: Laptop, target: Laptop, chance: random.Random | None = None) -> None:
    """Copy what `target` does not write itself. `chance`: only some of it, and some only half; None: all, whole."""
    root = source.shared / folder_module.ROOT
    files = sorted(path for path in root.rglob("*.carryon")) + sorted(root.glob("*/blobs/*/*"))
    if chance:
        chance.shuffle(files)
    for path in files:
        owner = path.relative_to(root).parts[0]
        if owner == target.id or (owner != source.id and _is_newer(target, path, root)):
            continue
        copy = target.shared / folder_module.ROOT / path.relative_to(root)
        fate = chance.random() if chance else 0.0
        if fate > 0.7:
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        if fate > 0.6:
            copy.write_bytes(path.read_bytes()[: int(path.stat().st_size * (fate - 0.6) * 10)])
    if not chance:
        _delete_gone(source, target)


def _is_newer(target: Laptop, path: Path, root: Path) -> bool:
    """Second hand: only what is not there yet, so that an old state never replaces a newer one."""
    return (target.shared / folder_module.ROOT / path.relative_to(root)).exists()


def _delete_gone(source: Laptop, target: Laptop) -> None:
    """Of the source's own files: those that it dropped."""
    theirs = source.shared / folder_module.ROOT / source.id
    here = target.shared / folder_module.ROOT / source.id
    for path in here.glob("*.carryon"):
        if not (theirs / path.name).exists():
            path.unlink()


def settle(laptops: list[Laptop], rounds: int = 12) -> None:
    """Everything is carried to everybody, until nobody has anything to say."""
    for _ in range(rounds):
        quiet = True
        for laptop in laptops:
            for other in laptops:
                if other is not laptop:
                    carry(other, laptop)
            done = laptop.exchange()
            quiet = quiet and done.is_quiet and not any(it.waiting for it in done.laptops)
        if quiet:
            return
    raise AssertionError(f"they never come to rest: {[laptop.exchange() for laptop in laptops]}")


def visible(laptop: Laptop) -> dict[str, tuple[Any, ...]]:
    """What a person sees of each piece of work."""
    seen = {}
    for trashed in (False, True):
        for it in laptop.library.list(trashed=trashed, limit=10_000):
            seen[it.id] = (
                it.kind, it.title, frozenset(it.tags), it.trashed_at, it.updated_at, dict(it.data),
                laptop.library.content(it.id),
            )  # fmt: skip
    return seen


def contents(laptop: Laptop, artifact_id: str) -> set[bytes]:
    return {laptop.library.content(artifact_id, version.n) for version in laptop.library.versions(artifact_id)}


def hand_clock() -> Callable[[], float]:
    """A second further at each look."""
    at = [NOON]

    def now() -> float:
        at[0] += 1
        return at[0]

    return now


def wall_clock() -> float:
    return time.time()
