"""A text editor for `.agentrc`: line numbers, a mark beside each line that has a problem, quiet colours for TOML."""

import re

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from agent.protocol.events import ProblemShown
from app.theme.fonts import code_font
from app.views.look import Look

_TOML = (
    (re.compile(r"^\s*\[[^\]]*\]"), "accent_text"),
    (re.compile(r'^\s*[\w."*-]+(?=\s*=)'), "info"),
    (re.compile(r'"[^"]*"|\'[^\']*\''), "good"),
    (re.compile(r"\b(true|false|\d[\d_.:-]*)\b"), "wait"),
    (re.compile(r"#.*$"), "muted"),
)
MARGIN = 10


class RcEditor(QPlainTextEdit):
    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("rcEditor")
        self.setAccessibleName("Text of .agentrc")
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(True)
        self._look = look
        self._problems: dict[int, str] = {}
        self._gutter = _Gutter(self)
        self._colours = _Colours(look, self)
        self.setFont(code_font(look.base_px))
        self.blockCountChanged.connect(lambda _count: self._make_room())
        self.updateRequest.connect(self._scrolled)
        look.changed.connect(self._relook)
        self._make_room()

    def show_problems(self, problems: tuple[ProblemShown, ...]) -> None:
        self._problems = {problem.line: problem.text for problem in problems}
        self._underline()
        self._gutter.update()

    def go_to(self, line: int) -> None:
        cursor = QTextCursor(self.document().findBlockByLineNumber(max(line - 1, 0)))
        self.setTextCursor(cursor)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def gutter_width(self) -> int:
        digits = len(str(max(self.blockCount(), 99)))
        return self.fontMetrics().horizontalAdvance("9") * digits + 2 * MARGIN + 8

    def paint_gutter(self, event: QPaintEvent) -> None:
        painter = QPainter(self._gutter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), QColor(self._look.colour("raised")))
        block, height = self.firstVisibleBlock(), self.fontMetrics().height()
        while block.isValid():
            top = round(self.blockBoundingGeometry(block).translated(self.contentOffset()).top())
            if top > event.rect().bottom():
                break
            self._paint_line(painter, block.blockNumber() + 1, top, height)
            block = block.next()

    def _paint_line(self, painter: QPainter, line: int, top: int, height: int) -> None:
        wrong = line in self._problems
        painter.setFont(self.font())
        painter.setPen(QColor(self._look.colour("bad" if wrong else "muted")))
        area = QRect(0, top, self.gutter_width() - MARGIN, height)
        painter.drawText(area, Qt.AlignmentFlag.AlignRight, str(line))
        if wrong:
            painter.setBrush(QColor(self._look.colour("bad")))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(4, top + height // 2 - 3, 7, 7)

    def _underline(self) -> None:
        marks = []
        for line in self._problems:
            mark = QTextEdit.ExtraSelection()
            mark.cursor = QTextCursor(self.document().findBlockByLineNumber(max(line - 1, 0)))
            mark.format.setBackground(QColor(self._look.colour("bad_soft")))
            mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            marks.append(mark)
        self.setExtraSelections(marks)

    def _relook(self) -> None:
        self._colours.rehighlight()
        self._underline()
        self._gutter.update()

    def _make_room(self) -> None:
        self.setViewportMargins(self.gutter_width(), 0, 0, 0)

    def _scrolled(self, area: QRect, by: int) -> None:
        if by:
            self._gutter.scroll(0, by)
        else:
            self._gutter.update(0, area.y(), self._gutter.width(), area.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        inside = self.contentsRect()
        self._gutter.setGeometry(QRect(inside.left(), inside.top(), self.gutter_width(), inside.height()))


class _Gutter(QWidget):
    def __init__(self, editor: RcEditor) -> None:
        super().__init__(editor)
        self._editor = editor

    def sizeHint(self) -> QSize:
        return QSize(self._editor.gutter_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._editor.paint_gutter(event)


class _Colours(QSyntaxHighlighter):
    def __init__(self, look: Look, editor: QPlainTextEdit) -> None:
        super().__init__(editor.document())
        self._look = look

    def highlightBlock(self, text: str) -> None:
        for pattern, role in _TOML:
            ink = QTextCharFormat()
            ink.setForeground(QColor(self._look.colour(role)))
            for found in pattern.finditer(text):
                self.setFormat(found.start(), found.end() - found.start(), ink)
