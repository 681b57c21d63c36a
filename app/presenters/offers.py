"""A proposed model as one row: does it fit, what does it cost, how well does it do, and what can be done about it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.protocol.records import ModelJob
from app.presenters.model_jobs import ENDED, JobFace, job_face, kept_face
from app.presenters.states import Action
from app.presenters.wording import size

if TYPE_CHECKING:
    from models.downloads import Unfinished
    from models.gallery import Machine, Offer, Proposal

TONES = {"fits": "good", "slow": "wait", "tight": "wait", "too large": "muted"}
ORDER = {verdict: number for number, verdict in enumerate(TONES)}
TOOLS = {"good": "good", "fair": "fair", "weak": "weak", "untested": "nobody has tested it openly"}
TOOLS_ORDER = {words: number for number, words in enumerate(TOOLS)}
FREE = {"Apache-2.0", "MIT"}  # what a reader of neither needs to know of them
TOO_LARGE = "too large"

PAUSE = Action("pause", "Pause", "")
GO_ON = Action("fetch", "Go on", "primary")
NEW = Action("fetch_new", "Use the new version", "primary")
AGAIN = Action("fetch", "Try again", "primary")
USE = Action("use", "Use this one", "primary")
AWAY = Action("drop", "Take away", "danger")


@dataclass(frozen=True, slots=True)
class OfferRow:
    """`key`: what its file will be called; `name`: what is asked for; `chip`, `tone`: how it fits, in short; `about`:
    what else is to be known, a line each; `how`: how that was reckoned."""

    key: str
    name: str
    title: str
    chip: str
    tone: str
    fit: str
    about: tuple[str, ...]
    how: str
    main: Action | None
    away: Action | None
    job: JobFace | None


def in_order(offers: "tuple[Proposal, ...]") -> "list[Proposal]":
    """What was begun first; then what fits, there what is good with tools, there the smallest first."""
    return sorted(offers, key=lambda one: (one.paused is None, ORDER[one.fit.verdict], TOOLS_ORDER[one.offer.tools]))


def offer_row(one: "Proposal", job: ModelJob | None, *, current: bool) -> OfferRow:
    offer, fit = one.offer, one.fit
    chip, _, rest = fit.words.partition(": ")
    tone = TONES[fit.verdict]
    if one.here_as:
        chip, tone = ("Answers now", "good") if current else ("On this machine", "info")
    kept = one.paused is not None
    face = _face(job, one.paused) if not one.here_as else None
    return OfferRow(
        key=offer.file, name=one.here_as or offer.name, title=offer.title, chip=chip, tone=tone,
        fit=rest[:1].upper() + rest[1:], about=_about(offer), how=fit.how,
        main=(None if current else USE) if one.here_as else _main(job, offer, kept=kept, fits=fit.verdict == "fits"),
        away=_away(job, kept=kept) if not one.here_as else None, job=face,
    )  # fmt: skip


def unfinished_row(one: "Unfinished", job: ModelJob | None) -> OfferRow:
    """A download of something that Carryon does not propose."""
    main = PAUSE if job and job.state in ("waiting", "going", "held") else GO_ON
    about = (f"From {one.address}",)
    face = _face(job, one)
    return OfferRow(one.name, one.address, one.name, "Not whole yet", "wait", "", about, "", main, AWAY, face)


def _face(job: ModelJob | None, kept: "Unfinished | None") -> JobFace | None:
    if job is not None and job.state != "stopped":
        return job_face(job)
    return kept_face(kept.name, kept.done, kept.total) if kept else None


def _main(job: ModelJob | None, offer: "Offer", *, kept: bool, fits: bool) -> Action:
    state = job.state if job else ""
    if state in ("waiting", "going", "held"):
        return PAUSE
    if job and job.newer and state in ("failed", "paused"):
        return NEW
    if state == "failed":
        return AGAIN
    if kept or state == "paused":
        return GO_ON
    return Action("fetch", f"Get it, {size(offer.size_bytes)}", "primary" if fits else "")


def _away(job: ModelJob | None, *, kept: bool) -> Action | None:
    begun = job is not None and job.state not in ENDED
    return AWAY if begun or kept else None


def _about(offer: "Offer") -> tuple[str, ...]:
    licence = f"licence {offer.licence}" + (", free to use, also at work" if offer.licence in FREE else "")
    thinks = " Thinks before it answers, which takes longer." if offer.thinks == "always" else ""
    return (
        f"By {offer.publisher} · {licence}",
        f"Using tools: {TOOLS[offer.tools]}. {offer.tools_about[:1].upper()}{offer.tools_about[1:]}.{thinks}",
        f"Languages: {offer.languages}",
    )


def machine_words(machine: "Machine") -> str:
    cores = f"{machine.cores} core{'' if machine.cores == 1 else 's'}"
    memory = f"This machine has {size(machine.memory_bytes)} of memory, {size(machine.available_bytes)} of it free now"
    if machine.cards.room_bytes:
        memory += f", room for {size(machine.cards.room_bytes)} of a model on the {machine.cards.label}"
    elif machine.cards.note:
        memory += f" ({machine.cards.note})"
    if machine.speed is None:
        return f"{memory}, and {cores}. How fast a model would talk here was not measured yet."
    busy = " Other programs kept it busy then; a fairer figure may be better." if machine.speed.disturbed else ""
    return f"{memory}, and {cores}. Speeds are estimates from what was measured here.{busy}"
