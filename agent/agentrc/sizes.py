"""Amounts of disk as the settings write them: "500 MB", "2 GB"; "off" for none at all."""

import re

OFF = "off"
LEAST_BYTES, MOST_BYTES = 10_000_000, 1_000_000_000_000
_SHAPE = re.compile(r"(\d{1,7}(?:\.\d{1,3})?)\s*([MGT])B", re.IGNORECASE)
_BYTES = {"M": 10**6, "G": 10**9, "T": 10**12}


def size_bytes(text: str) -> int | None:
    """0 for "off"; None: this is no amount, or one out of bounds."""
    if text.strip().casefold() == OFF:
        return 0
    match = _SHAPE.fullmatch(text.strip())
    if match is None:
        return None
    found = round(float(match[1]) * _BYTES[match[2].upper()])
    return found if LEAST_BYTES <= found <= MOST_BYTES else None
