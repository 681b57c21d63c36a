"""A short note near the upper edge of the window, with at most one button. It goes by itself; Esc sends it away."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QWidget

from app.presenters.toasts import Toast, ToastsPresenter
from app.theme.tokens import GAP_1, GAP_2, GAP_4
from app.views import pieces
from app.views.look import Look

FROM_TOP, FROM_RIGHT = 60, 20
WIDTH_MAX = 520
BESIDE, BESIDE_WITH_ACTION = 150, 220  # what stands beside the words
ICONS = {"good": "check", "bad": "warning", "accent": "timer"}


class ToastView(QFrame):
    def __init__(self, look: Look, presenter: ToastsPresenter, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("toast")
        self.setProperty("panel", "toast")
        self._presenter, self._over = presenter, parent
        self._sign = pieces.IconLabel(look, "info", "raised", 18)
        self._text = pieces.label("", wrap=True, name="toastText")
        self._action = pieces.button("", self._act, "toastAction")
        self._close = pieces.IconButton(
            look, "close", "Close this note", self.hide, "toastClose", role="raised", size=14
        )
        layout = pieces.row(
            self._sign, self._text, self._action, self._close, gap=GAP_2, margins=(GAP_4, GAP_2, GAP_2, GAP_2)
        )
        layout.setStretch(1, 1)
        layout.setSpacing(GAP_2 + GAP_1 // 2)
        self.setLayout(layout)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.hide)
        parent.installEventFilter(self)
        presenter.listen(lambda part, _: self._show() if part == "toast" else None)
        self.hide()

    def _show(self) -> None:
        toast = self._presenter.latest
        if toast is None:
            return
        self._sign.show_icon(ICONS.get(toast.tone, "info"))
        self._text.setText(toast.text)
        self._action.setText(toast.action)
        self._action.setAccessibleName(toast.action)
        self._action.setVisible(bool(toast.action))
        self.setAccessibleName(toast.text)
        self._place()
        self.show()
        self.raise_()
        self._timer.start(round(toast.seconds * 1000))

    def _place(self) -> None:
        parent = self._over
        width = min(WIDTH_MAX, parent.width() - 48)
        wanted = self._text.fontMetrics().horizontalAdvance(self._text.text()) + (
            BESIDE_WITH_ACTION if self._action.text() else BESIDE
        )
        width = min(width, max(wanted, 240))
        self.setFixedWidth(width)
        layout = self.layout()
        height = layout.heightForWidth(width) if layout and layout.hasHeightForWidth() else self.sizeHint().height()
        size = QSize(width, max(height, 44))
        left, top = parent.width() - width - FROM_RIGHT, FROM_TOP
        self.setGeometry(left, top, width, size.height())

    def _act(self) -> None:
        toast: Toast | None = self._presenter.latest
        self.hide()
        if toast:
            self._presenter.act(toast)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)
