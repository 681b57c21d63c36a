"""Fetching a model: what is meant by a name, the files one after the other, then the list of models."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.protocol.events import Event, StoreChanged
from agent.session import model_offers
from agent.session.model_job import Do, Finish, Job

if TYPE_CHECKING:
    from agent.compose import Runtime
    from models.downloads import Fetched, Patience


@dataclass(frozen=True, slots=True)
class Wanted:
    """`file`: what the model's first file will be called. Its digest is what its publisher says, held against what
    was pinned when it came first."""

    address: str
    name: str
    file: str


def wanted(runtime: "Runtime", asked: str) -> Wanted:
    """An address; else a model of the list that was fetched before; else a proposed one. UnknownModelError,
    AddressBadError."""
    from models.downloads import addresses, file_name, read_origin
    from models.gallery import offer_named

    place = model_offers.folder(runtime)
    if "://" in asked:
        file = file_name(addresses(asked)[0])
        return Wanted(asked, _free(runtime, Path(file).stem, place / file), file)
    path = next((model.path for model in runtime.catalog.list() if model.name == asked), None)
    if path is not None and path.parent == place and (origin := read_origin(path)):
        return Wanted(origin.address, asked, path.name)
    offer = offer_named(asked)
    file = file_name(addresses(offer.address())[0])
    return Wanted(offer.address(), _free(runtime, offer.name, place / file), file)


def _free(runtime: "Runtime", name: str, path: Path) -> str:
    """The file's own name in the list, if it is there already; else one that no other model has."""
    here = model_offers.known(runtime).get(path)
    return here or runtime.catalog.free_name(name)


def fetching(runtime: "Runtime", what: Wanted, patience: "Patience | None", *, accept_new: bool = False) -> Do:
    folder = model_offers.folder(runtime)

    def do(job: Job) -> Finish:
        from models.downloads import addresses, fetch

        files = addresses(what.address)
        fetched = tuple(
            fetch(file, folder, accept_new=accept_new, watch=job.stepped, patience=patience) for file in files
        )
        return lambda over: _taken_in(runtime, what, fetched, over)

    return do


def _taken_in(runtime: "Runtime", what: Wanted, fetched: "tuple[Fetched, ...]", job: Job) -> Iterator[Event]:
    """Every file was read whole just now, so that its digest is known."""
    from models.digest import Digests

    digests = Digests(runtime.paths.data / "digests.json")
    for one in fetched:
        digests.remember(one.path, one.sha256)
    before = {model.name: model.sha256 for model in runtime.catalog.list()}.get(what.name)
    known = runtime.catalog.add(fetched[0].path, what.name, sha256=fetched[0].sha256)
    if before not in (None, known.sha256):
        runtime.exchanged(what.name)
    size = sum(one.size_bytes for one in fetched)
    job.ends("done", done=size, total=size, note="", newer=False)
    yield StoreChanged(areas=frozenset({"models"}))
