"""Times as facts: ISO 8601 in the user's zone, "2026-03-06" alone for a day without a time of day; ages in seconds."""

from datetime import datetime, timedelta, tzinfo

from agent.times import When

CLOCKS_DIFFER_S = 60.0


def age_s(then: float, now: float) -> int | None:
    """How old what is from `then` is; both unix seconds. None: nobody knows, the clock was set back since."""
    return max(0, round(now - then)) if now - then > -CLOCKS_DIFFER_S else None


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def moment_fact(at_ms: int, zone: tzinfo, *, whole_day: bool = False) -> str:
    """ "2026-03-06T09:00:00+01:00", or "2026-03-06" """
    moment = datetime.fromtimestamp(at_ms / 1000, zone)
    return moment.date().isoformat() if whole_day else moment.isoformat(timespec="seconds")


def when_fact(when: When) -> str:
    return when.start.isoformat(timespec="seconds") if when.has_time else when.start.date().isoformat()


def is_midnight(at_ms: int, zone: tzinfo) -> bool:
    """A task due on a day without a time of day is kept as that day's midnight."""
    moment = datetime.fromtimestamp(at_ms / 1000, zone)
    return moment.time() == moment.min.time()


def day_after(at_ms: int, zone: tzinfo) -> int:
    """The midnight that ends the day of `at_ms`."""
    moment = datetime.fromtimestamp(at_ms / 1000, zone)
    following = moment.date() + timedelta(days=1)
    return milliseconds(datetime(following.year, following.month, following.day, tzinfo=zone))
