"""Carryon started as a person does, up to the first paint of its window. Prints milliseconds from its first line."""

import time

started = time.perf_counter()
from app import boot  # noqa: E402


def main() -> None:
    profile = boot.Profile()
    from PySide6.QtWidgets import QApplication

    app = QApplication([])

    def painted() -> None:
        print((time.perf_counter() - started) * 1000, flush=True)
        app.quit()

    with boot.opened(app, profile.open, profile.prepare) as window:
        window.painted.connect(painted)
        window.show()
        app.exec()


if __name__ == "__main__":
    main()
