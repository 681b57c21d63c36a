"""Says which devices there are, and ends: for whoever wants to know without loading a model."""

from __future__ import annotations

from dataclasses import asdict
from typing import BinaryIO

from models import wire
from models.worker import library
from models.worker.devices import find


def report(answers: BinaryIO) -> None:
    lib = library.load()
    heard = library.listen(lib)  # keeps C's words out of the answer
    lib.llama_backend_init()
    answers.write(wire.encode({"event": "devices", "devices": [asdict(one.device) for one in find(lib)]}))
    answers.flush()
    del heard
