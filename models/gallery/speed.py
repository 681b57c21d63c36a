"""How fast this machine reads weights while a model talks: measured in the worker's own llama.cpp, in two seconds.

A model of real proportions (probe.py) is loaded into a process of its own and made to talk. Threads, instructions, a
graphics card: all of it as for any model. What other programs were doing meanwhile is in the figure.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from models.contracts import ChatRequest, Finished, Message, ModelPort
from models.errors import MeasuresBadError, ModelError
from models.gallery.probe import CONTEXT, Shape, write_probe
from models.json_file import read_json, write_json

FILE = "speed.json"
SCHEMA = 1
KEPT_MAX = 10  # machines: a profile may move
SECONDS = 2.0
ANSWER_TOKENS = 8
ANSWERS_MIN, ANSWERS_MAX = 2, 200
SPARE_BYTES = 200_000_000
LOOK_S, DISTURBED_PERCENT = 0.3, 40.0
WORDS = "the"

Open = Callable[[Path], ModelPort]


@dataclass(frozen=True, slots=True)
class Speed:
    """One measuring. `device`, `device_about`: see `models.measured`; `bytes_per_second`: of weights; `busy_percent`:
    of the processor, by other programs, right before."""

    device: str
    device_about: str
    bytes_per_second: float
    tokens_per_second: float
    threads: int
    llama_build: str
    measured_at: int  # unix milliseconds
    busy_percent: float = 0.0

    @property
    def disturbed(self) -> bool:
        """Others were at work, so that this machine can do better."""
        return self.busy_percent > DISTURBED_PERCENT


def measure(
    folder: Path, *, seconds: float = SECONDS, shape: Shape | None = None, open_model: Open | None = None
) -> Speed:
    """`folder`: where the probe may lie meanwhile. ModelError says why nothing came of it."""
    from models.measured import this_device

    shape = shape or Shape()
    device, busy = this_device(), _busy_percent()
    try:
        if shutil.disk_usage(folder).free < shape.bytes_a_token + SPARE_BYTES:
            raise MeasuresBadError("The disk lacks room to measure the speed.", str(folder), "Free some space.")
        with tempfile.TemporaryDirectory(prefix="speed-", dir=folder, ignore_cleanup_errors=True) as inside:
            model = (open_model or _host)(write_probe(Path(inside) / "probe.gguf", shape))
            try:
                info, rate = model.info(), _rate(model, seconds)
            finally:
                model.close()
    except OSError as error:
        raise MeasuresBadError(
            f"The speed could not be measured: {error.strerror or error}.", str(folder), "Check that folder."
        ) from error
    return Speed(
        device.fingerprint, device.about, rate * shape.bytes_a_token, rate, info.threads, info.llama_build,
        int(time.time() * 1000), busy,
    )  # fmt: skip


def _busy_percent() -> float:
    import psutil

    return float(psutil.cpu_percent(interval=LOOK_S))


def _host(path: Path) -> ModelPort:
    from models.host import ModelHost, Settings

    return ModelHost(path, settings=Settings(n_ctx=CONTEXT))


def _rate(model: ModelPort, seconds: float) -> float:
    """Tokens a second, the median of short answers; the first answer only wakes everything up."""
    _talk(model)
    rates: list[float] = []
    until = time.monotonic() + seconds
    while len(rates) < ANSWERS_MIN or (time.monotonic() < until and len(rates) < ANSWERS_MAX):
        rates.append(_talk(model))
    return statistics.median(rates)


def _talk(model: ModelPort) -> float:
    request = ChatRequest((Message("user", WORDS),), max_tokens=ANSWER_TOKENS, temperature=0)
    finished = next(piece for piece in model.chat(request) if isinstance(piece, Finished))
    rate = finished.tokens_per_second
    if not rate:
        raise ModelError("The speed could not be measured: the probe said too little.")
    return rate


class Speeds:
    """What was measured, for each machine that this profile was on; speed.json in the data folder, 0600."""

    def __init__(self, data_dir: Path) -> None:
        self._file = data_dir / FILE

    def of(self, device: str) -> Speed | None:
        return self._read().get(device)

    def here(self) -> Speed | None:
        from models.measured import this_device

        return self.of(this_device().fingerprint)

    def keep(self, speed: Speed) -> None:
        kept = self._read()
        kept.pop(speed.device, None)
        newest = list({**kept, speed.device: speed}.values())[-KEPT_MAX:]
        try:
            write_json(self._file, {"schema": SCHEMA, "speeds": [asdict(one) for one in newest]})
        except OSError as error:
            raise MeasuresBadError(
                f"The measured speed could not be saved: {error.strerror or error}.", str(self._file),
                "Free some disk space and measure again.",
            ) from error  # fmt: skip

    def _read(self) -> dict[str, Speed]:
        """A damaged file costs two seconds: it is measured anew."""
        try:
            speeds = [_speed(plain) for plain in read_json(self._file)["speeds"]]
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}
        return {speed.device: speed for speed in speeds if speed.bytes_per_second > 0}


def _speed(plain: Mapping[str, Any]) -> Speed:
    return Speed(**{one.name: plain[one.name] for one in fields(Speed) if one.name in plain})
