"""Asks llama.cpp what it can compute on, and tells it what a plan decided.

The bindings leave ggml's own functions out, so they are declared here (ggml-backend.h); they lie in a library beside
llama.cpp's, which is loaded already. A build that lacks them has a processor and no card.
"""

from __future__ import annotations

import ctypes
import types
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.devices.records import DEVICES_MAX, LABEL_CHARACTERS_MAX, Device, DeviceKind, Plan

_KINDS: dict[int, DeviceKind] = {0: "cpu", 1: "gpu", 2: "integrated", 3: "accelerator"}


@dataclass(frozen=True, slots=True)
class Found:
    """`handle`: llama.cpp's own, valid as long as the process."""

    device: Device
    handle: int


class _Props(ctypes.Structure):
    """ggml_backend_dev_props; its last part, five flags, is only there to be written to."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("description", ctypes.c_char_p),
        ("memory_free", ctypes.c_size_t),
        ("memory_total", ctypes.c_size_t),
        ("type", ctypes.c_int),
        ("device_id", ctypes.c_char_p),
        ("caps", ctypes.c_bool * 32),
    )


def find(lib: Any) -> tuple[Found, ...]:
    """Every device, in llama.cpp's order; none where this build does not tell."""
    ggml = _ggml(lib)
    if ggml is None:
        return ()
    lib.llama_supports_gpu_offload()  # makes it look for them
    count = min(ggml.ggml_backend_dev_count(), DEVICES_MAX)
    handles = [ggml.ggml_backend_dev_get(number) for number in range(count)]
    return tuple(Found(_described(ggml, handle), handle) for handle in handles if handle)


def apply(settings: Any, plan: Plan, found: Sequence[Found], lib: Any) -> tuple[Any, ...]:
    """Write the plan into llama_model_params; keep what this returns until the model is loaded, C points at it.

    A list of devices is always given, an empty one too: left to itself, llama.cpp starts the driver of every card.
    """
    counts = {share.device: share.layers + share.output for share in plan.shares}
    used = [one for one in found if one.device in counts]
    devices = (ctypes.c_void_p * (len(used) + 1))(*(one.handle for one in used), None)
    split = (ctypes.c_float * max(lib.llama_max_devices(), len(used)))(*(counts[one.device] for one in used))
    settings.devices = ctypes.cast(devices, ctypes.c_void_p)
    settings.n_gpu_layers = plan.gpu_layers
    settings.split_mode = lib.LLAMA_SPLIT_MODE_LAYER
    settings.tensor_split = ctypes.cast(split, ctypes.POINTER(ctypes.c_float))
    return devices, split


def _described(ggml: Any, handle: int) -> Device:
    props = _Props()
    ggml.ggml_backend_dev_get_props(handle, ctypes.byref(props))
    backend = ggml.ggml_backend_reg_name(ggml.ggml_backend_dev_backend_reg(handle))
    return Device(
        name=_label(props.name),
        description=_label(props.description),
        kind=_KINDS.get(props.type, "other"),
        backend=_label(backend),
        free_bytes=min(props.memory_free, props.memory_total),
        total_bytes=props.memory_total,
        id=_label(props.device_id),
    )


def _label(text: bytes | None) -> str:
    shown = (text or b"").decode("utf-8", "replace")[:LABEL_CHARACTERS_MAX]
    return "".join(character if character.isprintable() else " " for character in shown).strip()


def _ggml(lib: Any) -> Any:
    """ggml's functions by name, with their types; None where one of them is not to be found."""
    size, pointer, text = ctypes.c_size_t, ctypes.c_void_p, ctypes.c_char_p
    libraries = _libraries(lib)
    functions = types.SimpleNamespace()
    for name, result, arguments in (
        ("ggml_backend_dev_count", size, []),
        ("ggml_backend_dev_get", pointer, [size]),
        ("ggml_backend_dev_get_props", None, [pointer, pointer]),
        ("ggml_backend_dev_backend_reg", pointer, [pointer]),
        ("ggml_backend_reg_name", text, [pointer]),
    ):
        function = next((getattr(library, name) for library in libraries if hasattr(library, name)), None)
        if function is None:
            return None
        function.restype, function.argtypes = result, arguments
        setattr(functions, name, function)
    return functions


def _libraries(lib: Any) -> list[Any]:
    """llama.cpp's own handle finds what it is linked with; on Windows each library answers for itself alone."""
    folder = Path(lib.__file__).parent / "lib"
    return [lib._lib, *(ctypes.CDLL(str(path)) for path in sorted(folder.glob("ggml*.dll")))]
