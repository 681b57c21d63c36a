"""One destination: whether it is being reached, what waits for it, and a way to try it now."""

from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.presenters.outbox import OutboxPresenter
from app.presenters.places import PlaceView
from app.theme.tokens import GAP_2
from app.views import pieces
from app.views.flow import flowing
from app.views.look import Look


def say_place(look: Look, place: PlaceView, presenter: OutboxPresenter, column: QVBoxLayout) -> None:
    head = pieces.row(
        pieces.IconLabel(look, place.icon, "accent_text", 20), pieces.ElidedLabel(place.name, face="title"), gap=GAP_2
    )
    column.addLayout(head)
    column.addLayout(pieces.row(pieces.chip(place.words, place.tone, "placeState"), None))
    column.addWidget(
        pieces.label(place.about[:1].upper() + place.about[1:], tone="muted", wrap=True, name="placeAbout")
    )
    if place.trouble:
        column.addWidget(pieces.notice(look, place.trouble, "placeTrouble", "wait"))
    buttons = list[QWidget]()
    if place.can_try:
        deed, hint = partial(presenter.try_place, place.destination), f"Try to deliver what waits for {place.name}"
        buttons.append(pieces.button("Try now", deed, "placeTry", kind="primary", hint=hint))
    only = partial(presenter.filter, destination=place.destination)
    buttons.append(pieces.button("Show only this", only, "placeOnly"))
    column.addWidget(flowing(buttons))
