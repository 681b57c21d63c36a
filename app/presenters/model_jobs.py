"""Downloads, checks and searches in words: how far, how fast, how long still, and what went wrong."""

from dataclasses import dataclass

from agent.protocol.records import ModelJob
from app.presenters.wording import size

OFF = "The network is switched off. It goes on by itself once that is on again."
WAITS = "Waits until what was begun before it is done."
READING = {"check": "Reading every byte of it again…", "add": "Reading it once, to know it again…"}
CHOICE = "Nothing changes unless you take the new one."
ENDED = ("stopped", "done", "failed")
PERCENT = 100


@dataclass(frozen=True, slots=True)
class JobFace:
    """`percent` None: no bar; -1: a bar that only shows that something goes on."""

    id: str
    words: str
    tone: str
    percent: int | None


def job_face(job: ModelJob) -> JobFace:
    if job.state == "failed":
        where = f" ({job.where})" if job.where and job.where not in job.why else ""
        words = " ".join(part for part in (f"{job.why}{where}", job.todo, _choice(job)) if part)
        return JobFace(job.id, words, "wait" if job.newer else "bad", None)
    words = _of_a_download(job) if job.kind == "fetch" else _of_reading(job)
    note = " ".join(part for part in (job.note if job.note not in words else "", _choice(job)) if part)
    return JobFace(job.id, " ".join(part for part in (words, note) if part), _tone(job), _percent(job))


def kept_face(file: str, done: int, total: int) -> JobFace:
    """A download of an earlier start, which nothing was heard of in this one."""
    return job_face(ModelJob(f"fetch:{file}", "fetch", file=file, state="paused", done=done, total=total))


def _choice(job: ModelJob) -> str:
    return CHOICE if job.newer and job.state in ENDED else ""


def _of_a_download(job: ModelJob) -> str:
    here = f"{size(job.done)} of {size(job.total)}" if job.total else ""
    if job.state == "going":
        return _going(job, here)
    return {
        "waiting": WAITS,
        "held": f"{OFF} {here} are kept." if here else OFF,
        "paused": f"Paused. {here} are kept on this disk." if here else "Paused before anything came.",
        "done": "Fetched, and every byte checked.",
    }.get(job.state, "")


def _going(job: ModelJob, here: str) -> str:
    if job.phase == "checking":
        return f"All of it is here. Checking that every byte is right… {_share(job)} %"
    if not here:
        return "Asking the server…"
    if job.phase == "waiting":
        return f"{here}. Waiting for the network; it goes on by itself."
    return " · ".join(part for part in (here, _pace(job), time_left(job.seconds_left)) if part)


def _of_reading(job: ModelJob) -> str:
    if job.state == "waiting":
        return WAITS
    if job.state != "going" or job.kind not in READING:
        return ""
    return f"{READING[job.kind]} {_share(job)} %" if job.total else READING[job.kind]


def _pace(job: ModelJob) -> str:
    return f"{size(int(job.bytes_per_second))} a second" if job.bytes_per_second is not None else ""


def time_left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes = round(seconds / 60)
    if seconds < 60:
        return "less than a minute left"
    if minutes < 60:
        return f"about {minutes} min left"
    return f"about {minutes // 60} h {minutes % 60} min left"


def _tone(job: ModelJob) -> str:
    if job.state == "done":
        return "wait" if job.newer else "good"
    return "wait" if job.state == "held" or job.phase == "waiting" else "muted"


def _percent(job: ModelJob) -> int | None:
    if job.state in ENDED:
        return None
    if job.total:
        return _share(job)
    return -1 if job.state == "going" else None


def _share(job: ModelJob) -> int:
    return PERCENT * job.done // job.total if job.total else 0
