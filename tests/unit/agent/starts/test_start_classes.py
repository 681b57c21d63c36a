"""The class of a start is read from evidence, and the evidence is said."""

from dataclasses import replace

import pytest

from agent.starts.classes import Evidence, classify
from agent.starts.record import StartClass

WARM = Evidence(
    build="b", last_build="b", disk_bytes=0, major_faults=0, model_bytes=14_000_000, model_disk_bytes=0,
    since_last_s=60.0, booted_since=False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({}, StartClass.WARM_DISK, "in memory"),
        ({"last_build": "a"}, StartClass.AFTER_UPDATE, "another build"),
        ({"last_build": None}, StartClass.AFTER_UPDATE, "first start"),
        ({"model_disk_bytes": 14_000_000, "disk_bytes": 14_000_000}, StartClass.COLD_DISK, "14 MB of the models"),
        ({"disk_bytes": 90_000_000}, StartClass.COLD_DISK, "90 MB came from the disk"),
        ({"disk_bytes": None, "model_disk_bytes": None, "major_faults": 900}, StartClass.COLD_DISK, "900 pages"),
        ({"since_last_s": 40_000.0}, StartClass.AFTER_IDLE, "11 hours"),
        ({"booted_since": True}, StartClass.AFTER_IDLE, "machine was started"),
        ({"major_faults": 900}, StartClass.WARM_DISK, "in memory"),  # bytes are known, so faults do not count
        ({"model_bytes": 0}, StartClass.WARM_DISK, "in memory"),  # no model came up
    ],
)
def test_evidence_makes_the_class(change: dict[str, object], kind: StartClass, words: str) -> None:
    found, why = classify(replace(WARM, **change))
    assert found is kind
    assert words in why


def test_an_update_is_never_taken_for_anything_else() -> None:
    """It would be cold, too, and hide among the cold starts."""
    cold = replace(WARM, last_build="a", disk_bytes=90_000_000, booted_since=True, since_last_s=1e6)
    assert classify(cold)[0] is StartClass.AFTER_UPDATE
