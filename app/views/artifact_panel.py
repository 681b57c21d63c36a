"""The work in hand: read it, write it, look at its versions and what changed between them, bring an old one back."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QPlainTextEdit, QStackedWidget, QWidget

from app.presenters.files import FilesPresenter
from app.presenters.library import LibraryPresenter
from app.presenters.markdown import coloured_diff, render
from app.theme.fonts import code_font
from app.theme.tokens import GAP_1, GAP_2, GAP_3, GAP_4, GAP_6
from app.views import dialogs, pieces
from app.views.file_body import FILE, FileBody
from app.views.look import Look
from app.views.picture import WHOLE
from app.views.rows import ListRow, RowList
from app.views.text_body import TextBody

VERSIONS_WIDTH, VERSIONS_HEIGHT_MAX = 300, 260
KEEP_MS = 1500  # typing at rest so long is told to the presenter, which keeps it when the user leaves


class ArtifactPanel(QStackedWidget):
    def __init__(self, look: Look, presenter: LibraryPresenter, files: FilesPresenter) -> None:
        super().__init__()
        self.setObjectName("artifactPanel")
        self._look, self._presenter = look, presenter
        self._file = FileBody(files, WHOLE, "artifactFile")
        self._narrow = False
        self.title = QLineEdit()
        self.title.setObjectName("artifactTitle")
        self.title.setAccessibleName("Title")
        self.title.setPlaceholderText("Title")
        self.title.setProperty("face", "title")
        self.tags = QLineEdit()
        self.tags.setObjectName("artifactTags")
        self.tags.setAccessibleName("Tags")
        self.tags.setPlaceholderText("Add tags, with commas between")
        self.editor = QPlainTextEdit()
        self.editor.setObjectName("artifactEditor")
        self.editor.setAccessibleName("Text of this work")
        self.editor.setTabChangesFocus(True)
        self._about = pieces.label("", face="small", tone="muted", wrap=True, name="artifactAbout")
        self._reader_body = TextBody("artifactText", "Text of this work")
        self._views = self._make_views()
        self._versions = VersionPanel(look, presenter, self.close_versions)
        self.addWidget(self._nothing())
        self.addWidget(self._page())
        self._connect()
        self._show()

    # Laying out

    def _nothing(self) -> QFrame:
        words = pieces.label("Choose a work on the left, or begin a note.", tone="muted")
        new = pieces.button("New note", self._presenter.begin_note, "newNoteHere", kind="primary")
        middle = pieces.column(None, pieces.row(None, words, None), pieces.row(None, new, None), None, gap=GAP_3)
        return pieces.frame("reading", middle)

    def _page(self) -> QFrame:
        self._save = pieces.button("Save", self._save_now, "artifactSave", kind="primary", hint="Save (Ctrl+S)")
        self._mode = pieces.button("Edit", self._toggle_mode, "artifactMode", hint="Read or write")
        self._past = pieces.IconButton(self._look, "restore", "Versions", self._toggle_versions, "artifactVersions")
        self._past.setCheckable(True)
        export = pieces.IconButton(self._look, "export", "Export…", self._export, "artifactExport")
        self._trash = pieces.IconButton(
            self._look, "trash", "Move to the trash", self._presenter.trash, "artifactTrash"
        )
        head = pieces.row(self._about, self._mode, self._save, self._past, export, self._trash, gap=GAP_1 + 2)
        head.setStretch(0, 1)
        label = pieces.row(pieces.IconLabel(self._look, "tag", "muted", 15), self.tags, gap=GAP_1)
        inside = pieces.column(
            head, self.title, label, self._views, gap=GAP_2, margins=(GAP_6 - 4, GAP_3, GAP_4, GAP_4)
        )
        self._text_side = pieces.frame("reading", inside)
        both = pieces.row(self._text_side, self._versions, gap=0)
        both.setStretch(0, 1)
        return pieces.frame("reading", both)

    def _make_views(self) -> QStackedWidget:
        views = QStackedWidget()
        body = pieces.column(self._file, self._reader_body, None, margins=(GAP_1, GAP_2, GAP_3, GAP_3))
        views.addWidget(dialogs.scroll(pieces.box(body, "column"), "artifactReader", "Text of this work"))
        views.addWidget(self.editor)
        return views

    def make_room(self, narrow: bool) -> None:
        """In a narrow window the versions take the place of the text."""
        self._narrow = narrow
        self._toggle_versions()

    def _connect(self) -> None:
        self._resting = QTimer(self, singleShot=True, interval=KEEP_MS)
        self._resting.timeout.connect(self._tell)
        self.editor.textChanged.connect(self._typed)
        self.title.textEdited.connect(self._titled)
        self.tags.editingFinished.connect(self._tag)
        self._presenter.listen(lambda part, _: self._changed(part))
        self._look.changed.connect(self._show_text)
        self._versions.hide()

    # The presenter

    def _changed(self, part: str) -> None:
        if part in ("opened", "closed"):
            self._show()
        elif part == "saved":
            self._show_facts()

    def _show(self) -> None:
        presenter = self._presenter
        in_hand = presenter.artifact is not None or presenter.composing
        self.setCurrentIndex(1 if in_hand else 0)
        if not in_hand:
            return
        self.title.setText(presenter.artifact.title if presenter.artifact else "")
        self.title.setCursorPosition(0)
        self.editor.blockSignals(True)
        self.editor.setPlainText(presenter.text)
        self.editor.blockSignals(False)
        self._show_text()
        self._show_file()
        self._write(presenter.composing)
        self._show_facts()
        if presenter.composing:
            self.title.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_file(self) -> None:
        """What is no text is looked at and exported; writing over it would make a text of it."""
        artifact = self._presenter.artifact
        is_file = artifact is not None and artifact.kind == FILE
        self._file.show_artifact(artifact)
        self._mode.setVisible(not is_file)
        self._save.setVisible(not is_file)
        self.title.setReadOnly(is_file)

    def _show_text(self) -> None:
        self._reader_body.say_html(render(self.editor.toPlainText(), self._look.inks()))

    def _show_facts(self) -> None:
        artifact, version = self._presenter.artifact, self._presenter.version
        row = next((row for row in self._presenter.version_rows if version and row.n == version.n), None)
        old = bool(row and not row.newest)
        words = f"{row.title} · {row.about}" if row else "Not saved yet"
        self._about.setText(f"{words} · an older version: saving makes it the newest" if old else words)
        self.tags.setText(", ".join(artifact.tags) if artifact else "")
        self.tags.setEnabled(artifact is not None)
        self._past.setEnabled(artifact is not None)
        trashed = bool(artifact and artifact.trashed_at)
        hint = "Bring it back from the trash" if trashed else "Move to the trash"
        self._trash.show_icon("restore" if trashed else "trash")
        self._trash.setToolTip(hint)
        self._trash.setAccessibleName(hint)
        self._show_save()

    def _show_save(self) -> None:
        changed = self.editor.toPlainText() != self._presenter.text or bool(self._presenter.edited_title)
        self._save.setEnabled(changed)

    # The user

    def _typed(self) -> None:
        self._resting.start()
        self._presenter.edited(self.editor.toPlainText())
        self._show_save()

    def _titled(self, title: str) -> None:
        self._presenter.titled(title)
        self._show_save()

    def _tell(self) -> None:
        self._presenter.edited(self.editor.toPlainText())

    def _save_now(self) -> None:
        self._presenter.save(self.title.text(), self.editor.toPlainText())
        self._show_text()

    def save(self) -> None:
        if self._save.isEnabled() and self.currentIndex() == 1:
            self._save_now()

    def _toggle_mode(self) -> None:
        self._write(self._views.currentIndex() == 0)

    def _write(self, writing: bool) -> None:
        if not writing:
            self._show_text()
        self._views.setCurrentIndex(1 if writing else 0)
        self._mode.setText("Read" if writing else "Edit")
        self._mode.setAccessibleName(self._mode.text())
        if writing:
            self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _tag(self) -> None:
        tags = tuple(tag.strip().lstrip("#") for tag in self.tags.text().split(",") if tag.strip())
        artifact = self._presenter.artifact
        if artifact and tags != artifact.tags:
            self._presenter.tag_with(tags)

    def _export(self) -> None:
        artifact = self._presenter.artifact
        name, kinds = f"{self.title.text() or 'work'}.md", "Markdown (*.md);;Text (*.txt)"
        if artifact is not None and artifact.kind == FILE:
            name, kinds = str(artifact.data.get("name") or artifact.title), "As it is (*)"
        if path := dialogs.save_path(self, "Export", name, kinds):
            self._presenter.export(path)

    def show_versions(self) -> None:
        self._past.setChecked(True)
        self._toggle_versions()

    def _toggle_versions(self) -> None:
        shown = self._past.isChecked()
        self._versions.setVisible(shown)
        self._versions.setFixedWidth(self.width() if self._narrow else VERSIONS_WIDTH)
        self._text_side.setVisible(not (shown and self._narrow))

    def close_versions(self) -> None:
        self._past.setChecked(False)
        self._toggle_versions()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._toggle_versions()


class VersionPanel(QFrame):
    """The past of a work: choose a version to read it, compare it with the newest, bring it back."""

    def __init__(self, look: Look, presenter: LibraryPresenter, on_close: pieces.OnClick) -> None:
        super().__init__()
        self.setObjectName("versionPanel")
        self.setProperty("panel", "side")
        self._look, self._presenter = look, presenter
        close = pieces.IconButton(look, "close", "Back to the text", on_close, "versionsClose")
        head = pieces.row(pieces.label("Versions", face="heading"), None, close)
        self.list = RowList(look, "versions", "Versions")
        self._read = pieces.button("Read", self._read_version, "versionRead")
        self._compare = pieces.button("Compare", self._compare_version, "versionCompare",
                                      hint="What changed from this version to the newest")  # fmt: skip
        self._restore = pieces.button("Bring back", self._restore_version, "versionRestore",
                                      hint="Make a new version with the text of this one")  # fmt: skip
        self._diff_title = pieces.label("", face="caps", wrap=True)
        self._diff = TextBody("versionDiff", "What changed")
        diff = pieces.column(self._diff_title, self._diff, None, gap=GAP_1)
        self._diff_area: QWidget = dialogs.scroll(pieces.box(diff, "column"), "versionDiffArea", "What changed")
        self._rest = pieces.box(pieces.column(None))
        buttons = pieces.row(self._read, self._compare, self._restore, gap=GAP_1)
        self.setLayout(
            pieces.column(head, self.list, buttons, self._diff_area, self._rest, gap=GAP_2,
                          margins=(GAP_3, GAP_3, GAP_3, GAP_3))
        )  # fmt: skip
        self.list.chosen.connect(lambda _key: self._show_buttons())
        self._presenter.listen(lambda part, _: self._changed(part))
        look.changed.connect(self._show_diff)
        self._show()

    def _changed(self, part: str) -> None:
        if part in ("opened", "saved", "closed"):
            self._show()
        elif part == "diff":
            self._show_diff()

    def _show(self) -> None:
        shown = self._presenter.version
        self.list.show_rows(
            [
                ListRow(str(row.n), row.title, row.about, words="Newest" if row.newest else "", tone="good",
                        current=bool(shown and shown.n == row.n))
                for row in self._presenter.version_rows
            ]
        )  # fmt: skip
        heights = sum(self.list.sizeHintForRow(row) for row in range(len(self._presenter.versions)))
        self.list.setFixedHeight(min(heights, VERSIONS_HEIGHT_MAX) + 8)
        self._show_buttons()
        self._show_diff()

    def _show_buttons(self) -> None:
        chosen, artifact = self._chosen(), self._presenter.artifact
        older = bool(chosen and artifact and chosen != artifact.head)
        self._read.setEnabled(chosen is not None)
        self._compare.setEnabled(older)
        self._restore.setEnabled(older)

    def _show_diff(self) -> None:
        self._diff_area.setVisible(bool(self._presenter.diff))
        self._rest.setVisible(not self._presenter.diff)
        self._diff_title.setText(self._presenter.diff_title)
        self._diff.say_html(coloured_diff(self._presenter.diff, self._look.inks()))
        self._diff.setFont(code_font(max(self._look.base_px - 2, 11)))

    def _chosen(self) -> int | None:
        key = self.list.current_key()
        return int(key) if key else None

    def _read_version(self) -> None:
        if (number := self._chosen()) and self._presenter.artifact:
            self._presenter.open(self._presenter.artifact.id, number)

    def _compare_version(self) -> None:
        if (number := self._chosen()) and self._presenter.artifact:
            self._presenter.compare(number, self._presenter.artifact.head)

    def _restore_version(self) -> None:
        if number := self._chosen():
            self._presenter.restore(number)
