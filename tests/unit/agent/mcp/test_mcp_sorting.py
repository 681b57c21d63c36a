"""A list of a server with entries that are wrong, as large as a message may be."""

import time
from collections.abc import Iterator
from typing import Any

import anyio
import pytest

from agent.mcp.limits import TOOLS_MAX
from agent.mcp.records import Refused
from agent.mcp.running.wire.sorting import Sorting

LISTED = "tools/list"
KEYS, CPU_S_MAX = 100_000, 3.0  # gone through once it takes a few hundredths, once for every tool more than ten seconds


@pytest.fixture
def sorting() -> Iterator[Sorting]:
    writing, reading = anyio.create_memory_object_stream[Any](1)
    with writing, reading:
        yield Sorting(reading, writing)


def answer(**more: Any) -> dict[str, Any]:
    good = [{"name": f"t{number}", "inputSchema": {"type": "object"}} for number in range(TOOLS_MAX - 1)]
    return {"tools": [*good, {"name": "lacking"}], **more}


def test_what_stands_beside_the_entries_is_not_gone_through_for_each(sorting: Sorting) -> None:
    many = {f"k{number}": number for number in range(KEYS)}
    raw = answer(_meta=many, **many)
    before = time.process_time()
    found = sorting._sorted(LISTED, raw)
    assert time.process_time() - before < CPU_S_MAX
    assert len(found["tools"]) == TOOLS_MAX - 1
    assert found["_meta"] == many, "the answer stays as it came"
    why = "Its declaration lacks “inputSchema”, which the protocol wants."
    assert sorting.refused() == (Refused("tool", "lacking", why),)


def test_the_answers_own_fields_are_looked_at_with_each(sorting: Sorting) -> None:
    """A version that wants them would refuse every entry without."""
    sorting.version = lambda: "2026-07-28"
    own = {"ttlMs": 5, "cacheScope": "private", "resultType": "complete", "nextCursor": "more"}
    assert len(sorting._sorted(LISTED, answer(**own))["tools"]) == TOOLS_MAX - 1
