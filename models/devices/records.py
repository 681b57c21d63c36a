"""The plain records of devices and plans, as they cross the pipe from worker to host. Standard library alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

DeviceKind = Literal["cpu", "gpu", "integrated", "accelerator", "other"]

DEVICES_MAX = 16  # that are asked about; llama.cpp computes on at most so many
LABEL_CHARACTERS_MAX = 120


@dataclass(frozen=True, slots=True)
class Device:
    """One thing that llama.cpp can compute on. `name`: its own ("CUDA0", "Vulkan0", "MTL0", "CPU"); `description`: its
    maker's; `id`: its address on the bus, where that is known. Both sizes are 0 when the driver tells none."""

    name: str
    description: str
    kind: DeviceKind
    backend: str
    free_bytes: int
    total_bytes: int
    id: str = ""

    @property
    def is_card(self) -> bool:
        return self.kind in ("gpu", "integrated")

    @property
    def shares_memory(self) -> bool:
        """It has no memory of its own but takes from the machine's."""
        return self.kind == "integrated" or self.backend in ("MTL", "Metal")

    @property
    def label(self) -> str:
        return self.description or self.name


@dataclass(frozen=True, slots=True)
class Share:
    """What one card is given: `layers` of the model in a row, and the output after them or not; what that takes, and
    what is then left free of it."""

    device: Device
    layers: int
    output: bool
    bytes: int
    left_bytes: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a model goes. `why`: why no more of it is on a card; empty where all of it is. `memory_bytes`: what it
    takes of the machine's memory in all, `held_bytes`: how much of that is no part of the file and stays."""

    layers: int
    on_card: int
    shares: tuple[Share, ...]
    memory_bytes: int
    held_bytes: int
    why: str = ""

    @property
    def gpu_layers(self) -> int:
        """As llama.cpp counts: the output is one more layer, and the first to go."""
        return self.on_card + 1 if self.on_card else 0


@dataclass(frozen=True, slots=True)
class Placement:
    """What a worker found and did: the devices, where the model went, and in words what the user should know of it."""

    devices: tuple[Device, ...]
    plan: Plan
    words: str
    note: str = ""


def placement_of(record: dict[str, Any]) -> Placement:
    """From its record on the wire; raises KeyError, TypeError or ValueError like every broken line."""
    shares = tuple(Share(**{**share, "device": Device(**share["device"])}) for share in record["plan"]["shares"])
    return Placement(
        devices=tuple(Device(**device) for device in record["devices"]),
        plan=Plan(**{**record["plan"], "shares": shares}),
        words=str(record["words"]),
        note=str(record["note"]),
    )
