"""Prints resident megabytes: the window with its session, its worker, a bare llama.cpp process with the same file."""

import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from agent.headstart import start_worker_early
from agent.protocol.commands import SendMessage
from agent.protocol.events import Event, TurnEnded
from agent.session.thread import SessionThread, start_session
from app.boot import opened
from models.catalog import STARTER_FILE
from tests.bench.model import bare_llama

SECONDS_MAX = 60


def main() -> None:
    app = QApplication([])
    starter = start_worker_early()
    ended: list[Event] = []

    def core(emit: object) -> SessionThread:
        def hear(event: Event) -> None:
            emit(event)  # type: ignore[operator]
            if isinstance(event, TurnEnded):
                ended.append(event)

        session = start_session(hear, starter)
        session.submit(SendMessage(text="remind me next friday at 9 to invoice Dana"))
        return session

    with opened(app, core) as window:
        window.show()
        watch = QTimer()
        watch.timeout.connect(lambda: app.quit() if ended else None)
        watch.start(100)
        QTimer.singleShot(SECONDS_MAX * 1_000, app.quit)
        app.exec()
        own = psutil.Process().memory_info().rss / 1e6
        worker = (starter.memory_bytes() or 0) / 1e6
    print(own, worker, bare_llama(STARTER_FILE, 128, 8)["resident_mb"])


if __name__ == "__main__":
    main()
