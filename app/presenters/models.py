"""Which model answers, how big and how quick it is, and which others are at hand."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from agent.protocol import commands, events, model_commands
from agent.protocol.records import Model, ModelJob
from app.presenters.footnote import model_name
from app.presenters.model_jobs import JobFace, job_face
from app.presenters.presenter import AreaPresenter, Clock, Handlers, Submit
from app.presenters.standing import READY, STARTER, Standings
from app.presenters.wording import size

DIGEST_SHOWN = 16
SEARCH = "search"
FOR_SEARCH = "It turns texts into numbers to search by, for programs that ask carryon serve. It cannot chat."


@dataclass(frozen=True, slots=True)
class ModelCard:
    """`job`: a check of its file, or that it is fetched again; `can_stop`: that goes on; `can_fetch`: it is damaged,
    and where it came from is known; `can_update`: its publisher has another version of it."""

    name: str
    title: str
    words: str
    tone: str
    note: str
    facts: tuple[tuple[str, str], ...]
    current: bool
    can_use: bool
    can_remove: bool
    can_check: bool = False
    can_stop: bool = False
    can_fetch: bool = False
    can_update: bool = False
    job: JobFace | None = None

    @property
    def can_keep(self) -> bool:
        return self.can_update


class ModelsPresenter(AreaPresenter):
    """Parts that change: "cards"; "card", of the key, while something goes on with it."""

    area = "models"

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self._models: tuple[Model, ...] = ()
        self._details: Mapping[str, Any] = {}
        self._standings = Standings()
        self._jobs: dict[str, ModelJob] = {}  # of checks and downloads, by id

    def handlers(self) -> Handlers:
        return {
            events.ModelsListed: self._listed,
            events.ModelStateChanged: self._state_changed,
            events.ModelJobChanged: self._job_changed,
        }

    def refresh(self) -> None:
        self._submit(commands.ListModels())

    def add(self, path: str) -> None:
        self._submit(commands.AddModel(path=path))

    def use(self, name: str) -> None:
        self._submit(commands.UseModel(name=name))

    def remove(self, name: str) -> None:
        self._submit(commands.RemoveModel(name=name))

    def check(self, name: str) -> None:
        self._submit(model_commands.CheckModel(name=name))

    def fetch_again(self, name: str) -> None:
        self._submit(model_commands.FetchModel(name=name))

    def update(self, name: str) -> None:
        """Take the version that the publisher offers now."""
        self._submit(model_commands.FetchModel(name=name, accept_new=True))

    def keep(self, name: str) -> None:
        """Leave it as it is; the next check tells of the new version again."""
        card = self.card(name)
        if card and card.job:
            self._jobs.pop(card.job.id)
            self._changed("card", name)

    def stop(self, name: str) -> None:
        card = self.card(name)
        if card and card.job:
            self._submit(model_commands.StopModelJob(job=card.job.id))

    def card(self, name: str) -> ModelCard | None:
        return next((card for card in self.cards if card.name == name), None)

    @property
    def cards(self) -> tuple[ModelCard, ...]:
        return tuple(self._card(model) for model in self._models)

    def _card(self, model: Model) -> ModelCard:
        words, tone, note = self._standing(model)
        job = self._job(model)
        goes_on = job is not None and job.state in ("waiting", "going", "held")
        is_own = model.kind != STARTER
        return ModelCard(
            name=model.name,
            title=model_name(model.name),
            words=words,
            tone=tone,
            note=note or model.note or (FOR_SEARCH if model.kind == SEARCH else ""),
            facts=self._facts(model),
            current=model.current,
            can_use=not model.current and model.kind != SEARCH,
            can_remove=is_own and not model.current and not goes_on,
            can_check=is_own and model.size_bytes > 0 and not goes_on,
            can_stop=goes_on,
            can_fetch=job is not None and not job.newer and _may_be_fetched(job),
            can_update=job is not None and job.newer and not goes_on,
            job=job_face(job) if job and job.state != "stopped" else None,
        )

    def _job(self, model: Model) -> ModelJob | None:
        """The one that was heard of last."""
        ids = (f"check:{model.name}", f"fetch:{PurePath(model.path).name}")
        heard = [job for job in reversed(self._jobs.values()) if job.id in ids]
        return heard[0] if heard else None

    def _standing(self, model: Model) -> tuple[str, str, str]:
        if not model.current and not self._standings.knows(model.name):
            return ("For searching" if model.kind == SEARCH else "On this machine"), "muted", ""
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

    def _job_changed(self, event: events.ModelJobChanged) -> None:
        job = event.job
        if job.kind not in ("check", "fetch"):
            return
        if job.id in self._jobs and self._jobs[job.id].state != job.state:
            self._jobs.pop(job.id)
        self._jobs[job.id] = job
        for model in self._models:
            if self._job(model) is job:
                self._changed("card", model.name)

    def _state_changed(self, event: events.ModelStateChanged) -> None:
        self._standings.hear(event)
        self._changed("cards")
        if self._visible and event.state == "ready":
            self.refresh()


def _may_be_fetched(job: ModelJob) -> bool:
    return job.again or (job.kind == "fetch" and job.state in ("paused", "failed"))


def _measured(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    facts: list[tuple[str, str]] = []
    if parameters := details.get("parameters"):
        facts.append(("Parameters", f"{float(parameters) / 1e6:,.1f} million"))
    if context := details.get("context"):
        why = details.get("context_why")
        facts.append(("Context", f"{int(context):,} tokens" + (f": {why}" if why else "")))
    if speed := details.get("tokens_per_second"):
        facts.append(("Speed", f"{float(speed):,.0f} tokens a second"))
    if memory := details.get("memory_bytes"):
        facts.append(("Memory", size(int(memory))))
    if placed := details.get("placement"):
        facts.append(("Where it computes", str(placed)))
    if build := details.get("llama_build"):
        facts.append(("llama.cpp", str(build)))
    return facts
