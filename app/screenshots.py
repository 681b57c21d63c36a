"""Pictures of every view, light and dark, wide and narrow: `python -m app.screenshots [FOLDER]`.

They are drawn off-screen from recorded events (app/demo.py), so they come out the same on every machine with the same
fonts, and show nobody's data.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.scenes import Shot
    from app.views.look import Look

SIZES = ((1280, 800), (900, 600))
FOLDER = Path(__file__).parent.parent / "packaging" / "screenshots"
SETTLE_MS = 250  # a transcript is built over several frames


def main(arguments: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="python -m app.screenshots", description="Draw every view.")
    asked.add_argument("folder", nargs="?", type=Path, default=FOLDER, help="where the pictures go")
    asked.add_argument("wanted", nargs="?", default="", help="only pictures with this in their name")
    options = asked.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["TZ"] = "UTC"
    options.folder.mkdir(parents=True, exist_ok=True)
    made = list(take(options.folder, options.wanted))
    shrink(made)
    sys.stdout.write(f"{len(made)} pictures in {options.folder}\n")
    return 0


def take(folder: Path, wanted: str = "") -> Iterator[Path]:
    from PySide6.QtWidgets import QApplication

    from app.theme.tokens import DARK, LIGHT
    from app.views.look import Look

    app = QApplication.instance() or QApplication(["carryon"])
    assert isinstance(app, QApplication)
    look = Look(app, LIGHT)
    look.dress()
    for theme in (LIGHT, DARK):
        look.force(theme)
        for shot in shots():
            for width, height in SIZES:
                name = f"{shot.name}-{theme.name}-{width}.png"
                if wanted in name:
                    yield _picture(look, shot, (width, height), folder / name)


def _picture(look: "Look", shot: "Shot", size: tuple[int, int], path: Path) -> Path:
    from PySide6.QtWidgets import QWidget

    from app import demo
    from app.presenters.desk import Desk
    from app.views.window import Window

    desk = Desk(lambda _command: None, demo.clock)
    window = Window(look)
    window.furnish(desk)
    window.resize(*size)
    window.show()
    settle()
    for event in demo.afternoon(first_run=shot.first_run):
        desk.handle(event)
    shot.stage(window)
    settle()
    seen = window.findChild(QWidget, shot.part) if shot.part else window
    assert seen is not None, f"{shot.name} made no {shot.part}"
    seen.grab().save(str(path))
    window.close()
    window.deleteLater()
    settle()
    return path


def settle() -> None:
    """Let timers of zero length, layouts and paints run out."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(SETTLE_MS, loop.quit)
    loop.exec()


def shots() -> "tuple[Shot, ...]":
    from app import scenes

    return scenes.SHOTS


def shrink(paths: list[Path]) -> None:
    """Fewer colours where the tool for it is installed: a third of the size, no difference to be seen."""
    if paths and (tool := shutil.which("pngquant")):
        subprocess.run([tool, "--force", "--ext", ".png", "--skip-if-larger", "128", *map(str, paths)], check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
