"""Carryon started as a person does, up to the first paint of its window. Prints the milliseconds from process start."""

import time

started = time.perf_counter()
from app import boot  # noqa: E402


def main() -> None:
    starter = boot.start_worker()
    from PySide6.QtWidgets import QApplication

    app = QApplication([])

    def painted() -> None:
        print((time.perf_counter() - started) * 1000, flush=True)
        app.quit()

    with boot.opened(app, lambda emit: boot.open_core(emit, starter)) as window:
        window.painted.connect(painted)
        window.show()
        app.exec()


if __name__ == "__main__":
    main()
