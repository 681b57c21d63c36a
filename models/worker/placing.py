"""Decides where a model goes before any of it is loaded, and refuses one that this machine cannot hold.

A small model takes none of that: no card is asked, nothing is counted, nothing more is imported.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from models import wire
from models.devices.window import LEAST, Context, wished
from models.errors import ModelError
from models.gguf_check import Header
from models.gguf_read import Walked
from models.worker import library

if TYPE_CHECKING:
    from models.devices.context import PlanFor
    from models.devices.memory import Memory
    from models.devices.records import Device, Placement

EXIT_CARD = 6  # the card failed in an orderly way; the host starts again without it
SMALL_PARAMETERS = 60_000_000  # a card gains nothing here, and its driver takes longer to start than the answer
SMALL_BYTES, SMALL_CONTEXT = 256 * 1024 * 1024, 16_384  # such a file and so many tokens fit everywhere

# A driver that fails may do so as soon as it is asked for anything; these keep llama.cpp from asking.
HIDDEN = {"CUDA_VISIBLE_DEVICES": "-1", "HIP_VISIBLE_DEVICES": "-1", "GGML_VK_VISIBLE_DEVICES": ""}


def hide_cards() -> None:
    """Of effect only before the library is loaded."""
    os.environ.update(HIDDEN)


class Placing:
    """Made before llama.cpp is loaded, decided after, applied when the model is. `placement`: what came of it; None for
    a small model; `context`: how many tokens it is opened for."""

    def __init__(self, start: wire.Start, header: Header) -> None:
        self._start = start
        self._header = header
        self._small = _is_small(start, header)
        self.context = _context(start, header)
        self._found: tuple[Any, ...] = ()
        self._heard: Any = None
        self.placement: Placement | None = None
        if self._small or start.careful:
            hide_cards()

    def decide(self, walked: Walked, lib: Any, batch: int) -> None:
        """`batch`: tokens read at once. Raises ModelTooLargeError."""
        if self._small:
            return
        from models.devices.context import planned
        from models.devices.memory import look
        from models.devices.records import Placement
        from models.devices.room import check_room
        from models.devices.verdict import verdict
        from models.worker.devices import find

        header, memory = self._header, look()
        self._heard = library.listen(lib)
        self._found = find(lib)
        devices = tuple(one.device for one in self._found)
        plan_for = self._planner(walked, batch, devices, memory)
        if header.kind == "chat":
            self.context = planned(self._start.n_ctx, header.n_ctx_train, plan_for, memory)
        made = self.context.plan or plan_for(self.context.tokens)
        self.placement = Placement(devices, made, verdict(made), check_room(made, memory, header.path))

    def _planner(self, walked: Walked, batch: int, devices: Sequence[Device], memory: Memory) -> PlanFor:
        """Where the model goes with so many tokens."""
        from models.devices.fault import FAILED
        from models.devices.need import need_of
        from models.devices.parts import parts_of
        from models.devices.plan import plan

        parts = parts_of(self._header.path, walked, self._header.parts)
        without = FAILED if self._start.careful else ""
        return lambda tokens: plan(need_of(parts, n_ctx=tokens, batch=batch), devices, memory, without=without)

    def apply(self, settings: Any, lib: Any) -> Any:
        """Tell llama_model_params; keep what this returns until the model is loaded, C points at it."""
        if self.placement is None:
            nothing = (ctypes.c_void_p * 1)(None)
            settings.devices, settings.n_gpu_layers = ctypes.cast(nothing, ctypes.c_void_p), 0
            return nothing
        from models.worker.devices import apply

        return apply(settings, self.placement.plan, self._found, lib)

    @contextmanager
    def card_at_fault(self) -> Iterator[None]:
        """A model that does not load with a card may load without: end, so that the host starts it so."""
        try:
            yield
        except ModelError as error:
            if self.placement is None or not self.placement.plan.on_card:
                raise
            sys.stderr.write(f"the graphics card could not be used: {error.what}\n")
            sys.stderr.flush()
            os._exit(EXIT_CARD)


def _is_small(start: wire.Start, header: Header) -> bool:
    if start.n_ctx > SMALL_CONTEXT or header.parts > 1:
        return False
    return header.kind == "starter" or (header.parameters < SMALL_PARAMETERS and header.size_bytes < SMALL_BYTES)


def _context(start: wire.Start, header: Header) -> Context:
    """As wished. A decision is short, and so is a text to search by."""
    return wished(start.n_ctx, header.n_ctx_train) if header.kind == "chat" else Context(start.n_ctx or LEAST, "")
