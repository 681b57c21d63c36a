"""What the pool reports: rows for the command line. Times are unix milliseconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Worker:
    """`held_by`: the process whose worker it is; `why`: in words, of one that rests or is in trouble."""

    name: str
    pid: int | None
    state: str
    why: str
    memory_bytes: int | None
    restarts: int
    probed_at: int | None
    since_at: int
    held_by: int
