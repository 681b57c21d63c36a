"""Servers of tools in Settings: a card for each, and what can be done about it."""

from PySide6.QtWidgets import QCheckBox, QWidget

from app.presenters.server_import import ServerImportPresenter
from app.presenters.servers import SIGN_IN_WORDS, WANTED, ServerRow, ServersPresenter
from app.theme.tokens import GAP_1, GAP_2, GAP_3
from app.views import pieces
from app.views.classes_sheet import ClassesSheet
from app.views.import_sheet import import_sheets
from app.views.keyed_cards import Card, KeyedCards
from app.views.look import Look

NONE = "None yet. Declare one under [servers.NAME] on the right, or take over those of another program."
OTHERS = "Servers that Claude, Cursor, VS Code and others declare on this machine"


class ServersSection(QWidget):
    def __init__(self, look: Look, presenter: ServersPresenter, importing: ServerImportPresenter) -> None:
        super().__init__()
        self.setObjectName("servers")
        self._presenter, self._importing = presenter, importing
        self._sheets = import_sheets(importing, self)
        self._none = pieces.label(NONE, tone="muted", wrap=True, name="serversNone")
        cards = pieces.column(gap=GAP_2)
        self._cards = KeyedCards[ServerRow](cards, lambda row: row.name, lambda row: ServerCard(look, row, presenter))
        head = pieces.label("Servers of tools", face="heading")
        take = pieces.button(
            "Take over from another program…", importing.open, "serversImport", kind="link", hint=OTHERS
        )
        self._taken = self._make_taken()
        below = pieces.row(take, None)
        self.setLayout(pieces.column(head, self._none, self._taken, cards, below, gap=GAP_2))
        importing.listen(lambda part, _key: self._show_taken() if part == "taken" else None)
        self._show_taken()
        self._sheet: ClassesSheet | None = None
        presenter.listen(lambda part, _key: self._changed(part))
        self._changed("servers")

    def _changed(self, part: str) -> None:
        if part == "servers":
            self._cards.show_rows(self._presenter.rows)
            self._none.setVisible(not self._presenter.rows)
        elif part == "sheet":
            self._show_sheet()

    def _make_taken(self) -> QWidget:
        self._taken_words = pieces.label("", wrap=True, name="serversTaken")
        undo = pieces.button("Undo", self._importing.take_back, "serversTakeBack", kind="link",
                             hint="Your settings as they were before")  # fmt: skip
        layout = pieces.row(self._taken_words, undo, gap=GAP_2, margins=(GAP_3, GAP_1, GAP_2, GAP_1))
        layout.setStretch(0, 1)
        return pieces.frame("notice", layout)

    def _show_taken(self) -> None:
        self._taken_words.setText(self._importing.taken)
        self._taken.setVisible(bool(self._importing.taken))

    def _show_sheet(self) -> None:
        if self._sheet is not None:
            self._sheet.let_go()
            self._sheet = None
        if self._presenter.sheet is not None:
            self._sheet = ClassesSheet(self._presenter, self.window())
            self._sheet.open()


class ServerCard(Card[ServerRow]):
    def __init__(self, look: Look, row: ServerRow, presenter: ServersPresenter) -> None:
        super().__init__()
        name = row.name
        self.setObjectName(f"server-{name}")
        self.setProperty("panel", "card")
        self._on = QCheckBox("On")
        self._on.setObjectName(f"serverOn-{name}")
        self._on.setAccessibleName(f"Use the server {name}")
        self._on.clicked.connect(lambda on: presenter.switch(name, bool(on)))
        self._chip = pieces.chip("", name=f"serverChip-{name}")
        self._how = pieces.ElidedLabel("", face="code", tone="muted")
        self._about = pieces.label("", face="small", tone="muted", wrap=True)
        self._trouble = pieces.label("", face="small", tone="bad", wrap=True, name=f"serverTrouble-{name}")
        self._look = pieces.button("", lambda: presenter.look(name), f"serverLook-{name}")
        self._ask = pieces.button("Ask again", lambda: presenter.ask(name), f"serverAsk-{name}",
                                  hint=f"Start {name} and ask it what it has")  # fmt: skip
        self._update = pieces.button("Update", lambda: presenter.update(name), f"serverUpdate-{name}",
                                     hint=f"Fetch the newest of {name}")  # fmt: skip
        self._sign_in = pieces.button("", lambda: presenter.sign_in_or_out(name), f"serverSignIn-{name}")
        title = pieces.ElidedLabel(name, face="heading")
        head = pieces.row(pieces.IconLabel(look, "settings", "accent_text", 18), title, self._chip, self._on, gap=GAP_2)
        head.setStretchFactor(title, 1)
        foot = pieces.row(self._sign_in, self._look, self._ask, self._update, None, gap=GAP_2)
        words = pieces.column(self._how, self._about, self._trouble, gap=GAP_1)
        self.setLayout(pieces.column(head, words, foot, gap=GAP_2, margins=(GAP_3, GAP_2, GAP_3, GAP_2)))

    def show_row(self, row: ServerRow) -> None:
        self._on.setChecked(row.enabled)
        self._chip.setText(row.chip)
        pieces.set_property(self._chip, tone=row.tone)
        self._how.say(row.how)
        self._about.setText(row.about)
        self._about.setVisible(bool(row.about))
        self._trouble.setText(row.trouble)
        self._trouble.setVisible(bool(row.trouble))
        self._sign_in.setText(row.sign_in)
        self._sign_in.setAccessibleName(f"{row.sign_in}: {row.name}")
        self._sign_in.setVisible(bool(row.sign_in))
        pieces.set_property(self._sign_in, kind="primary" if row.sign_in == SIGN_IN_WORDS[WANTED] else "")
        self._look.setText(row.look)
        self._look.setAccessibleName(f"{row.look}: {row.name}")
        self._look.setVisible(bool(row.look))
        pieces.set_property(self._look, kind="primary" if row.tone == "wait" else "")
        self._ask.setText("Ask again" if row.look else "Ask what it has")
        self._ask.setAccessibleName(f"{self._ask.text()}: {row.name}")
        self._update.setAccessibleName(f"Update: {row.name}")
        for button in (self._ask, self._update):
            button.setEnabled(row.enabled and not row.busy)
        self._update.setVisible(row.can_update)
