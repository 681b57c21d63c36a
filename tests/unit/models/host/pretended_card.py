"""A worker on a machine with a pretended graphics card, whose driver fails as its second argument says.

Started in place of `python -m models.worker` with the same argument after it. Only what llama.cpp tells of devices is
pretended, and the failure; a "careful" start knows of neither.
"""

import json
import os
import sys

from models.devices.records import Device
from models.errors import ModelError
from models.worker import devices, engine, placing, seat
from models.worker.__main__ import main

CARD = Device("CUDA0", "NVIDIA GeForce RTX 4070 SUPER", "gpu", "CUDA", 11_589_910_528, 12_878_610_432, "0000:01:00.0")
PROCESSOR = Device("CPU", "a processor", "cpu", "CPU", 34_359_738_368, 34_359_738_368)


def die(*_arguments: object, **_named: object) -> None:
    sys.stderr.write("CUDA error: out of memory\n  current device: 0, in function alloc at ggml-cuda.cu:611\n")
    sys.stderr.flush()
    os.abort()


def refuse(*_arguments: object, **_named: object) -> None:
    raise ModelError("unable to allocate CUDA0 buffer", "model.gguf", "Try again.")


failure = sys.argv.pop(1)
careful = json.loads(sys.argv[1])["careful"]
placing.SMALL_PARAMETERS = 0
devices.find = lambda _lib: () if careful else tuple(devices.Found(one, 1) for one in (CARD, PROCESSOR))  # type: ignore[assignment]
devices.apply = lambda *_what: ()  # type: ignore[assignment]  # there is nothing to put anything on
if not careful:
    match failure:
        case "dies while loading":
            engine.Engine._load = die  # type: ignore[method-assign]
        case "refuses to load":
            engine.Engine.open = refuse  # type: ignore[method-assign]
        case "dies at work":
            seat.Seat._chat = die  # type: ignore[method-assign]
main()
