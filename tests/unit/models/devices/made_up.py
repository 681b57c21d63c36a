"""Device reports, recorded or made up (reports.json says which), and needs of models nobody has at hand."""

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from models.devices.memory import Memory
from models.devices.need import Layer, Need
from models.devices.records import Device, DeviceKind

_FIELDS = ("name", "description", "kind", "backend", "free_bytes", "total_bytes", "id")
_RECORDED: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "reports.json").read_text("utf-8"))
REPORTS = {
    name: tuple(Device(**dict(zip(_FIELDS, one, strict=True))) for one in report["devices"])
    for name, report in _RECORDED.items()
}
GIGABYTE = 1_000_000_000
LAPTOP = Memory(10 * GIGABYTE, 16 * GIGABYTE)
ROOMY = Memory(60 * GIGABYTE, 64 * GIGABYTE)


def need(layers: int = 32, layer_bytes: int = 400_000_000, cache: int = 16_000_000) -> Need:
    """By default about an 8 B model in 8 bits: 32 layers, 13 GB."""
    return Need(
        layers=(Layer(layer_bytes, cache),) * layers, input=300_000_000, output=500_000_000, output_here=500_000_000,
        compute=60_000_000, scores=70_000_000, output_compute=65_000_000, n_ctx=4_096,
    )  # fmt: skip


_size = st.integers(0, 20 * GIGABYTE)
_kinds: st.SearchStrategy[DeviceKind] = st.sampled_from(("cpu", "gpu", "gpu", "gpu", "integrated", "accelerator"))


@st.composite
def devices(draw: st.DrawFn) -> Device:
    free, more = draw(_size), draw(_size)
    return Device(
        name=draw(st.sampled_from(("CUDA0", "CUDA1", "Vulkan0", "MTL0"))),
        description=draw(st.sampled_from(("", "A card"))),
        kind=draw(_kinds),
        backend=draw(st.sampled_from(("CUDA", "Vulkan", "MTL"))),
        free_bytes=free,
        total_bytes=draw(st.sampled_from((0, free, free + more))) or free,
        id=draw(st.sampled_from(("", "0000:01:00.0", "0000:02:00.0", "0000:03:00.0"))),
    )


def needs() -> st.SearchStrategy[Need]:
    layers = st.lists(st.builds(Layer, st.integers(0, GIGABYTE), st.integers(0, GIGABYTE // 4)), max_size=40)
    small = st.integers(0, GIGABYTE // 2)
    return st.builds(
        Need, layers.map(tuple), small, small, small, small, small, small, st.integers(1, 32_768)
    )  # fmt: skip


def memories() -> st.SearchStrategy[Memory]:
    return st.tuples(_size, _size).map(lambda two: Memory(min(two), max(two)))
