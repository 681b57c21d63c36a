"""How long a destination asks to be left alone: the Retry-After header (RFC 9110, section 10.2.3)."""

import email.utils
import math
from datetime import UTC, datetime

from sync.pauses import RETRY_AFTER_S_MAX


def retry_after_s(text: str | None, now_s: float, date: str | None = None) -> float | None:
    """Retry-After as seconds from now: a number of seconds or an HTTP date; None where it says nothing readable.
    `date`: the answer's own Date, by which the other end counts, whatever the clock here says."""
    if not text:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), RETRY_AFTER_S_MAX)
    until = _moment(text)
    if until is None:
        return None
    said = _moment(date or "")
    wait = until - (now_s if said is None else said)
    return min(max(wait, 0.0), RETRY_AFTER_S_MAX) if math.isfinite(wait) else None


def tried_again(wait_s: float | None, now_s: float) -> str:
    """For the item: when, where the destination said so."""
    if not wait_s:
        return "It is tried again."
    then, now = (datetime.fromtimestamp(at).astimezone() for at in (now_s + wait_s, now_s))
    said = f"{then:%H:%M:%S}" if then.date() == now.date() else f"{then:%Y-%m-%d %H:%M}"
    return f"It asked to be left alone until {said} and is tried again then."


def _moment(text: str) -> float | None:
    """Unix seconds of an HTTP date, which is always in UTC."""
    try:
        found = email.utils.parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
