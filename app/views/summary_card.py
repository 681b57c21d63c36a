"""The notice that older messages were summed up for the model: what it is told instead, to read, change or turn off."""

from collections.abc import Callable

from PySide6.QtWidgets import QFrame

from agent.protocol.records import Summary
from app.theme.tokens import GAP_2, GAP_3
from app.views import pieces
from app.views.look import Look
from app.views.text_body import TextBody

OnAction = Callable[[str], None]  # "summary-edit", "summary-on", "summary-off"
BY_USER = "you"
OFF = "Turned off: the model is told nothing of these messages."
REPLACED = "A later summary has taken the place of this one."


class SummaryCard(QFrame):
    def __init__(self, look: Look, summary: Summary, on_action: OnAction) -> None:
        super().__init__()
        self.setObjectName(f"summary-{summary.id}")
        self.setProperty("panel", "card")
        self._on_action = on_action
        self._words = pieces.label("", wrap=True, name="summaryWords")
        self._standing = pieces.label("", face="small", tone="muted", wrap=True, name="summaryStanding")
        self._text = TextBody("summaryText", "What the model is told of the older messages")
        self._text.setVisible(False)
        self._show = pieces.button("Show", self._turn_over, "summaryShow", kind="link",
                                   hint="What the model is told of these messages")  # fmt: skip
        self._edit = pieces.button("Edit…", lambda: on_action("summary-edit"), "summaryEdit", kind="link",
                                   hint="Say it in your own words")  # fmt: skip
        self._switch = pieces.button("Turn off", self._press_switch, "summarySwitch", kind="link")
        head = pieces.row(pieces.IconLabel(look, "info", "muted"), self._words, gap=GAP_2)
        head.setStretch(1, 1)
        buttons = pieces.row(self._show, self._edit, self._switch, None, gap=GAP_2)
        self.setLayout(
            pieces.column(head, self._text, self._standing, buttons, gap=GAP_2, margins=(GAP_3, GAP_2, GAP_3, GAP_2))
        )
        self._summary = summary

    def say(self, words: str, summary: Summary) -> None:
        self._summary = summary
        self._words.setText(words)
        self._text.say(summary.text)
        self._standing.setText(_standing(summary))
        self._standing.setVisible(bool(self._standing.text()))
        self._show.setVisible(bool(summary.text))
        self._edit.setVisible(summary.is_current)
        self._edit.setText("Edit…" if summary.text else "Write one…")
        self._switch.setVisible(summary.is_current and bool(summary.text))
        self._switch.setText("Turn off" if summary.is_on else "Turn on")
        self._switch.setToolTip("Tell the model nothing of them" if summary.is_on else "Tell the model of them again")
        self.setAccessibleName(f"{words} {summary.text[:200]}")

    def _turn_over(self) -> None:
        shows = self._text.isHidden()
        self._text.setVisible(shows)
        self._show.setText("Hide" if shows else "Show")

    def _press_switch(self) -> None:
        self._on_action("summary-off" if self._summary.is_on else "summary-on")


def _standing(summary: Summary) -> str:
    if not summary.is_current:
        return REPLACED
    if not summary.is_on:
        return OFF
    if summary.made_by == BY_USER:
        return "In your own words."
    return f"Written by {summary.made_by}." if summary.text else ""
