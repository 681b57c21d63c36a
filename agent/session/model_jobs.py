"""The part of the models room that goes on beside the conversation: downloads on one lane, reading files on another.

Commands begin or stop jobs and are answered at once; each job tells how it stands by itself. What comes of one is taken
over between commands (`tick`), on the session's thread. Downloads that the network's switch held back go on by
themselves; those that the closing window stopped are kept and can be gone on with.
"""

import queue
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import BadRequestError
from agent.protocol import commands, model_commands
from agent.protocol.events import Event
from agent.protocol.records import ModelJob
from agent.session import fetching, model_offers, reading_models
from agent.session.ending import Ending
from agent.session.lane import Lane
from agent.session.model_job import Do, Job

if TYPE_CHECKING:
    from agent.compose import Runtime
    from models.downloads import Patience
    from models.found import Finds, Found
    from models.host.devices import DeviceReport

LOOK_S, REST_S = 0.2, 3_600.0  # between two looks: while something goes on, and else
DEVICES, DEVICES_KNOWN_S = "devices", 60.0  # what is free on a card changes with what others do there
FULL = "Too much is waiting already."
Handler = Callable[[Any], Iterator[Event]]


class ModelJobs:
    def __init__(self, runtime: "Runtime", emit: Callable[[Event], None], patience: "Patience | None" = None) -> None:
        self._runtime, self._emit, self._patience = runtime, emit, patience
        self._lanes = {"fetch": Lane("model-download"), "read": Lane("model-reading"),
                       "look": Lane("model-devices")}  # fmt: skip
        self._jobs: dict[str, Job] = {}  # waiting, going, or held by the network's switch
        self._over: queue.Queue[Job] = queue.Queue()
        self._found: dict[str, Found] = {}  # by path, of the last search
        self._devices: DeviceReport | None = None
        self._looked_at = -DEVICES_KNOWN_S

    def handlers(self) -> Mapping[type[commands.Command], Handler]:
        return {
            model_commands.ListOffers: self._list_offers,
            model_commands.FetchModel: self._fetch,
            model_commands.DropDownload: self._drop,
            model_commands.StopModelJob: self._stop,
            model_commands.CheckModel: self._check,
            model_commands.FindModels: self._find,
            model_commands.AddFound: self._add_found,
            model_commands.MeasureSpeed: self._measure,
            commands.AddModel: self._add,
        }

    # Between commands

    def tick(self) -> float:
        """Take over what has ended; seconds until the next look."""
        while True:
            try:
                self._settle(self._over.get_nowait())
            except queue.Empty:
                break
        if not self._is_denied():
            for job in [job for job in self._jobs.values() if job.held]:
                self._line_up(job)
        return LOOK_S if any(not job.held for job in self._jobs.values()) else REST_S

    def end(self) -> None:
        """Stop what goes on, without waiting for it."""
        for lane in self._lanes.values():
            lane.end()

    def close(self, ending: Ending) -> None:
        """What has arrived of a download stays for the next time."""
        self.end()
        for lane in self._lanes.values():
            lane.join(ending)

    def _settle(self, job: Job) -> None:
        assert job.finish is not None, "only what has run comes here"
        if not job.held or job.drop:
            del self._jobs[job.face.id]
        try:
            for event in job.finish(job):
                self._emit(event)
            if job.drop:
                self._emit(self._dropped(job.face.file))
                job.ends("stopped", note="")
        except Exception as error:  # noqa: BLE001  what is between commands must not end them
            job.fails(error)

    # Downloads

    def _list_offers(self, command: model_commands.ListOffers) -> Iterator[Event]:
        yield self._offers(command.id)
        if time.monotonic() - self._looked_at >= DEVICES_KNOWN_S and DEVICES not in self._jobs:
            do = reading_models.asking_devices(self._keep_devices, self._offers)
            yield from self._read(ModelJob(DEVICES, DEVICES), do)

    def _offers(self, cause: str = "") -> Event:
        return model_offers.listed(self._runtime, self._devices.devices if self._devices else (), cause)

    def _keep_devices(self, report: "DeviceReport") -> None:
        self._devices, self._looked_at = report, time.monotonic()

    def _fetch(self, command: model_commands.FetchModel) -> Iterator[Event]:
        """Asked for twice, it is one download; with the network switched off it waits for that."""
        what = fetching.wanted(self._runtime, command.name)
        face = ModelJob(f"fetch:{what.file}", "fetch", what.name, what.file, newer=command.accept_new)
        do = fetching.fetching(self._runtime, what, self._patience, accept_new=command.accept_new)
        job = self._jobs.get(face.id)
        if job is None:
            job = Job(face, do, self._emit, self._over.put, self._is_denied)
            self._begin(job)
        yield from ()

    def _drop(self, command: model_commands.DropDownload) -> Iterator[Event]:
        job = self._jobs.get(f"fetch:{command.file}")
        if job and not job.held and not self._lanes["fetch"].take_out(job):
            job.drop = True  # it goes on at this moment; once it has stopped
            job.stop()
            return
        if job:
            del self._jobs[job.face.id]
            job.ends("stopped", note="")
        yield self._dropped(command.file, command.id)

    def _dropped(self, file: str, cause: str = "") -> Event:
        from models.downloads import discard

        discard(model_offers.folder(self._runtime), file)
        return self._offers(cause)

    def _is_denied(self) -> bool:
        return self._runtime.connectivity.standing.manual

    # What reads files

    def _check(self, command: model_commands.CheckModel) -> Iterator[Event]:
        face = ModelJob(f"check:{command.name}", "check", command.name)
        return self._read(face, reading_models.checking(self._runtime, command.name, self._is_denied))

    def _find(self, command: model_commands.FindModels) -> Iterator[Event]:
        known = model_offers.known(self._runtime)
        return self._read(ModelJob("find", "find"), reading_models.finding(known, command.folder, self._keep))

    def _keep(self, finds: "Finds") -> None:
        self._found = {str(one.path): one for one in finds.models}

    def _add_found(self, command: model_commands.AddFound) -> Iterator[Event]:
        found = self._found.get(command.path)
        if found is None:
            raise BadRequestError("This model was not found here.", command.path, "Look for models again.")
        return self._adding(found.path, found.name, found)

    def _add(self, command: commands.AddModel) -> Iterator[Event]:
        path = Path(command.path).expanduser().absolute()
        return self._adding(path, path.stem, None)

    def _adding(self, path: Path, wanted: str, found: "Found | None") -> Iterator[Event]:
        """A file that is no model is told at once; a name that is taken gets a number."""
        from models.gguf_check import check

        check(path)
        name = model_offers.known(self._runtime).get(path) or self._runtime.catalog.free_name(wanted)
        face = ModelJob(f"add:{path}", "add", name, str(path))
        return self._read(face, reading_models.adding(self._runtime, path, name, found))

    def _measure(self, command: model_commands.MeasureSpeed) -> Iterator[Event]:
        return self._read(ModelJob("measure", "measure"), reading_models.measuring(self._runtime))

    def _read(self, face: ModelJob, do: Do) -> Iterator[Event]:
        if face.id not in self._jobs:
            self._begin(Job(face, do, self._emit, self._over.put))
        yield from ()

    # Both

    def _stop(self, command: model_commands.StopModelJob) -> Iterator[Event]:
        """What has ended meanwhile needs no stop."""
        job = self._jobs.get(command.job)
        if job is None:
            return
        if job.held or self._lane(job).take_out(job):
            del self._jobs[job.face.id]
            job.held = False
            job.ends("paused" if job.face.kind == "fetch" else "stopped", note="")
        else:
            job.stop()
        yield from ()

    def _begin(self, job: Job) -> None:
        self._jobs[job.face.id] = job
        if job.face.kind == "fetch" and self._is_denied():
            job.holds()
        else:
            self._line_up(job)

    def _line_up(self, job: Job) -> None:
        job.waits()
        if not self._lane(job).put(job):
            del self._jobs[job.face.id]
            job.fails(BadRequestError(FULL, "", "Wait for something of it to end, or take something off."))

    def _lane(self, job: Job) -> Lane:
        return self._lanes[{"fetch": "fetch", DEVICES: "look"}.get(job.face.kind, "read")]
