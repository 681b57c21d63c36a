"""Which model answers, how big and how quick it is, and which others are at hand."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.protocol import commands, events
from agent.protocol.records import Model
from app.presenters.footnote import model_name
from app.presenters.presenter import AreaPresenter, Clock, Handlers, Submit
from app.presenters.standing import READY, STARTER, Standings
from app.presenters.wording import size

DIGEST_SHOWN = 16


@dataclass(frozen=True, slots=True)
class ModelCard:
    name: str
    title: str
    words: str
    tone: str
    note: str
    facts: tuple[tuple[str, str], ...]
    current: bool
    can_use: bool
    can_remove: bool


class ModelsPresenter(AreaPresenter):
    """Part that changes: "cards"."""

    area = "models"

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self._models: tuple[Model, ...] = ()
        self._details: Mapping[str, Any] = {}
        self._standings = Standings()

    def handlers(self) -> Handlers:
        return {events.ModelsListed: self._listed, events.ModelStateChanged: self._state_changed}

    def refresh(self) -> None:
        self._submit(commands.ListModels())

    def add(self, path: str) -> None:
        self._submit(commands.AddModel(path=path))

    def use(self, name: str) -> None:
        self._submit(commands.UseModel(name=name))

    def remove(self, name: str) -> None:
        self._submit(commands.RemoveModel(name=name))

    @property
    def cards(self) -> tuple[ModelCard, ...]:
        return tuple(self._card(model) for model in self._models)

    def _card(self, model: Model) -> ModelCard:
        words, tone, note = self._standing(model)
        return ModelCard(
            name=model.name,
            title=model_name(model.name),
            words=words,
            tone=tone,
            note=note or model.note,
            facts=self._facts(model),
            current=model.current,
            can_use=not model.current,
            can_remove=model.kind != "starter" and not model.current,
        )

    def _standing(self, model: Model) -> tuple[str, str, str]:
        if not model.current and not self._standings.knows(model.name):
            return "On this machine", "muted", ""
        face = self._standings.face(model.name)
        if face is READY and not model.current:
            return ("Decides" if model.kind == STARTER else "On this machine"), "muted", ""
        return face.words, face.tone, self._standings.why(model.name)

    def _facts(self, model: Model) -> tuple[tuple[str, str], ...]:
        facts = [("Size", size(model.size_bytes)), ("Digest", model.sha256[:DIGEST_SHOWN] or "not read yet")]
        if model.current:
            facts += _measured(self._details)
        facts.append(("File", model.path))
        return tuple(facts)

    def _listed(self, event: events.ModelsListed) -> None:
        self._models, self._details = event.models, event.details
        self._changed("cards")

    def _state_changed(self, event: events.ModelStateChanged) -> None:
        self._standings.hear(event)
        self._changed("cards")
        if self._visible and event.state == "ready":
            self.refresh()


def _measured(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    facts: list[tuple[str, str]] = []
    if parameters := details.get("parameters"):
        facts.append(("Parameters", f"{float(parameters) / 1e6:,.1f} million"))
    if context := details.get("context"):
        facts.append(("Context", f"{int(context):,} tokens"))
    if speed := details.get("tokens_per_second"):
        facts.append(("Speed", f"{float(speed):,.0f} tokens a second"))
    if memory := details.get("memory_bytes"):
        facts.append(("Memory", size(int(memory))))
    if build := details.get("llama_build"):
        facts.append(("llama.cpp", str(build)))
    return facts
