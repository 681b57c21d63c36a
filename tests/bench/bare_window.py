"""A bare QMainWindow of Carryon's size, shown. Prints the milliseconds from its first line to its first paint."""

import time

started = time.perf_counter()
from PySide6.QtCore import QEvent, QObject, QTimer  # noqa: E402
from PySide6.QtWidgets import QApplication, QMainWindow  # noqa: E402


class FirstPaint(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            print((time.perf_counter() - started) * 1000, flush=True)
            QTimer.singleShot(0, QApplication.quit)
        return False


application = QApplication([])
window = QMainWindow()
window.resize(1280, 800)
watcher = FirstPaint()
window.installEventFilter(watcher)
window.show()
application.exec()
