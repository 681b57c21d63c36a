"""Which devices there are, asked of a worker that loads no model: a driver that crashes takes only that along."""

from __future__ import annotations

import subprocess
import threading
from dataclasses import dataclass

from models import wire
from models.devices.records import Device
from models.host.command import worker_command, worker_environment
from models.host.reason import why

PATIENCE_S = 20.0  # a driver's first start compiles its programs
UNSTARTED = "Make sure that this program is there and may be run; if not, install Carryon again."


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """`problem`: why nothing is known, in words; empty when the devices are. `todo`: what helps, where no driver is to
    blame."""

    devices: tuple[Device, ...] = ()
    problem: str = ""
    todo: str = ""

    @property
    def cards(self) -> tuple[Device, ...]:
        return tuple(device for device in self.devices if device.is_card)


def ask_devices(patience_s: float = PATIENCE_S) -> DeviceReport:
    """Starts a worker, hears it out, ends it."""
    words = [*worker_command(), wire.DEVICES_SWITCH]
    try:
        child = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=worker_environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        problem = f"The program that asks llama.cpp could not be started: {error.strerror or error} ({words[0]})."
        return DeviceReport(problem=problem, todo=UNSTARTED)
    late = threading.Timer(patience_s, child.kill)
    late.start()
    try:
        return _heard(child, late, patience_s)
    finally:
        late.cancel()
        child.kill()
        child.wait()


def _heard(child: subprocess.Popen[bytes], late: threading.Timer, patience_s: float) -> DeviceReport:
    assert child.stdout is not None, "Popen was asked for this pipe"
    with child.stdout:
        try:
            for line in wire.lines(child.stdout):
                if line.get("event") == "devices":
                    return DeviceReport(tuple(Device(**device) for device in line["devices"]))
        except (wire.WireError, KeyError, TypeError) as error:
            return DeviceReport(problem=f"llama.cpp told of its devices in a way that was not understood ({error}).")
    code = child.wait()
    if not late.is_alive():
        return DeviceReport(problem=f"A driver did not answer within {patience_s:g} seconds.")
    return DeviceReport(problem=why(code, ()).replace("The model", "A driver"))
