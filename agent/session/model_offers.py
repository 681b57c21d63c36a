"""The proposed models beside this machine, and the downloads that wait to go on."""

from typing import TYPE_CHECKING

from agent.protocol import events

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from agent.compose import Runtime
    from models.devices.records import Device

FOLDER = "models"  # of the data folder: where fetched models lie


def folder(runtime: "Runtime") -> "Path":
    return runtime.paths.data / FOLDER


def known(runtime: "Runtime") -> dict["Path", str]:
    """Files of Carryon's own list, and their names there."""
    return {model.path: model.name for model in runtime.catalog.list()}


def listed(runtime: "Runtime", devices: "Sequence[Device]", cause: str = "") -> events.OffersListed:
    """`devices`: as far as known; without any, verdicts go by the machine's memory alone."""
    from models.downloads import unfinished
    from models.gallery import Speeds, offers, propose, this_machine

    machine = this_machine(Speeds(runtime.paths.data).here(), devices)
    begun = unfinished(folder(runtime))
    proposals = propose(offers(), machine, known(runtime), begun)
    return events.OffersListed(cause=cause, offers=proposals, machine=machine, unfinished=begun)
