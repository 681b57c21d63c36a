"""One real start, watched: `python -m app.traced [--tools]` opens the window as `carryon` does, waits until it is all
up, and a model has said its first word, prints the start as JSON, and closes. Without a screen it is drawn off-screen.
What goes wrong is printed as JSON, too, in words.

`--tools` also imports every tool, as its first use would, and says what each took; `--no-window` starts everything but
the window.
"""

import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from agent.spans import lap
from app import boot

if TYPE_CHECKING:
    from agent.protocol.events import Event
    from agent.starts.record import Start
    from app.bridge import Core

WAIT_S_MAX = 300.0
LOOK_MS = 5
UNENDED = ("The start did not come to its end.", "", "Look at: carryon doctor")

Words = tuple[str, str, str]  # what happened, where, what to do
DONE, BROKEN = 0, 3


class Watched(boot.Profile):
    """This machine's own core, which tells of its start."""

    def __init__(self) -> None:
        super().__init__()
        self.start: Start | None = None
        self.trouble: Words | None = None
        self.refused: dict[str, str] = {}  # models that cannot be used, and why
        self.over: Callable[[], None] = lambda: None  # called once there is a start or a trouble to tell of

    def open(self, emit: Callable[["Event"], None]) -> "Core":
        from agent.protocol.events import ModelStateChanged, ProfileUnavailable
        from agent.session.thread import start_session

        def tell(event: "Event") -> None:
            if isinstance(event, ProfileUnavailable):
                self.trouble = event.what, event.where, event.todo
                self.over()
            if isinstance(event, ModelStateChanged) and event.state == "refused":
                self.refused[event.name] = event.why
            emit(event)

        return start_session(tell, self.starter, self._heard)

    def _heard(self, start: "Start") -> None:
        self.start = start
        self.over()


def main(arguments: list[str]) -> int:
    if not boot.has_screen():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    profile = Watched()
    try:
        (_run_without_window if "--no-window" in arguments else _run)(profile)
    except Exception as error:  # noqa: BLE001  whoever watches must hear why, whatever it was
        profile.trouble = _words(error)
    import json

    if profile.start is None:
        what, where, todo = profile.trouble or UNENDED
        print(json.dumps({"error": {"what": what, "where": where, "todo": todo}}))  # noqa: T201  the answer
        return BROKEN
    document: dict[str, Any] = {"start": _plain(profile.start), "refused": profile.refused}
    if "--tools" in arguments:
        document["tools"] = list(_tools())
    print(json.dumps(document))  # noqa: T201  the answer
    return DONE


def _words(error: Exception) -> Words:
    from agent.explain import explain

    _, what, where, todo = explain(error)
    return what, where, todo


def _run(profile: Watched) -> None:
    boot.begin()
    from PySide6.QtWidgets import QApplication

    app = QApplication(["carryon"])
    lap("qt")
    with boot.opened(app, profile.open, profile.prepare) as window:
        from PySide6.QtCore import QTimer

        until = time.monotonic() + WAIT_S_MAX
        watch = QTimer(interval=LOOK_MS)
        watch.timeout.connect(
            lambda: app.quit() if profile.start or profile.trouble or time.monotonic() > until else None
        )
        window.painted.connect(watch.start)
        window.show()
        app.exec()


def _run_without_window(profile: Watched) -> None:
    from threading import Event as Flag

    boot.begin()
    over = Flag()
    profile.over = over.set
    profile.prepare()
    core = profile.open(lambda _event: None)
    over.wait(WAIT_S_MAX)
    core.close()


def _plain(start: "Start") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(start)


def _tools() -> list[dict[str, Any]]:
    from agent.tools.registry import Registry

    registry, found = Registry(), []
    for spec in registry.specs():
        began = time.perf_counter()
        registry.load(spec.name)
        found.append({"name": spec.name, "module": spec.module, "ms": (time.perf_counter() - began) * 1_000})
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
