"""Which letters: the system's own where it is good (macOS, Windows), else the first of a list. None is required."""

import sys

from PySide6.QtGui import QFont, QGuiApplication

TEXT_FAMILIES = ("Inter", "Noto Sans", "Cantarell", "Ubuntu", "Adwaita Sans", "Open Sans", "DejaVu Sans")
CODE_FAMILIES = (
    "JetBrains Mono", "Cascadia Mono", "SF Mono", "Menlo", "Consolas", "Noto Sans Mono", "Ubuntu Mono",
    "DejaVu Sans Mono",
)  # fmt: skip
BASE_PX_MIN, BASE_PX_MAX = 13, 22


def text_font() -> QFont:
    """The interface's font at the size the user chose for the system."""
    font = QGuiApplication.font()  # the system's own until `Look` sets another
    if sys.platform not in ("darwin", "win32"):
        font.setFamilies([*TEXT_FAMILIES, font.family()])
    font.setPixelSize(base_px(font))
    return font


def code_font(px: int) -> QFont:
    from PySide6.QtGui import QFontDatabase

    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setFamilies([*CODE_FAMILIES, font.family()])
    font.setPixelSize(px)
    font.setStyleHint(QFont.StyleHint.Monospace)
    return font


def base_px(font: QFont) -> int:
    """Pixels of body text; the whole type scale hangs on it."""
    wanted = font.pixelSize() if font.pixelSize() > 0 else round(font.pointSizeF() * 96 / 72)
    return min(max(wanted, BASE_PX_MIN), BASE_PX_MAX)
