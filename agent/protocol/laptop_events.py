"""What happened with the user's other laptops."""

from dataclasses import dataclass

from agent.protocol.events import Event


@dataclass(frozen=True, slots=True)
class LaptopShown:
    """`waiting`: files of it that are not read yet, and why."""

    name: str
    waiting: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class MergeShown:
    """`was`: the version to which restoring leads back."""

    artifact_id: str
    title: str
    n: int
    was: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaptopsListed(Event):
    """`folder` "": none is named; `server`: it is one on a server. `at`: when something last came, went or was joined,
    0: never; `merges`: the newest of all exchanges that are kept. `trouble`: why the last exchange was none."""

    folder: str
    there: bool = False
    joined: bool = False
    automatic: bool = False
    sealed: bool = False
    busy: bool = False
    server: bool = False
    trouble: str = ""
    at: int = 0
    came: int = 0
    went: int = 0
    merged: int = 0
    merges: tuple[MergeShown, ...] = ()
    notices: tuple[str, ...] = ()
    laptops: tuple[LaptopShown, ...] = ()
