"""Models that other programs keep on this disk, as rows, and what the search came to."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.protocol.records import ModelJob
from app.presenters.model_jobs import JobFace, job_face
from app.presenters.states import Action
from app.presenters.wording import count, size

if TYPE_CHECKING:
    from models.found import Finds, Found

USE = Action("add", "Use it where it lies")
STOP = Action("stop", "Stop")
LEFT_OUT_SHOWN = 300
LOOKING = "Looking through the folders of LM Studio, Ollama, GPT4All, Jan, Hugging Face and llama.cpp…"
NOT_YET = "Programs such as LM Studio or Ollama may keep models here already. Nothing is copied or changed."


@dataclass(frozen=True, slots=True)
class FoundRow:
    key: str  # its path
    title: str
    chip: str
    tone: str
    about: str
    note: str
    main: Action | None
    job: JobFace | None


def found_row(one: "Found", job: ModelJob | None) -> FoundRow:
    whole = one.state == "ready"
    parts = f"in {count(one.parts, 'file')}" if one.parts > 1 else ""
    licence = f"licence {one.license}" if one.license else ""
    aim = "for searching, it cannot chat" if one.kind == "search" else ""
    about = " · ".join(part for part in (size(one.size_bytes), parts, one.architecture, aim, licence) if part)
    goes_on = job is not None and job.state in ("waiting", "going")
    also = f"The same file is also {count(len(one.also), 'other entry', 'other entries')} here." if one.also else ""
    return FoundRow(
        key=str(one.path), title=one.name, chip=(one.program or "Your folder") if whole else "Not complete",
        tone="info" if whole else "wait", about=about, note=" ".join(part for part in (one.note, also) if part),
        main=(STOP if goes_on else USE) if whole else None,
        job=job_face(job) if job and job.state in ("waiting", "going", "failed") else None,
    )  # fmt: skip


def chosen_row(job: ModelJob) -> FoundRow:
    """A file that the user pointed at."""
    return FoundRow(job.file, job.name, "Your file", "info", job.file, "", STOP, job_face(job))


def summary(finds: "Finds | None", known: set[str], *, looks: bool, folder: str = "") -> str:
    """What the search came to, in one or two sentences."""
    if looks:
        return f"Looking through {folder}…" if folder else LOOKING
    if finds is None:
        return NOT_YET
    here = sum(str(one.path) in known for one in finds.models)
    new = sum(str(one.path) not in known and one.state == "ready" for one in finds.models)
    if finds.models:
        words = [f"{count(new, 'model')} can be used without fetching anything." if new else "Nothing new was found."]
        words += [f"{count(here, 'more is', 'more are')} on the list above already."] if here else []
    elif folder:
        words = [f"There is no model in {folder}."]
    elif finds.looked_in:
        words = ["No model was found in the folders where other programs keep theirs."]
    else:
        words = ["None of the programs that Carryon knows keeps models here."]
    return " ".join((*words, *finds.notes[:1]))


def left_out_text(finds: "Finds") -> str:
    """Everything that is no model to talk to, and why, for reading."""
    lines = [f"{one.path}\n    {one.why}" for one in finds.left_out[:LEFT_OUT_SHOWN]]
    rest = len(finds.left_out) - len(lines)
    return "\n\n".join((*lines, *((f"and {rest} more",) if rest else ()), *finds.notes))
