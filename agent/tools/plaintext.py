"""Bytes as text: which encoding it is, said aloud, and whether it is text at all."""

import codecs

SAMPLE = 8_192
CONTROLS_MAX = 0.05  # share of control characters from which on it is no text

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ALLOWED = frozenset(b"\t\n\r\x0c\x1b\x08")


def is_binary(raw: bytes) -> bool:
    if any(raw.startswith(mark) for mark, _ in _MARKS):
        return False
    sample = raw[:SAMPLE]
    if b"\0" in sample:
        return True
    controls = sum(byte < 32 and byte not in _ALLOWED for byte in sample)
    return controls > CONTROLS_MAX * max(1, len(sample))


def decoded(raw: bytes) -> tuple[str, str]:
    """The text and the encoding that fitted; the last one fits anything, letter for letter perhaps wrongly."""
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return raw.decode(name, "replace"), name.removesuffix("-sig")
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(raw), "utf-8"  # a character cut at the end is no fault
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace"), "windows-1252"
