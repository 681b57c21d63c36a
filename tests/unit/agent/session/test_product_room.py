"""The Models room's product: shown from contract and card, measured with a real process, stopped without a trace."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.compose import build
from agent.paths import Paths
from agent.protocol import commands, events
from agent.session.handling import Session
from models import measuring
from models.contracts import Decision
from models.errors import WorkerDiedError
from models.host import ModelHost
from models.measured import Measures
from models.measuring import WARM_UP
from models.scripted import Scripted
from tests.tiny_gguf import write_tiny_gguf

REQUESTS = 8


@pytest.fixture(autouse=True)
def _few_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = measuring.sample()[:REQUESTS]
    monkeypatch.setattr(measuring, "sample", lambda: texts)


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[ModelHost]:
    host = ModelHost(write_tiny_gguf(tmp_path / "starter.gguf", starter=True), name="starter", sha256="cd" * 32)
    yield host
    host.close()


def test_it_is_shown_from_its_contract_and_its_card(paths: Paths) -> None:
    with build(paths, starter=Scripted([]), offline=True) as runtime:
        (shown,) = Session(runtime).handle(commands.ShowProduct())
    assert isinstance(shown, events.ProductShown)
    assert shown.product.trouble == ""
    assert len(shown.product.abilities) == 48
    assert shown.product.report.startswith("# What the starter gave up")


def test_it_is_measured_step_by_step_and_kept(paths: Paths, tiny: ModelHost) -> None:
    asked = commands.MeasureProduct()
    with build(paths, starter=tiny, offline=True) as runtime:
        *steps, shown = Session(runtime).handle(asked)
    assert [event.done for event in steps] == list(range(REQUESTS + 1))  # type: ignore[attr-defined]
    assert {event.cause for event in (*steps, shown)} == {asked.id}
    (row,) = Measures(paths.data).rows()
    assert (row.requests, row.sha256) == (REQUESTS, "cd" * 32)
    assert isinstance(shown, events.ProductShown)
    assert shown.product.measured, "what was measured is shown at once"
    floors = {floor.title: floor.met for floor in shown.product.floors}
    assert floors["Memory of its process"] is True


def test_a_stop_keeps_nothing(paths: Paths) -> None:
    with build(paths, starter=Scripted([Decision("handoff", 0.9)] * 50), offline=True) as runtime:
        session = Session(runtime)
        heard = []
        for event in session.handle(commands.MeasureProduct()):
            heard.append(event)
            if isinstance(event, events.ProductMeasuring) and event.done == 3:
                session.cancel()
        assert isinstance(heard[-1], events.ProductShown)
        assert heard[-2].done == 3  # type: ignore[attr-defined]
        again = list(session.handle(commands.MeasureProduct()))
        assert len(again) == REQUESTS + 2, "the stop counts for one measuring only"
    assert len(Measures(paths.data).rows()) == 1


def test_a_model_that_dies_is_told_and_nothing_is_kept(paths: Paths) -> None:
    script = [*[Decision("handoff", 0.9)] * (WARM_UP + 2), WorkerDiedError("The model stopped.")]
    with (
        build(paths, starter=Scripted(script), offline=True) as runtime,
        pytest.raises(WorkerDiedError),
    ):
        list(Session(runtime).handle(commands.MeasureProduct()))
    assert Measures(paths.data).rows() == ()


def test_measures_that_cannot_be_read_hide_nothing_else(paths: Paths) -> None:
    (paths.data / "measured.json").write_text("{")
    with build(paths, starter=Scripted([]), offline=True) as runtime:
        (shown,) = Session(runtime).handle(commands.ShowProduct())
    assert isinstance(shown, events.ProductShown)
    assert "measured.json" in shown.product.trouble
    assert shown.product.abilities
