"""How long a destination asks to be left alone: the Retry-After header (RFC 9110, section 10.2.3)."""

import email.utils
import math

RETRY_AFTER_S_MAX = 86_400.0


def retry_after_s(text: str | None, now_s: float) -> float | None:
    """Retry-After as seconds from now: a number of seconds or an HTTP date; None where it says nothing readable."""
    if not text:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), RETRY_AFTER_S_MAX)
    try:
        wait = email.utils.parsedate_to_datetime(text).timestamp() - now_s
    except (ValueError, OverflowError):
        return None
    return min(max(wait, 0.0), RETRY_AFTER_S_MAX) if math.isfinite(wait) else None
