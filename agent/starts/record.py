"""A start as it is kept, and the spans it was made of. Milliseconds count from the birth of the process."""

from dataclasses import dataclass
from enum import StrEnum

UNACCOUNTED = "unaccounted"


class StartClass(StrEnum):
    """Starts of different classes are never compared with each other."""

    AFTER_UPDATE = "after_update"  # another build of Carryon, its libraries or llama.cpp than last time
    COLD_DISK = "cold_disk"  # files had to be fetched from the disk
    AFTER_IDLE = "after_idle"  # the first of this boot, or long after the last
    WARM_DISK = "warm_disk"


@dataclass(frozen=True, slots=True)
class Span:
    """`parent`: the name of the span it is a part of, empty for none."""

    name: str
    begin_ms: float
    end_ms: float
    parent: str = ""

    @property
    def ms(self) -> float:
        return self.end_ms - self.begin_ms


@dataclass(frozen=True, slots=True)
class Start:
    """`window_ms`: until the window was painted, None for a start without one; `ready_ms`: until the profile was open
    and the models loaded; `first_token_ms`: until a model's first word, where one was asked for. `evidence`: why it is
    of its class, in words; `ok`: whether every model came up."""

    id: str
    kind: StartClass
    at: int  # unix milliseconds of the process's birth
    app_build: str
    llama_build: str
    ok: bool
    evidence: str
    window_ms: float | None
    ready_ms: float
    first_token_ms: float | None
    accounted: float  # the share of the time that the spans name, 0 to 1
    used_until: int  # unix milliseconds of the orderly end, or of the start where there was none
    spans: tuple[Span, ...] = ()

    @property
    def end_ms(self) -> float:
        return self.first_token_ms if self.first_token_ms is not None else self.ready_ms
