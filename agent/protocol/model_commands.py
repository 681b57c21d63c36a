"""What may be asked about models beyond the list of them: proposals, downloads, checks, models that lie here already.

Apart from the other commands since each of these goes on beside the conversation; a ModelJobChanged tells how.
"""

from dataclasses import dataclass

from agent.protocol.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOffers(Command):
    """The models that Carryon proposes beside what this machine can hold, and the downloads that can go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSpeed(Command):
    """How fast this machine lets a model talk: some seconds of work, whose figure is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindModels(Command):
    """Look for models that other programs keep on this disk, or for those in a folder of the user's."""

    folder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFound(Command):
    """Use one of the models that were found, where it lies."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchModel(Command):
    """Fetch a proposed model by its name, or go on where it was paused; a model on the list is fetched again from where
    it came; an http or https address works too. `accept_new`: take it though its publisher exchanged it."""

    name: str
    accept_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckModel(Command):
    """Read a model's whole file again and compare it with what it was when it came, and with what its publisher
    offers now if the network is on."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopModelJob(Command):
    """Pause a download, or end what else goes on beside the conversation; `job` is the id of its ModelJob."""

    job: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DropDownload(Command):
    """Throw away what has arrived of a file that is not whole yet."""

    file: str
