"""On which terms states may be kept: as they are, encrypted, or not at all. The user's settings decide, request by
request."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any, Literal

Mode = Literal["kept", "encrypted", "none"]
KEY_BYTES = 32
MODES: tuple[Mode, ...] = ("kept", "encrypted", "none")


@dataclass(frozen=True, slots=True)
class Terms:
    """`key`: of an encrypted folder; `why`: why there are none although the user wanted some; `room`: bytes that all
    of them may take, 0: as many as usual."""

    mode: Mode = "kept"
    key: bytes = b""
    why: str = ""
    room: int = 0

    def __repr__(self) -> str:
        return f"Terms({self.mode!r})"  # the key must not stand in any log

    def line(self) -> dict[str, str | int]:
        """As it goes through the pipe to the worker."""
        return {"mode": self.mode, "why": self.why, "key": base64.b64encode(self.key).decode(),
                "room": self.room}  # fmt: skip

    @classmethod
    def of(cls, line: Any) -> Terms:
        """What is no such line keeps nothing."""
        try:
            terms = cls(
                line["mode"], base64.b64decode(line["key"], validate=True), line["why"], int(line.get("room", 0))
            )
        except (KeyError, TypeError, AttributeError, binascii.Error, ValueError):
            return OFF
        usable = terms.mode in MODES and (terms.mode != "encrypted" or len(terms.key) == KEY_BYTES)
        return terms if usable else OFF


OFF = Terms("none")
