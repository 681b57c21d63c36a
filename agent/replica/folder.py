"""What lies where all laptops see it: `carryon-library/`, in it a folder for each of them that it alone writes in.

    LAPTOP/GENERATION-000001.carryon …   its chain
    LAPTOP/state.carryon                 how far it has read the others
    LAPTOP/blobs/ab/…                    large contents

None but the state is ever written twice. So a stick, a shared disk, a server or a program that copies files never has
two versions of one to choose from.
"""

import re

from agent.library.blobs import CONTENT_BYTES_MAX
from agent.replica.errors import PassphraseError
from agent.replica.road import Road
from agent.replica.sealing import Seal
from agent.replica.segment import At

ROOT = "carryon-library"
SUFFIX = ".carryon"
STATE = f"state{SUFFIX}"
BLOBS = "blobs"
FILE_BYTES_MAX = 64 * 1024 * 1024
BLOB_BYTES_MAX = CONTENT_BYTES_MAX + 1_000
LAPTOPS_MAX = 100
SEGMENTS_MAX = 20_000  # of one laptop; it begins a new generation long before

_LAPTOP = re.compile(r"[0-9a-f]{32}")
_SEGMENT = re.compile(r"([0-9a-f]{16})-([0-9]{6})\.carryon")
_SHELF = re.compile(r"[0-9a-f]{2}")


class Folder:
    """Raises what its road raises; PassphraseError where there is none and must be one."""

    def __init__(self, road: Road, seal: Seal) -> None:
        if road.needs_seal and seal.is_open:
            raise PassphraseError(
                "A server is somebody else's machine: nothing is put there without a passphrase.", "sync.passphrase",
                'Write sync.passphrase = "keyring:sync", and store one: carryon rc secret sync',
            )  # fmt: skip
        road.begin()
        self.road = road
        self.seal = seal

    def laptops(self) -> tuple[str, ...]:
        return tuple(sorted(name for name in self.road.names(ROOT) if _LAPTOP.fullmatch(name))[:LAPTOPS_MAX])

    def chain(self, laptop: str) -> tuple[At, ...]:
        """Places of which there is a file, in order."""
        names = (_SEGMENT.fullmatch(name) for name in self.road.names(ROOT, laptop))
        return tuple(sorted(At(name[1], int(name[2])) for name in names if name)[:SEGMENTS_MAX])

    def read(self, laptop: str, at: At) -> bytes:
        """Raises UnreadError."""
        name = _name(at)
        return self.seal.open_up(laptop, name, self.road.read(ROOT, laptop, name, most=FILE_BYTES_MAX))

    def write(self, laptop: str, at: At, payload: bytes) -> None:
        name = _name(at)
        self.road.write(self.seal.close_up(laptop, name, payload), ROOT, laptop, name, new=True)

    def state(self, laptop: str) -> bytes | None:
        """None: there is none."""
        if not self.road.has(ROOT, laptop, STATE):
            return None
        return self.seal.open_up(laptop, STATE, self.road.read(ROOT, laptop, STATE, most=FILE_BYTES_MAX))

    def write_state(self, laptop: str, payload: bytes) -> None:
        self.road.write(self.seal.close_up(laptop, STATE, payload), ROOT, laptop, STATE, new=False)

    def blob(self, laptop: str, sha256: str) -> bytes:
        """Raises UnreadError."""
        steps = self._blob(laptop, sha256)
        return self.seal.open_up(laptop, steps[-1], self.road.read(*steps, most=BLOB_BYTES_MAX))

    def write_blob(self, laptop: str, sha256: str, content: bytes) -> None:
        steps = self._blob(laptop, sha256)
        if not self.road.has(*steps):
            self.road.write(self.seal.close_up(laptop, steps[-1], content), *steps, new=True)

    def drop(self, laptop: str, *, but: str = "") -> None:
        """Files of this laptop; `but`: those of that generation stay, and so do contents and state then."""
        for at in self.chain(laptop):
            if at.generation != but:
                self.road.drop(ROOT, laptop, _name(at))
        if not but:
            self._remove(laptop)

    def drop_blobs(self, laptop: str, keep: set[str]) -> None:
        """All but these contents."""
        names = {self.seal.name_of(laptop, sha256) for sha256 in keep}
        for steps in self._blobs(laptop):
            if steps[-1] not in names:
                self.road.drop(*steps)

    def drop_blob(self, laptop: str, sha256: str) -> None:
        self.road.drop(*self._blob(laptop, sha256))

    def tidy(self, laptop: str) -> None:
        """What a crash left half written there."""
        self.road.tidy(ROOT, laptop)

    def _blob(self, laptop: str, sha256: str) -> tuple[str, ...]:
        name = self.seal.name_of(laptop, sha256)
        return ROOT, laptop, BLOBS, name[:2], name

    def _blobs(self, laptop: str) -> list[tuple[str, ...]]:
        shelves = [name for name in self.road.names(ROOT, laptop, BLOBS) if _SHELF.fullmatch(name)]
        return [
            (ROOT, laptop, BLOBS, shelf, name)
            for shelf in shelves
            for name in self.road.names(ROOT, laptop, BLOBS, shelf)
        ]

    def _remove(self, laptop: str) -> None:
        """Of a laptop that is forgotten; whatever else lies in it stays, and with it the folder."""
        for steps in ((ROOT, laptop, STATE), *self._blobs(laptop)):
            self.road.drop(*steps)
        for shelf in self.road.names(ROOT, laptop, BLOBS):
            self.road.drop_folder(ROOT, laptop, BLOBS, shelf)
        self.road.drop_folder(ROOT, laptop, BLOBS)
        self.road.drop_folder(ROOT, laptop)


def has_state(road: Road, laptop: str) -> bool:
    """Whether this laptop wrote there; no key is needed."""
    return road.has(ROOT, laptop, STATE)


def _name(at: At) -> str:
    return f"{at.generation}-{at.n:06}{SUFFIX}"
