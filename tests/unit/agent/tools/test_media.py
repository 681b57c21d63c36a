"""What a picture or a sound is, by its own bytes."""

import struct

import pytest

from agent.tools.media import PICTURE, SOUND, media_of


def wave(data: bytes, rate: int = 8_000, said: int | None = None) -> bytes:
    size = len(data) if said is None else said
    form = struct.pack("<IHHIIHH", 16, 1, 1, rate, rate, 1, 8)
    return b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + form + b"data" + struct.pack("<I", size) + data


@pytest.mark.parametrize(
    ("content", "kind", "suffix"),
    [
        (b"\x89PNG\r\n\x1a\n....", PICTURE, ".png"),
        (b"\xff\xd8\xff\xe0....", PICTURE, ".jpg"),
        (b"GIF89a....", PICTURE, ".gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", PICTURE, ".webp"),
        (b"ID3\x04....", SOUND, ".mp3"),
        (b"\xff\xfb\x90\x00....", SOUND, ".mp3"),
        (b"OggS....", SOUND, ".ogg"),
        (b"fLaC....", SOUND, ".flac"),
        (b"\0\0\0\x20ftypM4A ....", SOUND, ".m4a"),
        (wave(b""), SOUND, ".wav"),
    ],
)
def test_known_kinds(content: bytes, kind: str, suffix: str) -> None:
    found = media_of(content)
    assert found is not None
    assert (found.kind, found.suffix) == (kind, suffix)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"<svg onload='x'/>",
        b"<html>",
        b"%PDF-1.7",
        b"MZ\x90",
        b"#!/bin/sh",
        b"RIFF",
        b"\0\0\0\x20ftypmp42",
    ],
)
def test_what_could_hold_a_program_or_is_none(content: bytes) -> None:
    assert media_of(content) is None


def test_how_long_a_sound_is_comes_from_what_is_there() -> None:
    assert media_of(wave(bytes(4_000))).seconds == 0.5  # type: ignore[union-attr]
    assert media_of(wave(bytes(4_000), said=4_000_000_000)).seconds == 0.5  # type: ignore[union-attr]
    for odd in (wave(bytes(10), rate=0), wave(b"")[:30], wave(bytes(4_000)).replace(b"data", b"dat?")):
        found = media_of(odd)
        assert found is not None
        assert found.seconds is None
