"""The models room: which model answers, which others there are. What takes longer is in model_jobs.py."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from agent.protocol import commands, events
from agent.protocol.events import Event
from models.errors import ModelError

if TYPE_CHECKING:
    from agent.compose import Runtime


def words(error: ModelError) -> str:
    """What, where and what to do, as one line."""
    return " ".join(part for part in (error.what, error.where and f"({error.where})", error.todo) if part)


def list_models(runtime: "Runtime", command: commands.ListModels) -> Iterator[Event]:
    yield from _listed(runtime, command.id)


def _listed(runtime: "Runtime", cause: str) -> Iterator[Event]:
    yield events.ModelsListed(cause=cause, models=runtime.models(), details=runtime.minds.details())


def use(runtime: "Runtime", command: commands.UseModel) -> Iterator[Event]:
    """The choice is a line of `.agentrc`; the model is loaded before the answer, so a bad file is told at once."""
    yield events.ModelStateChanged(cause=command.id, state="starting", name=command.name)
    try:
        runtime.use_model(command.name)
    except ModelError as error:
        yield events.ModelStateChanged(cause=command.id, state="refused", name=command.name, why=words(error))
        raise
    standing = runtime.pool.standing(command.name)  # it may have its beginning to read yet
    yield events.ModelStateChanged(cause=command.id, state=standing.state, name=command.name, why=standing.why)
    yield from _listed(runtime, command.id)
    yield events.StoreChanged(cause=command.id, areas=frozenset({"settings", "models"}))


def remove(runtime: "Runtime", command: commands.RemoveModel) -> Iterator[Event]:
    runtime.catalog.remove(command.name)
    yield from _listed(runtime, command.id)
    yield events.StoreChanged(cause=command.id, areas=frozenset({"models"}))  # proposals and finds stand otherwise now


HANDLERS: dict[type[commands.Command], Callable[..., Iterator[Event]]] = {
    commands.ListModels: list_models,
    commands.UseModel: use,
    commands.RemoveModel: remove,
}
