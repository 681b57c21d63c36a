"""Every threshold of the pool, in one place; times in seconds. What a user would want to say is a key of `.agentrc`."""

from dataclasses import dataclass, field

from models.host.pressure import Thresholds


@dataclass(frozen=True, slots=True)
class Bounds:
    look_s: float = 10.0  # between two looks at the machine
    agree: int = 2  # looks in a row that must find memory or battery low
    calm_s: float = 60.0  # of nothing but calm before a worker comes back by itself
    stay_s: float = 120.0  # it stays at least so long, up or resting, before it is moved again without being asked
    out_stay_s: float = 15.0  # the same while it is up and almost no memory is left
    settle_s: float = 5.0  # after an answer or a key; the next may follow
    tray_s: float = 600.0  # unused in the tray for so long: it rests (keep_warm = "auto")
    unused_s: float = 60.0  # unused for so long: it rests (keep_warm = "never")
    report_s: float = 30.0  # the report for the command line is at most so old
    pressure: Thresholds = field(default_factory=Thresholds)
