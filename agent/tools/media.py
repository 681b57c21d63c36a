"""What a picture or a sound really is, by its own bytes: a stranger's word about them counts for nothing. Known are
kinds that hold no program and refer to nothing outside; anything else is none.
"""

import struct
from dataclasses import dataclass

PICTURE, SOUND = "picture", "sound"
SECONDS_MAX = 86_400 * 7  # a longer sound lies about itself


@dataclass(frozen=True, slots=True)
class Media:
    """`kind`: PICTURE or SOUND; `suffix` with its dot; `seconds`: of a sound, None where it does not say."""

    kind: str
    media_type: str
    suffix: str
    seconds: float | None = None


def media_of(content: bytes) -> Media | None:
    """None for what is neither, or a kind that is not taken."""
    for begins, made in _BEGINNINGS:
        if content.startswith(begins):
            return made
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return Media(PICTURE, "image/webp", ".webp")
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return Media(SOUND, "audio/wav", ".wav", _seconds_of_wave(content))
    if content[4:8] == b"ftyp" and content[8:11] in (b"M4A", b"M4B"):
        return Media(SOUND, "audio/mp4", ".m4a")
    if len(content) > 2 and content[0] == 0xFF and content[1] & 0xE6 == 0xE2:  # a frame of MPEG audio, layer 3
        return Media(SOUND, "audio/mpeg", ".mp3")
    return None


_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", Media(PICTURE, "image/png", ".png")),
    (b"\xff\xd8\xff", Media(PICTURE, "image/jpeg", ".jpg")),
    (b"GIF87a", Media(PICTURE, "image/gif", ".gif")),
    (b"GIF89a", Media(PICTURE, "image/gif", ".gif")),
    (b"ID3", Media(SOUND, "audio/mpeg", ".mp3")),
    (b"OggS", Media(SOUND, "audio/ogg", ".ogg")),
    (b"fLaC", Media(SOUND, "audio/flac", ".flac")),
)


def _seconds_of_wave(content: bytes) -> float | None:
    """By the bytes that are there, not by what its head says of them."""
    place = content.find(b"fmt ", 12, 4_096)
    if place < 0 or len(content) < place + 24:
        return None
    (bytes_a_second,) = struct.unpack_from("<I", content, place + 16)
    data = content.find(b"data", place, place + 4_096)
    seconds = (len(content) - data - 8) / bytes_a_second if data > 0 and bytes_a_second else -1.0
    return seconds if 0 <= seconds <= SECONDS_MAX else None
