"""More models than are on the list: those that lie on this disk, those that could be fetched, and downloads."""

import time
from typing import TYPE_CHECKING

from agent.protocol import commands, events, model_commands
from agent.protocol.records import ModelJob
from app.presenters import finds as found_words
from app.presenters.finds import FoundRow, chosen_row, found_row
from app.presenters.offers import TOO_LARGE, OfferRow, in_order, machine_words, offer_row, unfinished_row
from app.presenters.presenter import AreaPresenter, Clock, Handlers, Submit

if TYPE_CHECKING:
    from models.found import Finds
    from models.gallery import Proposal

GOING = ("waiting", "going")
FIND, MEASURE = "find", "measure"


class GalleryPresenter(AreaPresenter):
    """Parts that change: "offers" and "found" (the rows), "offer" and "one" (that of the key), "search", "machine"."""

    area = "models"

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self.shows_all = False  # also what is too large for this machine
        self._offers: events.OffersListed | None = None
        self._finds: Finds | None = None
        self._folder = ""
        self._jobs: dict[str, ModelJob] = {}
        self._known: set[str] = set()  # paths on the list
        self._current = ""

    def handlers(self) -> Handlers:
        return {
            events.OffersListed: self._offered,
            events.ModelsFound: self._found,
            events.ModelsListed: self._listed,
            events.ModelJobChanged: self._job_changed,
        }

    def refresh(self) -> None:
        self._submit(model_commands.ListOffers())
        if self._finds is None and not self.looks:
            self.look()

    # What the user does

    def look(self, folder: str = "") -> None:
        self._folder = folder
        self._submit(model_commands.FindModels(folder=folder))

    def stop_looking(self) -> None:
        self._submit(model_commands.StopModelJob(job=FIND))

    def measure(self) -> None:
        self._submit(model_commands.MeasureSpeed())

    def show_all(self, *, on: bool) -> None:
        self.shows_all = on
        self._changed("offers")

    def act(self, key: str, action: str) -> None:
        """On a proposed model or a download, by its row's key."""
        row = self.offer(key)
        if row is None:
            return
        match action:
            case "fetch":
                self._submit(model_commands.FetchModel(name=row.name))
            case "fetch_new":
                self._submit(model_commands.FetchModel(name=row.name, accept_new=True))
            case "pause":
                self._submit(model_commands.StopModelJob(job=f"fetch:{key}"))
            case "drop":
                self._submit(model_commands.DropDownload(file=key))
            case "use":
                self._submit(commands.UseModel(name=row.name))

    def act_on_found(self, path: str, action: str) -> None:
        if action == "add":
            self._submit(model_commands.AddFound(path=path))
        elif action == "stop":
            self._submit(model_commands.StopModelJob(job=f"add:{path}"))

    # What is shown

    @property
    def offers(self) -> tuple[OfferRow, ...]:
        shown = [one for one in self._proposals if self.shows_all or not self._is_hidden(one)]
        rows = [self._row(one) for one in in_order(tuple(shown))]
        return (*self._other_downloads(), *rows)

    @property
    def hidden(self) -> int:
        """How many are not shown since they are too large."""
        return sum(self._is_hidden(one) for one in self._proposals)

    def offer(self, key: str) -> OfferRow | None:
        return next(
            (row for row in (*self._other_downloads(), *map(self._row, self._proposals)) if row.key == key), None
        )

    @property
    def found(self) -> tuple[FoundRow, ...]:
        """And files of the user's choice, while they are read."""
        models = self._finds.models if self._finds else ()
        rows = [found_row(one, self._jobs.get(f"add:{one.path}")) for one in models if str(one.path) not in self._known]
        paths = {str(one.path) for one in models}
        chosen = [job for job in self._jobs.values() if job.kind == "add" and job.state in GOING]
        return (*(chosen_row(job) for job in chosen if job.file not in paths), *rows)

    def one_found(self, path: str) -> FoundRow | None:
        return next((row for row in self.found if row.key == path), None)

    @property
    def looks(self) -> bool:
        return self._goes_on(FIND)

    @property
    def measures(self) -> bool:
        return self._goes_on(MEASURE)

    @property
    def search_words(self) -> str:
        failed = self._failure(FIND)
        return failed or found_words.summary(self._finds, self._known, looks=self.looks, folder=self._folder)

    @property
    def left_out(self) -> int:
        return len(self._finds.left_out) if self._finds else 0

    @property
    def left_out_text(self) -> str:
        return found_words.left_out_text(self._finds) if self._finds else ""

    @property
    def machine(self) -> str:
        if self.measures:
            return "Measuring how fast this machine is; a few seconds…"
        if failed := self._failure(MEASURE):
            return failed
        return machine_words(self._offers.machine) if self._offers else ""

    @property
    def is_measured(self) -> bool:
        return bool(self._offers and self._offers.machine.speed)

    @property
    def _proposals(self) -> "tuple[Proposal, ...]":
        return self._offers.offers if self._offers else ()

    def _is_hidden(self, one: "Proposal") -> bool:
        """What was begun is never hidden."""
        begun = one.here_as or one.paused or f"fetch:{one.offer.file}" in self._jobs
        return one.fit.verdict == TOO_LARGE and not begun

    def _row(self, one: "Proposal") -> OfferRow:
        is_current = bool(one.here_as) and one.here_as == self._current
        return offer_row(one, self._jobs.get(f"fetch:{one.offer.file}"), current=is_current)

    def _other_downloads(self) -> tuple[OfferRow, ...]:
        proposed = {one.offer.file for one in self._proposals}
        begun = self._offers.unfinished if self._offers else ()
        return tuple(
            unfinished_row(one, self._jobs.get(f"fetch:{one.name}")) for one in begun if one.name not in proposed
        )

    def _goes_on(self, job: str) -> bool:
        return job in self._jobs and self._jobs[job].state in GOING

    def _failure(self, job: str) -> str:
        heard = self._jobs.get(job)
        return f"{heard.why} {heard.todo}".strip() if heard and heard.state == "failed" else ""

    # What happened

    def _offered(self, event: events.OffersListed) -> None:
        self._offers = event
        self._changed("offers")
        self._changed("machine")

    def _found(self, event: events.ModelsFound) -> None:
        self._finds, self._folder = event.finds, event.folder
        self._changed("found")

    def _listed(self, event: events.ModelsListed) -> None:
        self._known = {model.path for model in event.models}
        self._current = next((model.name for model in event.models if model.current), "")
        self._changed("found")
        self._changed("offers")

    def _job_changed(self, event: events.ModelJobChanged) -> None:
        job = event.job
        self._jobs[job.id] = job
        match job.kind:
            case "fetch":
                self._changed("offer", job.file)
            case "add":
                self._changed("one" if self.one_found(job.file) and job.state == "going" else "found", job.file)
            case "find":
                self._changed("search")
            case "measure":
                self._changed("machine")
