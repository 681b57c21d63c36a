"""The starter as a product, in the Models room: its contract, and measuring it on this machine."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from agent.loop.minds import STARTER
from agent.protocol import commands, events
from agent.protocol.events import Event
from models.errors import CancelledError

if TYPE_CHECKING:
    from agent.compose import Runtime
    from models.measured import Measures


def show(runtime: "Runtime", command: commands.ShowProduct) -> Iterator[Event]:
    yield _shown(runtime, command.id)


def measure(runtime: "Runtime", command: commands.MeasureProduct) -> Iterator[Event]:
    """A stop keeps nothing: half a measuring would be measured against a whole floor."""
    from models import measuring

    runtime.minds.begin()
    texts = measuring.sample()
    yield events.ProductMeasuring(cause=command.id, done=0, total=len(texts))
    run = measuring.measure(runtime.minds.model(STARTER), texts, runtime.minds.is_stopped)
    try:
        while True:
            yield events.ProductMeasuring(cause=command.id, done=next(run), total=len(texts))
    except StopIteration as ended:
        _measures(runtime).add(ended.value)
    except CancelledError:
        pass
    yield _shown(runtime, command.id)


def _shown(runtime: "Runtime", cause: str) -> events.ProductShown:
    from agent import product  # contract, card and loss statement are read where they are looked at

    starter = next(model for model in runtime.models() if model.kind == "starter")
    loaded = runtime.minds.loaded(STARTER)
    return events.ProductShown(
        cause=cause, product=product.view(_measures(runtime), loaded.sha256 if loaded else starter.sha256)
    )


def _measures(runtime: "Runtime") -> "Measures":
    from models.measured import Measures

    return Measures(runtime.paths.data)


HANDLERS: dict[type[commands.Command], Callable[..., Iterator[Event]]] = {
    commands.ShowProduct: show,
    commands.MeasureProduct: measure,
}
