"""How far one request is, told to the attempt that makes it: by the trace of httpcore, which names each step."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync.transports.attempt import TELL_AFTER_S, Attempt, Stage
from sync.transports.deadline import Deadline

SLOW_BYTES = 1_000  # an answer that brings no more than this in the time of a stage counts as one that stands still


@dataclass(slots=True)
class Stages:
    """`connect_s`, `read_s`: how long the steps may take; the look-up of the name is told by whoever does it."""

    attempt: Attempt
    host: str
    connect_s: float
    read_s: float
    tell_s: float = TELL_AFTER_S
    deadline: Deadline | None = None
    _come: int = 0  # bytes of the answer, in this stage

    def note(self, event: str, info: Mapping[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._guard(info)
        elif event == "connection.connect_tcp.started":
            self.begin(Stage.CONNECTING)
        elif event.endswith("start_tls.started"):
            self.begin(Stage.SECURING)
        elif event.endswith("send_request_headers.started"):
            self.begin(Stage.SENDING)
        elif event.endswith("receive_response_headers.started"):
            self.begin(Stage.WAITING)

    def come(self, size: int) -> None:
        """So much more of the answer's body."""
        self._come += size
        if self._come > SLOW_BYTES:
            self.begin(Stage.RECEIVING)

    def begin(self, stage: Stage) -> None:
        self._come = 0
        connecting = stage in (Stage.LOOKING_UP, Stage.CONNECTING, Stage.SECURING)
        self.attempt.stage(stage, self.host, self.connect_s if connecting else self.read_s, self.tell_s)

    def _guard(self, info: Mapping[str, Any]) -> None:
        if self.deadline and (stream := info.get("return_value")) is not None:
            self.deadline.guard(stream.get_extra_info("socket"))
