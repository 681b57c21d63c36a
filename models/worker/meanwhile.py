"""Work on a thread of its own while llama.cpp reads a model: it lets go of Python's lock there, a second core is free.

Only what needs neither the model nor much memory, such as imports and reading a saved state. No template runs here: it
holds the whole process to a bound of memory, and the model that is being mapped would run into that.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Meanwhile(Generic[Made]):
    """Begins at once; what goes wrong is raised where the result is asked for."""

    def __init__(self, name: str, work: Callable[[], Made]) -> None:
        self._work = work
        self._made: list[Made] = []
        self._failed: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def result(self) -> Made:
        self._thread.join()
        if self._failed is not None:
            raise self._failed
        return self._made[0]

    def _run(self) -> None:
        try:
            self._made.append(self._work())
        except Exception as error:  # noqa: BLE001  nothing is lost: `result` raises it
            self._failed = error
