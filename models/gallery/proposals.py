"""The curated list beside this machine: each offer with its verdict, whether it is here, whether it was paused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from models.downloads import Unfinished
from models.gallery.fit import Fit, Machine, judge
from models.gallery.offers import Offer


@dataclass(frozen=True, slots=True)
class Proposal:
    """`here_as`: its name in Carryon's own list, when its file is here; `paused`: a download that can go on."""

    offer: Offer
    fit: Fit
    here_as: str = ""
    paused: Unfinished | None = None


def propose(
    offers: Iterable[Offer], machine: Machine, known: Mapping[Path, str], paused: Iterable[Unfinished] = ()
) -> tuple[Proposal, ...]:
    """In the order of `offers`. `known`: files of Carryon's own list, and their names there."""
    here = {path.name: name for path, name in known.items() if path.exists()}
    begun = {one.name: one for one in paused}
    return tuple(
        Proposal(
            offer,
            judge(offer.size_bytes, offer.bytes_a_token, machine),
            here.get(offer.file, ""),
            begun.get(offer.file),
        )
        for offer in offers
    )
