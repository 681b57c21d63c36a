"""A banner over every room while the profile cannot be opened. It says what is wrong and offers what may help."""

from PySide6.QtWidgets import QFrame

from app.presenters.profile import ProfilePresenter
from app.theme.tokens import GAP_2, GAP_3, GAP_4
from app.views import pieces
from app.views.look import Look

RESTORE = "Restore the newest backup"


class ProfileBanner(QFrame):
    def __init__(self, look: Look, presenter: ProfilePresenter) -> None:
        super().__init__()
        self.setObjectName("profileBanner")
        self.setProperty("panel", "alarm")
        self._presenter = presenter
        self._words = pieces.label("", tone="bad", wrap=True, name="profileTrouble")
        self._restore = pieces.button(
            RESTORE, presenter.restore, "profileRestore", kind="primary",
            hint="The damaged file is kept aside; nothing is thrown away",
        )  # fmt: skip
        sign = pieces.IconLabel(look, "warning", "bad", 20)
        layout = pieces.row(sign, self._words, self._restore, gap=GAP_3, margins=(GAP_4, GAP_2, GAP_4, GAP_2))
        layout.setStretch(1, 1)
        self.setLayout(layout)
        presenter.listen(lambda _part, _key: self._show())
        self._show()

    def _show(self) -> None:
        self._words.setText(self._presenter.words)
        self._restore.setVisible(bool(self._presenter.trouble and self._presenter.trouble.restorable))
        self._restore.setEnabled(self._presenter.can_restore)
        self._restore.setText("Restoring…" if self._presenter.restoring else RESTORE)
        self.setVisible(self._presenter.trouble is not None)
