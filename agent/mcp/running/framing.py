"""What a server writes, cut into lines, with a bound on each and on how much comes in a while. No input, no output."""

from collections.abc import Callable


class BrokeRulesError(Exception):
    """How the server broke them, as the rest of a sentence that begins with its name."""


class Framer:
    """Bytes in, whole lines out. A half line is kept until the rest comes, up to the bound."""

    def __init__(self, line_bytes_max: int) -> None:
        self._max = line_bytes_max
        self._kept = bytearray()

    def feed(self, chunk: bytes) -> list[bytes]:
        """Raises BrokeRulesError for a line beyond the bound; each byte is looked at once."""
        *whole, rest = chunk.split(b"\n")
        if not whole:
            self._keep(rest)
            return []
        self._keep(whole[0])
        lines = [bytes(self._kept), *whole[1:]]
        self._kept.clear()
        self._keep(rest)
        return lines

    def _keep(self, part: bytes) -> None:
        if len(self._kept) + len(part) > self._max:
            raise BrokeRulesError(f"wrote a message longer than {self._max // 1_000_000} MB")
        self._kept += part


class Meter:
    """How much came within a while: a flood is told from a busy server by a number."""

    def __init__(self, window_s: float, messages_max: int, bytes_max: int, clock: Callable[[], float]) -> None:
        self._window_s, self._messages_max, self._bytes_max, self._clock = window_s, messages_max, bytes_max, clock
        self._since = clock()
        self._messages = self._bytes = 0

    def count(self, size: int) -> None:
        """One message of so many bytes. Raises BrokeRulesError."""
        now = self._clock()
        if now - self._since > self._window_s:
            self._since, self._messages, self._bytes = now, 0, 0
        self._messages += 1
        self._bytes += size
        if self._messages > self._messages_max:
            raise BrokeRulesError(f"wrote more than {self._messages_max:,} messages in {self._window_s:g} s")
        if self._bytes > self._bytes_max:
            raise BrokeRulesError(f"wrote more than {self._bytes_max // 1_000_000} MB in {self._window_s:g} s")


class Ring:
    """The last bytes of what a server complained about (stderr); the reason for its end often stands there."""

    def __init__(self, kept_bytes: int) -> None:
        self._kept_bytes = kept_bytes
        self._kept = bytearray()

    def add(self, chunk: bytes) -> None:
        self._kept += chunk[-self._kept_bytes :]
        del self._kept[: -self._kept_bytes]

    def last_line(self) -> str:
        """The last one with something in it, at most 200 characters."""
        lines = bytes(self._kept).decode("utf-8", "replace").splitlines()
        said = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return "".join(character for character in said if character.isprintable())[:200]
