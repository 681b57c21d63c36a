"""The practice mailbox: a place on this machine where deliveries can be watched. Switching it off erases it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QSplitter

from app.presenters.outbox import OutboxPresenter
from app.theme.tokens import GAP_2, GAP_3, GAP_4, GAP_6
from app.views import dialogs, pieces
from app.views.look import Look
from app.views.rows import ListRow, RowList
from app.views.text_body import TextBody


class PracticePanel(QSplitter):
    def __init__(self, look: Look, presenter: OutboxPresenter) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setObjectName("practicePanel")
        self.setChildrenCollapsible(False)
        self._presenter = presenter
        self.switch = QCheckBox("Practice mailbox is on")
        self.switch.setObjectName("practiceSwitch")
        self.switch.setAccessibleName("Practice mailbox")
        self.switch.setAccessibleDescription("Off erases what it received")
        self.switch.clicked.connect(presenter.set_practice)
        self._about = pieces.label(
            "Carryon serves this mailbox itself, on this machine only. Nothing in it left the house. "
            "Switching it off erases what it received.", tone="muted", wrap=True, name="practiceAbout",
        )  # fmt: skip
        self.list = RowList(look, "practiceMessages", "What was delivered")
        self.list.chosen.connect(self._open)
        self._nothing = pieces.label("", tone="muted", wrap=True, name="practiceEmpty")
        side = pieces.column(
            self.switch, self._about, self._nothing, self.list, gap=GAP_2, margins=(GAP_3, GAP_3, GAP_3, GAP_2)
        )
        self._title = pieces.label("", face="title", wrap=True, name="practiceTitle")
        self._to = pieces.label("", tone="muted", wrap=True)
        self._body = TextBody("practiceBody", "Text of what was delivered")
        reader = pieces.column(self._title, self._to, self._body, None, gap=GAP_2, margins=(GAP_6, GAP_4, GAP_6, GAP_4))
        listed = pieces.frame("side", side)
        listed.setMinimumWidth(300)
        self.addWidget(listed)
        area = dialogs.scroll(pieces.box(reader, "column"), "practiceReader", "What was delivered")
        self.addWidget(pieces.frame("reading", pieces.column(area)))
        self.setSizes([420, 620])
        presenter.listen(lambda part, _: self._show() if part == "practice" else None)
        self._show()

    def _show(self) -> None:
        rows = self._presenter.practice_rows
        self.switch.setChecked(self._presenter.practice_enabled)
        self.switch.setText("Practice mailbox is on" if self._presenter.practice_enabled else "Practice mailbox is off")
        self.list.show_rows([ListRow(row.id, row.title, row.about, row.icon) for row in rows])
        self._nothing.setVisible(not rows)
        on = "Nothing has arrived yet. Ask for an e-mail in the chat, for example."
        self._nothing.setText(
            on if self._presenter.practice_enabled else "Switch it on to try the whole way of an e-mail."
        )
        if rows and not self.list.current_key():
            self.list.select(rows[0].id)
        self._open(self.list.current_key())

    def _open(self, key: str) -> None:
        row = next((row for row in self._presenter.practice_rows if row.id == key), None)
        self._title.setText(row.title if row else "")
        self._to.setText(row.about if row else "")
        self._body.say(row.body if row else "")
