"""Icons: one-colour SVG drawings from app/assets/icons, tinted by the theme and sharp at any scale."""

from functools import lru_cache
from math import ceil
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

NOTHING = QColor(0, 0, 0, 0)
ASSETS = Path(__file__).parent.parent / "assets"
LOGO_SIZES = (16, 32, 64, 128)


def icon(name: str, colour: str, size: int = 20) -> QIcon:
    made = QIcon()
    for scale in _scales():
        made.addPixmap(picture(name, colour, size, scale))
    return made


def rail_icon(name: str, colour: str, active: str, size: int = 22) -> QIcon:
    made = QIcon()
    for scale in _scales():
        made.addPixmap(picture(name, colour, size, scale), QIcon.Mode.Normal, QIcon.State.Off)
        made.addPixmap(picture(name, active, size, scale), QIcon.Mode.Normal, QIcon.State.On)
        made.addPixmap(picture(name, active, size, scale), QIcon.Mode.Active, QIcon.State.Off)
    return made


def first_rail_icon(name: str, colour: str, active: str, size: int = 22, *, lit: bool = False) -> QIcon:
    """As much of a rail icon as the first paint shows: one state."""
    made = QIcon()
    for scale in _scales():
        made.addPixmap(picture(name, active if lit else colour, size, scale))
    return made


@lru_cache(maxsize=512)
def picture(name: str, colour: str, size: int, scale: int = 1) -> QPixmap:
    """One icon as a square of `size` device-independent pixels."""
    return _render(_source(f"icons/{name}.svg").replace("currentColor", colour), size, scale)


@lru_cache(maxsize=16)
def logo(size: int, scale: int = 1) -> QPixmap:
    return _render(_source("logo.svg"), size, scale)


def logo_icon() -> QIcon:
    made = QIcon()
    for size in LOGO_SIZES:
        made.addPixmap(logo(size))
    return made


def _scales() -> set[int]:
    """Of the screens that are there; Qt picks the nearest."""
    return {1, *(ceil(screen.devicePixelRatio()) for screen in QGuiApplication.screens())}


def _render(svg: str, size: int, scale: int) -> QPixmap:
    pixmap = QPixmap(size * scale, size * scale)
    pixmap.fill(NOTHING)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, size * scale, size * scale))
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap


@lru_cache(maxsize=128)
def _source(path: str) -> str:
    return (ASSETS / path).read_text(encoding="utf-8")
