"""The starter's card in the Models room: both columns, measuring, the plot in light and dark, the loss statement."""

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from agent.protocol import commands, events
from app.theme.tokens import DARK, LIGHT
from app.views.window import Window
from tests.unit.app.test_product_presenter import view


@pytest.fixture
def room(full: Window) -> Window:
    full.show_view("models")
    full.desk.handle(events.ProductShown(product=view(few=("german",))))
    QApplication.processEvents()
    return full


def test_both_columns_are_read_and_nothing_is_cut(room: Window, find) -> None:
    does, does_not = find(room, "productDoes"), find(room, "productDoesNot")
    assert "Write an e-mail" in "".join(label.text() for label in does.findChildren(QLabel))
    assert "Translate" in "".join(label.text() for label in does_not.findChildren(QLabel))
    for width in (1280, 820):
        room.resize(width, 900)
        QApplication.processEvents()
        for label in room.findChild(QWidget, "product").findChildren(QLabel):
            if label.isVisible() and label.text() and label.wordWrap():
                assert label.height() >= label.heightForWidth(label.width()), label.text()


def test_narrow_columns_stand_below_each_other(room: Window, find) -> None:
    does, does_not = find(room, "productDoes"), find(room, "productDoesNot")
    assert does.mapTo(room, does.rect().topLeft()).y() == does_not.mapTo(room, does_not.rect().topLeft()).y()
    QApplication.processEvents()  # what the page still has to lay out would give the columns their width back
    does.parentWidget().resize(400, 900)
    QApplication.processEvents()
    assert does_not.y() > does.y()


def test_measuring_shows_progress_and_can_be_stopped(room: Window, find, collected) -> None:
    find(room, "productMeasure").click()
    asked = collected.last(commands.MeasureProduct)
    room.desk.handle(events.ProductMeasuring(cause=asked.id, done=15, total=60))
    bar = find(room, "productProgress")
    assert (bar.value(), bar.maximum()) == (15, 60)
    assert "15 of 60" in find(room, "productMeasured").text()
    find(room, "productStop").click()
    assert collected.last(commands.CancelTurn)
    room.desk.handle(events.ProductShown(cause=asked.id, product=view()))
    assert find(room, "productMeasure").isVisible()
    assert not bar.isVisible()
    assert find(room, "productVerdict").text() == "Keeps its promises"


def test_the_plot_is_drawn_in_both_themes_and_described(room: Window, find) -> None:
    plot = find(room, "reliabilityPlot")
    assert plot.accessibleDescription().count(";") == 8
    for theme in (DARK, LIGHT):
        room.look.force(theme)
        QApplication.processEvents()
        image = plot.grab().toImage()
        assert image.pixelColor(2, 2).name() == theme.raised
        seen = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(0, image.height(), 2)}
        assert theme.accent in seen


def test_without_figures_there_is_no_plot(full: Window) -> None:
    full.show_view("models")
    from dataclasses import replace

    full.desk.handle(events.ProductShown(product=replace(view(), reliability=())))
    QApplication.processEvents()
    assert not full.findChild(QWidget, "reliability").isVisible()


def test_what_it_gave_up_is_opened_as_text(room: Window, find) -> None:
    find(room, "productReport").click()
    text = find(room, "wholeTextBody").toPlainText()
    assert text.startswith("# What the starter gave up")
    assert "email.send" in text
    find(room, "wholeTextClose").click()


def test_the_panel_outlives_a_new_list_of_models(room: Window, find) -> None:
    before = find(room, "product")
    room.desk.handle(events.ModelStateChanged(state="busy", name="starter"))
    QApplication.processEvents()
    assert find(room, "product") is before
    assert find(room, "modelState-starter").isVisible()
