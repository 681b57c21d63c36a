"""One list for all rooms: rows of an icon, a title, a line about it and where it stands; headings between groups."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.presenters.wording import hint
from app.theme import icons
from app.theme.tokens import RADIUS
from app.views.look import Look

ROW = Qt.ItemDataRole.UserRole
PAD, ICON = 10, 18
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class ListRow:
    """`key` is told when the row is chosen; a heading has none. `box` is a checkbox: None where there is none."""

    key: str
    title: str
    about: str = ""
    icon: str = ""
    words: str = ""
    tone: str = "muted"
    current: bool = False
    box: bool | None = None
    faded: bool = False
    is_head: bool = False  # stands above rows that belong to it, and can be chosen itself
    box_words: tuple[str, str] = ("done", "to do")  # of a ticked box and of an empty one, as they are read aloud

    @property
    def is_heading(self) -> bool:
        return not self.key

    @property
    def spoken(self) -> str:
        ticked = "" if self.box is None else self.box_words[0 if self.box else 1]
        return ", ".join(part for part in (self.title, ticked, self.words, self.about) if part)


class RowModel(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[ListRow, ...] = ()

    def show_rows(self, rows: Sequence[ListRow]) -> None:
        """Rows that stay keep their place, and with it what is chosen and where the list is scrolled to."""
        fresh, old = tuple(rows), self.rows
        new, known = [_name(row) for row in fresh], {_name(row) for row in old}
        staying = set(new)
        if [name for name in map(_name, old) if name in staying] != [name for name in new if name in known]:
            self.beginResetModel()
            self.rows = fresh
            self.endResetModel()
            return
        for first, last in reversed(_runs([_name(row) not in staying for row in old])):
            self.beginRemoveRows(QModelIndex(), first, last)
            self.rows = self.rows[:first] + self.rows[last + 1 :]
            self.endRemoveRows()
        for first, last in _runs([name not in known for name in new]):
            self.beginInsertRows(QModelIndex(), first, last)
            self.rows = self.rows[:first] + fresh[first : last + 1] + self.rows[first:]
            self.endInsertRows()
        self.rows = fresh
        if fresh:
            self.dataChanged.emit(self.index(0), self.index(len(fresh) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            return hint(row.spoken) if not row.is_heading else None
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and index.row() < len(self.rows) and self.rows[index.row()].is_heading:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


def _name(row: ListRow) -> tuple[str, str]:
    return row.key, "" if row.key else row.title


def _runs(wanted: Sequence[bool]) -> list[tuple[int, int]]:
    """First and last of each stretch of True."""
    made: list[tuple[int, int]] = []
    for number, yes in enumerate(wanted):
        if yes and made and made[-1][1] == number - 1:
            made[-1] = (made[-1][0], number)
        elif yes:
            made.append((number, number))
    return made


class RowDelegate(QStyledItemDelegate):
    """Draws a row from tokens; two lines, an icon and a chip."""

    def __init__(self, look: Look, view: "RowList") -> None:
        super().__init__(view)
        self._look = look
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row: ListRow = index.data(ROW)
        height = QFontMetrics(option.font).height()
        if row.is_heading:
            return QSize(80, height + 18)
        return QSize(80, height + 16 if not row.about else round(height * 1.95) + 18)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: ListRow = index.data(ROW)
        area: QRect = option.rect.adjusted(2, 1, -2, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.is_heading:
            self._heading(painter, area, row)
        else:
            self._background(painter, area, option, row)
            self._content(painter, area, row)
        painter.restore()

    def _heading(self, painter: QPainter, area: QRect, row: ListRow) -> None:
        painter.setFont(self._font(painter.font(), -2, bold=True))
        painter.setPen(QColor(self._look.colour("muted")))
        painter.drawText(area.adjusted(PAD, 0, -PAD, -4), _LEFT | Qt.AlignmentFlag.AlignBottom, row.title)

    def _background(self, painter: QPainter, area: QRect, option: QStyleOptionViewItem, row: ListRow) -> None:
        state: QStyle.StateFlag = option.state
        hovered, chosen = state & QStyle.StateFlag.State_MouseOver, state & QStyle.StateFlag.State_Selected
        paper = "accent_soft" if row.current or chosen else "subtle" if hovered or row.is_head else ""
        focused = chosen and self._view.hasFocus()
        if paper or focused:
            painter.setBrush(QColor(self._look.colour(paper or "surface")))
            painter.setPen(QPen(QColor(self._look.colour("accent")), 2) if focused else Qt.PenStyle.NoPen)
            inset = 1 if focused else 0
            painter.drawRoundedRect(area.adjusted(inset, inset, -inset, -inset), RADIUS, RADIUS)

    def _content(self, painter: QPainter, area: QRect, row: ListRow) -> None:
        inner = area.adjusted(PAD, 7, -PAD, -7)
        base = painter.font()
        title_font, small, chip_font = (
            self._font(base, 0, bold=not row.faded),
            self._font(base, -1),
            self._chip_font(base),
        )
        height = QFontMetrics(title_font).height()
        left = inner.left()
        if row.icon or row.box is not None:
            self._sign(painter, QRect(left, inner.top() + (height - ICON) // 2, ICON, ICON), row)
            left += ICON + 10
        words = _elide(row.words, chip_font, inner.width() // 2)
        taken = QFontMetrics(chip_font).horizontalAdvance(words) + 16 if words else 0
        width = inner.right() - left
        beside = not row.about or QFontMetrics(title_font).horizontalAdvance(row.title) <= width - taken - 8
        title = QRect(left, inner.top(), max(width - (taken + 8 if taken and beside else 0), 20), height)
        below = QRect(
            left, title.bottom() + 3, width - (0 if beside else taken + 8), inner.bottom() - title.bottom() - 1
        )
        self._text(painter, title, row.title, title_font, "muted" if row.faded else "text")
        self._text(painter, below, row.about, small, "muted")
        if words:
            line = title if beside else below
            self._chip(painter, QRect(inner.right() - taken, line.center().y() - height // 2, taken, height + 1), words,
                       row.tone)  # fmt: skip

    def _text(self, painter: QPainter, area: QRect, text: str, font: QFont, role: str) -> None:
        painter.setFont(font)
        painter.setPen(QColor(self._look.colour(role)))
        painter.drawText(area, _LEFT | Qt.AlignmentFlag.AlignVCenter, _elide(text, font, area.width()))

    def _sign(self, painter: QPainter, area: QRect, row: ListRow) -> None:
        if row.box is None:
            colour = self._look.colour("accent_text" if row.current else "muted")
            ratio = 2 if painter.device().devicePixelRatio() > 1 else 1
            painter.drawPixmap(area, icons.picture(row.icon, colour, ICON, ratio))
            return
        painter.setPen(QPen(QColor(self._look.colour("accent" if row.box else "outline")), 1.6))
        painter.setBrush(QColor(self._look.colour("accent" if row.box else "raised")))
        painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 5, 5)
        if row.box:
            painter.drawPixmap(
                area.adjusted(2, 2, -2, -2), icons.picture("check", self._look.colour("on_accent"), 14, 2)
            )

    def _chip(self, painter: QPainter, area: QRect, words: str, tone: str) -> None:
        """Where the row stands, at the right: beside the title, or below it where the title needs the room."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._look.colour(f"{tone}_soft" if tone != "muted" else "subtle")))
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        painter.setFont(self._chip_font(painter.font()))
        painter.setPen(QColor(self._look.colour(tone)))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, words)

    def _chip_font(self, font: QFont) -> QFont:
        return self._font(font, -2, bold=True)

    @staticmethod
    def _font(font: QFont, change: int, *, bold: bool = False) -> QFont:
        made = QFont(font)
        made.setPixelSize(max(font.pixelSize() + change, 11))
        made.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        return made


class RowList(QListView):
    """Emits `chosen` with the row's key (a click, Enter), `ticked` when a checkbox was pressed (click, Space)."""

    chosen = Signal(str)
    ticked = Signal(str, bool)
    menu_asked = Signal(str)

    def __init__(self, look: Look, name: str, about: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(about)
        self._rows = RowModel()
        self.setModel(self._rows)
        self.setItemDelegate(RowDelegate(look, self))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setUniformItemSizes(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda point: self._ask_menu(self.indexAt(point)))
        look.changed.connect(self.viewport().update)

    def show_rows(self, rows: Sequence[ListRow]) -> None:
        kept = self.current_key()
        self._rows.show_rows(rows)
        if kept and self.current_key() != kept:
            self.select(kept)

    def current_key(self) -> str:
        return self._key(self.currentIndex())

    def select(self, key: str) -> None:
        for number, row in enumerate(self._rows.rows):
            if row.key == key:
                self.setCurrentIndex(self._rows.index(number))
                return

    def step(self, accept: Callable[[ListRow], bool], by: int) -> None:
        """Choose the next row (or the one before) that `accept` likes."""
        rows = self._rows.rows
        number = self.currentIndex().row() + by
        while 0 <= number < len(rows):
            if accept(rows[number]):
                self.setCurrentIndex(self._rows.index(number))
                return
            number += by

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() is not Qt.MouseButton.LeftButton or not (key := self._key(index)):
            return
        row: ListRow = index.data(ROW)
        on_box = event.position().x() - self.visualRect(index).left() < PAD + ICON + 10
        if row.box is not None and on_box:
            self.ticked.emit(key, not row.box)
        else:
            self.chosen.emit(key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = self.current_key()
        if key and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(key)
        elif key and event.key() == Qt.Key.Key_Space and self.currentIndex().data(ROW).box is not None:
            self.ticked.emit(key, not self.currentIndex().data(ROW).box)
        elif key and event.key() == Qt.Key.Key_Menu:
            self._ask_menu(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid():
            self.step(lambda row: not row.is_heading, 1)

    def _ask_menu(self, index: Index) -> None:
        if key := self._key(index):
            self.menu_asked.emit(key)

    @staticmethod
    def _key(index: Index) -> str:
        row = index.data(ROW) if index.isValid() else None
        return row.key if row else ""


_LEFT = Qt.AlignmentFlag.AlignLeft


def _elide(text: str, font: QFont, width: int) -> str:
    return QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, max(width, 10))
