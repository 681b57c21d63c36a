"""The starter as a product in the Models room: columns, verdict, measuring, what is read to people who hear it."""

from dataclasses import replace

import pytest

from agent.product import shown
from agent.protocol import commands, events
from agent.protocol.records import ProductView
from app import demo
from app.presenters.desk import Desk
from app.presenters.product import NAMED_MAX, ProductPresenter
from models.starter import contract as contracts
from models.starter.product import join
from tests.unit.models.starter.sample_card import sample


def view(**changes: tuple[str, ...]) -> ProductView:
    contract = contracts.read()
    return shown(join(contract, sample(contract, **changes)), demo.MEASURED)


@pytest.fixture
def product(desk: Desk) -> ProductPresenter:
    desk.handle(events.ProductShown(product=view()))
    return desk.product


def test_every_capability_stands_in_one_of_the_columns(product: ProductPresenter) -> None:
    words = " ".join(line.title + line.about for line in (*product.does, *product.does_not))
    for capability in contracts.read().capabilities:
        assert capability.title in words
    assert len(product.does_not) < 10, "what goes to the same place stands together"
    assert all(line.about.startswith("→ ") for line in product.does_not)


def test_what_falls_short_is_said_first(desk: Desk) -> None:
    desk.handle(events.ProductShown(product=view(short=("asking_back",), few=("german",))))
    assert desk.product.verdict == ("Falls short", "bad")
    assert [(line.title, line.about) for line in desk.product.open_points] == [
        ("Falls short", "Ask when something is missing"), ("Not shown yet", "German"),
    ]  # fmt: skip


def test_a_long_list_of_open_points_is_cut(desk: Desk) -> None:
    few = tuple(one.name for one in contracts.read().held)
    desk.handle(events.ProductShown(product=view(few=few)))
    (line,) = desk.product.open_points
    assert line.about.endswith(f"and {len(few) - NAMED_MAX} more")


def test_limits_show_what_was_measured_here(product: ProductPresenter) -> None:
    assert [(line.about, line.tone) for line in product.floors] == [
        ("14.2 MB, at most 24.0 MB", "good"), ("12.4 ms, at most 120 ms", "good"),
        ("67.0 MB, at most 150.0 MB", "good"), ("2.1%, goal 1.0%", "bad"),
    ]  # fmt: skip
    assert product.measured.startswith("Measured here on 2026-11-23")


def test_measuring_shows_its_progress_and_ends(product: ProductPresenter, submitted, desk: Desk, parts) -> None:
    heard = parts(product)
    product.measure()
    product.measure()
    (asked,) = submitted.all(commands.MeasureProduct)
    product.stop()
    assert not submitted.all(commands.CancelTurn), "it waits for its turn: a stop would reach what runs before it"
    desk.handle(events.ProductMeasuring(cause=asked.id, done=20, total=60))
    assert product.progress == (20, 60)
    assert product.measured == "Measuring… 20 of 60 requests"
    product.stop()
    assert submitted.last(commands.CancelTurn)
    desk.handle(events.ProductShown(cause=asked.id, product=view()))
    assert product.progress is None
    assert heard.count(("measuring", "")) == 3


def test_a_measuring_that_fails_ends_too(product: ProductPresenter, submitted, desk: Desk) -> None:
    product.measure()
    desk.handle(events.Failed(cause="another", what="no"))
    assert product.progress is not None
    desk.handle(events.Failed(cause=submitted.last(commands.MeasureProduct).id, what="The model stopped."))
    assert product.progress is None


def test_the_plot_is_told_in_words_and_one_point_is_none(product: ProductPresenter, desk: Desk) -> None:
    assert product.reliability_words.startswith("where it says 15% it is right in 12% of 17; ")
    desk.handle(events.ProductShown(product=replace(view(), reliability=((0.9, 0.9, 10),))))
    assert desk.product.reliability == ()


def test_a_contract_that_cannot_be_read_is_told(desk: Desk) -> None:
    desk.handle(events.ProductShown(product=replace(view(), trouble="Nobody decided about 'typos'.")))
    assert desk.product.verdict == ("Cannot be read", "bad")


def test_nothing_is_there_before_the_core_told(desk: Desk) -> None:
    assert (desk.product.verdict, desk.product.does, desk.product.floors) == (("Looking…", "muted"), (), ())
    desk.product.read_report()


def test_the_room_asks_for_it_when_it_is_shown(desk: Desk, submitted) -> None:
    desk.show_view("models")
    assert submitted.last(commands.ShowProduct)
