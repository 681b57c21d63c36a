"""What was planned together, in order: each a way to it, with where it stands."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from app.presenters.item_detail import PlanStep
from app.presenters.outbox import OutboxPresenter
from app.theme.tokens import GAP_2
from app.views import pieces
from app.views.look import Look


def plan_list(look: Look, steps: tuple[PlanStep, ...], presenter: OutboxPresenter) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(GAP_2)
    grid.setVerticalSpacing(GAP_2)
    grid.setColumnStretch(2, 1)
    top = Qt.AlignmentFlag.AlignTop
    for number, step in enumerate(steps):
        grid.addWidget(pieces.label(f"{number + 1}.", tone="muted"), number, 0, top)
        grid.addWidget(pieces.IconLabel(look, step.icon), number, 1, top)
        words = pieces.label(step.words, face="small", tone=step.tone, wrap=True)
        title: QHBoxLayout | QWidget = pieces.ElidedLabel(step.title, face="heading")
        if not step.current:
            go = partial(presenter.open, step.id)
            link = pieces.button(step.title, go, f"itemPlan-{number + 1}", kind="link", hint=f"Open {step.title}")
            title = pieces.row(link, None)
        grid.addLayout(pieces.column(title, words, gap=0), number, 2)
    return grid
