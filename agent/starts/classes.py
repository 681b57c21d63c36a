"""Of which class a start was, by evidence: builds, bytes that came from the disk, time since the last one."""

from dataclasses import dataclass

from agent.starts.record import StartClass

COLD_SHARE = 0.5  # of the models' files, fetched from the disk: the system had let go of them
COLD_BYTES = 24 * 1024 * 1024  # or so much of anything: libraries, the database
FAULTS_MANY = 500  # where bytes are not told: pages that had to be fetched
IDLE_S = 8 * 3_600


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a start. None: this system does not tell, or there was no start before."""

    build: str
    last_build: str | None
    disk_bytes: int | None
    major_faults: int | None
    model_bytes: int
    model_disk_bytes: int | None
    since_last_s: float | None
    booted_since: bool


def classify(seen: Evidence) -> tuple[StartClass, str]:
    """The class, and the reason in words."""
    if seen.build != seen.last_build:
        why = "the first start of this profile" if seen.last_build is None else "another build than last time"
        return StartClass.AFTER_UPDATE, why
    if why := _cold(seen):
        return StartClass.COLD_DISK, why
    if seen.booted_since:
        return StartClass.AFTER_IDLE, "the first since the machine was started"
    if seen.since_last_s is not None and seen.since_last_s >= IDLE_S:
        return StartClass.AFTER_IDLE, f"{seen.since_last_s / 3_600:.0f} hours after the last"
    return StartClass.WARM_DISK, "everything was in memory still"


def _cold(seen: Evidence) -> str:
    """Why the disk was cold; empty when it was not."""
    if seen.model_disk_bytes is not None and seen.model_disk_bytes >= max(COLD_SHARE * seen.model_bytes, 1):
        return f"{_mb(seen.model_disk_bytes)} of the models' {_mb(seen.model_bytes)} came from the disk"
    if seen.disk_bytes is not None and seen.disk_bytes >= COLD_BYTES:
        return f"{_mb(seen.disk_bytes)} came from the disk"
    if seen.disk_bytes is None and seen.major_faults is not None and seen.major_faults >= FAULTS_MANY:
        return f"{seen.major_faults:,} pages came from the disk"
    return ""


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
