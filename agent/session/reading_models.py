"""What reads model files whole, or looks for them, beside the conversation: checking, adding, finding, measuring."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from agent.protocol.events import Event, ModelsFound, StoreChanged
from agent.session import model_offers
from agent.session.model_job import Do, Finish, Job
from agent.session.offered_now import NOBODY_ASKED, OfferedNow, offered_now
from models.errors import ModelFileBadError

if TYPE_CHECKING:
    from agent.compose import Runtime
    from models.digest import Progress
    from models.found import Finds, Found
    from models.found.walk import Budget
    from models.host.devices import DeviceReport

CHANGED = frozenset({"models"})


def checking(runtime: "Runtime", name: str, is_denied: Callable[[], bool]) -> Do:
    """The list is read anew on the lane: a catalogue is used by one thread."""

    def do(job: Job) -> Finish:
        from models.catalog import Catalog

        catalog = Catalog(runtime.paths.data)
        try:
            verdict: str = catalog.verify(name, job.reached)
        except ModelFileBadError as error:
            return _damaged(runtime, name, error.what)
        if verdict == "changed":
            return _damaged(runtime, name, "It is not as it was when it came.")
        path = next((model.path for model in catalog.list() if model.name == name), None)
        place = model_offers.folder(runtime)
        return _sound(offered_now(path, place, denied=is_denied()) if path else NOBODY_ASKED)

    return do


def _sound(now: OfferedNow) -> Finish:
    def finish(job: Job) -> Iterator[Event]:
        job.ends("done", note=f"Every byte is as it was when it came. {now.words}".strip(), newer=now.newer)
        yield StoreChanged(areas=CHANGED)

    return finish


def _damaged(runtime: "Runtime", name: str, why: str) -> Finish:
    from models.downloads import read_origin

    def finish(job: Job) -> Iterator[Event]:
        path = next((model.path for model in runtime.catalog.list() if model.name == name), Path())
        again = read_origin(path) is not None
        todo = "Fetch it again." if again else "Put a good copy in its place, or forget it."
        job.ends("failed", why=f"The file {path.name} is damaged. {why}", where=str(path), todo=todo, again=again)
        yield StoreChanged(areas=CHANGED)

    return finish


def adding(runtime: "Runtime", path: Path, name: str, found: "Found | None") -> Do:
    """Reads the files once, so that adding them to the list afterwards costs nothing."""

    def do(job: Job) -> Finish:
        digest = _read_whole(runtime, path, job)
        if found and found.said_sha256 and digest != found.said_sha256:
            raise ModelFileBadError(
                f"{found.program}'s file is damaged: it is not the one that {found.program} fetched.", str(path),
                f"Let {found.program} fetch it again.",
            )  # fmt: skip
        return finish

    def finish(job: Job) -> Iterator[Event]:
        runtime.catalog.add(path, name, program=found.program if found else "")
        job.ends("done")
        yield StoreChanged(areas=CHANGED)

    return do


def _read_whole(runtime: "Runtime", first: Path, job: Job) -> str:
    """Digest of the first file; those of the others are remembered too."""
    from models.digest import Digests
    from models.gguf_check import check
    from models.split import later_parts

    header = check(first)
    files = [file for file in (first, *later_parts(first, header.parts)) if file.is_file()]
    total, before = sum(file.stat().st_size for file in files), 0
    digests, found = Digests(runtime.paths.data / "digests.json"), []
    for file in files:
        found.append(digests.sha256(file, _after(before, total, job)))
        before += file.stat().st_size
    return found[0]


def _after(before: int, total: int, job: Job) -> "Progress":
    return lambda done, _all: job.reached(before + done, total)


def finding(known: dict[Path, str], folder: str, keep: "Callable[[Finds], None]") -> Do:
    """`keep` is given what was found, on the session's thread."""

    def do(job: Job) -> Finish:
        from models.found import folder_of_yours, look, places

        where = (folder_of_yours(Path(folder)),) if folder else places()
        finds = look(where, known, _budget(job))

        def finish(over: Job) -> Iterator[Event]:
            keep(finds)
            over.ends("done")
            yield ModelsFound(finds=finds, folder=folder)

        return finish

    return do


def _budget(job: Job) -> "Budget":
    from models.found.walk import Budget

    class Stoppable(Budget):
        """Ends when the user says so; what was found until then is shown."""

        def take(self, *, file: bool = False) -> bool:
            if job.is_stopped:
                self.ended = "you stopped it"
                return False
            return super().take(file=file)

    return Stoppable()


def asking_devices(keep: "Callable[[DeviceReport], None]", told: Callable[[], Event]) -> Do:
    """What llama.cpp can compute on, asked of a worker without a model: a driver's first start takes its time."""

    def do(_job: Job) -> Finish:
        from models.host.devices import ask_devices

        report = ask_devices()

        def finish(over: Job) -> Iterator[Event]:
            keep(report)
            over.ends("done", note=report.problem)
            if report.cards:
                yield told()

        return finish

    return do


def measuring(runtime: "Runtime") -> Do:
    """It cannot be stopped: it takes some seconds."""

    def do(job: Job) -> Finish:
        from models.gallery import Speeds, measure

        speed = measure(runtime.paths.cache)

        def finish(over: Job) -> Iterator[Event]:
            Speeds(runtime.paths.data).keep(speed)
            over.ends("done", note=_disturbed() if speed.disturbed else "")
            yield StoreChanged(areas=CHANGED)

        return finish

    return do


def _disturbed() -> str:
    return "Other programs kept this machine busy meanwhile; measure again later for a fairer figure."
